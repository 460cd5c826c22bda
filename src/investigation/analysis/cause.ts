import type { Cause, CauseEvent, ObtainedBy, SameAddressCalls } from '../../incident/facts/cause.ts'
import { given } from '../../incident/values/given.ts'
import { epochOf } from '../../incident/values/instant.ts'
import { rawText, untrusted } from '../../incident/values/untrusted.ts'
import type { CloudTrailRecord } from '../record.ts'
import type { Counted } from './activity-fold.ts'
import type { Attribute } from './call-attribution.ts'
import { inOrder } from './call-totals.ts'
import { causeOf } from './cause-events.ts'
import { hasCause, MOST_ADDRESSES, MOST_STEPS_UPWARDS, machinesIn } from './context.ts'
import { numberSet } from './number-set.ts'
import { keyIssuedBy } from './obtained-credentials.ts'
import { numberOfText, textCount } from './text-table.ts'
import { instantAt } from './time-buckets.ts'

/** The most rows of one list; of what was done, the latest, of callers, the busiest. */
const MOST = 1000

/**
 * What led to the use of the credentials by somebody else: who obtained them, what was done to the instance, the role, the user
 * and the key before the first call that is not the workload's, and who else called from the address of such calls.
 */
export const causeOfTheft = (counted: Counted, attribute: Attribute, contextNotRead?: string): Cause => {
  const foreign = foreignUse(counted, attribute)
  const until = foreign.first?.at
  const events = counted.context.flatMap((record) => causeEvent(record, until, foreign.addresses))
  const callers = callersFrom(counted, foreign.addresses)
  const upwards = stepsUpwards(counted)
  const isTooMany = foreign.searched > MOST_ADDRESSES
  return {
    ...given({
      firstUse: foreign.first && { at: instantAt(foreign.first.at), attribution: foreign.first.attribution },
      notRead: hasCause(counted.question.principal) ? contextNotRead : NO_ONE_CREDENTIAL,
      addressesNotRead: isTooMany
        ? `the calls came from ${foreign.searched} addresses, more than ${MOST_ADDRESSES}: who else called from them was not looked for`
        : undefined,
    }),
    ...upwards,
    events: events.slice(-MOST),
    eventsLeftOut: Math.max(0, events.length - MOST),
    sameAddress: isTooMany ? [] : callers.slice(0, MOST),
    sameAddressLeftOut: isTooMany ? 0 : Math.max(0, callers.length - MOST),
  }
}

const NO_ONE_CREDENTIAL =
  'A role, an address or a whole service has many credentials. Name a key, a session, an instance or a user to see what was done to it before, and who else called from the same addresses.'

interface ForeignUse {
  readonly first?: { readonly at: number; readonly attribution: 'external' | 'ambiguous' }
  /** Of calls of the gravest attribution that there is. */
  readonly addresses: Addresses
  /** How many addresses the principal called from. */
  readonly searched: number
}

type Addresses = Pick<ReadonlySet<string>, 'has' | 'size'>

/** Where there are external calls, they count; where there are none, the ambiguous ones may be the attacker's. */
const foreignUse = ({ scope, origins: { texts } }: Counted, attribute: Attribute): ForeignUse => {
  const uses = {
    external: { first: Number.POSITIVE_INFINITY, from: numberSet(textCount(texts)) },
    ambiguous: { first: Number.POSITIVE_INFINITY, from: numberSet(textCount(texts)) },
  }
  const all = numberSet(textCount(texts))
  for (const bucket of scope) {
    const { sourceNumber } = bucket.origin
    all.add(sourceNumber)
    const [attribution] = attribute(bucket)
    if (attribution !== 'external' && attribution !== 'ambiguous') continue
    uses[attribution].first = Math.min(uses[attribution].first, bucket.first)
    uses[attribution].from.add(sourceNumber)
  }
  const attribution = uses.external.from.size > 0 ? 'external' : 'ambiguous'
  const { first, from } = uses[attribution]
  const has = (address: string): boolean => from.has(numberOfText(texts, address))
  const addresses = { has, size: from.size }
  return { ...given({ first: from.size > 0 ? { at: first, attribution } : undefined }), addresses, searched: all.size }
}

