import type { Rows } from '../../incident/facts/activity.ts'
import { type Block, type Line, table, text } from '../../incident/values/block.ts'

/** Rows of a table for people; the JSON line of `ir-cred investigate` has them all. */
export const SHOWN = 15

/** How long a list may be for people: as long as its section finds readable, or as long as it is. */
export type Length = 'short' | 'full'

/** The rows that are shown of a list whose section finds so many readable. */
export const mostOf = (most: number, length: Length): number => (length === 'full' ? Number.POSITIVE_INFINITY : most)

/** The first rows as lines, and how many more there are; `kinds` says of which kinds those are that were cut. */
export const shownLines = <T>(
  { rows, all }: Rows<T>,
  line: (row: T) => Line,
  most: number = SHOWN,
  kinds?: (cut: readonly T[]) => string,
): readonly Line[] => {
  const shown = Math.min(most, rows.length)
  const words = kinds && rows.length > shown ? `: ${kinds(rows.slice(shown))}` : ''
  return [...rows.slice(0, shown).map(line), ...(all > shown ? [`${all - shown} more ${NOT_SHOWN}${words}`] : [])]
}

/** Words that stand in every list that was cut. */
export const NOT_SHOWN = 'are not shown here'

/** The first rows as a table, and how many more there are; nothing when there are none. */
export const tableOf = <T>(
  head: readonly string[],
  { rows, all }: Rows<T>,
  cells: (row: T) => readonly Line[],
  most: number = SHOWN,
): readonly Block[] => {
  if (all === 0) return []
  const shown = Math.min(most, rows.length)
  const rest = all > shown ? [text(`${all - shown} more ${NOT_SHOWN}.`)] : []
  return [table(head, rows.slice(0, shown).map(cells)), ...rest]
}

/** `1 call`, `2 calls`. */
export const quantity = (number: number, what: string): string =>
  `${number.toLocaleString('en-US')} ${what}${number === 1 ? '' : 's'}`
