import { availableParallelism, loadavg } from 'node:os'
import process from 'node:process'

/** A figure that the specification bounds. */
export interface Bar {
  readonly what: string
  readonly atMost: number
  /** From the medians. Undefined when there was nothing to compare with. */
  readonly measured: number | undefined
  /** From the minima, which other work on the machine disturbs least. */
  readonly least?: number | undefined
}

export interface BenchTable {
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
  readonly bars: readonly Bar[]
  /** Sentences below the table: what is not here, what differs. */
  readonly notes: readonly string[]
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`

const grid = (header: readonly string[], rows: readonly (readonly string[])[]): string =>
  line(header) + line(header.map((_, column) => (column === 0 ? '---' : '--:'))) + rows.map(line).join('')

/** A number as the tables show it; a dash for what was not measured. */
export const shown = (number: number | undefined, digits = 2): string =>
  number === undefined || !Number.isFinite(number) ? '–' : number.toFixed(digits)

/** The middle of some numbers, the upper one of two. NaN when there are none. */
export const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN

/** A bar on how many times as long as the others ours took. */
export const ratioBar = (what: string, atMost: number, ours: readonly number[], others: readonly number[]): Bar => {
  if (ours.length === 0 || others.length === 0) return { what, atMost, measured: undefined }
  return { what, atMost, measured: median(ours) / median(others), least: Math.min(...ours) / Math.min(...others) }
}

/** The bars with their verdicts. Where nothing is timed there are no minima to show. */
const barGrid = (bars: readonly Bar[]): string => {
  const timed = bars.some(({ least }) => least !== undefined)
  const row = ({ what, atMost, measured, least }: Bar): string[] => {
    const verdict = measured === undefined ? 'not measured' : measured <= atMost ? 'met' : 'not met'
    const digits = atMost < 1 ? 3 : 2
    return [what, `≤ ${atMost}`, shown(measured, digits), verdict, ...(timed ? [shown(least, digits)] : [])]
  }
  return grid(['bar', 'at most', 'measured', '', ...(timed ? ['by minima'] : [])], bars.map(row))
}

/** A table, its bars and its notes as they stand in the document. */
export const markdownOf = ({ header, rows, bars, notes }: BenchTable, how: string): string => {
  const bounded = bars.length === 0 ? '' : `\n${barGrid(bars)}`
  const below = notes.length === 0 ? '' : `\n${notes.map((note) => `- ${note}\n`).join('')}`
  return `${how}\n\n${grid(header, rows)}${bounded}${below}`
}

/** When, with what, and on which machine; asked before the measuring, which is load itself. */
export const howMeasured = (): string => {
  const date = new Date().toISOString().slice(0, 10)
  const cores = availableParallelism()
  const load = loadavg()[0] ?? 0
  return `Measured ${date} with Node ${process.versions.node} on ${process.platform} ${process.arch}, ${cores} cores, load average at the beginning ${load.toFixed(1)}.`
}

const begin = (name: string): string => `<!-- ${name} -->\n`
const end = (name: string): string => `<!-- end of ${name} -->\n`

/** The document with this text between the marks of that name. Throws when the marks are not there. */
export const documentWith = (document: string, name: string, text: string): string => {
  const from = document.indexOf(begin(name))
  const to = document.indexOf(end(name))
  if (from < 0 || to < from) throw new Error(`The document has no place for the table ${name}.`)
  return `${document.slice(0, from)}${begin(name)}${text}${document.slice(to)}`
}
