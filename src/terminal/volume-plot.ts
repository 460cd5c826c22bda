import { compactNumber, roundTop } from './volume-axis.ts'
import type { Bar } from './volume-bars.ts'

const LABEL = 5
/** Columns left of the bars: a margin, the label, a space, the axis. */
export const GUTTER = 1 + LABEL + 2

/** What stands left of a line of the plot. */
export const axisLabel = (text: string, axis: string): string => ` ${text.padStart(LABEL)} ${axis}`

/** The bars, their baseline and the numbers beside them: `rows` lines from the top down, each bar `columns` wide. */
export const plot = (bars: readonly Bar[], { rows, columns }: { readonly rows: number; readonly columns: number }): string[] => {
  const greatest = Math.max(...bars.map(({ succeeded, failed, usual = 0 }) => Math.max(succeeded + failed, usual)))
  const top = roundTop(greatest)
  const pillars = bars.map((bar) => pillarOf(bar, rows / top, rows))
  return Array.from({ length: rows }, (_, index) => {
    const row = rows - 1 - index
    const cells = pillars.map(({ glyphs, line }) => {
      const behind = line === row ? '─' : ' '
      const glyph = glyphs[row] ?? behind
      return columns === 1 ? glyph : glyph.repeat(columns - 1) + behind
    })
    const value = { [rows - 1]: top, [rows / 2 - 1]: top / 2 }[row]
    return (value === undefined ? axisLabel('', '│') : axisLabel(compactNumber(value), '┤')) + cells.join('')
  })
}

interface Pillar {
  /** From the bottom up; what is not there is empty. */
  readonly glyphs: readonly string[]
  /** The row of the baseline. */
  readonly line?: number
}

const EIGHTHS = ['', '▁', '▂', '▃', '▄', '▅', '▆', '▇']

/** Whatever is not zero is seen: a call that failed among a thousand that did not still has its cell. */
const pillarOf = ({ succeeded, failed, usual }: Bar, scale: number, rows: number): Pillar => {
  const line = usual === undefined ? {} : { line: Math.min(rows - 1, Math.floor(usual * scale)) }
  if (failed === 0) return { glyphs: full(succeeded === 0 ? 0 : Math.max(1, Math.round(succeeded * scale * 8))), ...line }
  const light = Math.min(rows - (succeeded > 0 ? 1 : 0), Math.max(1, Math.round(failed * scale)))
  const height = Math.min(rows, Math.round((succeeded + failed) * scale))
  const dark = succeeded === 0 ? 0 : Math.max(1, height - light)
  return { glyphs: [...Array<string>(dark).fill('█'), ...Array<string>(light).fill('░')], ...line }
}

const full = (eighths: number): string[] => {
  const rest = EIGHTHS[eighths % 8]
  return [...Array<string>(Math.floor(eighths / 8)).fill('█'), ...(rest ? [rest] : [])]
}
