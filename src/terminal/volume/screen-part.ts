import { widthOf } from '../width.ts'

export interface ScreenSize {
  readonly columns: number
  readonly rows: number
}

/** The part of a terminal below the cursor, which is redrawn. */
export interface ScreenPart {
  /** Draws the lines. Only changed lines are written, all of them at once. */
  draw(lines: readonly string[], size: ScreenSize): void
  /** Erases the lines and puts the cursor back. */
  clear(): void
}

const UP = (lines: number): string => (lines > 0 ? `\r\u001b[${lines}A` : '\r')
const ERASE_TO_LINE_END = '\u001b[K'
const ERASE_BELOW = '\u001b[J'

/** Uses relative moves only, no hidden cursor and no second screen: after a kill the terminal is as usual. */
export const makeScreenPart = (output: { write(text: string): unknown }): ScreenPart => {
  let shown: readonly string[] = []
  let shownAt: ScreenSize | undefined
  return {
    draw: (lines, { columns, rows }) => {
      const isResized = shownAt !== undefined && (shownAt.columns !== columns || shownAt.rows !== rows)
      const before = isResized ? [] : shown
      const height = isResized ? shown.reduce((sum, line) => sum + foldedHeight(line, columns), 0) : shown.length
      if (lines.length === before.length && lines.every((line, index) => line === before[index])) return
      const drawn = lines.map((line, index) => (line === before[index] ? '\n' : `${line}${ERASE_TO_LINE_END}\n`))
      output.write(`${UP(height)}${drawn.join('')}${ERASE_BELOW}`)
      shown = lines
      shownAt = { columns, rows }
    },
    clear: () => {
      if (shown.length > 0) output.write(`${UP(shown.length)}${ERASE_BELOW}`)
      shown = []
    },
  }
}

/** Most terminals wrap lines that a resize made too long, so they take more lines. */
const foldedHeight = (line: string, columns: number): number => Math.max(1, Math.ceil(widthOf(line) / Math.max(1, columns)))
