import type { DataRead, ObjectTotals, TouchedItem, TouchedStore } from '../../incident/facts/activity-rows.ts'
import { given } from '../../incident/values/given.ts'
import { untrusted } from '../../incident/values/untrusted.ts'
import type { Touched } from '../objects/touched.ts'
import { wayBackOf } from '../objects/ways-back.ts'
import { eventKeyOf } from '../persistence/rules.ts'
import { inOrder } from './call-totals.ts'
import { instantAt } from './time-buckets.ts'
import { mergeTouches, noTouches, type TouchCall, type Touches } from './touches.ts'

/** Kinds whose contents are reached by data events, which a trail records only where it is configured to. */
const BY_DATA_EVENTS: ReadonlySet<string> = new Set(['bucket', 'table', 'queue'])
/** Kinds for which every call that gives data away is a management event. */
const BY_MANAGEMENT_EVENTS: ReadonlySet<string> = new Set(['secret', 'parameter'])

interface Uses {
  read: number
  listed: number
  written: number
  deleted: number
  restored: number
  /** Calls that failed, of any kind; and those of them that would have read data. */
  failed: number
  readsFailed: number
  dryRuns: number
  bytesRead: number
  bytesWritten: number
  first: number
  last: number
}

interface Group extends Uses {
  readonly kind: string
  readonly store: string
  readonly accountId: string | undefined
  readonly region: string
  readonly apis: Map<string, number>
  readonly items: Map<string, Uses>
  unnamedCalls: number
  readonly ways: Map<string, Deletion>
  lastRestored: number
  hasDataEvents: boolean
}

interface Deletion {
  readonly event: string
  readonly detail: string | undefined
  readonly region: string
  item: string | undefined
  events: number
  last: number
}

/** What the calls of several principals touched, the gravest first. */
export const touchedObjects = (all: readonly Touches[]): readonly TouchedStore[] => {
  const groups = new Map<string, Group>()
  for (const touches of withoutCopies(all)) {
    const { calls } = touches
    const { keys, events, first, last } = touches.counts
    for (let index = 0; index < keys.size; index += 1) {
      const call = calls.values[keys.keys[2 * index] ?? 0]
      const touched = touches.objects.values[keys.keys[2 * index + 1] ?? 0]
      const times = { events: events[index] ?? 0, first: first[index] ?? 0, last: last[index] ?? 0 }
      if (call && touched)
        for (const store of touched.stores) addTo(groups, call, touched, store, { ...times, bytes: touches.bytes[index] ?? 0 })
    }
  }
  return [...groups.values()].sort(byGravity).map(storeOf)
}

/** The records of a console session carry its parent's name, and so are among the parent's too: each counts once. */
const withoutCopies = (all: readonly Touches[]): readonly Touches[] => {
  const touching = all.filter(({ ids }) => ids.size > 0)
  if (touching.length < 2) return touching
  const merged = noTouches()
  for (const touches of touching) mergeTouches(merged, touches)
  return [merged]
}

interface Counts {
  readonly events: number
  readonly first: number
  readonly last: number
  readonly bytes: number
}

const noUses = (): Uses => ({
  ...{
    read: 0,
    listed: 0,
    written: 0,
    deleted: 0,
    restored: 0,
    failed: 0,
    readsFailed: 0,
    dryRuns: 0,
    bytesRead: 0,
    bytesWritten: 0,
  },
  ...{ first: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY },
})

const addTo = (groups: Map<string, Group>, call: TouchCall, touched: Touched, store: string, counts: Counts): void => {
  const { kind, item, use, detail } = touched
  // A bucket has one name in all Regions; a call to it is recorded where it was sent.
  const region = kind === 'bucket' || kind === 'role' ? '' : call.region
  const name = [kind, store, region].join('\n')
  const group: Group = groups.get(name) ?? {
    ...{
      kind,
      store,
      accountId: call.recipientAccountId,
      region: call.region,
      apis: new Map(),
      items: new Map(),
      ways: new Map(),
    },
    ...{ lastRestored: Number.NEGATIVE_INFINITY, hasDataEvents: false, unnamedCalls: 0, ...noUses() },
  }
  groups.set(name, group)
  addUses(group, call, use, counts)
  group.hasDataEvents ||= call.category === 'data'
  const event = eventKeyOf(call.eventSource, call.eventName)
  group.apis.set(event, (group.apis.get(event) ?? 0) + counts.events)
  if (touched.isUnnamed) group.unnamedCalls += counts.events
  if (item !== undefined) {
    const uses = group.items.get(item) ?? noUses()
    group.items.set(item, uses)
    addUses(uses, call, use, counts)
  }
  if (call.outcome !== 'ok') return
  if (use === 'restored') group.lastRestored = Math.max(group.lastRestored, counts.last)
  if (use === 'deleted')
    addDeletion(group, { event, detail, item, region: call.region, events: counts.events, last: counts.last })
}

