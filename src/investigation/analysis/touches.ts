import { hash64 } from '../fingerprint.ts'
import type { Touched } from '../objects/touched.ts'
import type { CloudTrailRecord } from '../record.ts'
import { type CountTable, count, countTable } from './count-table.ts'
import { type Dictionary, dictionary, joined } from './dictionary.ts'
import { addKey, type KeyTable, keyTable } from './key-table.ts'
import { numberOfObject, type ObjectTable, objectTable, type TouchedObject, touchedAt } from './object-table.ts'

/** A call that touched something, as far as it matters for what was touched. */
export type TouchCall = Pick<
  CloudTrailRecord,
  'eventSource' | 'eventName' | 'region' | 'outcome' | 'category' | 'recipientAccountId'
>

/**
 * What calls touched: counts by call and by what was touched. A record that is met several times is counted once, because its id
 * is kept. Every store keeps its name. Of very many things in stores, as many names are kept as the limit says, of those that were only
 * read and of the others; the rest counts for their store.
 */
export interface Touches {
  readonly ids: KeyTable
  readonly calls: Dictionary<TouchCall>
  objects: ObjectTable
  /** By the number of the call and that of the object. */
  counts: CountTable
  /** Bytes of each count; 0 also where no record has them. */
  bytes: Float64Array
  /** By the number of the id: the index of its count, and its bytes. */
  countOfId: Uint32Array
  bytesOfId: Float64Array
  /** The names of things in stores that are kept. */
  readonly names: Readonly<Record<NameClass, KeptNames>>
}

/** What was only looked at, and what was changed, destroyed or restored: neither pushes the other's names out. */
type NameClass = 'looked at' | 'changed'

/**
 * A name is kept when its hash is among the smallest: which ones those are does not depend on the order in which records are read, and a
 * name that is let go never belongs to them later.
 */
interface KeptNames {
  kept: number
  /** So many more are let in before all but the smallest are let go. */
  room: number
  /** Names with a larger hash were let go. */
  limit: number
}

/** Things in stores, such as objects of buckets, that are kept by name, of each class. */
const MOST_NAMES = 20_000
const FIRST_ROOM = 64

const noNames = (): KeptNames => ({ kept: 0, room: 2 * MOST_NAMES, limit: Number.POSITIVE_INFINITY })

export const noTouches = (): Touches => ({
  ...{ ids: keyTable(2), calls: dictionary(), objects: objectTable(), counts: countTable(2) },
  ...{ bytes: new Float64Array(0), countOfId: new Uint32Array(0), bytesOfId: new Float64Array(0) },
  names: { 'looked at': noNames(), changed: noNames() },
})

/** Counts what a record touched. `id` is a key that only this record has; `at` its time in milliseconds. */
export const addTouch = (
  touches: Touches,
  { call, touched }: { readonly call: TouchCall; readonly touched: Touched },
  id: ArrayLike<number>,
  at: number,
): void => {
  const before = touches.ids.size
  const number = addKey(touches.ids, id)
  if (number < before) return
  const key = [numberOfCall(touches.calls, call), numberOfNamed(touches, touched)]
  enter(touches, number, key, { bytes: touched.bytes ?? 0, first: at, last: at })
  const { 'looked at': looked, changed } = touches.names
  if (looked.kept >= looked.room || changed.kept >= changed.room) letNamesGo(touches)
}

/** Adds what another one counted, each record once. */
export const mergeTouches = (into: Touches, other: Touches): void => {
  for (const name of ['looked at', 'changed'] as const)
    into.names[name].limit = Math.min(into.names[name].limit, other.names[name].limit)
  const calls = other.calls.values.map((call) => numberOfCall(into.calls, call))
  const objects = Uint32Array.from({ length: other.objects.keys.size }, (_, number) =>
    numberOfNamed(into, touchedAt(other.objects, number)),
  )
  const { keys, first, last } = other.counts
  for (let id = 0; id < other.ids.size; id += 1) {
    const before = into.ids.size
    const number = addKey(into.ids, other.ids.keys.subarray(2 * id, 2 * id + 2))
    if (number < before) continue
    const index = other.countOfId[id] ?? 0
    const key = [calls[keys.keys[2 * index] ?? 0] ?? 0, objects[keys.keys[2 * index + 1] ?? 0] ?? 0]
    enter(into, number, key, { bytes: other.bytesOfId[id] ?? 0, first: first[index] ?? 0, last: last[index] ?? 0 })
  }
  letNamesGo(into)
}

