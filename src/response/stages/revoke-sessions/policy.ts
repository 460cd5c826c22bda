import { SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam'
import { emptyAnswer, isNotFound, unreadReason } from '../../../aws/failure.ts'
import { decodePolicy, plainPolicy, type Statement, statementsOf, valuesOf } from '../../../aws/policy-document.ts'
import type { Revocation } from '../../../incident/facts/facts.ts'
import type { Role, RoleSession } from '../../../incident/facts/subject.ts'
import { POLICY_NAME } from '../../../incident/revocation-document.ts'
import { given } from '../../../incident/values/given.ts'
import { type Instant, later, parseInstant, plus } from '../../../incident/values/instant.ts'
import { inlinePolicyOf } from '../../../investigation/enrichment/iam-lists.ts'
import type { Context, Replaced } from '../../stage.ts'

/**
 * The cut-off that a policy document really enforces, whatever its shape: the latest of its statements that deny every
 * action on every resource to sessions issued before a time, under no other condition. Undefined when it has none.
 */
export const cutoffOf = (documentText: string | undefined): Instant | undefined => {
  let cutoff: Instant | undefined
  for (const statement of statementsOf(decodePolicy(documentText))) {
    const own = cutoffOfStatement(statement)
    if (own) cutoff = cutoff ? later(cutoff, own) : own
  }
  return cutoff
}

const cutoffOfStatement = ({ Effect, Action, Resource, Condition }: Statement): Instant | undefined => {
  if (Effect !== 'Deny' || !valuesOf(Action).includes('*') || !valuesOf(Resource).includes('*')) return undefined
  const [operator, ...others] = Object.entries(Condition ?? {})
  if (!operator || others.length > 0 || operator[0] !== 'DateLessThan') return undefined
  const [key, ...otherKeys] = Object.entries(operator[1] ?? {})
  if (!key || otherKeys.length > 0 || key[0].toLowerCase() !== 'aws:tokenissuetime') return undefined
  const times = valuesOf(key[1]).map(parseInstant)
  // Several values are OR-ed: the latest one decides.
  return times.reduce((latest, time) => (latest && time ? later(latest, time) : (time ?? latest)), undefined)
}

/** The policy of the revocation's name that the role has now. */
export type StandingRevocation = Replaced

/** Reads the inline policy of a role back, decoded. A failed read is an error, never "no policy". */
export const readRevocation = async (
  { role, region }: { readonly role: Pick<Role, 'name'>; readonly region: string },
  context: Context,
): Promise<StandingRevocation> => {
  try {
    const document = await inlinePolicyOf(context.aws(region).iam, 'Role', role.name, POLICY_NAME)
    if (document === undefined) throw emptyAnswer('iam:GetRolePolicy', 'a document')
    const cutoff = cutoffOf(document)
    return { document: plainPolicy(document), ...given({ cutoff }) }
  } catch (error) {
    if (isNotFound(error)) return {}
    throw error
  }
}

const PROBE = 'sts:AssumeRole'

/**
 * Proves the logic of the policy with IAM's simulator ("Testing IAM policies with the IAM policy simulator"): a session
 * issued before the cut-off must be denied explicitly, one issued after it must not. It does not see propagation. Where it cannot be asked, the policy as it was read back stands alone.
 */
export const proveLogic = async (
  { role, region }: RoleSession,
  cutoff: Instant,
  context: Context,
): Promise<Revocation['simulation']> => {
  const decide = async (issuedAt: Instant): Promise<string> => {
    const answer = await context.aws(region).iam.send(
      new SimulatePrincipalPolicyCommand({
        PolicySourceArn: role.arn,
        ActionNames: [PROBE],
        ContextEntries: [{ ContextKeyName: 'aws:TokenIssueTime', ContextKeyType: 'date', ContextKeyValues: [issuedAt] }],
      }),
    )
    return answer.EvaluationResults?.[0]?.EvalDecision ?? 'unknown'
  }
  try {
    return { olderSession: await decide(plus(cutoff, -1)), newerSession: await decide(plus(cutoff, 1)) }
  } catch (error) {
    const why = unreadReason(error)
    if (why === undefined) throw error
    return { unavailable: `iam:SimulatePrincipalPolicy ${why}` }
  }
}
