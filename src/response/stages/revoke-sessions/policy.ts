import { decodePolicy, type Statement, statementsOf, valuesOf } from '../../../aws/policy-document.ts'
import { type Instant, later, parseInstant, plus, wholeSecond } from '../../../incident/values/instant.ts'

/** The inline policy that the IAM console writes and rewrites; a name of our own would leave two truths on the role. */
export const POLICY_NAME = 'AWSRevokeOlderSessions'

/** As the IAM console does: a session taken while the policy spreads is denied too. */
const AHEAD = 30

/** The cut-off of a policy that is written now. */
export const cutoffFrom = (now: Instant): Instant => plus(wholeSecond(now), AHEAD)

/** The console's document: deny everything to sessions issued before the cut-off. */
export const revocationDocument = (cutoff: Instant): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Deny', Action: ['*'], Resource: ['*'], Condition: { DateLessThan: { 'aws:TokenIssueTime': cutoff } } },
    ],
  })

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
