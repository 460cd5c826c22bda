import { apiCalls } from '../../src/aws/calls.ts'
import { responseClosings } from '../../src/aws/closing-calls.ts'
import type { Behaviour } from '../../src/simulator/account/account.ts'
import type { BuiltScenario } from '../../src/simulator/scenario-kit/scenario.ts'
import { allowing } from '../support/account.ts'
import { build } from '../support/scenario.ts'

/** An account that is quicker than usual: as many different calls, fewer looks in between, and just enough history for a baseline. */
const QUICK: Partial<Behaviour> = {
  ...{ investigationTakes: 20, agentTakes: 10, stopTakes: 10, startTakes: 10 },
  ...{ pageSize: 40, historyDays: 15 },
}

/** A user's key, and a console password of the user that was set since the theft. */
const NEW_PASSWORD = 'user-key-and-password'
/** A function's role whose inline policies leave no room for another. */
const NO_ROOM = 'function-role-without-room'

const prepare: Readonly<Record<string, readonly [scenario: string, prepare: (built: BuiltScenario) => void]>> = {
  [NEW_PASSWORD]: [
    'user-key',
    ({ account: { users, clock } }) => {
      for (const [name, user] of users) users.set(name, { ...user, passwordSince: clock.now() })
    },
  ],
  [NO_ROOM]: [
    'function-role',
    (built) => {
      fillInline(built, 'thumbnails')
      for (const called of built.account.functions.values()) delete called.url
    },
  ],
  'custom-threat-list-without-room': ['custom-threat-list', (built) => fillInline(built, 'web-app')],
  'web-identity-without-room': ['web-identity', (built) => fillInline(built, 'payments')],
}

const fillInline = ({ account }: BuiltScenario, role: string): void => {
  const document = allowing(`s3:${'x'.repeat(9_900)}`)
  account.roles.get(role)?.inline.set('archive', { document, writtenAt: 0 })
}

export const buildQuick = async (
  scenario = 'custom-threat-list',
  behaviour: Partial<Behaviour> = {},
  region?: string,
): Promise<BuiltScenario> => {
  const [id, special] = prepare[scenario] ?? [scenario]
  const built = await build(id, { behaviour: { ...QUICK, ...behaviour }, ...(region ? { region } : {}) })
  special?.(built)
  return built
}

/** How often the responder changed the account, by operation, as its own trail recorded it; DryRun and refused calls change nothing. */
export const changesIn = ({ account, cast }: BuiltScenario): Readonly<Record<string, number>> => {
  const made: Record<string, number> = {}
  for (const record of account.trail.all()) {
    if (record.readOnly || record.accessKeyId !== cast.responder.accessKeyId) continue
    if (record.document().errorCode !== undefined) continue
    made[record.eventName] = (made[record.eventName] ?? 0) + 1
  }
  return made
}

/** The scenarios whose responses make every change between them, and the changes of each. */
export const WRITES_OF_RUN = {
  'custom-threat-list': [
    ...['iam:PutRolePolicy', 'ec2:CreateSnapshots', 'ec2:StopInstances', 'ec2:StartInstances', 'ssm:SendCommand'],
    ...['ec2:ModifyInstanceMetadataOptions', 'detective:StartInvestigation'],
  ],
  'user-key': ['iam:UpdateAccessKey', 'iam:PutUserPolicy', 'detective:StartInvestigation'],
  [NEW_PASSWORD]: [
    ...['iam:UpdateAccessKey', 'iam:PutUserPolicy', 'iam:DeleteLoginProfile', 'iam:PutUserPolicy'],
    'detective:StartInvestigation',
  ],
  [NO_ROOM]: [
    ...['iam:CreatePolicy', 'iam:AttachRolePolicy', 'lambda:UpdateFunctionConfiguration'],
    'detective:StartInvestigation',
  ],
  // Denied once before and once after the trust policy is narrowed.
  'web-identity': ['iam:PutRolePolicy', 'iam:UpdateAssumeRolePolicy', 'iam:PutRolePolicy', 'detective:StartInvestigation'],
  'identity-pool': [
    ...['iam:PutRolePolicy', 'iam:UpdateAssumeRolePolicy', 'cognito-identity:UpdateIdentityPool', 'iam:PutRolePolicy'],
    'detective:StartInvestigation',
  ],
  'pod-identity': ['iam:PutRolePolicy', 'eks:DeletePodIdentityAssociation', 'iam:PutRolePolicy', 'detective:StartInvestigation'],
  'roles-anywhere': ['iam:PutRolePolicy', 'rolesanywhere:DisableProfile', 'iam:PutRolePolicy', 'detective:StartInvestigation'],
  'function-role': [
    ...['iam:PutRolePolicy', 'lambda:UpdateFunctionUrlConfig', 'iam:PutRolePolicy', 'lambda:UpdateFunctionConfiguration'],
    'detective:StartInvestigation',
  ],
  'function-alias': [
    ...['iam:PutRolePolicy', 'lambda:UpdateFunctionUrlConfig', 'lambda:RemovePermission', 'iam:PutRolePolicy'],
    ...['lambda:UpdateFunctionConfiguration', 'lambda:PublishVersion', 'lambda:UpdateAlias', 'detective:StartInvestigation'],
  ],
  'task-role': ['iam:PutRolePolicy', 'ecs:UpdateService', 'detective:StartInvestigation'],
} as const

