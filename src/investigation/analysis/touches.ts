import type { Touched } from '../objects/touched.ts'
import type { CloudTrailRecord } from '../record.ts'
import { type CountTable, count, countTable } from './count-table.ts'
import { type Dictionary, dictionary, joined } from './dictionary.ts'
import { addKey, type KeyTable, keyTable } from './key-table.ts'

/** A call that touched something, as far as it matters for what was touched. */
export type TouchCall = Pick<
  CloudTrailRecord,
  'eventSource' | 'eventName' | 'region' | 'outcome' | 'category' | 'recipientAccountId'
>

/**
 * What calls touched: counts by call and by what was touched. A record that is met several times is counted once, because its id
 * is kept. Of very many things the names beyond the most that are kept count for their store.
 */
export interface Touches {
  readonly ids: KeyTable
  readonly calls: Dictionary<TouchCall>
  readonly objects: Dictionary<Touched>
  /** By the number of the call and that of the object. */
  readonly counts: CountTable
  /** Bytes of each count; 0 also where no record has them. */
  bytes: Float64Array
  /** By the number of the id: the index of its count, and its bytes. */
  countOfId: Uint32Array
  bytesOfId: Float64Array
}

/** Objects that are kept by name. */
const MOST_OBJECTS = 20_000
const FIRST_ROOM = 64

export const noTouches = (): Touches => ({
  ...{ ids: keyTable(2), calls: dictionary(), objects: dictionary(), counts: countTable(2) },
  ...{ bytes: new Float64Array(0), countOfId: new Uint32Array(0), bytesOfId: new Float64Array(0) },
})

/** Counts what a record touched. `id` is a key that only this record has; `at` its time in milliseconds. */
export const addTouch = (
  touches: Touches,
  { call, touched }: Pick<Touch, 'call' | 'touched'>,
  id: ArrayLike<number>,
  at: number,
): void => add(touches, id, { call, touched, bytes: touched.bytes ?? 0, first: at, last: at })

/** Adds what another one counted, each record once. */
export const mergeTouches = (into: Touches, other: Touches): void => {
  const { keys, first, last } = other.counts
  for (let id = 0; id < other.ids.size; id += 1) {
    const index = other.countOfId[id] ?? 0
    const call = other.calls.values[keys.keys[2 * index] ?? 0]
    const touched = other.objects.values[keys.keys[2 * index + 1] ?? 0]
    if (!call || !touched) continue
    const times = { first: first[index] ?? 0, last: last[index] ?? 0 }
    add(into, other.ids.keys.subarray(2 * id, 2 * id + 2), { call, touched, bytes: other.bytesOfId[id] ?? 0, ...times })
  }
}

interface Touch {
  readonly call: TouchCall
  readonly touched: Touched
  readonly bytes: number
  readonly first: number
  readonly last: number
}

const add = (touches: Touches, key: ArrayLike<number>, { call, touched, bytes, first, last }: Touch): void => {
  const before = touches.ids.size
  const id = addKey(touches.ids, key)
  if (id < before) return
  const index = count(
    touches.counts,
    [numberOfCall(touches.calls, call), numberOfObject(touches.objects, touched)],
    1,
    first,
    last,
  )
  if (index >= touches.bytes.length) touches.bytes = largerFloats(touches.bytes, index)
  touches.bytes[index] = (touches.bytes[index] ?? 0) + bytes
  if (id >= touches.countOfId.length) {
    touches.bytesOfId = largerFloats(touches.bytesOfId, id)
    const more = new Uint32Array(touches.bytesOfId.length)
    more.set(touches.countOfId)
    touches.countOfId = more
  }
  touches.countOfId[id] = index
  touches.bytesOfId[id] = bytes
}

const numberOfCall = ({ values, numbers }: Dictionary<TouchCall>, call: TouchCall): number => {
  const { eventSource, eventName, region, outcome, category, recipientAccountId } = call
  const key = joined(eventName, eventSource, region, outcome, category, recipientAccountId)
  const known = numbers.get(key)
  if (known !== undefined) return known
  const account = recipientAccountId === undefined ? {} : { recipientAccountId }
  values.push({ eventSource, eventName, region, outcome, category, ...account })
  numbers.set(key, values.length - 1)
  return values.length - 1
}

const numberOfObject = ({ values, numbers }: Dictionary<Touched>, touched: Touched): number => {
  const key = objectKey(touched)
  const known = numbers.get(key)
  if (known !== undefined) return known
  const { kind, use, stores, item, detail } = touched
  const isNamed = values.length < MOST_OBJECTS
  const isUnnamed = touched.isUnnamed === true || (item !== undefined && !isNamed)
  const kept: Touched = {
    ...{ kind, use, stores },
    ...(item !== undefined && isNamed ? { item } : {}),
    ...(isUnnamed ? { isUnnamed: true as const } : {}),
    ...(detail ? { detail } : {}),
  }
  const keptKey = isNamed ? key : objectKey(kept)
  const before = numbers.get(keptKey)
  if (before !== undefined) return before
  values.push(kept)
  numbers.set(keptKey, values.length - 1)
  return values.length - 1
}

const objectKey = ({ kind, use, stores, item, detail, isUnnamed }: Touched): string =>
  joined(kind, use, item, detail, isUnnamed ? 'unnamed' : undefined, ...stores)

const largerFloats = (values: Float64Array, index: number): Float64Array => {
  const more = new Float64Array(Math.max(FIRST_ROOM, 2 * values.length, index + 1))
  more.set(values)
  return more
}
