import type { SiblingKey } from '../../incident/facts/activity-rows.ts'
import { given } from '../../incident/values/given.ts'
import { untrusted } from '../../incident/values/untrusted.ts'
import type { CloudTrailRecord } from '../record.ts'
import { isTokenIssue } from '../record-parameters.ts'
import type { Counted } from './activity-fold.ts'
import { type Attribute, GRAVEST_ATTRIBUTION_FIRST } from './call-attribution.ts'
import { inOrder } from './call-totals.ts'
import type { CounterCaller } from './counter.ts'
import { keyIssuedBy } from './obtained-credentials.ts'
import { instantAt, type Sighting } from './time-buckets.ts'

/**
 * The other keys of the same session: those issued in the same second, which the attacker may hold too, and those in use
 * since the scope began. In the order of their issue. The other keys of a user are the user's: see `userKeys`.
 */
export const siblingKeys = (counted: Counted, attribute?: Attribute): readonly SiblingKey[] => {
  const { scope, sightings, context } = counted
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
  const isOther = (caller: CounterCaller): boolean => {
    const { accessKeyId = '' } = caller
    return accessKeyId !== '' && !asked.has(accessKeyId) && sessions.has(sessionOf(caller) ?? '')
  }
  const seen = new Map<string, SeenKey>()
  for (const sighting of sightings.by(isOther)) {
    const { accessKeyId = '', issuedAt } = sighting.caller
    const same = issues.has(`${sessionOf(sighting.caller)} ${issuedAt}`)
    if (sighting.last < begin && !same) continue
    seen.set(accessKeyId, plusSighting(seen.get(accessKeyId), sighting, same, attribute))
  }
  const keys = new Map([...seen].map(([accessKeyId, key]) => [accessKeyId, siblingKey(accessKeyId, key)]))
  for (const key of issuedTogether(context, asked))
    keys.set(key.accessKeyId, { ...key, ...keys.get(key.accessKeyId), sameIssueTime: true })
  return [...keys.values()].sort(byIssue)
}

const byIssue = (a: SiblingKey, b: SiblingKey): number =>
  inOrder(a.issuedAt ?? '', b.issuedAt ?? '') || inOrder(a.accessKeyId, b.accessKeyId)

/** The other keys of the same user, used since the scope began. They are not of the session, and may be somebody's who has nothing to do with it. */
export const userKeys = ({ scope, sightings }: Counted): readonly SiblingKey[] => {
  const asked = new Set<string>()
  const users = new Set<string>()
  let begin = Number.POSITIVE_INFINITY
  for (const { caller, first } of scope) {
    if (caller.accessKeyId) asked.add(caller.accessKeyId)
    if (caller.principalKind === 'IAMUser' && caller.principalId) users.add(caller.principalId)
    begin = Math.min(begin, first)
  }
  const seen = new Map<string, SeenKey>()
  const isOther = ({ accessKeyId = '', principalId = '' }: CounterCaller): boolean =>
    accessKeyId !== '' && !asked.has(accessKeyId) && users.has(principalId)
  for (const sighting of sightings.by(isOther)) {
    const { accessKeyId = '' } = sighting.caller
    if (sighting.last < begin) continue
    seen.set(accessKeyId, plusSighting(seen.get(accessKeyId), sighting, false, undefined))
  }
  return [...seen].map(([accessKeyId, key]) => siblingKey(accessKeyId, key)).sort(byIssue)
}

/** A role's session has a name behind the role's id; a user's has none, so the time of its issue tells one from another. */
const sessionOf = ({ principalId, sessionArn, sessionName, principalKind, issuedAt }: CounterCaller): string | undefined => {
  if (sessionName !== undefined || principalKind === 'AssumedRole') return principalId ?? sessionArn
  return issuedAt === undefined ? undefined : `${principalId ?? sessionArn} ${issuedAt}`
}

/** The keys that were issued in the same second to the same session as one of those asked about, by the records of the issue. */
const issuedTogether = (context: readonly CloudTrailRecord[], asked: ReadonlySet<string>): readonly SiblingKey[] => {
  const issues = context.filter((record) => isTokenIssue(record.eventName) && record.outcome === 'ok')
  const sessionOfIssue = ({ requested, at }: CloudTrailRecord) => `${requested.roleArn} ${requested.roleSessionName} ${at}`
  const of = new Set(issues.filter((record) => asked.has(keyIssuedBy(record) ?? '')).map(sessionOfIssue))
  return issues.flatMap((record) => {
    const accessKeyId = keyIssuedBy(record)
    if (!accessKeyId || asked.has(accessKeyId) || !record.requested.roleSessionName || !of.has(sessionOfIssue(record))) return []
    return [{ accessKeyId, issuedAt: record.at, issueEventId: record.eventId, events: 0, sameIssueTime: true }]
  })
}

/** A key while its sightings are gone through, which may be hundreds of thousands: times are milliseconds since the epoch. */
interface SeenKey {
  issue: Pick<CounterCaller, 'issuedAt' | 'delivery' | 'sessionArn'>
  events: number
  first: number
  last: number
  sameIssueTime: boolean
  attribution: readonly [attribution?: SiblingKey['attribution'], why?: string]
}

const siblingKey = (accessKeyId: string, { issue, events, first, last, sameIssueTime, attribution }: SeenKey): SiblingKey => {
  const [of, why] = attribution
  const { issuedAt, delivery, sessionArn } = issue
  return {
    ...given({ issuedAt, ec2RoleDelivery: delivery, session: sessionArn ? untrusted(sessionArn) : undefined }),
    ...{ accessKeyId, events, firstSeen: instantAt(first), lastSeen: instantAt(last), sameIssueTime },
    ...given({ attribution: of, why }),
  }
}

const plusSighting = (
  before: SeenKey | undefined,
  { caller, origin, events, first, last }: Sighting,
  sameIssueTime: boolean,
  attribute: Attribute | undefined,
): SeenKey => {
  const attribution = attribute?.({ caller, origin }) ?? []
  if (!before) return { issue: caller, events, first, last, sameIssueTime, attribution }
  // A key that was used from several places is as suspicious as the worst of them.
  if (before.attribution[0] === undefined || gravityOf(attribution) < gravityOf(before.attribution))
    before.attribution = attribution
  before.issue = earlierIssue(before.issue, caller)
  before.events += events
  before.first = Math.min(before.first, first)
  before.last = Math.max(before.last, last)
  before.sameIssueTime ||= sameIssueTime
  return before
}

const gravityOf = ([attribution]: SeenKey['attribution']): number => GRAVEST_ATTRIBUTION_FIRST.indexOf(attribution)

/** Of a key that records describe differently, the earlier issue, and of one issue what any of them has: in whatever order they were read. */
const earlierIssue = (before: SeenKey['issue'], caller: SeenKey['issue']): SeenKey['issue'] => {
  const order = inOrder(before.issuedAt ?? '~', caller.issuedAt ?? '~')
  if (order !== 0) return order < 0 ? before : caller
  if (before.delivery === caller.delivery && before.sessionArn === caller.sessionArn) return before
  const { issuedAt } = before
  return given({
    issuedAt,
    delivery: firstInOrder(before.delivery, caller.delivery),
    sessionArn: firstInOrder(before.sessionArn, caller.sessionArn),
  })
}

const firstInOrder = <T extends string>(a: T | undefined, b: T | undefined): T | undefined =>
  a === undefined || (b !== undefined && b < a) ? b : a
