import { given } from '../incident/values/given.ts'
import { partitionOf } from '../incident/values/partition.ts'
import type { ApiCall } from './api-call.ts'
import { apiCalls, enrichmentCalls, OWN_DOCUMENT } from './calls.ts'
import { closingCalls, responseClosings } from './closing-calls.ts'
import { furtherReads } from './further-reads.ts'
import { laterCalls } from './later-calls.ts'
import { ANYWHERE, fill, type PolicyScope, roleArns } from './policy-scope.ts'

/**
 * The sets of rights: reading everything, the containment, the verification over SSM, all of these, closing what issues credentials
 * outside of IAM with reads that a response can do without, and lifting what a response changed.
 */
export type PolicySet = 'observe' | 'contain' | 'verify' | 'respond' | 'close' | 'lift'

/** A statement of the policy; its Sid says what it is for, or warns. IAM takes letters and digits only. */
export interface PolicyStatement {
  readonly Sid: string
  readonly Effect: 'Allow' | 'Deny'
  readonly Action: string | readonly string[]
  readonly Resource: string | readonly string[]
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>
}

export interface ResponderPolicy {
  readonly Version: '2012-10-17'
  readonly Statement: readonly PolicyStatement[]
}

/** The characters that a customer managed policy may have, white space not counted ("IAM and AWS STS quotas"). */
export const MANAGED_POLICY_LIMIT = 6_144

/** How many characters IAM counts. No value in the policy has white space in it. */
export const policySize = (policy: ResponderPolicy): number => JSON.stringify(policy).length

const isDryRun = ({ operation }: ApiCall): boolean => operation.endsWith('?DryRun')

const SETS: Readonly<Record<PolicySet, (call: ApiCall) => boolean>> = {
  observe: (call) => call.access === 'read' && !isDryRun(call),
  contain: ({ access, service }) => access === 'read' || service !== 'ssm',
  respond: ({ stages }) => !stages.every((stage) => stage === 'lift-revocation'),
  close: () => true,
  lift: ({ stages }) => stages.includes('lift-revocation'),
  verify: (call) => (call.access === 'read' && !isDryRun(call)) || call.service === 'ssm',
}

const RESPONSE = [apiCalls, enrichmentCalls]

/** The tables of which a set has calls. One policy has no room for all: closing, and further reads, need their own beside that of a response. */
const TABLES: Readonly<Record<PolicySet, readonly (readonly ApiCall[])[]>> = {
  ...{ observe: RESPONSE, contain: RESPONSE, verify: RESPONSE, respond: [...RESPONSE, laterCalls] },
  ...{ close: [responseClosings, furtherReads], lift: [...RESPONSE, closingCalls, laterCalls] },
}

/** The least IAM policy for a set, made from the table of calls and narrowed to the scope. Without one it names no account and no Region. */
export const responderPolicy = (set: PolicySet, scope: PolicyScope = ANYWHERE): ResponderPolicy => {
  const calls = TABLES[set].flat().filter(SETS[set])
  const actions = new Set(calls.flatMap((call) => call.actions))
  const may = (action: string): boolean => actions.has(action)
  return {
    Version: '2012-10-17',
    Statement: everyStatement(calls, scope, may).map(inFewCharacters),
  }
}

/** A list of one is written as its element, as IAM allows it. */
const inFewCharacters = ({ Sid, Effect, Action, Resource, Condition }: PolicyStatement): PolicyStatement => ({
  ...{ Sid, Effect, Action: oneOrAll(Action), Resource: oneOrAll(Resource) },
  ...given({ Condition }),
})

const oneOrAll = (values: string | readonly string[]): string | readonly string[] =>
  typeof values !== 'string' && values.length === 1 ? (values[0] ?? values) : values

