import { type EvaluationResult, GetRoleCommand, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam'
import { type NeededRights, neededRights } from '../../aws/needed-rights.ts'
import { iamPages } from '../../aws/pager.ts'
import type { PolicyScope } from '../../aws/policy-scope.ts'
import { roleOfArn } from '../../incident/values/identifiers.ts'
import type { AwsConnection } from '../connection/aws-connection.ts'
import { policyScopeOf } from '../policy/scope.ts'
import { type CheckResult, ok, problem, warn } from './check-result.ts'

/** What a response is checked for; where nothing is named, for any role and instance. */
export interface CheckedTargets {
  readonly role?: readonly string[]
  readonly instanceId?: readonly string[]
}

type Reached = Pick<AwsConnection, 'aws' | 'setting'>

const CHECK = 'permissions'

/** The scope that a policy for these targets has, in an account and Region where they are known. Throws Failure usage for what is no role or instance. */
export const checkedScope = (
  { role = [], instanceId = [] }: CheckedTargets,
  place?: { readonly accountId: string; readonly region: string },
): PolicyScope => policyScopeOf({ role, instanceId, ...(place ? { account: [place.accountId], region: [place.region] } : {}) })

/**
 * Whether IAM's simulation allows the responder what a response does, each action on the resource that it is about: a policy that is
 * narrowed to an account, a Region, roles or instances does not allow it on `*`. What is not allowed on every role may be allowed on the
 * incident's: that is not judged, and said. Throws what a failed read throws.
 */
export const checkPermissions = async (scope: PolicyScope, connection: Reached): Promise<readonly CheckResult[]> => {
  const rights = neededRights({ ...scope, roles: await rolesWithPath(scope.roles, connection) })
  const decided = await simulated(rights, connection)
  if (decided.every(({ decisions }) => decisions.size === 0)) return [warn(CHECK, 'IAM’s simulation gave no answer')]
  const judged = decided.filter((one, index) => !isSpare(one, decided.slice(0, index), decided))
  const missing = judged.flatMap((one) => onResource(one, (decision) => !isOpen(one, decision)))
  const open = judged.flatMap((one) => onResource(one, (decision) => isOpen(one, decision)))
  const count = new Set(rights.flatMap(({ actions }) => actions)).size
  if (missing.length + open.length === 0) return [ok(CHECK, `IAM’s simulation allows all ${count} actions${onWhat(scope)}`)]
  return [
    ...(missing.length === 0
      ? []
      : [problem(CHECK, `IAM’s simulation does not allow ${missing.join('; ')} (\`ir-cred policy\` prints what is needed)`)]),
    ...(open.length === 0
      ? []
      : [warn(CHECK, `not judged: ${open.join('; ')}. IAM’s simulation does not allow this for every name. ${NARROWED}`)]),
  ]
}

/** Of the Run Command documents one is enough; where none is allowed, the first of them is missing. */
const isSpare = ({ right }: Decided, before: readonly Decided[], all: readonly Decided[]): boolean =>
  right.isOneOfSeveral === true &&
  (all.some((other) => other.right.isOneOfSeveral && isAllowed(other)) || before.some((other) => other.right.isOneOfSeveral))

/** Whether a refusal says nothing of the incident's own resource, because nobody has named it. */
const isOpen = ({ right: { resource } }: Decided, decision: string | undefined): boolean =>
  resource !== '*' && resource.includes('*') && decision !== 'explicitDeny'

/** The actions on one resource that are refused in this way. */
const onResource = (
  { right: { resource, actions }, decisions }: Decided,
  isMeant: (decision: string | undefined) => boolean,
): readonly string[] => {
  const refused = actions.filter((action) => decisions.get(action) !== 'allowed' && isMeant(decisions.get(action)))
  if (refused.length === 0) return []
  return [`${refused.join(', ')}${resource === '*' ? '' : ` on ${resource}`}`]
}

const NARROWED = 'A policy may be narrowed to some: name the role and the instance with --role and --instance-id'

const onWhat = ({ roles, instances }: PolicyScope): string => {
  const targets = [...roles, ...instances]
  return targets.length === 0 ? '' : ` for ${targets.join(' and ')}`
}

/** What IAM says of each action on one resource. */
interface Decided {
  readonly right: NeededRights
  readonly decisions: ReadonlyMap<string, string>
}

const isAllowed = ({ right, decisions }: Decided): boolean => right.actions.every((action) => decisions.get(action) === 'allowed')

/** One question for each resource: then it is beyond doubt which resource a decision is about. */
const simulated = async (rights: readonly NeededRights[], connection: Reached): Promise<readonly Decided[]> => {
  const PolicySourceArn = await policySource(connection)
  const decided: Decided[] = []
  for (const right of rights) {
    const results = await simulatedOn(right, PolicySourceArn, connection)
    decided.push({
      right,
      decisions: new Map(results.map(({ EvalActionName = '', EvalDecision = '' }) => [EvalActionName, EvalDecision])),
    })
  }
  return decided
}

const simulatedOn = async (
  { resource, actions, context }: NeededRights,
  PolicySourceArn: string,
  { aws, setting }: Reached,
): Promise<readonly EvaluationResult[]> => {
  const ContextEntries = Object.entries(context).map(([ContextKeyName, value]) => ({
    ...{ ContextKeyName, ContextKeyType: 'string' as const, ContextKeyValues: [value] },
  }))
  const question = { PolicySourceArn, ActionNames: [...actions], ResourceArns: [resource], ContextEntries }
  const { items } = await iamPages(
    (Marker) => aws(setting.region).iam.send(new SimulatePrincipalPolicyCommand({ ...question, Marker })),
    ({ EvaluationResults }) => EvaluationResults,
  )
  return items
}

/** Whose permissions IAM can simulate: a user, or the role behind an assumed-role ARN, which does not tell the role's path. */
const policySource = async ({ aws, setting }: Reached): Promise<string> => {
  const role = roleOfArn(setting.responderArn)?.roleName
  if (role === undefined) return setting.responderArn
  const { Role } = await aws(setting.region).iam.send(new GetRoleCommand({ RoleName: role }))
  return Role?.Arn ?? setting.responderArn
}

/** ARNs of the roles that are given by name: IAM knows their paths. ARNs, and several roles by `*`, stay as they are. */
const rolesWithPath = (roles: readonly string[], { aws, setting }: Reached): Promise<readonly string[]> =>
  Promise.all(
    roles.map(async (role) => {
      if (role.startsWith('arn:') || role.includes('*')) return role
      const { Role } = await aws(setting.region).iam.send(new GetRoleCommand({ RoleName: role.replace(/^.*\//, '') }))
      return Role?.Arn ?? role
    }),
  )
