import { cutoffTraps } from './cutoff.ts'
import { findingTraps } from './finding.ts'
import { investigatingTraps } from './investigating.ts'
import { originTraps } from './origin.ts'
import { revokingTraps } from './revoking.ts'
import { startingTraps } from './starting.ts'
import { stoppingTraps } from './stopping.ts'
import type { Trap } from './trap.ts'
import { verifyingTraps } from './verifying.ts'
import { waysInTraps } from './ways-in.ts'

/** Every trap that the product meets by now, by what it is about. */
export const traps: readonly (readonly [about: string, traps: readonly Trap[]])[] = [
  ['The finding', findingTraps],
  ['The subject and the caller', originTraps],
  ['The cut-off', cutoffTraps],
  ['The revocation', revokingTraps],
  ['Before the stop', stoppingTraps],
  ['Stop and start', startingTraps],
  ['New credentials', verifyingTraps],
  ['Ways in that are left', waysInTraps],
  ['The investigation', investigatingTraps],
]

export const allTraps: readonly Trap[] = traps.flatMap(([, some]) => some)

/** A trap by its id. Throws for an id that no trap has. */
export const trapOf = (id: string): Trap => {
  const trap = allTraps.find((one) => one.id === id)
  if (!trap) throw new RangeError(`there is no trap ${id}`)
  return trap
}
