import { SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam'
import { GetServiceSettingCommand } from '@aws-sdk/client-ssm'
import { isDenied, isNotFound } from '../../../aws/failure.ts'
import { plainPolicy } from '../../../aws/policy-document.ts'
import type { BlastRadius } from '../../../incident/facts/facts.ts'
import type { Subject } from '../../../incident/facts/subject.ts'
import { rawText, type Untrusted, untrusted } from '../../../incident/values/untrusted.ts'
import { inlinePoliciesOf, inlinePolicyOf } from '../../../investigation/enrichment/iam-lists.ts'
import type { Context } from '../../stage.ts'
import { POLICY_NAME } from '../revoke-sessions/policy.ts'

const IAM_EDITS = [
  'iam:DeleteRolePolicy',
  'iam:PutRolePolicy',
  'iam:AttachRolePolicy',
  'iam:UpdateAssumeRolePolicy',
  'iam:CreateUser',
]
const HOST_MANAGEMENT = '/ssm/managed-instance/default-ec2-instance-management-role'

type Footprint = Pick<BlastRadius, 'inlinePolicySize' | 'canEditIam' | 'managedBy' | 'defaultHostManagement' | 'remarks'>

/** What the role itself brings into play: room for one more policy, power over IAM, its owner, Default Host Management. */
export const roleFootprint = async (subject: Subject, context: Context): Promise<Footprint> => {
  const remarks: string[] = []
  const managedBy = ownerOf(subject)
  const host = await hostManagement(subject, context, remarks)
  return {
    inlinePolicySize: await inlineSize(subject, context, remarks),
    canEditIam: await canEditIam(subject, context, remarks),
    ...(managedBy ? { managedBy } : {}),
    ...(host ? { defaultHostManagement: host } : {}),
    remarks,
  }
}

/** Characters of all inline policies, white space not counted, as IAM's quota counts them. */
const inlineSize = async ({ role, region }: Subject, context: Context, remarks: string[]): Promise<number> => {
  const { iam } = context.aws(region)
  const unmeasured = (what: string) => remarks.push(`${what}; there may be less room for another one`)
  const { items, incomplete } = await inlinePoliciesOf(iam, 'Role', role.name)
  if (incomplete !== undefined) unmeasured(`the list of the role’s inline policies is incomplete: ${incomplete}`)
  let size = 0
  for (const PolicyName of new Set(items)) {
    if (PolicyName === POLICY_NAME) continue
    const document = await inlinePolicyOf(iam, 'Role', role.name, PolicyName)
    if (document === undefined) unmeasured(`the role’s inline policy ${PolicyName} came without its document`)
    size += plainPolicy(document ?? '').replace(/\s/g, '').length
  }
  return size
}

const canEditIam = async ({ role, region }: Subject, context: Context, remarks: string[]): Promise<boolean> => {
  try {
    const answer = await context
      .aws(region)
      .iam.send(
        new SimulatePrincipalPolicyCommand({ PolicySourceArn: role.arn, ActionNames: IAM_EDITS, ResourceArns: [role.arn] }),
      )
    return answer.EvaluationResults?.some(({ EvalDecision }) => EvalDecision === 'allowed') ?? false
  } catch (error) {
    if (!isDenied(error)) throw error
    remarks.push('whether the role can edit IAM is unknown: iam:SimulatePrincipalPolicy is denied')
    return false
  }
}

/** Tags by which infrastructure tools mark what they own. */
const OWNER_TAGS: Readonly<Record<string, string>> = {
  'aws:cloudformation:stack-name': 'CloudFormation stack',
  terraform: 'Terraform',
  'managed-by': 'its owner',
  ManagedBy: 'its owner',
}

const ownerOf = ({ role }: Subject): Untrusted | undefined => {
  const tag = role.tags.find(({ key }) => Object.hasOwn(OWNER_TAGS, rawText(key)))
  return tag && untrusted(`${OWNER_TAGS[rawText(tag.key)]} ${rawText(tag.value)}`)
}

const hostManagement = async ({ region }: Subject, context: Context, remarks: string[]): Promise<string | undefined> => {
  try {
    const answer = await context.aws(region).ssm.send(new GetServiceSettingCommand({ SettingId: HOST_MANAGEMENT }))
    const value = answer.ServiceSetting?.SettingValue
    return value && value !== '$None' ? value.replace(/[^\w+=,.@/-]/g, '?') : undefined
  } catch (error) {
    if (isNotFound(error)) return undefined
    if (!isDenied(error)) throw error
    remarks.push(
      'whether Default Host Management is on is unknown: ssm:GetServiceSetting is denied, so the agent’s word will not count',
    )
    return 'unknown'
  }
}
