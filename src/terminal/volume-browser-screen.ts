import { widthOf } from './width.ts'

export interface ScreenSize {
  readonly columns: number
  readonly rows: number
}

/** A part of a terminal, from the cursor down, that is drawn again and again. */
export interface ScreenPart {
  /** Puts the lines there; only what has changed is written, all of it at once. */
  draw(lines: readonly string[], size: ScreenSize): void
  /** Takes them away: the cursor stands where it stood at first. */
  clear(): void
}

const UP = (lines: number): string => (lines > 0 ? `\r\u001b[${lines}A` : '\r')
const ERASE_TO_LINE_END = '\u001b[K'
const ERASE_BELOW = '\u001b[J'

/** Draws with relative moves alone, hides no cursor and uses no second screen: a process that is killed leaves nothing odd behind. */
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

/** Most terminals fold lines that became too long, so they take more room than they were given. */
const foldedHeight = (line: string, columns: number): number => Math.max(1, Math.ceil(widthOf(line) / Math.max(1, columns)))