const everyStatement = (
  calls: readonly ApiCall[],
  scope: PolicyScope,
  may: (action: string) => boolean,
): readonly PolicyStatement[] => [
  ...reading(calls, scope),
  ...(may('iam:PutRolePolicy') ? [revoking(scope, ROLE_CHANGES.filter(may)), trusting(scope)] : []),
  ...managedDenies(scope, may),
  ...(may('iam:PutRolePolicy') ? [protecting(scope)] : []),
  // A policy for certain roles is not one for users.
  ...(may('iam:PutUserPolicy') && scope.roles.length === 0 ? [revokingUsers(scope, USER_CHANGES.filter(may))] : []),
  ...(may('ec2:StopInstances') ? [restarting(scope), unlocking(scope)] : []),
  // A policy for certain instances is not one for functions and services.
  ...(may('ecs:UpdateService') && scope.instances.length === 0 ? [renewing(scope)] : []),
  ...(may('ec2:CreateSnapshots') ? [snapshots(scope), tagging(scope)] : []),
  ...(may('ssm:SendCommand') ? running(scope) : []),
  ...(may('guardduty:ArchiveFindings') ? [ARCHIVING] : []),
  ...(may('detective:StartInvestigation') ? [investigating(scope)] : []),
  ...closing(calls, scope),
]

/** What is changed of a role and of a user: the deny on its sessions, and a lift of it. */
const ROLE_CHANGES = ['iam:DeleteRolePolicy', 'iam:PutRolePolicy']
const USER_CHANGES = ['iam:DeleteLoginProfile', 'iam:DeleteUserPolicy', 'iam:PutUserPolicy', 'iam:UpdateAccessKey']

/** Actions with statements of their own. `sts:GetCallerIdentity` needs no permission. */
const APART = new Set([
  ...[...ROLE_CHANGES, ...USER_CHANGES, 'iam:UpdateAssumeRolePolicy'],
  ...['iam:AttachRolePolicy', 'iam:CreatePolicy', 'iam:DeletePolicy', 'iam:DetachRolePolicy'],
  ...['ec2:ModifyInstanceMetadataOptions', 'ec2:StopInstances', 'ec2:StartInstances', 'ec2:CreateSnapshots', 'ec2:CreateTags'],
  ...['lambda:UpdateFunctionConfiguration', 'ecs:UpdateService'],
  ...['ssm:SendCommand', 'detective:StartInvestigation', 'guardduty:ArchiveFindings', 'sts:GetCallerIdentity'],
  ...closingCalls.flatMap(({ access, actions }) => (access === 'write' ? actions : [])),
])

/** Whether the policy has a statement for this action alone, with resources and conditions of its own; or needs none. */
export const hasOwnStatement = (action: string): boolean => APART.has(action)

/** What the Sid of the reads on a kind of resource is. IAM knows no resource for most. */
const READING: readonly (readonly [start: string, Sid: string])[] = [
  ['*', 'ReadWhatIamCannotNarrow'],
  ['arn:PARTITION:iam:', 'ReadIdentities'],
  ['arn:', 'ReadResources'],
]

/** Reads stand in few statements, which saves room: an action never fits the resource of another kind. */
const reading = (calls: readonly ApiCall[], scope: PolicyScope): readonly PolicyStatement[] =>
  READING.flatMap(([start, Sid]) => {
    const of = calls
      .filter(({ resource }) => READING.find(([each]) => resource.startsWith(each))?.[0] === start)
      .map((call) => ({ ...call, actions: call.actions.filter((action) => !hasOwnStatement(action)) }))
      .filter(({ actions }) => actions.length > 0)
    const Action = [...new Set(of.flatMap(({ actions }) => actions))].sort()
    const Resource = [...new Set(of.flatMap(({ resource }) => fill(resource, scope)))]
    return of.length === 0 ? [] : [{ Sid, Effect: 'Allow' as const, Action, Resource }]
  })

/** IAM has no condition on the name or content of an inline policy: the roles are all that can be narrowed. */
const revoking = (scope: PolicyScope, Action: readonly string[]): PolicyStatement => ({
  Sid: scope.roles.length === 0 ? 'WarningMayPutAnyPolicyOnAnyRole' : 'WarningMayPutAnyPolicyOnTheseRoles',
  Effect: 'Allow',
  Action,
  Resource: ownRoles(scope),
})

const ownRoles = (scope: PolicyScope): readonly string[] =>
  scope.roles.length === 0 ? fill('arn:PARTITION:iam::ACCOUNT:role/*', scope) : roleArns(scope.roles, scope)

