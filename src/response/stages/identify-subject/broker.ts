import { type Subject, userBehind } from '../../../incident/facts/subject.ts'
import type { Finding } from '../../../incident/finding/finding.ts'
import { denyOlderSessions } from '../../../incident/revocation-document.ts'
import { isRoleName } from '../../../incident/values/identifiers.ts'
import { type Blocked, blocked, type Context, type NotApplicable, notApplicable } from '../../stage.ts'
import { trailRegions } from '../cloudtrail-regions.ts'
import { issueRecordOf, keyRecords } from './issue.ts'
import { type NamedFederated, type NamedUserKey, NO_POLICY_BINDS_ROOT } from './principal.ts'

/** "GetFederationToken": the permissions are the intersection of the session policies and those of the user that called it. */
const ISSUES = 'GetFederationToken'

/**
 * The IAM user that called GetFederationToken for a federated user's session: the deny is put there. No finding names the user, so
 * CloudTrail does, by the record of the issue, or else by the session issuer in the records of the key's calls; the caller chooses
 * neither. Blocked where CloudTrail shows nobody; not applicable where it shows the root user.
 */
export const readBroker = async (
  named: NamedFederated,
  finding: Finding,
  before: Subject | undefined,
  context: Context,
): Promise<NamedUserKey | Blocked | NotApplicable> => {
  const { accessKeyId, principalId } = named
  const known = before && before.accessKeyId === accessKeyId ? userBehind(before) : undefined
  if (known) return { kind: 'user-session', accessKeyId, principalId, userName: known.name }
  const { record, incomplete } = await callOfIssuer(accessKeyId, finding.region, context)
  if (record?.principalKind === 'Root') return notApplicable(NO_POLICY_BINDS_ROOT)
  const { userName, accountId } = record ?? {}
  if (userName !== undefined && isRoleName(userName) && (accountId ?? finding.accountId) === finding.accountId)
    return { kind: 'user-session', accessKeyId, principalId, userName }
  return blocked(
    [`CloudTrail does not show (yet) which user obtained ${accessKeyId} by ${ISSUES}`, ...incomplete].join('; '),
    `records arrive within 15 minutes: continue then. Or find the user that called ${ISSUES} yourself, and deny its sessions: ${denyOlderSessions('user', 'USER_NAME')}`,
  )
}

/** The record of the issue; where there is none, a call of the key, which names the issuer too. The deny waits for this: one lookup, if it can be. */
const callOfIssuer = async (accessKeyId: string, region: string, context: Context) => {
  const issue = await issueRecordOf(accessKeyId, trailRegions(region, context), context)
  if (issue.record?.eventName === ISSUES) return issue
  const { calls, incomplete } = await keyRecords(accessKeyId, region, context)
  return { record: calls.find(({ principalKind }) => principalKind === 'FederatedUser'), incomplete }
}