/** The calls that a response can make, without those of a lift. */
export const RESPONSE_CALLS = [...apiCalls, ...responseClosings]

export type WholeRun = keyof typeof WRITES_OF_RUN
export const wholeRuns = Object.keys(WRITES_OF_RUN) as WholeRun[]

/** A scenario in whose response the write is made. */
export const runWith = (operation: string): WholeRun => {
  const found = wholeRuns.find((scenario) => WRITES_OF_RUN[scenario].some((write) => write === operation))
  if (!found) throw new Error(`no whole run makes ${operation}`)
  return found
}

/** What a whole response changes: each thing once. */
export const EACH_ONCE = {
  PutRolePolicy: 1,
  ModifyInstanceMetadataOptions: 1,
  CreateSnapshots: 1,
  StopInstances: 1,
  StartInstances: 1,
  SendCommand: 1,
  StartInvestigation: 1,
}

/** CloudTrail's names of operations that it gives a version (`UpdateFunctionConfiguration20150331v2`). */
const RECORDED_AS: Readonly<Record<string, string>> = {
  UpdateFunctionConfiguration: 'UpdateFunctionConfiguration20150331v2',
  PublishVersion: 'PublishVersion20150331',
  RemovePermission: 'RemovePermission20150331v2',
  UpdateAlias: 'UpdateAlias20150331',
}

/** As the trail records a write: `PutRolePolicy` for `iam:PutRolePolicy`. */
const recordedAs = (operation: string): string => {
  const name = operation.replace(/.*:/, '')
  return RECORDED_AS[name] ?? name
}

/** What the whole response of the scenario changes. */
export const eachOnceIn = (scenario: WholeRun): Readonly<Record<string, number>> => {
  const made: Record<string, number> = {}
  for (const write of WRITES_OF_RUN[scenario]) {
    const operation = recordedAs(write)
    made[operation] = (made[operation] ?? 0) + 1
  }
  return made
}

/** The scenario as a whole run; any other is a response to an instance's session. */
export const wholeRunOf = (scenario: string | undefined): WholeRun =>
  wholeRuns.find((one) => one === scenario) ?? 'custom-threat-list'

/** Reads that a response to a session of an instance's role does not make: about users, reported keys, functions and tasks. */
export const READS_OF_USERS = [
  ...['sts:GetAccessKeyInfo', 'iam:GetUser', 'iam:ListAccessKeys', 'iam:GetAccessKeyLastUsed', 'iam:GetUserPolicy'],
]
export const READS_OF_WORKLOADS = [
  ...['lambda:GetPolicy', 'lambda:GetFunction', 'lambda:ListFunctions', 'lambda:GetFunctionUrlConfig'],
  ...['lambda:ListFunctionUrlConfigs', 'lambda:ListAliases', 'lambda:ListProvisionedConcurrencyConfigs'],
  ...['lambda:ListVersionsByFunction', 'ecs:ListClusters', 'ecs:ListServices', 'ecs:ListTasks'],
  ...['ecs:DescribeServices', 'ecs:DescribeTasks', 'ecs:DescribeTaskDefinition'],
]
/** Of members of an Auto Scaling group. */
const READS_OF_MEMBERS = ['autoscaling:DescribeAutoScalingGroups', 'autoscaling:DescribeInstanceRefreshes']
/** Of what issues credentials outside of IAM. */
const READS_OF_ISSUERS = [
  ...['rolesanywhere:ListProfiles', 'rolesanywhere:GetProfile', 'rolesanywhere:ListTrustAnchors', 'rolesanywhere:ListCrls'],
  'cognito-identity:DescribeIdentityPool',
  ...['eks:ListClusters', 'eks:ListPodIdentityAssociations', 'eks:DescribePodIdentityAssociation'],
]
/** Of a role whose inline policies have no room for the deny. */
const READS_OF_MANAGED_DENY = ['iam:ListAttachedRolePolicies', 'iam:GetPolicy', 'iam:GetPolicyVersion']
export const READS_OF_OTHERS = [
  ...[...READS_OF_USERS, ...READS_OF_WORKLOADS, ...READS_OF_MEMBERS, ...READS_OF_MANAGED_DENY],
  ...READS_OF_ISSUERS,
]

