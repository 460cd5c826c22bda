import { DeletePolicyCommand, DetachRolePolicyCommand, GetPolicyCommand, GetPolicyVersionCommand } from '@aws-sdk/client-iam'
import { emptyAnswer, isNotFound } from '../../../aws/failure.ts'
import { isSamePolicy, plainPolicy } from '../../../aws/policy-document.ts'
import { awsCommandFor } from '../../../incident/aws-command.ts'
import { managedDenyRemoval } from '../../../incident/deny-removal.ts'
import type { Effect } from '../../../incident/entry.ts'
import type { LiftedChange } from '../../../incident/facts/lift.ts'
import type { Incident, Intent } from '../../../incident/incident.ts'
import { isOfLift } from '../../../incident/response-changes.ts'
import { shellWord } from '../../../incident/values/shell-word.ts'
import { attachedPoliciesOf } from '../../../investigation/enrichment/iam-lists.ts'
import type { Context } from '../../stage.ts'
import { type LiftedKind, type LiftLook, type LiftStep, liftCost } from './lifted-kind.ts'

const CREATE = 'iam:CreatePolicy'
const ATTACH = 'iam:AttachRolePolicy'

/** A managed policy as it stands. */
interface StandingPolicy {
  readonly document: string
  /** How many identities have it, as policy or as permissions boundary. */
  readonly uses: number
  /** Whether somebody made another version of it. */
  readonly hasVersions: boolean
}

interface ManagedLook {
  readonly arn: string
  readonly made: readonly Intent[]
  readonly incident: Incident
  readonly context: Context
  /** Undefined where it is not there. */
  readonly standing: StandingPolicy | undefined
  /** The role that the response attached it to. Undefined where it attached it to none. */
  readonly role?: { readonly name: string; readonly arn: string; readonly isAttached: boolean }
}

/** The managed policy of an effect: the one that it creates, or the one that it attaches. */
const policyOf = ({ operation, resource, parameters = {} }: Effect): string =>
  operation === CREATE ? resource : String(parameters.PolicyArn)

/** A deny that is a managed policy: it is detached from the role and deleted, in this order. */
export const managedDenyOfRole: LiftedKind = {
  operations: [CREATE, ATTACH],
  thingOf: policyOf,
  look: async (made, incident, context) => {
    const arn = made[0] ? policyOf(made[0].effect) : ''
    const attachment = made.findLast(({ effect }) => effect.operation === ATTACH)
    const [standing, role] = await Promise.all([readPolicy(arn, context), readRole(arn, attachment, context)])
    const look = { arn, made, incident, context, standing, ...(role ? { role } : {}) }
    const change = changeOf(look)
    return { change, steps: change.state === 'lifted' && standing !== undefined ? stepsOf(look) : [] }
  },
}

const iamOf = (context: Context) => context.aws(context.setting.region).iam

const readPolicy = async (arn: string, context: Context): Promise<StandingPolicy | undefined> => {
  const iam = iamOf(context)
  try {
    const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn: arn }))
    if (Policy === undefined) throw emptyAnswer('iam:GetPolicy', 'a policy')
    const { DefaultVersionId: VersionId = 'v1', AttachmentCount = 0, PermissionsBoundaryUsageCount = 0 } = Policy
    const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand({ PolicyArn: arn, VersionId }))
    if (PolicyVersion?.Document === undefined) throw emptyAnswer('iam:GetPolicyVersion', 'a document')
    return {
      document: plainPolicy(PolicyVersion.Document),
      uses: AttachmentCount + PermissionsBoundaryUsageCount,
      // "When a policy has more than one version, this field contains the date of the most recent one" (API reference, Policy).
      hasVersions: VersionId !== 'v1' || Policy.UpdateDate?.getTime() !== Policy.CreateDate?.getTime(),
    }
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

