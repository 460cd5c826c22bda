import type { Rows } from '../../incident/facts/activity.ts'
import { type Block, type Line, table, text } from '../../incident/values/block.ts'

/** Rows of a table for people; the JSON line of `ir-cred investigate` has them all. */
export const SHOWN = 15

/** The first rows as lines, and how many more there are. */
export const shownLines = <T>({ rows, all }: Rows<T>, line: (row: T) => Line, most: number = SHOWN): readonly Line[] => [
  ...rows.slice(0, most).map(line),
  ...(all > most ? [`${all - most} more are not shown here`] : []),
]

/** The first rows as a table, and how many more there are; nothing when there are none. */
export const tableOf = <T>(
  head: readonly string[],
  { rows, all }: Rows<T>,
  cells: (row: T) => readonly Line[],
  most: number = SHOWN,
): readonly Block[] => {
  if (all === 0) return []
  const rest = all > most ? [text(`${all - most} more are not shown here.`)] : []
  return [table(head, rows.slice(0, most).map(cells)), ...rest]
}

/** `1 call`, `2 calls`. */
export const quantity = (number: number, what: string): string =>
  `${number.toLocaleString('en-US')} ${what}${number === 1 ? '' : 's'}`
