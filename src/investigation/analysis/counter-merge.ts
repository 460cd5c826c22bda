import { type CountTable, count } from './count-table.ts'
import { type Counter, rememberRecord } from './counter.ts'
import { mergeDictionary } from './dictionary.ts'
import { addKey } from './key-table.ts'

/**
 * Adds what another counter counted, each record once: the ids say which of its records are known here already.
 * The other one is left as it was.
 */
export const mergeCounter = (into: Counter, other: Counter): void => {
  const callers = mergeDictionary(into.callers, other.callers)
  const calls = mergeDictionary(into.calls, other.calls)
  const origins = mergeDictionary(into.origins, other.origins)
  const cells = countMover(into.timeBuckets, other.timeBuckets, (key) => [
    callers[key[0] ?? 0] ?? 0,
    calls[key[1] ?? 0] ?? 0,
    origins[key[2] ?? 0] ?? 0,
    key[3] ?? 0,
  ])
  const sightings = countMover(into.sightings, other.sightings, (key) => [callers[key[0] ?? 0] ?? 0, origins[key[1] ?? 0] ?? 0])
  for (let id = 0; id < other.ids.size; id += 1) {
    const before = into.ids.size
    const here = addKey(into.ids, other.ids.keys.subarray(2 * id, 2 * id + 2))
    const cell = cells.one(other.bucketOfId[id] ?? 0, here === before)
    const sighting = sightings.one(other.sightingOfId[id] ?? 0, here === before)
    if (here === before) rememberRecord(into, here, cell, sighting)
  }
  cells.rest()
  sightings.rest()
}

/** Moves the counts of one table to another, whose keys are written differently. */
const countMover = (into: CountTable, from: CountTable, translate: (key: Uint32Array) => readonly number[]) => {
  const { keys } = from
  const places = new Int32Array(keys.size).fill(-1)
  const known = new Float64Array(keys.size)
  const pour = (index: number, events: number): number => {
    const key = translate(keys.keys.subarray(index * keys.width, (index + 1) * keys.width))
    return count(into, key, events, from.first[index] ?? 0, from.last[index] ?? 0)
  }
  /** One event of the key at `index`, which may be counted already; gives the index of the key in the other table. */
  const one = (index: number, isNew: boolean): number => {
    known[index] = (known[index] ?? 0) + 1
    const place = places[index] ?? -1
    if (place < 0) {
      places[index] = pour(index, isNew ? 1 : 0)
      return places[index] ?? 0
    }
    if (isNew) into.events[place] = (into.events[place] ?? 0) + 1
    return place
  }
  /** Events that came as numbers and have no ids. */
  const rest = (): void => {
    for (let index = 0; index < keys.size; index += 1) {
      const without = (from.events[index] ?? 0) - (known[index] ?? 0)
      if (without > 0) pour(index, without)
    }
  }
  return { one, rest }
}