const readRole = async (
  arn: string,
  attachment: Intent | undefined,
  context: Context,
): Promise<ManagedLook['role'] | undefined> => {
  if (attachment === undefined) return undefined
  const { resource, parameters = {} } = attachment.effect
  const name = String(parameters.RoleName)
  try {
    const { items } = await attachedPoliciesOf(iamOf(context), 'Role', name)
    return { name, arn: resource, isAttached: items.some(({ PolicyArn }) => PolicyArn === arn) }
  } catch (error) {
    if (isNotFound(error)) return { name, arn: resource, isAttached: false }
    throw error
  }
}

const changeOf = (look: ManagedLook): LiftedChange => {
  const { arn, made, standing, role, context } = look
  const { operation = '', resource = '' } = made.at(-1)?.effect ?? {}
  const what = `managed policy ${nameOf(arn)}${role ? ` of role ${role.name}` : ''}`
  const change = { operation, resource, what }
  if (standing === undefined) return { ...change, ...notThere(look) }
  const why = theirs(look, standing)
  const aws = awsCommandFor(context.setting)
  const command = role?.isAttached ? managedDenyRemoval(aws, role.name, [arn]) : aws(`iam delete-policy --policy-arn ${arn}`)
  if (why !== undefined) return { ...change, state: 'changed', why: `${why}, and it is left as it is`, command }
  return { ...change, state: 'lifted', why: LIFTED }
}

const LIFTED = 'it was not there before the response, and is detached and deleted'

/** Why the policy is not the response's own any more. */
const theirs = ({ made, role }: ManagedLook, { document, uses, hasVersions }: StandingPolicy): string | undefined => {
  const created = made.find(({ effect }) => effect.operation === CREATE)
  if (hasVersions || !isSamePolicy(document, created?.effect.parameters?.PolicyDocument))
    return 'somebody changed it after the response'
  return uses > (role?.isAttached ? 1 : 0) ? 'somebody attached it to another identity' : undefined
}

const notThere = ({ incident, arn }: ManagedLook): Pick<LiftedChange, 'state' | 'why'> => {
  const isLifted = incident.intents.some(
    (intent) => isOfLift(intent) && intent.outcome !== 'refused' && intent.effect.resource === arn,
  )
  return isLifted
    ? { state: 'lifted', why: LIFTED }
    : { state: 'gone', why: 'it is not there any more, and ir-cred did not delete it' }
}

const nameOf = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1)

const stepsOf = (look: ManagedLook): LiftLook['steps'] => [...detaching(look), deleting(look)]

const detaching = ({ arn, role, incident, context }: ManagedLook): readonly LiftStep[] => {
  if (!role?.isAttached) return []
  const input = { RoleName: role.name, PolicyArn: arn }
  const words = `iam attach-role-policy --role-name ${shellWord(role.name)} --policy-arn ${arn}`
  return [
    {
      client: iamOf(context),
      command: new DetachRolePolicyCommand(input),
      effect: {
        operation: 'iam:DetachRolePolicy',
        resource: role.arn,
        parameters: input,
        sentence: `detach managed policy ${nameOf(arn)} from role ${role.name}, which the response attached to it`,
        cost: liftCost(incident),
        undo: 'attach it again, as long as it is not deleted',
        undoCommand: awsCommandFor(context.setting)(words),
      },
    },
  ]
}

const deleting = ({ arn, context, standing }: ManagedLook): LiftStep => {
  const words = `iam create-policy --policy-name ${nameOf(arn)} --policy-document ${shellWord(standing?.document ?? '')}`
  return {
    client: iamOf(context),
    command: new DeletePolicyCommand({ PolicyArn: arn }),
    // IAM refuses to delete a policy that is attached.
    ready: async () => (await readPolicy(arn, context))?.uses === 0,
    effect: {
      operation: 'iam:DeletePolicy',
      resource: arn,
      parameters: { PolicyArn: arn },
      sentence: `delete managed policy ${nameOf(arn)}, which the response created`,
      cost: 'none: nothing has it any more',
      undo: 'create it again with the same document',
      undoCommand: awsCommandFor(context.setting)(words),
    },
  }
}
