import { addKey, type KeyTable, keyTable } from './key-table.ts'

/** How often each key was seen, and when for the first and the last time (milliseconds since the epoch). Exact. */
export interface CountTable {
  readonly keys: KeyTable
  events: Float64Array
  first: Float64Array
  last: Float64Array
}

export const countTable = (width: number): CountTable => {
  const keys = keyTable(width)
  const room = keys.keys.length / width
  return { keys, events: new Float64Array(room), first: new Float64Array(room), last: new Float64Array(room) }
}

/** Counts `events` more of the key, seen between the two moments; gives the key's index. */
export const count = (table: CountTable, key: ArrayLike<number>, events: number, first: number, last: number): number => {
  const before = table.keys.size
  const index = addKey(table.keys, key)
  if (index >= table.events.length) makeRoom(table)
  const isNew = index === before
  table.events[index] = (table.events[index] ?? 0) + events
  table.first[index] = isNew ? first : Math.min(table.first[index] ?? first, first)
  table.last[index] = isNew ? last : Math.max(table.last[index] ?? last, last)
  return index
}

const makeRoom = (table: CountTable): void => {
  const room = table.keys.keys.length / table.keys.width
  table.events = larger(table.events, room)
  table.first = larger(table.first, room)
  table.last = larger(table.last, room)
}

const larger = (values: Float64Array, room: number): Float64Array => {
  const more = new Float64Array(room)
  more.set(values)
  return more
}
