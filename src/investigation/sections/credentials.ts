import type { Activity } from '../../incident/facts/activity.ts'
import type { SiblingKey } from '../../incident/facts/activity-rows.ts'
import { type Block, fields, type Line, list, type Span, text } from '../../incident/values/block.ts'
import { type Instant, isBefore } from '../../incident/values/instant.ts'
import { ATTRIBUTION_RULE } from '../analysis/call-attribution.ts'
import { type Length, mostOf, quantity, SHOWN, shownLines, tableOf } from './listing.ts'

/** The keys that were used, how they were delivered, and which calls are the workload's own. */
export const credentialBlocks = (activity: Activity, length: Length = 'short'): readonly Block[] => {
  const most = mostOf(SHOWN, length)
  const { accessKeyIds, ec2RoleDelivery, siblingKeys, origins } = activity
  return [
    fields(
      ['keys', shownLines(accessKeyIds, (key) => key, most).join(', ') || 'none'],
      ec2RoleDelivery.length > 0 ? ['delivered', `over ${deliveries(ec2RoleDelivery)}`] : undefined,
    ),
    ...(siblingKeys.all > 0
      ? [
          text('Other keys of the same session:'),
          list(shownLines(siblingKeys, (sibling) => siblingLine(sibling, newestIssue(activity)), most)),
        ]
      : []),
    // Only the credentials of an instance are delivered by IMDS, and only an instance has addresses of its own.
    ...(origins.rows.some(({ ec2RoleDelivery: delivery }) => delivery)
      ? [
          text(ATTRIBUTION_RULE),
          ...tableOf(
            ['attribution', 'from', 'user agent', 'ok', 'failed'],
            origins,
            (row) => [row.attribution, [row.source], [row.userAgent], String(row.succeeded), String(row.failed)],
            most,
          ),
        ]
      : []),
  ]
}

const deliveries = (versions: readonly string[]): string => versions.map((version) => `IMDSv${version.charAt(0)}`).join(' and ')

/** When the newest of the credentials in scope were issued. */
const newestIssue = ({ issuedAt }: Activity): Instant | undefined => issuedAt.rows.at(-1)

const siblingLine = (sibling: SiblingKey, newest: Instant | undefined): Line => {
  const { accessKeyId, events, sameIssueTime, issuedAt, ec2RoleDelivery, firstSeen, lastSeen } = sibling
  return [
    `${accessKeyId}, ${quantity(events, 'call')}, `,
    ...spanOf(firstSeen, lastSeen),
    ...(issuedAt ? [', issued ', { at: issuedAt }] : []),
    ec2RoleDelivery ? `, ${deliveries([ec2RoleDelivery])}` : '',
    sameIssueTime ? ', issued in the same second: the attacker may hold it too' : '',
    newest && issuedAt && isBefore(newest, issuedAt) ? ', newer than the credentials in scope' : '',
  ]
}

const spanOf = (first: SiblingKey['firstSeen'], last: SiblingKey['lastSeen']): readonly Span[] =>
  first === last ? [{ at: first }] : [{ at: first }, ' to ', { at: last }]