/** Whether an operation changes the account in one of these runs. */
export const isWrite = (operation: string): boolean =>
  wholeRuns.some((scenario) => WRITES_OF_RUN[scenario].some((write) => write === operation))

const MASKS: readonly (readonly [RegExp, string])[] = [
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, 'TIME'],
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UUID'],
  [/snap-[0-9a-f]{17}/g, 'SNAPSHOT'],
  [/ASIA[A-Z2-7]{16}/g, 'KEY'],
  [/\b[0-9a-f]{32}\b/g, 'TASK'],
  [/"publicIpAfter":"[\d.]+"/g, '"publicIpAfter":"IP"'],
  [/"investigationId":"\d+"/g, '"investigationId":"ID"'],
  [/#investigations\/\d+/g, '#investigations/ID'],
  // What goes on while a run is interrupted: the attacker's calls, and the snapshots' progress.
  [/"(events|eventsRead|succeeded|denied|failed|refused|workloadRefused|ambiguousRefused|all|count)":[\d.]+/g, '"$1":"N"'],
  [/"state":"(pending|completed)"/g, '"state":"TAKEN"'],
]

/**
 * The attacker's calls are tallied busiest first: their order is a matter of time too. And when they were made is the volume, what they
 * touched the objects.
 * How far CloudTrail shows is known only once it shows anything of the run.
 */
const inOneOrder = (name: string, value: unknown): unknown => {
  if (name === 'seenUpTo') return undefined
  if (name === 'volume') return 'VOLUME'
  if (name === 'objects') return 'OBJECTS'
  // More of the attacker's calls, the busiest first.
  if (name === 'increased') return 'INCREASED'
  if (name === 'rows' && Array.isArray(value) && value.some(isDeniedByTheRun))
    return inOneOrder(
      name,
      value.filter((row) => !isDeniedByTheRun(row)),
    )
  if (SEEN_ANEW.has(name)) return undefined
  if (name === 'unproven' && Array.isArray(value)) return value.filter((sentence) => !SEEN_LATER.test(sentence))
  return Array.isArray(value) && value.every((item) => typeof item === 'object' && item !== null && 'succeeded' in item)
    ? value.map((item) => JSON.stringify(item)).sort()
    : value
}

/** Calls that the revocation refuses are delivered while the run goes on, or to the next one. */
const isDeniedByTheRun = (row: unknown): boolean => /"refusedBy":"explicit deny/.test(JSON.stringify(row) ?? '')

/** What is not proven until a later call of the attacker is refused and delivered. */
const SEEN_LATER = /: denied; CloudTrail shows|^CloudTrail shows no call of the attacker that the revocation refused/

/** What a run that goes on sees as it is by then: the finding's latest call, the instance's state and address, the account's addresses. */
const SEEN_ANEW = new Set([
  'action',
  'document',
  'publicIp',
  'state',
  'ownAddresses',
  'busiestHour',
  'remarks',
  'credentials',
  'ambiguous',
  'shown',
  'lastPing',
  'httpTokens',
  'firstRefusal',
  'lastRefusal',
])

/** Facts without their times and ids. */
export const apartFromTimesAndIds = (facts: unknown): unknown =>
  JSON.parse(
    MASKS.reduce((text, [pattern, mask]) => text.replace(pattern, mask), JSON.stringify(facts)),
    inOneOrder,
  )
