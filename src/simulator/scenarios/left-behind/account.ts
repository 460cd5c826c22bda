import { DAY_MS, HOUR_MS, HOUR_SECONDS, MINUTE_MS } from '../../../incident/values/duration.ts'
import type { Account, AccountRole, User } from '../../account/account.ts'
import { iamArn, inPartition } from '../../account/arns.ts'
import type { Call } from '../../call.ts'
import { issueSession, issueUserKey } from '../../issue-credentials.ts'
import { iamIdFrom } from '../../random.ts'
import { uuidFrom } from '../../records/record.ts'
import { accountTrust, allow, policy } from '../../scenario-kit/policies.ts'
import { RESPONDER, type StandardAccount } from '../../scenario-kit/standard-account.ts'
import { serveCall } from '../../serve-call.ts'
import type { Service } from '../../service.ts'
import { ec2 } from '../../services/ec2.ts'
import { iam } from '../../services/iam.ts'

/** Whose keys and policies the attacker touches, besides those of the user that the attacker makes. */
export const NAMES = {
  deploy: 'deploy',
  admin: 'platform-admin',
  reporting: 'reporting',
  strange: 'aws-support',
  policy: 'AWSSupportAccess',
  keyPair: 'support',
  backup: 'snap-0b1c2d3e4f5061728',
  /** Of the attacker's own account. */
  outside: '666677778888',
} as const

export const ADMINISTRATOR = 'arn:aws:iam::aws:policy/AdministratorAccess'

const addRole = (
  { account, now }: StandardAccount,
  name: string,
  document: string,
  attached: readonly string[] = [],
): AccountRole => {
  const createdAt = now - 400 * DAY_MS
  const role: AccountRole = {
    name,
    id: iamIdFrom(account.random, 'AROA'),
    path: '/',
    trustPolicy: inPartition(account, accountTrust(account.id)),
    createdAt,
    maxSessionDuration: 12 * HOUR_SECONDS,
    tags: {},
    attachedPolicies: attached,
    inline: new Map([['own', { document, writtenAt: createdAt }]]),
    deleted: new Map(),
  }
  account.roles.set(name, role)
  return role
}

const addReporting = ({ account, now }: StandardAccount): void => {
  const createdAt = now - 300 * DAY_MS
  const user: User = {
    name: NAMES.reporting,
    id: iamIdFrom(account.random, 'AIDA'),
    path: '/',
    createdAt,
    tags: {},
    attachedPolicies: [],
    inline: new Map([['own', { document: policy(allow(['s3:ListAllMyBuckets'])), writtenAt: createdAt }]]),
    deleted: new Map(),
    accessKeys: new Map(),
  }
  account.users.set(user.name, user)
  issueUserKey(account, user, createdAt)
}

/** What the deployment once needed, and nobody took away: all that it takes to stay. */
const TOO_MUCH = policy(
  allow([
    'iam:AttachRolePolicy',
    'iam:AttachUserPolicy',
    'iam:CreateAccessKey',
    'iam:CreateLoginProfile',
    'iam:CreatePolicy',
    'iam:CreateUser',
    'iam:ListUsers',
    'iam:ListRoles',
    'iam:PutUserPolicy',
    'iam:UpdateAssumeRolePolicy',
  ]),
  allow(['sts:AssumeRole'], 'arn:aws:iam::*:role/deploy'),
)

const addBackup = ({ account, neighbours: [neighbour], now }: StandardAccount): void => {
  const volumeId = neighbour?.volumeIds[0] ?? ''
  const startedAt = now - 20 * HOUR_MS
  const times = { startedAt, completesAt: startedAt + 5 * MINUTE_MS }
  account.snapshots.set(NAMES.backup, {
    ...{ id: NAMES.backup, volumeId, ...times, description: 'nightly backup', sizeGiB: 8, encrypted: false },
    tags: { Backup: 'nightly' },
  })
}

/** Puts in what the attacker makes use of: rights too wide, a role to move on to, a backup to take along; and an administrator. */
export const furnishForLeaving = (standard: StandardAccount): void => {
  const { account, role, now } = standard
  role.inline.set('web-app-deployment', { document: inPartition(account, TOO_MUCH), writtenAt: now - 380 * DAY_MS })
  account.managedPolicies.set(inPartition(account, ADMINISTRATOR), {
    name: 'AdministratorAccess',
    document: policy(allow(['*'])),
  })
  addRole(standard, NAMES.deploy, policy(allow(['ec2:*', 'autoscaling:*', 's3:*'])))
  const admin = addRole(standard, NAMES.admin, policy(allow(['*'])), [inPartition(account, ADMINISTRATOR)])
  const mayBecome = policy(allow(['sts:AssumeRole'], iamArn(account, 'role', admin.name)))
  account.roles.get(RESPONDER)?.inline.set('escalation', { document: mayBecome, writtenAt: now - 380 * DAY_MS })
  addReporting(standard)
  addBackup(standard)
}

/** Carries out one call of somebody in the account, as over the wire. */
const callBy = (account: Account, admin: AccountRole, service: 'iam' | 'ec2', operation: string, input: Call['input']): void => {
  const services: Readonly<Record<'iam' | 'ec2', Service>> = { iam, ec2 }
  const run = services[service][operation]
  if (!run) throw new RangeError(`${service}:${operation} is not served`)
  const credential = issueSession(account, admin, 'bob', HOUR_SECONDS)
  const { accessKeyId, sessionToken = '' } = credential
  const origin = { region: account.region, sourceIp: '203.0.113.90', userAgent: 'aws-cli/2.17.9' }
  const call: Call = { service, operation, input, accessKeyId, sessionToken, ...origin, requestId: uuidFrom(account.random) }
  serveCall(account, run, { call, credential })
}

const TAKEN_AWAY_BEFORE = 12 * MINUTE_MS

/** Some minutes before the present, an administrator undoes what caught the eye: not all of it. */
export const adminTakesAway = (standard: StandardAccount): void => {
  const { account, now } = standard
  account.agenda.add(now - TAKEN_AWAY_BEFORE, () => {
    const admin = account.roles.get(NAMES.admin)
    if (!admin) return
    const newest = [...(account.users.get(NAMES.reporting)?.accessKeys.keys() ?? [])].at(-1)
    callBy(account, admin, 'iam', 'DeleteLoginProfile', { UserName: NAMES.strange })
    callBy(account, admin, 'ec2', 'DeleteKeyPair', { KeyName: NAMES.keyPair })
    if (newest === undefined) return
    const UserName = NAMES.reporting
    callBy(account, admin, 'iam', 'UpdateAccessKey', { UserName, AccessKeyId: newest, Status: 'Inactive' })
  })
}
