import type { TextSink } from './surface.ts'
import { clip } from './wrap.ts'

/** The line that shows what ir-cred waits for. Each text replaces the one before. */
export interface ProgressLine {
  show(text: string): void
  clear(): void
}

const ERASE_LINE = '\r\u001b[2K'

/**
 * A progress line for a terminal that can erase a line. It uses no timer, hides no cursor and takes no keys, so a prompt,
 * Ctrl-C or a killed process finds the terminal as usual.
 */
export const makeProgressLine = (sink: TextSink, columns: () => number): ProgressLine => {
  let shown = false
  return {
    show: (text) => {
      sink.write(`${ERASE_LINE}${clip(text, Math.max(10, columns() - 1))}`)
      shown = true
    },
    clear: () => {
      if (shown) sink.write(ERASE_LINE)
      shown = false
    },
  }
}
