import { SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam'
import { emptyAnswer, isNotFound, unreadReason } from '../../../aws/failure.ts'
import { decodePolicy, plainPolicy, type Statement, statementsOf, valuesOf } from '../../../aws/policy-document.ts'
import type { Revocation } from '../../../incident/facts/facts.ts'
import { holderOf, type IamUser, type Role, type Subject } from '../../../incident/facts/subject.ts'
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

/** A role or a user on which the deny stands, and the Region in which IAM is asked. */
export type DenyHolder = { readonly region: string } & (
  | { readonly role: Pick<Role, 'name'> }
  | { readonly user: Pick<IamUser, 'name'> }
)

/** Reads the inline policy of a role or a user back, decoded. A failed read is an error, never "no policy". */
export const readRevocation = async (of: DenyHolder, context: Context): Promise<StandingRevocation> => {
  const [kind, { name }] = 'role' in of ? (['Role', of.role] as const) : (['User', of.user] as const)
  try {
    const document = await inlinePolicyOf(context.aws(of.region).iam, kind, name, POLICY_NAME)
    if (document === undefined) throw emptyAnswer(`iam:Get${kind}Policy`, 'a document')
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
export const proveLogic = async (subject: Subject, cutoff: Instant, context: Context): Promise<Revocation['simulation']> => {
  const decide = async (issuedAt: Instant): Promise<string> => {
    const answer = await context.aws(subject.region).iam.send(
      new SimulatePrincipalPolicyCommand({
        PolicySourceArn: holderOf(subject).arn,
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
