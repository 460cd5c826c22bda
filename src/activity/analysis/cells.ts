import { type Instant, instantOf } from '../../incident/instant.ts'
import type { Ledger, LedgerCall, LedgerCaller, LedgerOrigin, Part } from './ledger.ts'

/** Calls that have everything in common but the moment. */
export interface Cell {
  readonly caller: LedgerCaller
  readonly call: LedgerCall
  readonly origin: LedgerOrigin
  readonly part: Part
  /** The minute (in scope) or the hour that these calls fell into: milliseconds since the epoch at its beginning. */
  readonly start: number
  readonly events: number
  /** Milliseconds since the epoch. */
  readonly first: number
  readonly last: number
}

/** All calls of one caller from one origin, whenever they were made. */
export interface Sighting {
  readonly caller: LedgerCaller
  readonly origin: LedgerOrigin
  readonly events: number
  readonly first: number
  readonly last: number
}

const MINUTE = 60_000

/** The cells that are wanted, made one at a time, as often as they are walked. */
export const cellsOf = (ledger: Ledger, wanted: (cell: Cell) => boolean): Iterable<Cell> => ({
  *[Symbol.iterator]() {
    for (let index = 0; index < ledger.cells.keys.size; index += 1) {
      const cell = cellAt(ledger, index)
      if (cell && cell.events > 0 && wanted(cell)) yield cell
    }
  },
})

const cellAt = ({ cells, callers, calls, origins }: Ledger, index: number): Cell | undefined => {
  const { keys } = cells.keys
  const caller = callers.values[keys[4 * index] ?? 0]
  const call = calls.values[keys[4 * index + 1] ?? 0]
  const origin = origins.values[keys[4 * index + 2] ?? 0]
  const minutes = keys[4 * index + 3] ?? 0
  if (!caller || !call || !origin) return undefined
  const part = minutes % 2 === 1 ? 'scope' : 'around'
  const start = Math.floor(minutes / 2) * MINUTE
  const { events, first, last } = cells
  return { caller, call, origin, part, start, events: events[index] ?? 0, first: first[index] ?? 0, last: last[index] ?? 0 }
}

export const sightingsOf = ({ sightings, callers, origins }: Ledger): Iterable<Sighting> => ({
  *[Symbol.iterator]() {
    for (let index = 0; index < sightings.keys.size; index += 1) {
      const caller = callers.values[sightings.keys.keys[2 * index] ?? 0]
      const origin = origins.values[sightings.keys.keys[2 * index + 1] ?? 0]
      const events = sightings.events[index] ?? 0
      if (!caller || !origin || events === 0) continue
      yield { caller, origin, events, first: sightings.first[index] ?? 0, last: sightings.last[index] ?? 0 }
    }
  },
})

export const instantAt = (milliseconds: number): Instant => instantOf(new Date(milliseconds))