const madeBy = ({ sessionArn, userName, invokedBy, principalId, accountId, accessKeyId, source }: CloudTrailRecord) => ({
  by: untrusted(sessionArn ?? userName ?? invokedBy ?? principalId ?? accountId ?? 'unknown'),
  ...given({ accessKeyId: accessKeyId || undefined }),
  source,
})

const causeEvent = (record: CloudTrailRecord, until: number | undefined, addresses: Addresses): readonly CauseEvent[] => {
  const what = causeOf(record)
  if (what === undefined || (until !== undefined && epochOf(record.at) > until)) return []
  const { at, eventId, eventSource, eventName, outcome, errorCode, source } = record
  return [
    {
      ...{ what, target: untrusted(targetOf(record)), at, eventId, eventSource, eventName },
      ...madeBy(record),
      succeeded: outcome === 'ok',
      ...given({ errorCode: errorCode || undefined }),
      sameAddress: addresses.has(rawText(source)),
    },
  ]
}

const textAt = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** The name that the event is about, as far as the request has one in its usual place. */
const targetOf = (record: CloudTrailRecord): string => {
  const { request = {}, eventSource, userName } = record
  if (eventSource === 'iam.amazonaws.com') {
    const role = textAt(request.roleName)
    if (role !== undefined) return `role ${role}`
    return `user ${textAt(request.userName) ?? userName ?? 'unknown'}`
  }
  const [first, ...others] = machinesIn(record)
  if (first === undefined) return 'the instance'
  return others.length === 0 ? `instance ${first}` : `instance ${first} and ${others.length} more`
}

/** From the keys in scope upwards: who obtained the key, who obtained the key that he called with, and so on. */
const stepsUpwards = ({ scope, context }: Counted): Pick<Cause, 'obtainedBy' | 'obtainedByCut'> => {
  const issues = new Map<string, CloudTrailRecord>()
  for (const record of context) {
    const issued = record.outcome === 'ok' ? keyIssuedBy(record) : undefined
    if (issued !== undefined && !issues.has(issued)) issues.set(issued, record)
  }
  const steps: ObtainedBy[] = []
  const done = new Set<string>()
  let level = new Set<string>()
  for (const { caller } of scope) if (caller.accessKeyId) level.add(caller.accessKeyId)
  for (let step = 0; step < MOST_STEPS_UPWARDS && level.size > 0; step += 1) {
    const next = new Set<string>()
    for (const key of [...level].sort(inOrder)) {
      const issue = issues.get(key)
      if (!issue || done.has(key)) continue
      done.add(key)
      steps.push({ issuedAccessKeyId: key, how: issue.eventName, at: issue.at, eventId: issue.eventId, ...madeBy(issue) })
      if (issue.accessKeyId) next.add(issue.accessKeyId)
    }
    level = next
  }
  const isCut = [...level].some((key) => !done.has(key))
  return {
    obtainedBy: steps.slice(0, MOST),
    ...given({ obtainedByCut: isCut ? CUT_UPWARDS : steps.length > MOST ? `Only the first ${MOST} are listed.` : undefined }),
  }
}

const CUT_UPWARDS = `Who obtained the credentials was followed for ${MOST_STEPS_UPWARDS} steps upwards, and not further.`

/** Everybody else who called from these addresses, by caller, key and address. */
const callersFrom = ({ atAddresses }: Counted, addresses: Addresses): readonly SameAddressCalls[] => {
  const found = new Map<string, { -readonly [K in keyof SameAddressCalls]: SameAddressCalls[K] }>()
  for (const { caller, origin, events, first, last } of atAddresses) {
    const source = rawText(origin.source)
    if (!addresses.has(source)) continue
    const by = caller.sessionArn ?? caller.userName ?? caller.principalId ?? origin.invokedBy ?? caller.accountId ?? 'unknown'
    const name = JSON.stringify([by, caller.accessKeyId, source])
    const known = found.get(name)
    if (!known) {
      const { accessKeyId } = caller
      const times = { firstSeen: instantAt(first), lastSeen: instantAt(last) }
      found.set(name, { by: untrusted(by), ...given({ accessKeyId }), source: origin.source, events, ...times })
      continue
    }
    known.events += events
    if (first < epochOf(known.firstSeen)) known.firstSeen = instantAt(first)
    if (last > epochOf(known.lastSeen)) known.lastSeen = instantAt(last)
  }
  return [...found.values()].sort((a, b) => b.events - a.events || inOrder(rawText(a.by), rawText(b.by)))
}
