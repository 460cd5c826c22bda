import { DescribeInstancesCommand } from '@aws-sdk/client-ec2'
import { GetRoleCommand, ListInstanceProfilesForRoleCommand, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam'
import { GetServiceSettingCommand } from '@aws-sdk/client-ssm'
import { inEveryRegion } from '../../../aws/every-region.ts'
import { isNotFound } from '../../../aws/failure.ts'
import { allPages, iamPages, type Pages } from '../../../aws/pager.ts'
import { decodePolicy, plainPolicy, type Statement, statementsOf, valuesOf } from '../../../aws/policy-document.ts'
import type { BlastRadius, Consumer } from '../../../incident/facts/facts.ts'
import { isOfTheInstance } from '../../../incident/facts/issue.ts'
import { holderOf, type RoleSession, type Subject } from '../../../incident/facts/subject.ts'
import { POLICY_NAME } from '../../../incident/revocation-document.ts'
import { given } from '../../../incident/values/given.ts'
import { instantOf } from '../../../incident/values/instant.ts'
import { rawText, type Untrusted, untrusted } from '../../../incident/values/untrusted.ts'
import { inlinePoliciesOf, inlinePolicyOf } from '../../../investigation/enrichment/iam-lists.ts'
import type { Context } from '../../stage.ts'
import { readOr, type Unread } from '../optional-read.ts'

/** Who else uses the role: instances by their profiles, services and people by the trust policy. What may be missing becomes a remark. */
export const consumersOf = async (subject: Subject, context: Context, remarks: Unread): Promise<readonly Consumer[]> =>
  subject.kind === 'role-session'
    ? [...(await instancesOnRole(subject, context, remarks)), ...(await trusted(subject, context, remarks))]
    : []

const NONE: Pages<never> = { items: [] }

const RESTART = 'stop and start it: it then gets new credentials'
const REPLACE = 'let its Auto Scaling group replace it: the group terminates an instance that is stopped'

const instancesOnRole = async (subject: RoleSession, context: Context, remarks: Unread): Promise<readonly Consumer[]> => {
  const { role, region, instanceId } = subject
  const restarted = isOfTheInstance(subject) ? instanceId : undefined
  const { iam } = context.aws(region)
  const asked = {
    what: 'which other instances use the role',
    operation: 'iam:ListInstanceProfilesForRole',
    otherwise: NONE,
  }
  const profiles = await readOr(remarks, asked, () =>
    iamPages(
      (Marker) => iam.send(new ListInstanceProfilesForRoleCommand({ RoleName: role.name, Marker })),
      ({ InstanceProfiles }) => InstanceProfiles,
    ),
  )
  remarks.push(...gap('instance profiles', profiles))
  const arns = profiles.items.map(({ Arn }) => Arn).filter((arn) => arn !== undefined)
  if (arns.length === 0) return []
  const consumers: Consumer[] = []
  const look = (where: string) => instancesWith(arns, where, context)
  const { answers, notRead } = await inEveryRegion([region, ...context.regions], 'list instances', look)
  for (const { region: where, why } of notRead)
    remarks.push(`which instances in ${where} use the role is not known: ec2:DescribeInstances ${why}`)
  for (const { region: where, answer } of answers) {
    remarks.push(...gap(`instances in ${where}`, answer))
    for (const instance of answer.items) {
      if (instance.InstanceId === restarted || !instance.InstanceId) continue
      const { Tags: tags, LaunchTime: launched } = instance
      const name = tags?.find(({ Key }) => Key === 'Name')?.Value
      const autoScaled = tags?.some(({ Key }) => Key === 'aws:autoscaling:groupName') || undefined
      consumers.push({
        kind: 'instance',
        name: instance.InstanceId,
        ...given({ label: name ? untrusted(name) : undefined }),
        remedy: autoScaled ? REPLACE : RESTART,
        region: where,
        ...given({ launchTime: launched ? instantOf(launched) : undefined, autoScaled }),
      })
    }
  }
  return consumers
}

const instancesWith = async (profileArns: readonly string[], region: string, context: Context) => {
  const Filters = [
    { Name: 'iam-instance-profile.arn', Values: [...profileArns] },
    { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped'] },
  ]
  return allPages(async (NextToken) => {
    const answer = await context.aws(region).ec2.send(new DescribeInstancesCommand({ Filters, NextToken }))
    return { items: answer.Reservations?.flatMap(({ Instances }) => Instances ?? []), next: answer.NextToken }
  })
}

const gap = (what: string, { incomplete }: { readonly incomplete?: string | undefined }): readonly string[] =>
  incomplete === undefined ? [] : [`the list of ${what} on the role is incomplete: ${incomplete}`]

/** What brings a service back after its role's sessions were revoked. */
const REMEDIES = new Map([
  ['lambda.amazonaws.com', 'update the function’s configuration (any change): it then gets new credentials'],
  ['ecs-tasks.amazonaws.com', 'force a new deployment of the ECS services that use it'],
  ['pods.eks.amazonaws.com', 'restart the pods that use it: kubectl --namespace NAMESPACE rollout restart deployment'],
  ['codebuild.amazonaws.com', 'start the builds again'],
])

/** The principals of one kind; `"*"` alone means everybody, as `{ "AWS": "*" }` does. */
const principalsIn = (statements: readonly Statement[], kind: 'Service' | 'AWS' | 'Federated'): readonly string[] =>
  statements.flatMap(({ Principal }) => {
    if (typeof Principal === 'string') return kind === 'AWS' ? [Principal] : []
    return valuesOf(Principal?.[kind])
  })

const trusted = async ({ role, region }: RoleSession, context: Context, remarks: Unread): Promise<readonly Consumer[]> => {
  const asked = { what: 'which services and people may assume the role', operation: 'iam:GetRole', otherwise: undefined }
  const answer = await readOr(remarks, asked, () => context.aws(region).iam.send(new GetRoleCommand({ RoleName: role.name })))
  const statements = statementsOf(decodePolicy(answer?.Role?.AssumeRolePolicyDocument))
  const allowed = statements.filter(({ Effect }) => Effect === 'Allow')
  const services = principalsIn(allowed, 'Service').filter((name) => name !== 'ec2.amazonaws.com')
  const people = principalsIn(allowed, 'AWS')
  const federated = principalsIn(allowed, 'Federated')
  return [
    ...services.map(
      (name): Consumer => ({
        kind: 'service',
        name,
        remedy: REMEDIES.get(name) ?? 'restart what the service runs: it then gets new credentials',
      }),
    ),
    ...people.map(
      (name): Consumer => ({ kind: 'session', name, remedy: 'sign in (assume the role) again; delete ~/.aws/cli/cache' }),
    ),
    ...federated.map((name): Consumer => ({ kind: 'session', name, remedy: 'sign in again through the identity provider' })),
  ]
}

const IAM_EDITS = [
  'iam:DeleteRolePolicy',
  'iam:PutRolePolicy',
  'iam:AttachRolePolicy',
  'iam:UpdateAssumeRolePolicy',
  'iam:CreateUser',
]
const HOST_MANAGEMENT = '/ssm/managed-instance/default-ec2-instance-management-role'

type Footprint = Pick<BlastRadius, 'inlinePolicySize' | 'canEditIam' | 'managedBy' | 'defaultHostManagement' | 'remarks'>

/** What matters of the role itself: room for one more policy, permissions in IAM, its owner, Default Host Management. */
export const roleFootprint = async (subject: Subject, context: Context): Promise<Footprint> => {
  const remarks: Unread = []
  const managedBy = subject.kind === 'role-session' ? ownerOf(subject) : undefined
  const host = subject.kind === 'role-session' ? await hostManagement(subject, context, remarks) : undefined
  return {
    inlinePolicySize: await inlineSize(subject, context, remarks),
    canEditIam: await canEditIam(subject, context, remarks),
    ...given({ managedBy, defaultHostManagement: host || undefined }),
    remarks,
  }
}

/** Characters of all inline policies, white space not counted, as IAM's quota counts them. */
const inlineSize = async (subject: Subject, context: Context, remarks: Unread): Promise<number> => {
  const { iam } = context.aws(subject.region)
  const { of, name } = holderOf(subject)
  const kind = of === 'role' ? 'Role' : 'User'
  const unmeasured = (what: string) => remarks.push(`${what}; there may be less room for another policy`)
  const listed = { what: 'how much room is left for another policy', operation: `iam:List${kind}Policies`, otherwise: NONE }
  const names = await readOr(remarks, listed, () => inlinePoliciesOf(iam, kind, name))
  if (names.incomplete !== undefined) unmeasured(`the list of the ${of}’s inline policies is incomplete: ${names.incomplete}`)
  let size = 0
  for (const PolicyName of new Set(names.items)) {
    if (PolicyName === POLICY_NAME) continue
    const asked = {
      what: `the size of the ${of}’s inline policy ${PolicyName}`,
      operation: `iam:Get${kind}Policy`,
      otherwise: '',
    }
    const document = await readOr(remarks, asked, () => inlinePolicyOf(iam, kind, name, PolicyName))
    if (document === undefined) unmeasured(`the ${of}’s inline policy ${PolicyName} came without its document`)
    size += plainPolicy(document ?? '').replace(/\s/g, '').length
  }
  return size
}

const canEditIam = async (subject: Subject, context: Context, remarks: Unread): Promise<boolean> => {
  const { of, arn } = holderOf(subject)
  const asked = { what: `whether the ${of} can edit IAM`, operation: 'iam:SimulatePrincipalPolicy', otherwise: undefined }
  const edits = { PolicySourceArn: arn, ActionNames: IAM_EDITS, ResourceArns: [arn] }
  const answer = await readOr(remarks, asked, () =>
    context.aws(subject.region).iam.send(new SimulatePrincipalPolicyCommand(edits)),
  )
  return answer?.EvaluationResults?.some(({ EvalDecision }) => EvalDecision === 'allowed') ?? false
}

/** Tags by which infrastructure tools mark what they own. */
const OWNER_TAGS: Readonly<Record<string, string>> = {
  'aws:cloudformation:stack-name': 'CloudFormation stack',
  terraform: 'Terraform',
  'managed-by': 'its owner',
  ManagedBy: 'its owner',
}

const ownerOf = ({ role }: RoleSession): Untrusted | undefined => {
  const tag = role.tags.find(({ key }) => Object.hasOwn(OWNER_TAGS, rawText(key)))
  return tag && untrusted(`${OWNER_TAGS[rawText(tag.key)]} ${rawText(tag.value)}`)
}

const hostManagement = async ({ region }: RoleSession, context: Context, remarks: Unread): Promise<string | undefined> => {
  const asked = { what: 'whether Default Host Management is on', operation: 'ssm:GetServiceSetting', otherwise: 'unknown' }
  const setting = await readOr(remarks, asked, async () => {
    try {
      const answer = await context.aws(region).ssm.send(new GetServiceSettingCommand({ SettingId: HOST_MANAGEMENT }))
      return answer.ServiceSetting?.SettingValue
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  })
  return setting && setting !== '$None' ? setting.replace(/[^\w+=,.@/-]/g, '?') : undefined
}
