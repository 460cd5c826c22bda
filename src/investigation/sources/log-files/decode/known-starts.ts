import { standsAt } from '../match/byte-search.ts'

/** The first bytes of values that were records: other records of the same file start like one of them. */
export interface KnownStarts {
  readonly size: number
  /** Learns how the record between these positions starts. */
  learn(bytes: Buffer, start: number, end: number): void
  /** Whether what stands at the position starts like a record. */
  isAt(bytes: Buffer, at: number): boolean
  /** Where from there on something starts like a record; -1 for none. */
  next(bytes: Buffer, from: number): number
}

/** Records of one file start with few members, whatever order they are in. */
const MOST_STARTS = 16
/** No start is longer: the name of the first member stands there. Bytes. */
export const LONGEST_START = 80
/** Most records are not longer. Bytes. */
const NEAR = 2 ** 12

export const knownStarts = (): KnownStarts => {
  const starts: Buffer[] = []
  const isAt = (bytes: Buffer, at: number): boolean => starts.some((start) => standsAt(bytes, start, at))
  return {
    get size() {
      return starts.length
    },
    isAt,
    learn: (bytes, start, end) => {
      if (starts.length === MOST_STARTS || isAt(bytes, start)) return
      const found = startOf(bytes, start, end)
      if (found) starts.push(found)
    },
    next: (bytes, from) => {
      // Some starts are rare: they are looked for only as far as the others.
      for (let size = NEAR; ; size *= 4) {
        const part = bytes.subarray(from, from + size)
        const found = starts.map((start) => part.indexOf(start)).filter((at) => at >= 0)
        if (found.length > 0) return from + Math.min(...found)
        if (from + size >= bytes.length) return -1
      }
    },
  }
}

/** From the brace to the end of the first member's name. */
const startOf = (bytes: Buffer, start: number, end: number): Buffer | undefined => {
  const head = bytes.toString('latin1', start, Math.min(end, start + LONGEST_START))
  const name = /^[{[]\s*(?:\{\s*)?"[^"\\]+"\s*:/.exec(head)
  return name ? Buffer.from(name[0], 'latin1') : undefined
}
