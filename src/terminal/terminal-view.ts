import { show } from '../incident/values/show.ts'
import type { Event, Listener } from '../response/ports.ts'
import { makeNarrator } from './narration.ts'
import type { Passage } from './passage.ts'
import { makeProgressLine } from './progress-line.ts'
import { renderBlocks } from './render-blocks.ts'
import type { Surface } from './surface.ts'
import { makeTheme, type Theme } from './theme.ts'
import { clockTime, type Viewpoint } from './time.ts'
import { usableWidth } from './width.ts'

/** A listener that clears its progress line before a prompt writes on the screen. */
export interface ScreenListener extends Listener {
  clear(): void
}

/** The run for a person at a terminal: in columns, wrapped, coloured, with one progress line that is redrawn. */
export const terminalView = (surface: Surface): ScreenListener => {
  const theme = makeTheme(surface.colour)
  const narrator = makeNarrator(surface)
  const progress = makeProgressLine(surface.err, () => usableWidth(surface.columns()))
  const write = (passages: readonly Passage[]): void => {
    const viewpoint = { reference: narrator.reference(), zone: surface.zone }
    const lines = passages.flatMap((one) => setPassage(one, theme, usableWidth(surface.columns()), viewpoint))
    if (lines.length > 0) surface.out.write(`${lines.join('\n')}\n`)
  }
  // Effects wait for the next event: the responder may show them with its question.
  let effects: readonly Passage[] = []
  return {
    clear: progress.clear,
    hear: (event) => {
      const withQuestion = event.type === 'described' && event.withQuestion === true
      const waiting = withQuestion ? effects.filter(({ tone }) => tone === 'heading') : effects
      effects = []
      if (waiting.length > 0) progress.clear()
      write(waiting)
      if (event.type === 'progress') {
        if (!surface.quiet) progress.show(`   ${show(event.text, 'tty')}`)
        return
      }
      const passages = narrator.narrate(event)
      if (passages.length > 0 || endsProgress(event)) progress.clear()
      if (event.type === 'assessed' && !event.assumed) effects = passages
      else if (!withQuestion) write(passages)
    },
  }
}

const endsProgress = (event: Event): boolean => event.type !== 'call'

const setPassage = (one: Passage, theme: Theme, width: number, viewpoint: Viewpoint): string[] => {
  const stamp = one.stamp ? `${clockTime(one.stamp, viewpoint.reference)}   ` : ''
  const indent = one.indent + stamp.length
  const { block, tone, labelWidth = 0, whole = false } = one
  const lines = renderBlocks([block], { width, indent, theme, viewpoint, tone, labelWidth, whole })
  const stamped = stamp ? lines.map((line, index) => (index === 0 ? stampLine(line, one, stamp, theme) : line)) : lines
  return one.gap ? ['', ...stamped] : stamped
}

/** Writes the time into the indent of the line. */
const stampLine = (line: string, { indent }: Passage, stamp: string, theme: Theme): string =>
  `${' '.repeat(indent)}${theme.tone('quiet', stamp)}${line.slice(indent + stamp.length)}`
