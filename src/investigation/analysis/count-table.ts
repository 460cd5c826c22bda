import { addKey, type KeyTable, keyTable } from './key-table.ts'

/** How often each key was seen, and when for the first and the last time (milliseconds since the epoch). Exact. */
export interface CountTable {
  readonly keys: KeyTable
  events: Float64Array
  first: Float64Array
  last: Float64Array
}

const FIRST_ROOM = 32

export const countTable = (width: number): CountTable => ({
  keys: keyTable(width),
  events: new Float64Array(FIRST_ROOM),
  first: new Float64Array(FIRST_ROOM),
  last: new Float64Array(FIRST_ROOM),
})

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
  table.events = twice(table.events)
  table.first = twice(table.first)
  table.last = twice(table.last)
}

const twice = (values: Float64Array): Float64Array => {
  const more = new Float64Array(values.length * 2)
  more.set(values)
  return more
}
