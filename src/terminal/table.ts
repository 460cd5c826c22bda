import { padTo, widthOf } from './width.ts'
import { hang, overflows, wrap } from './wrap.ts'

const GAP = '  '
/** A narrower column breaks every word, so the table becomes one line a cell. */
const NARROWEST_COLUMN = 8
const NARROW_SCREEN = 50

/**
 * A table in lines of at most `width` columns. Its widest columns are narrowed and wrapped until it fits. If they would get too
 * narrow, every row becomes lines of `head: cell`. Cells are shown as they are given.
 */
export const layOutTable = (head: readonly string[], rows: readonly (readonly string[])[], width: number): string[] => {
  if (rows.length === 0) return wrap(`${head.join(', ')}: none`, width)
  const columns = columnWidths([head, ...rows], head.length, width)
  const isBroken = rows.some((row) => row.some((cell, index) => overflows(cell, columns?.[index] ?? 0)))
  if (!columns || isBroken) return rows.flatMap((row) => record(head, row, width))
  return [head, head.map((_, index) => '─'.repeat(columns[index] ?? 0)), ...rows].flatMap((row) => layOutRow(row, columns))
}

const columnWidths = (rows: readonly (readonly string[])[], count: number, width: number): number[] | undefined => {
  const widths = Array.from({ length: count }, (_, index) => Math.max(1, ...rows.map((row) => widthOf(row[index] ?? ''))))
  const room = width - GAP.length * (count - 1)
  const total = (): number => widths.reduce((sum, column) => sum + column, 0)
  if (total() > room && width < NARROW_SCREEN) return undefined
  while (total() > room) {
    const widest = widths.indexOf(Math.max(...widths))
    const excess = total() - room
    const next = Math.max(...widths.filter((_, index) => index !== widest), NARROWEST_COLUMN)
    const current = widths[widest] ?? 0
    if (current <= NARROWEST_COLUMN) return undefined
    widths[widest] = Math.max(current - excess, Math.min(next, current - 1))
  }
  return widths
}

const layOutRow = (row: readonly string[], columns: readonly number[]): string[] => {
  const cells = columns.map((column, index) => wrap(row[index] ?? '', column))
  const height = Math.max(...cells.map((cell) => cell.length))
  return Array.from({ length: height }, (_, line) =>
    cells
      .map((cell, index) => padTo(cell[line] ?? '', columns[index] ?? 0))
      .join(GAP)
      .trimEnd(),
  )
}

const record = (head: readonly string[], row: readonly string[], width: number): string[] =>
  head.flatMap((name, index) => hang(index === 0 ? '- ' : '  ', `${name}: ${row[index] ?? ''}`, width))
