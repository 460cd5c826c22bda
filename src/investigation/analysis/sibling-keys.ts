import type { SiblingKey } from '../../incident/facts/activity-rows.ts'
import { given } from '../../incident/values/given.ts'
import { untrusted } from '../../incident/values/untrusted.ts'
import type { Counted } from './activity-fold.ts'
import { inOrder } from './call-totals.ts'
import type { CounterCaller } from './counter.ts'
import { instantAt, type Sighting } from './time-buckets.ts'

/**
 * The other keys of the same session: those issued in the same second, which the attacker may hold too, and those in use
 * since the scope began. In the order of their issue.
 */
export const siblingKeys = ({ scope, sightings }: Counted): readonly SiblingKey[] => {
  const asked = new Set<string>()
  const issues = new Set<string>()
  const sessions = new Set<string>()
  let begin = Number.POSITIVE_INFINITY
  for (const { caller, first } of scope) {
    if (caller.accessKeyId) asked.add(caller.accessKeyId)
    const session = sessionOf(caller)
    if (session) sessions.add(session)
    if (session && caller.issuedAt) issues.add(`${session} ${caller.issuedAt}`)
    begin = Math.min(begin, first)
  }
  const isNear = ({ caller, last }: Sighting): boolean => {
    const session = sessionOf(caller)
    if (!caller.accessKeyId || asked.has(caller.accessKeyId) || !session || !sessions.has(session)) return false
    return last >= begin || issues.has(`${session} ${caller.issuedAt}`)
  }
  const keys = new Map<string, SiblingKey>()
  for (const sighting of sightings) {
    if (!isNear(sighting)) continue
    const { accessKeyId = '', issuedAt } = sighting.caller
    const same = issues.has(`${sessionOf(sighting.caller)} ${issuedAt}`)
    keys.set(accessKeyId, plusSighting(keys.get(accessKeyId), accessKeyId, sighting, same))
  }
  return [...keys.values()].sort((a, b) => inOrder(a.issuedAt ?? '', b.issuedAt ?? '') || inOrder(a.accessKeyId, b.accessKeyId))
}

const sessionOf = ({ principalId, sessionArn }: CounterCaller): string | undefined => principalId ?? sessionArn

const plusSighting = (
  before: SiblingKey | undefined,
  accessKeyId: string,
  { caller, events, first, last }: Sighting,
  sameIssueTime: boolean,
): SiblingKey => ({
  ...earlierIssue(before, caller),
  accessKeyId,
  events: (before?.events ?? 0) + events,
  firstSeen: before && Date.parse(before.firstSeen) < first ? before.firstSeen : instantAt(first),
  lastSeen: before && Date.parse(before.lastSeen) > last ? before.lastSeen : instantAt(last),
  sameIssueTime: sameIssueTime || before?.sameIssueTime === true,
})

/** Of a key that records describe differently, the one of the earlier issue: in whatever order they were read. */
const earlierIssue = (
  before: SiblingKey | undefined,
  { issuedAt, delivery, sessionArn }: CounterCaller,
): Pick<SiblingKey, 'issuedAt' | 'ec2RoleDelivery' | 'session'> => {
  const keep = before && inOrder(before.issuedAt ?? '~', issuedAt ?? '~') <= 0
  if (keep) return before
  return {
    ...given({ issuedAt, ec2RoleDelivery: delivery, session: sessionArn ? untrusted(sessionArn) : undefined }),
  }
}