/** A managed policy of the deny's name, and no other: for a role whose inline policies leave no room. */
const managedDenies = (scope: PolicyScope, may: (action: string) => boolean): readonly PolicyStatement[] => {
  const policies = fill('arn:PARTITION:iam::ACCOUNT:policy/AWSRevokeOlderSessions-*', scope)
  const [creates, attaches] = [MANAGED_CHANGES.filter(may), ATTACHMENTS.filter(may)]
  if (creates.length + attaches.length === 0) return []
  const lifts = !may('iam:CreatePolicy')
  return [
    { Sid: lifts ? 'DeleteManagedDenies' : 'CreateManagedDenies', Effect: 'Allow', Action: creates, Resource: policies },
    {
      Sid: lifts ? 'DetachManagedDenies' : 'AttachManagedDenies',
      Effect: 'Allow',
      Action: attaches,
      Resource: ownRoles(scope),
      Condition: { ArnLike: { 'iam:PolicyARN': policies } },
    },
  ]
}

const MANAGED_CHANGES = ['iam:CreatePolicy', 'iam:DeletePolicy']
const ATTACHMENTS = ['iam:AttachRolePolicy', 'iam:DetachRolePolicy']

/** Whoever may change a trust policy may let anybody in; without it, ir-cred prints the command. */
const trusting = (scope: PolicyScope): PolicyStatement => ({
  ...revoking(scope, []),
  Sid: scope.roles.length === 0 ? 'WarningMayChangeWhoAssumesAnyRole' : 'WarningMayChangeWhoAssumesTheseRoles',
  Action: ['iam:UpdateAssumeRolePolicy'],
})

/** Users have no names in a scope: whoever narrows it to roles does not respond to users' keys. */
const revokingUsers = (scope: PolicyScope, Action: readonly string[]): PolicyStatement => ({
  Sid: 'WarningMayPutAnyPolicyOnAnyUser',
  Effect: 'Allow',
  Action,
  Resource: fill('arn:PARTITION:iam::ACCOUNT:user/*', scope),
})

/** Roles that administer accounts by AWS's own names, and those that are called like ir-cred. */
const ALWAYS_PROTECTED = [
  ...['aws-reserved/*', 'aws-service-role/*', 'OrganizationAccountAccessRole', 'AWSControlTowerExecution'],
  ...['ir-cred*', '*/ir-cred*'],
]

/** A deny holds whatever else the responder is allowed, so it names every action by which a role can be given rights or be opened. */
const protecting = (scope: PolicyScope): PolicyStatement => ({
  Sid:
    scope.protectedRoles.length === 0
      ? 'WarningAddYourOwnRoleAndAdministratorsHere'
      : 'NeverChangeResponderAndAdministratorRoles',
  Effect: 'Deny',
  Action: [
    'iam:AttachRolePolicy',
    'iam:DeleteRolePermissionsBoundary',
    'iam:DeleteRolePolicy',
    'iam:DetachRolePolicy',
    'iam:PutRolePermissionsBoundary',
    'iam:PutRolePolicy',
    'iam:UpdateAssumeRolePolicy',
  ],
  Resource: [...roleArns(scope.protectedRoles, scope), ...roleArns(ALWAYS_PROTECTED, { ...scope, accounts: [] })],
})

const instanceArns = (scope: PolicyScope): readonly string[] =>
  (scope.instances.length === 0 ? ['*'] : scope.instances).flatMap((id) =>
    fill(`arn:PARTITION:ec2:REGION:ACCOUNT:instance/${id}`, scope),
  )

const restarting = (scope: PolicyScope): PolicyStatement => ({
  Sid: scope.instances.length === 0 ? 'WarningMayStopAnyInstance' : 'StopAndStartTheseInstances',
  Effect: 'Allow',
  Action: ['ec2:ModifyInstanceMetadataOptions', 'ec2:StartInstances', 'ec2:StopInstances'],
  Resource: instanceArns(scope),
})

/** IAM has no condition on what of a function or service is changed: they are named by ARN, and by nothing else. */
const renewing = (scope: PolicyScope): PolicyStatement => ({
  Sid: 'WarningMayReconfigureFunctionsAndServices',
  Effect: 'Allow',
  Action: ['ecs:UpdateService', 'lambda:UpdateFunctionConfiguration'],
  Resource: [
    ...fill('arn:PARTITION:lambda:REGION:ACCOUNT:function:*', scope),
    ...fill('arn:PARTITION:ecs:REGION:ACCOUNT:service/*', scope),
  ],
})

