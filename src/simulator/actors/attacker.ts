import type { Account } from '../account/account.ts'
import type { IssuedCredential } from '../account/credentials.ts'
import { between } from '../random.ts'
import { acts, type Plan, type PlannedCall, type PlannedOutcome } from './actor.ts'

export const KALI_AGENT = 'aws-cli/1.18.69 Python/3.8.5 Linux/5.7.0-kali1-amd64 botocore/1.16.19'
export const BOTO_AGENT = 'Boto3/1.26.45 Python/3.10.6 Linux/5.15.0-56-generic Botocore/1.29.45'

/** Seconds between calls: at ease, and after a refusal. */
const AT_EASE = [15, 25] as const
const REFUSED = [45, 90] as const

const REFUSALS_UNTIL_GIVING_UP = [14, 21] as const

/** How many steps are made by hand, with the command line, before a script takes over. */
const BY_HAND = 8

/** Looks around for `seconds`, one step after the other; refusals are expected here and mean nothing. */
export function* reconnaissance(random: () => number, steps: readonly Step[], seconds: number): Plan {
  const pause = seconds / steps.length
  for (const [index, step] of steps.entries()) {
    const afterSeconds = pause * between(random, 0.7, 1.3)
    yield { ...step, afterSeconds, userAgent: index < BY_HAND ? KALI_AGENT : BOTO_AGENT }
  }
}

const isRefused = (outcome: PlannedOutcome | undefined): boolean => outcome?.outcome === 'refused'

/** GetCallerIdentity answers under any deny, so its success tells nothing. */
const isLetIn = ({ asks }: Pick<PlannedCall, 'asks'>, outcome: PlannedOutcome | undefined): boolean =>
  asks !== null && outcome?.outcome === 'ok'

/** Takes what can be taken; slows down when refused, goes on at ease when let in again, gives up after enough refusals in a row. */
export function* taking(random: () => number, userAgent: string): Plan {
  const patience = Math.floor(between(random, ...REFUSALS_UNTIL_GIVING_UP))
  let refusals = 0
  for (let turn = 0; refusals < patience; turn += 1) {
    const steps = refusals === 0 ? TAKING : TRYING
    const step = steps[turn % steps.length]
    if (!step) return
    const [low, high] = refusals === 0 ? AT_EASE : REFUSED
    const outcome = yield { ...step, afterSeconds: between(random, low, high), userAgent }
    if (isRefused(outcome)) refusals += 1
    if (isLetIn(step, outcome)) refusals = 0
  }
}

/** Everything the attacker does: looks around, then takes until nothing works any more. */
export function* attackerPlan(account: Account, roleName: string, lookAround: number): Plan {
  yield* reconnaissance(account.random, reconnaissanceSteps(account.id, roleName), lookAround)
  yield* taking(account.random, BOTO_AGENT)
}

/**
 * Lets an attacker use stolen credentials from an address of their own, beginning at `from` (ms): one set, or whichever set the attacker has
 * at the moment.
 */
export const attackerActs = (
  account: Account,
  stolen: IssuedCredential | (() => IssuedCredential),
  plan: Plan,
  sourceIp: string,
  from: number,
): void => {
  const credential = typeof stolen === 'function' ? stolen : () => stolen
  acts(account, { who: 'attacker', credential, sourceIp: () => sourceIp }, plan, from)
}

export type Step = Omit<PlannedCall, 'afterSeconds' | 'userAgent'>

const WHO_AM_I: Step = { call: 'sts:GetCallerIdentity', asks: null }
const LIST_BUCKETS: Step = { call: 's3:ListBuckets', asks: 's3:ListAllMyBuckets' }
const INSTANCES: Step = { call: 'ec2:DescribeInstances', parameters: { MaxResults: 1000 } }

/** The bucket that the web application keeps its uploads in. */
const UPLOADS = 'acme-web-uploads'

const bucket = (call: string): Step => ({ call, resource: `arn:aws:s3:::${UPLOADS}`, parameters: { BucketName: UPLOADS } })

const readObject = (key: string): Step => ({
  call: 's3:GetObject',
  resource: `arn:aws:s3:::${UPLOADS}/${key}`,
  management: false,
  parameters: { BucketName: UPLOADS, Key: key },
})

/** Who am I, what is here, what may I do: some of it the role was never allowed, and an attacker tries it all the same. */
export const reconnaissanceSteps = (accountId: string, roleName: string): readonly Step[] => [
  WHO_AM_I,
  LIST_BUCKETS,
  { call: 'iam:ListUsers' },
  { call: 'iam:ListRoles' },
  INSTANCES,
  { call: 'ec2:DescribeSecurityGroups' },
  { call: 'secretsmanager:ListSecrets' },
  bucket('s3:GetBucketLocation'),
  bucket('s3:GetBucketPolicy'),
  readObject('index.json'),
  readObject('invoices/2026-10.csv'),
  { call: 'ec2:DescribeSnapshots', parameters: { OwnerIds: ['self'] } },
  { call: 'ec2:DescribeImages', parameters: { Owners: ['self'] } },
  { call: 'iam:GetAccountAuthorizationDetails' },
  { call: 'iam:ListAttachedRolePolicies', parameters: { RoleName: roleName } },
  { call: 'ec2:DescribeVpcs' },
  readObject('invoices/2026-11.csv'),
  { call: 'iam:CreateUser', readOnly: false, parameters: { UserName: 'aws-support' } },
  { call: 'secretsmanager:ListSecrets' },
  LIST_BUCKETS,
  { call: 'ec2:DescribeRegions' },
  INSTANCES,
  {
    call: 'sts:AssumeRole',
    resource: `arn:aws:iam::${accountId}:role/Admin`,
    parameters: { RoleArn: `arn:aws:iam::${accountId}:role/Admin`, RoleSessionName: 'test' },
  },
  WHO_AM_I,
]

/** What works, again and again: the bucket is copied away. */
const TAKING: readonly Step[] = [
  LIST_BUCKETS,
  readObject('customers.csv'),
  INSTANCES,
  readObject('invoices/2026-09.csv'),
  bucket('s3:GetBucketLocation'),
  WHO_AM_I,
]

/** What somebody tries who was refused: the same doors, and whether the key is still alive. It is: nothing denies GetCallerIdentity. */
const TRYING: readonly Step[] = [LIST_BUCKETS, WHO_AM_I, INSTANCES, readObject('customers.csv')]
