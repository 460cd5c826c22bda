import type { Sheet } from './surface.ts'
import { clip } from './wrap.ts'

/** The line that says what is being waited for; each text replaces the one before. */
export interface ProgressLine {
  show(text: string): void
  clear(): void
}

const ERASE_LINE = '\r\u001b[2K'

/**
 * A progress line for a terminal that can erase a line. It uses no timer, hides no cursor and takes no keys, so that
 * neither a prompt nor Ctrl-C nor a killed process can meet it in a bad moment.
 */
export const makeProgressLine = (sheet: Sheet, columns: () => number): ProgressLine => {
  let shown = false
  return {
    show: (text) => {
      sheet.write(`${ERASE_LINE}${clip(text, Math.max(10, columns() - 1))}`)
      shown = true
    },
    clear: () => {
      if (shown) sheet.write(ERASE_LINE)
      shown = false
    },
  }
}