/** EC2 asks for this with the caller's permissions when an instance with volumes under a customer managed key is started. */
const unlocking = (scope: PolicyScope): PolicyStatement => {
  const suffixes = scope.regions.map((region) => `ec2.${region}.${partitionOf(region)?.dnsSuffix ?? '*'}`)
  const via = [...new Set([...suffixes, ...scope.regions.map((region) => `ec2.${region}.amazonaws.com`)])]
  return {
    Sid: 'LetEc2StartInstancesWithEncryptedVolumes',
    Effect: 'Allow',
    Action: ['kms:CreateGrant'],
    Resource: fill('arn:PARTITION:kms:REGION:ACCOUNT:key/*', scope),
    Condition: {
      Bool: { 'kms:GrantIsForAWSResource': 'true' },
      StringLike: { 'kms:ViaService': scope.regions.length === 0 ? ['ec2.*'] : via },
    },
  }
}

const snapshots = (scope: PolicyScope): PolicyStatement => ({
  Sid: 'TakeSnapshots',
  Effect: 'Allow',
  Action: ['ec2:CreateSnapshots'],
  Resource: [
    ...instanceArns(scope),
    ...fill('arn:PARTITION:ec2:REGION:ACCOUNT:volume/*', scope),
    ...fill('arn:PARTITION:ec2:REGION::snapshot/*', scope),
  ],
})

/** Tags only at the moment in which a snapshot is made. */
const tagging = (scope: PolicyScope): PolicyStatement => ({
  Sid: 'TagSnapshotsWhileTheyAreTaken',
  Effect: 'Allow',
  Action: ['ec2:CreateTags'],
  Resource: fill('arn:PARTITION:ec2:REGION::snapshot/*', scope),
  Condition: { StringEquals: { 'ec2:CreateAction': 'CreateSnapshots' } },
})

/** Run Command: the document with the fixed script; and AWS's two, with which anything can be run. AWS's have no account in their ARN. */
const running = (scope: PolicyScope): readonly PolicyStatement[] => {
  const sending = { Effect: 'Allow' as const, Action: ['ssm:SendCommand'] }
  const own = fill(`arn:PARTITION:ssm:REGION:ACCOUNT:document/${OWN_DOCUMENT}`, scope)
  const aws = ['AWS-RunShellScript', 'AWS-RunPowerShellScript'].flatMap((name) =>
    fill(`arn:PARTITION:ssm:REGION::document/${name}`, scope),
  )
  return [
    { Sid: 'RunOnlyTheFixedScript', ...sending, Resource: [...own, ...instanceArns(scope)] },
    ...(scope.awsDocuments ? [{ Sid: 'WarningMayRunAnythingAsRoot', ...sending, Resource: aws }] : []),
  ]
}

const PASS_ROLE = 'iam:PassRole'

/** EKS asks for it where an association is created: the role is handed to the pods' service. */
const passing = (scope: PolicyScope): PolicyStatement => ({
  ...{ Sid: 'PassRolesToPodsAgain', Effect: 'Allow', Action: [PASS_ROLE], Resource: ownRoles(scope) },
  Condition: { StringEquals: { 'iam:PassedToService': 'pods.eks.amazonaws.com' } },
})

/** What closes ways to new credentials outside of IAM, and a lift of it. */
const closing = (calls: readonly ApiCall[], scope: PolicyScope): readonly PolicyStatement[] => {
  const writes = calls.filter((call) => call.access === 'write' && closingCalls.includes(call))
  const actions = [...new Set(writes.flatMap((call) => call.actions))].sort()
  const Action = actions.filter((action) => !action.startsWith('iam:'))
  const Resource = [...new Set(writes.flatMap(({ resource }) => fill(resource, scope)))]
  return [
    ...(Action.length > 0 ? [{ Sid: 'WarningMayChangeWhatIssuesCredentials', Effect: 'Allow' as const, Action, Resource }] : []),
    ...(actions.includes(PASS_ROLE) ? [passing(scope)] : []),
  ]
}

/** IAM knows no resource for it. */
const ARCHIVING: PolicyStatement = {
  Sid: 'ArchiveFindings',
  Effect: 'Allow',
  Action: ['guardduty:ArchiveFindings'],
  Resource: ['*'],
}

const investigating = (scope: PolicyScope): PolicyStatement => ({
  Sid: 'StartDetectiveInvestigations',
  Effect: 'Allow',
  Action: ['detective:StartInvestigation'],
  Resource: fill('arn:PARTITION:detective:REGION:ACCOUNT:graph:*', scope),
})
