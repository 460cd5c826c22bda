import { show } from '../incident/values/show.ts'
import type { Listener } from '../response/ports.ts'
import { flatten, type TextRules } from './flatten.ts'
import { makeNarrator } from './narration.ts'
import type { Passage } from './passage.ts'
import type { Surface } from './surface.ts'
import { clockTime, showWithTimes, type Viewpoint } from './time.ts'

/** The run without a terminal, or with one that only takes lines: the terminal's words, nothing redrawn, no control sequence. */
export const plainView = (surface: Surface): Listener => {
  const narrator = makeNarrator(surface)
  let lastProgress = ''
  return {
    hear: (event) => {
      if (event.type === 'progress') {
        const text = `${event.stage}: ${event.text}`
        const state = text.replace(/\d+/g, '#')
        if (!surface.quiet && state !== lastProgress) surface.err.write(`${show(text, 'tty')}\n`)
        lastProgress = state
        return
      }
      const passages = narrator.narrate(event)
      const viewpoint = { reference: narrator.reference(), zone: surface.zone }
      const lines = passages.flatMap((one) => plainLines(one, viewpoint))
      if (lines.length > 0) surface.out.write(`${lines.join('\n')}\n`)
    },
  }
}

const plainLines = (one: Passage, viewpoint: Viewpoint): string[] => {
  const margin = ' '.repeat(one.indent)
  const stamp = one.stamp ? `${clockTime(one.stamp, viewpoint.reference)} ` : ''
  return flatten([one.block], plainTextRules(viewpoint)).map((line) => `${margin}${stamp}${line}`.trimEnd())
}

/** Text for people who read line by line, escaped as for a terminal. */
export const plainTextRules = (viewpoint: Viewpoint): TextRules => ({
  line: (line) => showWithTimes(line, viewpoint),
  own: (text) => show(text.replaceAll('\t', '  '), 'tty'),
})
