import type { ObjectUse } from '../objects/stores.ts'
import { addKey, keyTable } from './key-table.ts'
import { kindAt, storesAt, type TouchedObject, touchedAt, useAt } from './object-table.ts'
import { addText, textWithNumber } from './text-table.ts'
import type { TouchCall, Touches } from './touches.ts'

/** Calls that touched one store in the same way. */
export interface StoreCalls {
  readonly call: TouchCall
  readonly use: ObjectUse
  readonly events: number
  readonly first: number
  readonly last: number
  readonly bytes: number
  /** What was touched, with the names of things in the store; made on use. */
  touched(): TouchedObject
}

/** The stores that calls touched, by number: of hundreds of thousands none is an object until it is asked for. */
export interface StoreTable {
  readonly size: number
  kindOf(store: number): string
  nameOf(store: number): string
  /** Where it is; empty for what has one name in all Regions. */
  regionOf(store: number): string
  callsOf(store: number): Iterable<StoreCalls>
}

const PARTS = 3

/** The stores that calls touched. */
export const storesOf = (touches: Touches): StoreTable => {
  const { texts } = touches.objects
  const { size } = touches.counts.keys
  const keys = keyTable(PARTS, size)
  const entries = { stores: new Uint32Array(size), counts: new Uint32Array(size), size: 0 }
  for (let index = 0; index < size; index += 1)
    for (const key of storeKeys(touches, index)) addEntry(entries, addKey(keys, key), index)
  const { starts, counts } = byStore(entries, keys.size)
  const part = (store: number, index: number): string => textWithNumber(texts, keys.keys[PARTS * store + index] ?? 0)
  return {
    size: keys.size,
    kindOf: (store) => part(store, 0),
    nameOf: (store) => part(store, 1),
    regionOf: (store) => part(store, 2),
    callsOf: function* (store) {
      const end = starts[store + 1] ?? 0
      for (let entry = starts[store] ?? 0; entry < end; entry += 1) yield callsAt(touches, counts[entry] ?? 0)
    },
  }
}

/** Kind, name and Region of each store that the calls of a count touched. */
function* storeKeys({ objects, calls, counts }: Touches, index: number): Generator<readonly number[]> {
  const { texts } = objects
  const call = calls.values[counts.keys.keys[2 * index] ?? 0]
  const object = counts.keys.keys[2 * index + 1] ?? 0
  const kind = kindAt(objects, object)
  // A bucket has one name in all Regions; a call to it is recorded where it was sent.
  const region = addText(texts, IN_ALL_REGIONS.has(kind) ? '' : (call?.region ?? ''))
  for (const store of storesAt(objects, object)) yield [addText(texts, kind), addText(texts, store), region]
}

const IN_ALL_REGIONS: ReadonlySet<string> = new Set(['bucket', 'role'])

/** Stores, and the counts that are of them. */
interface Entries {
  stores: Uint32Array
  counts: Uint32Array
  size: number
}

const addEntry = (entries: Entries, store: number, count: number): void => {
  if (entries.size === entries.stores.length) {
    const [stores, counts] = [new Uint32Array(2 * entries.size), new Uint32Array(2 * entries.size)]
    stores.set(entries.stores)
    counts.set(entries.counts)
    Object.assign(entries, { stores, counts })
  }
  entries.stores[entries.size] = store
  entries.counts[entries.size] = count
  entries.size += 1
}

/** The counts of the first store, then those of the second, and so on; and where those of each begin. */
const byStore = (entries: Entries, size: number) => {
  const starts = new Uint32Array(size + 1)
  for (const store of entries.stores.subarray(0, entries.size)) starts[store + 1] = (starts[store + 1] ?? 0) + 1
  for (let store = 0; store < size; store += 1) starts[store + 1] = (starts[store + 1] ?? 0) + (starts[store] ?? 0)
  const next = starts.slice()
  const counts = new Uint32Array(entries.size)
  for (let entry = 0; entry < entries.size; entry += 1) {
    const store = entries.stores[entry] ?? 0
    const place = next[store] ?? 0
    counts[place] = entries.counts[entry] ?? 0
    next[store] = place + 1
  }
  return { starts, counts }
}

const callsAt = ({ objects, calls, counts, bytes }: Touches, index: number): StoreCalls => {
  const object = counts.keys.keys[2 * index + 1] ?? 0
  return {
    call: calls.values[counts.keys.keys[2 * index] ?? 0] ?? NO_CALL,
    use: useAt(objects, object),
    ...{ events: counts.events[index] ?? 0, first: counts.first[index] ?? 0, last: counts.last[index] ?? 0 },
    bytes: bytes[index] ?? 0,
    touched: () => touchedAt(objects, object),
  }
}

const NO_CALL: TouchCall = { eventSource: '', eventName: '', region: '', outcome: 'ok', category: 'management' }
