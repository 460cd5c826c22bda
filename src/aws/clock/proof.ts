import { MINUTE_MS } from '../../incident/values/duration.ts'

/**
 * AWS refuses a signature that is more than 5 minutes (some services: 15) from its own time ("Troubleshoot Signature Version 4 signing
 * for AWS API requests"). So an accepted call proves AWS's time to 15 minutes, and a refused one that it is another.
 */
const LONGEST_TOLERANCE = 15 * MINUTE_MS
/** Less than the shortest tolerance: a time that is so near to a refused one would be refused too. */
const REFUSED_NEAR = 2 * MINUTE_MS

/** Which times AWS's can be, by what it made of our signatures. All are offsets to the monotonic clock, in milliseconds. */
export interface SignatureProof {
  accepted(offset: number): void
  refused(offset: number): void
  /** Whether AWS's time may be this one. */
  allows(offset: number): boolean
  /** Moves all that is known, after the monotonic clock stood still. */
  shift(by: number): void
}

export const createSignatureProof = (): SignatureProof => {
  let window: { readonly from: number; readonly to: number } | undefined
  let refusals: readonly number[] = []
  return {
    accepted: (offset) => {
      const fresh = { from: offset - LONGEST_TOLERANCE, to: offset + LONGEST_TOLERANCE }
      const both = window && { from: Math.max(window.from, fresh.from), to: Math.min(window.to, fresh.to) }
      window = both && both.from <= both.to ? both : fresh
      refusals = refusals.filter((refused) => Math.abs(refused - offset) > REFUSED_NEAR)
    },
    refused: (offset) => {
      refusals = [...refusals.slice(-7), offset]
    },
    allows: (offset) =>
      (window === undefined || (offset >= window.from && offset <= window.to)) &&
      refusals.every((refused) => Math.abs(refused - offset) > REFUSED_NEAR),
    shift: (by) => {
      window = window && { from: window.from + by, to: window.to + by }
      refusals = refusals.map((refused) => refused + by)
    },
  }
}
