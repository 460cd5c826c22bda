import type { TouchedItem, TouchedStore } from '../../incident/facts/activity-rows.ts'
import { given } from '../../incident/values/given.ts'
import { untrusted } from '../../incident/values/untrusted.ts'
import { wayBackOf } from '../objects/ways-back.ts'
import { eventKeyOf } from '../persistence/rules.ts'
import { inOrder } from './call-totals.ts'
import type { StoreCalls } from './store-table.ts'
import { addUses, dataReadOf, noUses, type Uses, usesOf } from './store-uses.ts'
import { instantAt } from './time-buckets.ts'

interface Draft extends Uses {
  readonly apis: Map<string, number>
  readonly items: Map<string, Uses>
  unnamedCalls: number
  readonly ways: Map<string, Deleted>
  lastRestored: number
  hasDataEvents: boolean
}

interface Deleted {
  readonly event: string
  readonly detail: string | undefined
  region: string
  item: string | undefined
  events: number
  last: number
}

/** A store of a kind with all that calls did to it. */
export const touchedStore = (kind: string, store: string, all: readonly StoreCalls[]): TouchedStore => {
  const draft: Draft = {
    ...{ apis: new Map(), items: new Map(), ways: new Map(), unnamedCalls: 0 },
    ...{ lastRestored: Number.NEGATIVE_INFINITY, hasDataEvents: false, ...noUses() },
  }
  // The first call says where it is, whatever the order in which records were read.
  const inTime = all.toSorted((a, b) => a.first - b.first || inOrder(placeOf(a), placeOf(b)))
  for (const calls of inTime) addTo(draft, calls)
  const { region = '', recipientAccountId: accountId } = inTime[0]?.call ?? {}
  const items = [...draft.items].map(([name, uses]) => itemOf(name, uses)).sort(byItemGravity)
  const deletions = [...draft.ways.values()].sort(byEvent).map(({ event, detail, item, region: at, events, last }) => ({
    ...{ event, events, last: instantAt(last) },
    wayBack: wayBackOf({ event, store, region: at, ...given({ item, detail }) }),
    isRestored: draft.lastRestored >= last,
  }))
  return {
    ...{ kind, store: untrusted(store), region },
    ...given({ accountId }),
    ...usesOf(draft),
    dataRead: dataReadOf(kind, draft, draft.hasDataEvents),
    apis: [...draft.apis].sort(([a, x], [b, y]) => y - x || inOrder(a, b)).map(([api]) => api),
    ...{ items, itemsAll: items.length, unnamedCalls: draft.unnamedCalls, deletions },
  }
}

const placeOf = ({ call: { region, recipientAccountId = '' } }: StoreCalls): string => `${region} ${recipientAccountId}`

const byEvent = (a: Deleted, b: Deleted): number => inOrder(a.event, b.event) || inOrder(a.detail ?? '', b.detail ?? '')

const addTo = (draft: Draft, calls: StoreCalls): void => {
  const { call, use, events, last } = calls
  const { item, detail, isUnnamed } = calls.touched()
  addUses(draft, calls)
  draft.hasDataEvents ||= call.category === 'data'
  const event = eventKeyOf(call.eventSource, call.eventName)
  draft.apis.set(event, (draft.apis.get(event) ?? 0) + events)
  if (isUnnamed) draft.unnamedCalls += events
  if (item !== undefined) {
    const uses = draft.items.get(item) ?? noUses()
    draft.items.set(item, uses)
    addUses(uses, calls)
  }
  if (call.outcome !== 'ok') return
  if (use === 'restored') draft.lastRestored = Math.max(draft.lastRestored, last)
  if (use === 'deleted') addDeletion(draft, { event, detail, item, region: call.region, events, last })
}

const addDeletion = ({ ways }: Draft, deletion: Deleted): void => {
  const key = `${deletion.event}\n${deletion.detail}`
  const before = ways.get(key)
  if (!before) ways.set(key, deletion)
  else {
    // A command for one of many objects would leave the others out: then it is for the whole bucket.
    if (before.item !== deletion.item) before.item = undefined
    before.events += deletion.events
    before.last = Math.max(before.last, deletion.last)
  }
}

const itemOf = (name: string, uses: Uses): TouchedItem => ({ item: untrusted(name), ...usesOf(uses) })

const byItemGravity = (a: TouchedItem, b: TouchedItem): number =>
  Number(b.deleted > 0) - Number(a.deleted > 0) ||
  b.bytesRead - a.bytesRead ||
  b.read - a.read ||
  inOrder(a.item.untrusted, b.item.untrusted)