interface Entered {
  readonly bytes: number
  readonly first: number
  readonly last: number
}

/** Enters a record with a new id under the numbers of its call and its object. */
const enter = (touches: Touches, id: number, key: readonly number[], { bytes, first, last }: Entered): void => {
  const index = count(touches.counts, key, 1, first, last)
  if (bytes > 0) {
    touches.bytes = withRoom(touches.bytes, index)
    touches.bytes[index] = (touches.bytes[index] ?? 0) + bytes
    touches.bytesOfId = withRoom(touches.bytesOfId, id)
    touches.bytesOfId[id] = bytes
  }
  touches.countOfId = withRoom(touches.countOfId, id)
  touches.countOfId[id] = index
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

/** The number of an object, without its name where that is not kept. */
const numberOfNamed = ({ objects, names }: Touches, touched: TouchedObject): number => {
  if (touched.item === undefined) return numberOfObject(objects, touched)
  const kept = names[classOf(touched)]
  if (nameHash(touched) > kept.limit) return numberOfObject(objects, unnamed(touched))
  const before = objects.keys.size
  const number = numberOfObject(objects, touched)
  if (number === before) kept.kept += 1
  return number
}

const classOf = ({ use }: TouchedObject): NameClass => (use === 'read' || use === 'listed' ? 'looked at' : 'changed')

const unnamed = ({ item: _, ...touched }: TouchedObject): TouchedObject => ({ ...touched, isUnnamed: true })

const nameHash = ({ kind, use, stores, item, detail }: TouchedObject): number =>
  hash64(joined(item, kind, use, detail, ...stores))[0]

/** Lets go of the names beyond the most that are kept; their counts become those of their stores. */
export const letNamesGo = (touches: Touches): void => {
  const { names } = touches
  if (Object.values(names).every(({ kept }) => kept <= MOST_NAMES)) return
  const hashes: Record<NameClass, number[]> = { 'looked at': [], changed: [] }
  for (let number = 0; number < touches.objects.keys.size; number += 1) {
    const touched = touchedAt(touches.objects, number)
    if (touched.item !== undefined) hashes[classOf(touched)].push(nameHash(touched))
  }
  for (const name of ['looked at', 'changed'] as const) {
    const limit = Float64Array.from(hashes[name]).sort()[MOST_NAMES - 1]
    Object.assign(names[name], { kept: 0, limit: Math.min(names[name].limit, limit ?? Number.POSITIVE_INFINITY) })
  }
  renumber(touches)
  for (const each of Object.values(names)) each.room = Math.max(2 * MOST_NAMES, 2 * each.kept)
}

/** Enters all counts again, under the names that are kept now. */
const renumber = (touches: Touches): void => {
  const { objects, counts, bytes } = touches
  const { keys, events, first, last } = counts
  touches.objects = objectTable()
  touches.counts = countTable(2)
  touches.bytes = new Float64Array(bytes.length)
  const numbers = Uint32Array.from({ length: objects.keys.size }, (_, number) =>
    numberOfNamed(touches, touchedAt(objects, number)),
  )
  const indexes = new Uint32Array(keys.size)
  for (let index = 0; index < keys.size; index += 1) {
    const key = [keys.keys[2 * index] ?? 0, numbers[keys.keys[2 * index + 1] ?? 0] ?? 0]
    const here = count(touches.counts, key, events[index] ?? 0, first[index] ?? 0, last[index] ?? 0)
    indexes[index] = here
    touches.bytes[here] = (touches.bytes[here] ?? 0) + (bytes[index] ?? 0)
  }
  for (let id = 0; id < touches.ids.size; id += 1) touches.countOfId[id] = indexes[touches.countOfId[id] ?? 0] ?? 0
}

const withRoom = <T extends Float64Array | Uint32Array>(values: T, index: number): T => {
  if (index < values.length) return values
  const more = new (values.constructor as new (length: number) => T)(Math.max(FIRST_ROOM, 2 * values.length, index + 1))
  more.set(values)
  return more
}