const addDeletion = ({ ways }: Group, deletion: Deletion): void => {
  const key = `${deletion.event}\n${deletion.detail}`
  const before = ways.get(key)
  if (!before) ways.set(key, { ...deletion })
  else {
    // A command for one of many objects would leave the others out: then it is for the whole bucket.
    if (before.item !== deletion.item) before.item = undefined
    before.events += deletion.events
    before.last = Math.max(before.last, deletion.last)
  }
}

const addUses = (uses: Uses, { outcome }: TouchCall, use: Touched['use'], { events, first, last, bytes }: Counts): void => {
  if (outcome === 'ok') uses[use] += events
  else if (outcome === 'dry-run') uses.dryRuns += events
  else {
    uses.failed += events
    if (use === 'read') uses.readsFailed += events
  }
  if (outcome === 'ok' && use === 'read') uses.bytesRead += bytes
  if (outcome === 'ok' && use === 'written') uses.bytesWritten += bytes
  uses.first = Math.min(uses.first, first)
  uses.last = Math.max(uses.last, last)
}

/** Kinds whose reading gives credentials away, or opens what is encrypted. */
const SECRETS: ReadonlySet<string> = new Set(['secret', 'parameter'])

const gravityOf = ({ kind, deleted, read, written, failed }: Uses & { readonly kind: string }): number => {
  if (deleted > 0) return 0
  if (read > 0) return SECRETS.has(kind) ? 1 : 2
  if (written > 0) return 3
  return failed > 0 ? 4 : 5
}

const byGravity = (a: Group, b: Group): number =>
  gravityOf(a) - gravityOf(b) ||
  b.bytesRead - a.bytesRead ||
  b.read - a.read ||
  inOrder(a.kind, b.kind) ||
  inOrder(a.store, b.store)

const storeOf = (group: Group): TouchedStore => {
  const { kind, store, accountId, region } = group
  const items = [...group.items].map(([name, uses]) => itemOf(name, uses)).sort(byItemGravity)
  const deletions = [...group.ways.values()].map(({ event, detail, item, region: at, events, last }) => ({
    ...{ event, events, last: instantAt(last) },
    wayBack: wayBackOf({ event, store, region: at, ...given({ item, detail }) }),
    isRestored: group.lastRestored >= last,
  }))
  return {
    ...{ kind, store: untrusted(store), region },
    ...given({ accountId }),
    ...usesOf(group),
    dataRead: dataReadOf(group),
    apis: [...group.apis].sort(([a, x], [b, y]) => y - x || inOrder(a, b)).map(([api]) => api),
    ...{ items, itemsAll: items.length, unnamedCalls: group.unnamedCalls, deletions },
  }
}

const itemOf = (name: string, uses: Uses): TouchedItem => ({ item: untrusted(name), ...usesOf(uses) })

const byItemGravity = (a: TouchedItem, b: TouchedItem): number =>
  Number(b.deleted > 0) - Number(a.deleted > 0) ||
  b.bytesRead - a.bytesRead ||
  b.read - a.read ||
  inOrder(a.item.untrusted, b.item.untrusted)

const usesOf = ({ read, listed, written, deleted, restored, failed, dryRuns, bytesRead, bytesWritten, first, last }: Uses) => ({
  ...{ read, listed, written, deleted, restored, failed, dryRuns, bytesRead, bytesWritten },
  ...{ firstSeen: instantAt(first), lastSeen: instantAt(last) },
})

/** Absence is no evidence: only where reads of the kind are always recorded does a record without one say anything. */
const dataReadOf = ({ kind, read, readsFailed, hasDataEvents }: Group): DataRead => {
  if (read > 0) return 'yes'
  if (readsFailed > 0) return 'refused'
  if (BY_DATA_EVENTS.has(kind)) return hasDataEvents ? 'not in the records' : 'data events not recorded'
  if (BY_MANAGEMENT_EVENTS.has(kind)) return 'not in the records'
  return 'not recorded by CloudTrail'
}

/** Sums over the stores that were touched; a role is none. */
export const objectTotals = (all: readonly TouchedStore[]): ObjectTotals => {
  const stores = all.filter(({ kind }) => kind !== 'role')
  const kinds: Record<string, number> = {}
  for (const { kind } of stores) kinds[kind] = (kinds[kind] ?? 0) + 1
  const sumOf = (count: (store: TouchedStore) => number): number => stores.reduce((sum, store) => sum + count(store), 0)
  return {
    kinds,
    readStores: sumOf(({ dataRead }) => Number(dataRead === 'yes')),
    reads: sumOf(({ read }) => read),
    bytesRead: sumOf(({ bytesRead }) => bytesRead),
    deletions: sumOf(({ deletions }) => deletions.reduce((sum, { events }) => sum + events, 0)),
  }
}
