import { DAY_MS, HOUR_SECONDS, MINUTE_MS } from '../../incident/values/duration.ts'
import { given } from '../../incident/values/given.ts'
import { partitionOf } from '../../incident/values/partition.ts'
import type { Account, AccountRole, Instance } from '../account/account.ts'
import { iamArn, inPartition } from '../account/arns.ts'
import type { IssuedCredential } from '../account/credentials.ts'
import type { GraphAdministrator } from '../account/detection.ts'
import { emptyAccount } from '../account/empty-account.ts'
import { issueSession } from '../issue-credentials.ts'
import { addNeighbours, addSubjectInstance, addSurroundings, addTargetGroup } from './machines.ts'
import { organizationWith } from './organization.ts'
import { accountTrust, responderRolePolicy, SSM_CORE_ARN, ssmCorePolicy, workloadPolicy, workloadTrust } from './policies.ts'
import { addResizingFunction } from './resizing-function.ts'
import type { ScenarioOptions } from './scenario.ts'
import { addStores, SECURITY_BUCKET } from './stores.ts'

/** What a finding file may prescribe about the account; the scenarios of their own use `ACME`. */
export interface AccountIdentity {
  readonly accountId: string
  readonly alias: string
  readonly region: string
  readonly roleName: string
  readonly roleId: string
  readonly subjectInstanceId: string
  readonly stolenKeyId: string
}

export const ACME: AccountIdentity = {
  accountId: '111122223333',
  alias: 'acme-web',
  region: 'us-east-1',
  roleName: 'web-app',
  roleId: 'AROAXCSEC6TNB2WZPQ7LK',
  subjectInstanceId: 'i-08faaaafb15777f5a',
  stolenKeyId: 'ASIAXCSEC6TNGZ6EZUUO',
}

export const THREAT_LIST = 'acme-bad-ips'
/** The role of the responder. */
export const RESPONDER = 'ir-responder'
const PROFILE = 'web-app-profile'
const TWELVE_HOURS = 12 * HOUR_SECONDS

/** The account that all scenarios share, before anything bad has happened in it. */
export interface StandardAccount {
  readonly account: Account
  readonly identity: AccountIdentity
  /** When the incident begins (ms): the present. */
  readonly now: number
  readonly role: AccountRole
  readonly subjectInstance: Instance
  /** The other instances of the role. */
  readonly neighbours: readonly Instance[]
  /** An instance without a role. */
  readonly bastion: Instance
  readonly responder: IssuedCredential
  /** Filled by the scenario: what Detective will find. */
  readonly indicators: Readonly<Record<string, unknown>>[]
}

type RoleParts = Pick<AccountRole, 'name' | 'id' | 'path' | 'trustPolicy'> &
  Partial<Pick<AccountRole, 'description' | 'attachedPolicies' | 'tags'>>

export const addRoleTo = (account: Account, now: number, parts: RoleParts, policyName: string, written: string): AccountRole => {
  const document = inPartition(account, written)
  const createdAt = now - 420 * DAY_MS
  const role: AccountRole = {
    createdAt,
    maxSessionDuration: TWELVE_HOURS,
    tags: {},
    attachedPolicies: [],
    inline: new Map([[policyName, { document, writtenAt: createdAt }]]),
    deleted: new Map(),
    ...parts,
    trustPolicy: inPartition(account, parts.trustPolicy),
  }
  account.roles.set(role.name, role)
  return role
}

const addWorkloadRole = (account: Account, { roleName, roleId }: AccountIdentity, now: number): AccountRole => {
  const core = inPartition(account, SSM_CORE_ARN)
  account.managedPolicies.set(core, { name: 'AmazonSSMManagedInstanceCore', document: ssmCorePolicy })
  const parts: RoleParts = {
    name: roleName,
    id: roleId,
    path: '/service/',
    trustPolicy: workloadTrust,
    description: 'Web application: instances and image resizing',
    tags: { Project: 'web-shop', Owner: 'web-team' },
    attachedPolicies: [core],
  }
  account.instanceProfiles.set(PROFILE, {
    name: PROFILE,
    id: 'AIPAXCSEC6TN5J3M7RQ2W',
    path: '/service/',
    roleName,
    createdAt: now - 420 * DAY_MS,
  })
  return addRoleTo(account, now, parts, 'web-app-data', workloadPolicy)
}

const addResponder = (account: Account, now: number): IssuedCredential => {
  const arn = iamArn(account, 'role', RESPONDER)
  const parts: RoleParts = {
    name: RESPONDER,
    id: 'AROAXCSEC6TN4HV2YD8KF',
    path: '/',
    trustPolicy: accountTrust(account.id),
    description: 'Incident responders',
  }
  const role = addRoleTo(account, now, parts, 'ir-cred', responderRolePolicy(arn))
  return issueSession(account, role, 'alice', TWELVE_HOURS, now - 5 * MINUTE_MS)
}

/** The security account, in the scenarios in which it administers the Detective graph. */
export const SECURITY_ACCOUNT = '444455556666'

const newAccount = (
  { clock, seed, behaviour }: ScenarioOptions,
  identity: AccountIdentity,
  indicators: StandardAccount['indicators'],
  graphAdministrator: GraphAdministrator | undefined,
): Account =>
  emptyAccount({
    id: identity.accountId,
    region: identity.region,
    alias: identity.alias,
    organization: organizationWith(identity, clock.now()),
    clock,
    ...given({ seed, behaviour }),
    detectorId: '7ab2c0d4e6f81a3b5c7d9e0f1a2b3c4d',
    graphArn: `arn:${partitionOf(identity.region)?.id ?? 'aws'}:detective:${identity.region}:${graphAdministrator?.accountId ?? identity.accountId}:graph:4e6f81a3b5c7d9e0f1a2b3c4d7ab2c0d`,
    graphCreatedAt: clock.now() - 400 * DAY_MS,
    ...given({ graphAdministrator }),
    trails: [{ name: 'management-events', bucketName: `acme-cloudtrail-${identity.accountId}` }],
    indicators,
  })

/** Builds the common account: role, instances, network, detector, threat list, graph, trail and a responder. */
export const buildStandardAccount = (
  options: ScenarioOptions,
  called: AccountIdentity = ACME,
  graphAdministrator?: GraphAdministrator,
): StandardAccount => {
  const now = options.clock.now()
  const identity = { ...called, region: options.region ?? called.region }
  const indicators: StandardAccount['indicators'] = []
  const account = newAccount(options, identity, indicators, graphAdministrator)
  const listId = 'b1c2d3e4f5a60718293a4b5c6d7e8f90'
  account.threatIntelSets.set(listId, { id: listId, name: THREAT_LIST, location: `s3://${SECURITY_BUCKET}/acme-bad-ips.txt` })
  const role = addWorkloadRole(account, identity, now)
  const subjectInstance = addSubjectInstance(account, identity.subjectInstanceId, PROFILE, now)
  const neighbours = addNeighbours(account, PROFILE, now)
  addTargetGroup(
    account,
    [subjectInstance, ...neighbours].map(({ id }) => id),
  )
  const bastion = addSurroundings(account, now)
  addStores(account, now)
  addResizingFunction(account, role.name, now)
  return { account, identity, now, role, subjectInstance, neighbours, bastion, responder: addResponder(account, now), indicators }
}
