import type { Activity } from '../../incident/facts/activity.ts'
import type { ChainedSession, SiblingKey } from '../../incident/facts/activity-rows.ts'
import { type Block, fields, type Line, list, type Span, text, warning } from '../../incident/values/block.ts'
import { type Instant, isBefore } from '../../incident/values/instant.ts'
import { ATTRIBUTION_RULE } from '../analysis/call-attribution.ts'
import { quantity, shownLines, tableOf } from './cut.ts'

/** Which keys were used, how they were handed out, and whose calls were whose. */
export const credentialBlocks = (activity: Activity): readonly Block[] => {
  const { accessKeyIds, ec2RoleDelivery, siblingKeys, origins } = activity
  return [
    fields(
      ['keys', shownLines(accessKeyIds, (key) => key).join(', ') || 'none'],
      ec2RoleDelivery.length > 0 ? ['delivered', `over ${deliveries(ec2RoleDelivery)}`] : undefined,
    ),
    ...(siblingKeys.all > 0
      ? [
          text('Other keys of the same session:'),
          list(shownLines(siblingKeys, (sibling) => siblingLine(sibling, newestIssue(activity)))),
        ]
      : []),
    // Only an instance's session has a place of its own.
    ...(origins.rows.some(({ ec2RoleDelivery: delivery }) => delivery)
      ? [
          text(ATTRIBUTION_RULE),
          ...tableOf(['attribution', 'from', 'user agent', 'ok', 'failed'], origins, (row) => [
            row.attribution,
            [row.source],
            [row.userAgent],
            String(row.succeeded),
            String(row.failed),
          ]),
        ]
      : []),
  ]
}

const deliveries = (versions: readonly string[]): string => versions.map((version) => `IMDSv${version.charAt(0)}`).join(' and ')

/** When the newest of the credentials in question were issued. */
const newestIssue = ({ issuedAt }: Activity): Instant | undefined => issuedAt.rows.at(-1)

const siblingLine = (sibling: SiblingKey, newest: Instant | undefined): Line => {
  const { accessKeyId, events, sameIssueTime, issuedAt, ec2RoleDelivery, firstSeen, lastSeen } = sibling
  return [
    `${accessKeyId}, ${quantity(events, 'call')}, `,
    ...spanOf(firstSeen, lastSeen),
    ...(issuedAt ? [', issued ', { at: issuedAt }] : []),
    ec2RoleDelivery ? `, ${deliveries([ec2RoleDelivery])}` : '',
    sameIssueTime ? ', in the same second: the attacker may hold it too' : '',
    newest && issuedAt && isBefore(newest, issuedAt) ? ': newer credentials than those' : '',
  ]
}

const spanOf = (first: SiblingKey['firstSeen'], last: SiblingKey['lastSeen']): readonly Span[] =>
  first === last ? [{ at: first }] : [{ at: first }, ' to ', { at: last }]

const MOST = 50

/** The sessions that came of the stolen one: what a revocation of its role does not touch. */
export const chainedSessionBlocks = ({ chainedSessions }: Activity): readonly Block[] => {
  if (chainedSessions.all === 0) return [text('It obtained no other session.')]
  return [
    chainedSessions.rows.every(({ succeeded }) => !succeeded)
      ? text('It asked for other sessions, and got none:')
      : warning('It asked for other sessions. A revocation of its role touches none of another role or another issue time:'),
    list(shownLines(chainedSessions, chainedSessionLine, MOST)),
  ]
}

const chainedSessionLine = (chainedSession: ChainedSession): Line => {
  const { depth, how, roleArn, sessionArn, at, succeeded, errorCode, accessKeyId, activity, revoked } = chainedSession
  return [
    `${'  '.repeat(depth - 1)}${how} `,
    roleArn ?? sessionArn ?? 'of no named role',
    ' at ',
    { at },
    accessKeyId ? `, key ${accessKeyId}` : '',
    ...(succeeded ? used(activity, at) : [`, refused (${errorCode ?? 'error'})`]),
    succeeded ? (revoked ? ', denied by the revocation' : ', NOT touched by the revocation') : '',
  ]
}

const used = (activity: ChainedSession['activity'], issued: ChainedSession['at']): readonly Span[] => {
  if (!activity) return [', its calls could not be read']
  const { events, lastSeen } = activity
  if (events === 0) return [', no call of it is in there']
  return [`, ${quantity(events, 'call')}`, ...(lastSeen && isBefore(issued, lastSeen) ? [', last ', { at: lastSeen }] : [])]
}
