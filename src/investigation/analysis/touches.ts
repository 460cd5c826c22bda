import type { Touched } from '../objects/touched.ts'
import { type CountTable, count, countTable } from './count-table.ts'
import { type Dictionary, dictionary, joined } from './dictionary.ts'

/**
 * What calls touched: counts by call and by what was touched. Each record is remembered with what it touched, as in the counter
 * that this is a part of, so that a copy of a record counts once. Names beyond the most that are kept count for their store.
 */
export interface Touches {
  readonly objects: Dictionary<Touched>
  /** By the number of the call and that of the object. */
  readonly counts: CountTable
  /** Bytes of each count. */
  bytes: Float64Array
  /** By the number of a record: the index of its count plus one, and its bytes. Empty until a record touches something. */
  countOfId: Uint32Array
  bytesOfId: Float64Array
}

/** Bytes are only known where the record says so; this stands for none. */
const NONE = 0
/** Objects that are kept by name; of a session that touches more, the rest counts for their bucket. */
const MOST_OBJECTS = 20_000
const FIRST_ROOM = 64

export const noTouches = (): Touches => ({
  objects: dictionary(),
  counts: countTable(2),
  bytes: new Float64Array(0),
  countOfId: new Uint32Array(0),
  bytesOfId: new Float64Array(0),
})

/** The number of a record, the number of its call, and its time (milliseconds since the epoch). */
interface TouchingRecord {
  readonly id: number
  readonly call: number
  readonly at: number
}

/** Counts what a record touched that is counted for the first time. */
export const addTouch = (touches: Touches, touched: Touched, { id, call, at }: TouchingRecord): void =>
  addCount(touches, id, [call, numberOfObject(touches.objects, touched)], { first: at, last: at, bytes: touched.bytes ?? NONE })

const numberOfObject = ({ values, numbers }: Dictionary<Touched>, touched: Touched): number => {
  const key = keyOf(touched)
  const known = numbers.get(key)
  if (known !== undefined) return known
  const { kind, use, stores, item, detail } = touched
  const isNamed = values.length < MOST_OBJECTS
  const kept: Touched = { kind, use, stores, ...(item !== undefined && isNamed ? { item } : {}), ...(detail ? { detail } : {}) }
  const keptKey = isNamed ? key : keyOf(kept)
  const before = numbers.get(keptKey)
  if (before !== undefined) return before
  values.push(kept)
  numbers.set(keptKey, values.length - 1)
  return values.length - 1
}

const keyOf = ({ kind, use, stores, item, detail }: Touched): string => joined(kind, use, item, detail, ...stores)

interface TouchTimes {
  readonly first: number
  readonly last: number
  readonly bytes: number
}

const addCount = (touches: Touches, id: number, key: readonly number[], { first, last, bytes }: TouchTimes): void => {
  const index = count(touches.counts, key, 1, first, last)
  if (index >= touches.bytes.length) touches.bytes = floats(touches.bytes, index)
  touches.bytes[index] = (touches.bytes[index] ?? 0) + bytes
  if (id >= touches.countOfId.length) {
    touches.bytesOfId = floats(touches.bytesOfId, id)
    const more = new Uint32Array(touches.bytesOfId.length)
    more.set(touches.countOfId)
    touches.countOfId = more
  }
  touches.countOfId[id] = index + 1
  touches.bytesOfId[id] = bytes
}

const floats = (values: Float64Array, index: number): Float64Array => {
  const more = new Float64Array(Math.max(FIRST_ROOM, 2 * values.length, index + 1))
  more.set(values)
  return more
}

/**
 * Adds what records of another counter touched. Call it with each record that is new here: its number there, and here. `calls`
 * translates the numbers of calls.
 */
export const touchMerger = (into: Touches, other: Touches, calls: readonly number[]): ((there: number, here: number) => void) => {
  const { keys, first, last } = other.counts
  return (there, here) => {
    const index = (other.countOfId[there] ?? 0) - 1
    if (index < 0) return
    const object = other.objects.values[keys.keys[2 * index + 1] ?? 0]
    if (!object) return
    const key = [calls[keys.keys[2 * index] ?? 0] ?? 0, numberOfObject(into.objects, object)]
    addCount(into, here, key, { first: first[index] ?? 0, last: last[index] ?? 0, bytes: other.bytesOfId[there] ?? 0 })
  }
}
