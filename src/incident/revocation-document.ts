import type { Instant } from './values/instant.ts'
import { shellWord } from './values/shell-word.ts'

/** The inline policy that the IAM console writes and rewrites. A second name would leave two cut-offs on the role. */
export const POLICY_NAME = 'AWSRevokeOlderSessions'

/** Who a deny reaches, and what stands in the policy beside it. */
export interface DenyForm {
  /** Of `--revoke session`: the `aws:userid` of the session. Absent: every older session of the role or the user. */
  readonly userId?: string | undefined
  /** Denies that stand in the policy already, and stay as they are. */
  readonly beside?: readonly object[] | undefined
}

/**
 * The console's document: deny everything to sessions issued before the cut-off. Narrowed to one session by its `aws:userid`, both
 * conditions stand in one statement, which denies only where both hold ("IAM JSON policy elements: Condition").
 */
export const revocationDocument = (cutoff: Instant, { userId, beside = [] }: DenyForm = {}): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      ...beside,
      {
        ...{ Effect: 'Deny', Action: ['*'], Resource: ['*'] },
        Condition: {
          DateLessThan: { 'aws:TokenIssueTime': cutoff },
          ...(userId === undefined ? {} : { StringEquals: { 'aws:userid': userId } }),
        },
      },
    ],
  })

/**
 * The same document as one word of a POSIX shell, its cut-off the moment at which it is pasted: a time that was written down minutes
 * ago would spare the sessions that were issued since.
 */
const revocationInShell = (): string =>
  `'${revocationDocument('NOW' as Instant).replace('NOW', () => `'"$(date -u +%Y-%m-%dT%H:%M:%SZ)"'`)}'`

/** Denies every older session of a user or a role, at the moment at which it is pasted. `name` is a name of IAM's. */
export const denyOlderSessions = (of: 'user' | 'role', name: string): string =>
  `aws iam put-${of}-policy --${of}-name ${shellWord(name)} --policy-name ${POLICY_NAME} --policy-document ${revocationInShell()}`
