import { ask } from '../asking.ts'
import { type BrowserPromptStreams, type BrowserScreen, type BrowserSession, browse, screenOf } from '../volume/browser.ts'
import type { Key } from '../volume/browser-state.ts'
import { makeScreenPart } from '../volume/screen-part.ts'
import { clip } from '../wrap.ts'

/** Lines by their number, such as those of a timeline: only those on the screen are asked for. */
export interface LineList {
  readonly count: number
  /** What stands above the lines. */
  readonly title: string
  line(index: number): string
  /** What a line opens to: a list of other lines, or nothing. */
  open(index: number): LineList | undefined
}

/**
 * Lets a person at a terminal move through the lines and open them: a burst opens to its calls, a call to its record. Leaves the
 * screen as it was. Throws Failure 'interrupted' for Ctrl-C and if the run is interrupted.
 */
export const browseLines = async (promptStreams: BrowserPromptStreams, lines: LineList): Promise<void> => {
  if (!promptStreams.input.isTTY) return
  await ask(promptStreams, (signal) => browse(promptStreams, makeLineSession(screenOf(promptStreams), lines), signal))
}

/** One list that was opened, and where the person is in it. */
interface Opened {
  readonly lines: LineList
  readonly chosen: number
  readonly first: number
}

const CHROME = 3

const makeLineSession = (screen: BrowserScreen, lines: LineList): BrowserSession<undefined> => {
  const part = makeScreenPart(screen.output)
  let stack: readonly Opened[] = [{ lines, chosen: 0, first: 0 }]
  const room = (): number => Math.max(1, screen.rows() - 1 - CHROME)
  return {
    press: (key) => {
      const next = pressedKey(stack, key, room())
      if (next.length === 0) return 'leave'
      stack = next
      return 'stay'
    },
    draw: () => {
      const size = { columns: screen.columns(), rows: screen.rows() }
      part.draw(frameLines(stack, size.columns - 1, room(), screen), size)
    },
    close: part.clear,
    result: () => undefined,
  }
}

const pressedKey = (stack: readonly Opened[], { name, ctrl }: Key, room: number): readonly Opened[] => {
  const top = stack.at(-1)
  if (!top || ctrl) return stack
  if (name === 'q') return []
  if (name === 'escape' || name === 'left' || name === 'backspace') return stack.slice(0, -1)
  if (name === 'return' || name === 'enter' || name === 'right') {
    const opened = top.lines.open(top.chosen)
    return opened ? [...stack, { lines: opened, chosen: 0, first: 0 }] : stack
  }
  const to = movedTo(name, top, room)
  return to === undefined ? stack : [...stack.slice(0, -1), scrolledTo(top, to, room)]
}

const movedTo = (name: string | undefined, { chosen, lines }: Opened, room: number): number | undefined => {
  switch (name) {
    case 'up':
      return chosen - 1
    case 'down':
      return chosen + 1
    case 'pageup':
      return chosen - room
    case 'pagedown':
    case 'space':
      return chosen + room
    case 'home':
      return 0
    case 'end':
      return lines.count - 1
    default:
      return undefined
  }
}

/** The chosen line stays on the screen. */
const scrolledTo = ({ lines, first }: Opened, to: number, room: number): Opened => {
  const chosen = Math.max(0, Math.min(lines.count - 1, to))
  return { lines, chosen, first: Math.max(chosen - room + 1, Math.min(first, chosen)) }
}

const frameLines = (stack: readonly Opened[], width: number, room: number, { theme }: BrowserScreen): readonly string[] => {
  const top = stack.at(-1)
  if (!top) return []
  const { lines, chosen } = top
  // The screen may have become smaller since the last key.
  const first = Math.max(chosen - room + 1, Math.min(top.first, chosen))
  const shown = Array.from({ length: Math.max(0, Math.min(room, lines.count - first)) }, (_, index) => first + index)
  const back = stack.length > 1 ? '← back' : '← ends'
  const place = lines.count === 0 ? 'nothing' : `${chosen + 1} of ${lines.count}`
  return [
    theme.tone('heading', clip(lines.title, width)),
    ...shown.map((index) => theme.escapes(clip(`${index === chosen ? '>' : ' '} ${lines.line(index)}`, width))),
    '',
    clip(`${place}   ↑↓ move   enter opens   ${back}   q ends`, width),
  ]
}
