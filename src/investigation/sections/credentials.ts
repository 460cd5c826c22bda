import type { Activity } from '../../incident/facts/activity.ts'
import type { SiblingKey } from '../../incident/facts/activity-rows.ts'
import { type Block, fields, type Line, list, type Span, text } from '../../incident/values/block.ts'
import { type Instant, isBefore } from '../../incident/values/instant.ts'
import { ATTRIBUTION_RULE } from '../analysis/call-attribution.ts'
import { type Length, mostOf, quantity, SHOWN, shownLines, tableOf } from './listing.ts'

/** The keys that were used, how they were delivered, and which calls are the workload's own. */
export const credentialBlocks = (activity: Activity, length: Length = 'short'): readonly Block[] => {
  const most = mostOf(SHOWN, length)
  const { accessKeyIds, ec2RoleDelivery, siblingKeys, userKeys, origins } = activity
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
    ...(userKeys && userKeys.all > 0
      ? [
          text('Other keys of the same user, used since. They are the user’s, not the session’s:'),
          list(shownLines(userKeys, (key) => siblingLine(key, undefined), most)),
        ]
      : []),
    text(ATTRIBUTION_RULE),
    ...tableOf(
      ['attribution', 'from', 'because', 'user agent', 'ok', 'failed'],
      origins,
      (row) => [
        row.attribution,
        [row.source, ...(row.vpcEndpointId ? [' through ', row.vpcEndpointId] : [])],
        row.why,
        [row.userAgent],
        String(row.succeeded),
        String(row.failed),
      ],
      most,
    ),
  ]
}

const deliveries = (versions: readonly string[]): string => versions.map((version) => `IMDSv${version.charAt(0)}`).join(' and ')

/** When the newest of the credentials in scope were issued. */
const newestIssue = ({ issuedAt }: Activity): Instant | undefined => issuedAt.rows.at(-1)

const siblingLine = (sibling: SiblingKey, newest: Instant | undefined): Line => {
  const { accessKeyId, events, sameIssueTime, issuedAt, ec2RoleDelivery, attribution, why } = sibling
  return [
    `${accessKeyId}, ${events === 0 ? 'the source shows no call of it' : quantity(events, 'call')}`,
    ...spanOf(sibling),
    ...(issuedAt ? [', issued ', { at: issuedAt }] : []),
    ec2RoleDelivery ? `, ${deliveries([ec2RoleDelivery])}` : '',
    sameIssueTime ? ', issued in the same second: the attacker may hold it too' : '',
    attribution ? `; its calls: ${attribution}, ${why ?? ''}` : '',
    newest && issuedAt && isBefore(newest, issuedAt) ? ', newer than the credentials in scope' : '',
  ]
}

const spanOf = ({ firstSeen, lastSeen }: SiblingKey): readonly Span[] => {
  if (!firstSeen || !lastSeen) return []
  return firstSeen === lastSeen ? [', ', { at: firstSeen }] : [', ', { at: firstSeen }, ' to ', { at: lastSeen }]
}
