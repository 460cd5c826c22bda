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
 * action on every resource to sessions issued before a time, under no other condition. With `userId`, that on the session of this
 * `aws:userid`: a statement that is narrowed to it counts too. Undefined when it has none.
 */
export const cutoffOf = (documentText: string | undefined, userId?: string): Instant | undefined => {
  let cutoff: Instant | undefined
  for (const statement of statementsOf(decodePolicy(documentText))) {
    const own = cutoffOfStatement(statement, userId)
    if (own) cutoff = cutoff ? later(cutoff, own) : own
  }
  return cutoff
}

/** The denies of a document that a narrower one must not take away: all but that on this session alone. */
export const deniesBeside = (documentText: string | undefined, userId: string): readonly Statement[] =>
  statementsOf(decodePolicy(documentText)).filter(
    (statement) => statement.Effect === 'Deny' && !(cutoffOfStatement(statement, userId) && isOnThisAlone(statement, userId)),
  )

const isOnThisAlone = ({ Condition }: Statement, userId: string): boolean =>
  Object.entries(Condition ?? {}).some(
    ([operator, keys]) =>
      isOnSession(operator, keys, userId) && Object.values(keys ?? {}).every((values) => valuesOf(values).length === 1),
  )

const cutoffOfStatement = ({ Effect, Action, Resource, Condition }: Statement, userId?: string): Instant | undefined => {
  if (Effect !== 'Deny' || !valuesOf(Action).includes('*') || !valuesOf(Resource).includes('*')) return undefined
  const operators = Object.entries(Condition ?? {})
  const [operator, ...others] = operators.filter(([name, keys]) => userId === undefined || !isOnSession(name, keys, userId))
  if (!operator || others.length > 0 || operator[0] !== 'DateLessThan') return undefined
  const [key, ...otherKeys] = Object.entries(operator[1] ?? {})
  if (!key || otherKeys.length > 0 || key[0].toLowerCase() !== 'aws:tokenissuetime') return undefined
  const times = valuesOf(key[1]).map(parseInstant)
  // Several values are OR-ed: the latest one decides.
  return times.reduce((latest, time) => (latest && time ? later(latest, time) : (time ?? latest)), undefined)
}

/** Whether a condition holds for this session: its user id is one of the values. */
const isOnSession = (operator: string, keys: unknown, userId: string): boolean => {
  const [key, ...others] = Object.entries(keys ?? {})
  return (
    operator === 'StringEquals' &&
    others.length === 0 &&
    key?.[0].toLowerCase() === 'aws:userid' &&
    valuesOf(key[1]).includes(userId)
  )
}

/** The policy of the revocation's name that the role has now. */
export type StandingRevocation = Replaced

/** A role or a user on which the deny stands, and the Region in which IAM is asked. */
export type DenyHolder = { readonly region: string } & (
  | { readonly role: Pick<Role, 'name'> }
  | { readonly user: Pick<IamUser, 'name'> }
)

/** What a document enforces on the sessions that are asked about. */
export const enforcedBy = (document: string, userId: string | undefined): Pick<Replaced, 'cutoff' | 'allBefore'> =>
  given({ cutoff: cutoffOf(document, userId), allBefore: userId === undefined ? undefined : cutoffOf(document) })

/**
 * Reads the inline policy of a role or a user back, decoded, with what it enforces: on every session, or on that of `userId`. A failed
 * read is an error, never "no policy".
 */
export const readRevocation = async (of: DenyHolder, context: Context, userId?: string): Promise<StandingRevocation> => {
  const [kind, { name }] = 'role' in of ? (['Role', of.role] as const) : (['User', of.user] as const)
  try {
    const document = await inlinePolicyOf(context.aws(of.region).iam, kind, name, POLICY_NAME)
    if (document === undefined) throw emptyAnswer(`iam:Get${kind}Policy`, 'a document')
    return { document: plainPolicy(document), ...enforcedBy(document, userId) }
  } catch (error) {
    if (isNotFound(error)) return {}
    throw error
  }
}

const PROBE = 'sts:AssumeRole'

/** Behind a user id it makes that of another session of the role. */
const OTHER_NAME = '-other'

/**
 * Proves the logic of the policy with IAM's simulator ("Testing IAM policies with the IAM policy simulator"): a session
 * issued before the cut-off must be denied explicitly, one issued after it must not; with `userId`, of the session of this user id, and
 * one of another name must not. It does not see propagation. Where it cannot be asked, the policy as it was read back stands alone.
 */
export const proveLogic = async (
  subject: Subject,
  { cutoff, userId }: { readonly cutoff: Instant; readonly userId: string | undefined },
  context: Context,
): Promise<Revocation['simulation']> => {
  const decide = async (issuedAt: Instant, id = userId): Promise<string> => {
    const answer = await context.aws(subject.region).iam.send(
      new SimulatePrincipalPolicyCommand({
        PolicySourceArn: holderOf(subject).arn,
        ActionNames: [PROBE],
        ContextEntries: [
          { ContextKeyName: 'aws:TokenIssueTime', ContextKeyType: 'date', ContextKeyValues: [issuedAt] },
          ...(id === undefined
            ? []
            : [{ ContextKeyName: 'aws:userid', ContextKeyType: 'string' as const, ContextKeyValues: [id] }]),
        ],
      }),
    )
    return answer.EvaluationResults?.[0]?.EvalDecision ?? 'unknown'
  }
  try {
    const older = plus(cutoff, -1)
    return {
      ...{ olderSession: await decide(older), newerSession: await decide(plus(cutoff, 1)) },
      ...given({ otherSession: userId === undefined ? undefined : await decide(older, `${userId}${OTHER_NAME}`) }),
    }
  } catch (error) {
    const why = unreadReason(error)
    if (why === undefined) throw error
    return { unavailable: `iam:SimulatePrincipalPolicy ${why}` }
  }
}
