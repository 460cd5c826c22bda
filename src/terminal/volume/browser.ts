import { emitKeypressEvents } from 'node:readline'
import { Failure } from '../../incident/values/failure.ts'
import { type Instant, instantOf } from '../../incident/values/instant.ts'
import { ask, type PromptStreams } from '../asking.ts'
import { makeTheme, type Theme } from '../theme.ts'
import type { Bars, VolumeChart } from './bars.ts'
import { frameOf, rowCount, type WindowTabs } from './browser-frame.ts'
import { type BrowserState, chosenSpan, firstState, type Key, pressed } from './browser-state.ts'
import { chartedBars } from './chart.ts'
import { makeScreenPart } from './screen-part.ts'

/** A terminal with its current size. */
export interface BrowserPromptStreams extends PromptStreams {
  columns(): number
  rows(): number
}

/**
 * Lets a person at a terminal move through the call volume, choose a window and see its calls in three tables. Gives the
 * window chosen last, and leaves the screen as it was. Gives undefined without calls, without a terminal, and if the person
 * left with Ctrl-D. Throws Failure 'interrupted' for Ctrl-C and if the run is interrupted.
 */
export const browseVolume = async (promptStreams: BrowserPromptStreams, browsed: Browsed): Promise<TimeWindow | undefined> => {
  if (!promptStreams.input.isTTY || browsed.volume.buckets.length === 0) return undefined
  return ask(promptStreams, (signal) => browse(promptStreams, makeBrowserSession(screenOf(promptStreams), browsed), signal))
}

/** The size of a terminal that does not report it. */
const COLUMNS = 80
const LINES = 24

export const screenOf = (promptStreams: BrowserPromptStreams) => ({
  output: { write: (text: string) => promptStreams.output.write(text) },
  columns: () => promptStreams.columns() || COLUMNS,
  rows: () => promptStreams.rows() || LINES,
  theme: makeTheme(promptStreams.colour ?? false),
})

/** Lets a person press keys until the session is left, and gives its result. */
export const browse = <T>({ input, output }: BrowserPromptStreams, session: BrowserSession<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    let ended = false
    const end = (settle: () => void): void => {
      ended = true
      input.off('keypress', onKey)
      output.off('resize', draw)
      signal.removeEventListener('abort', onAbort)
      session.close()
      input.setRawMode?.(false)
      input.pause()
      settle()
    }
    /** An error ends the browsing. Thrown in the terminal's event, it would end the process. */
    const attempt = (work: () => void): void => {
      if (ended) return
      try {
        work()
      } catch (error) {
        end(() => reject(error))
      }
    }
    const draw = (): void => attempt(session.draw)
    const drawSoon = coalesced(draw)
    const onAbort = (): void => end(() => reject(signal.reason))
    const onKey = (_: unknown, key: Key = {}): void =>
      attempt(() => {
        if (key.ctrl && key.name === 'c') throw new Failure({ kind: 'interrupted', what: 'interrupted while browsing' })
        if (session.press(key) === 'leave') end(() => resolve(session.result()))
        else drawSoon()
      })
    emitKeypressEvents(input)
    input.setRawMode?.(true)
    input.on('keypress', onKey)
    output.on('resize', draw)
    signal.addEventListener('abort', onAbort)
    input.resume()
    draw()
  })

/** Draws once for keys that arrive together, for example while one is held down. */
const coalesced = (draw: () => void): (() => void) => {
  let due = false
  return () => {
    if (due) return
    due = true
    queueMicrotask(() => {
      due = false
      draw()
    })
  }
}

/** From a moment to just before another. */
export interface TimeWindow {
  readonly from: Instant
  readonly until: Instant
}

/** What is browsed. */
export interface Browsed {
  readonly volume: VolumeChart
  /** The calls in a window. Asked once for each window that is shown. */
  activity(window: TimeWindow): WindowTabs
  /** Hears that the person leaves for the timeline; without it there is none to open. */
  onTimeline?(): void
  /** An IANA time zone, to show local time beside UTC. */
  readonly zone?: string | undefined
}

/** Where the browser is drawn. */
export interface BrowserScreen {
  readonly output: { write(text: string): unknown }
  columns(): number
  rows(): number
  readonly theme: Theme
}

/** What is chosen, and the screen that shows it. */
export interface BrowserSession<T> {
  /** Takes a key; nothing is drawn yet. */
  press(key: Key): 'leave' | 'stay'
  draw(): void
  /** Leaves the screen as it was. */
  close(): void
  /** What the browsing gives when it is left. */
  result(): T
}

const makeBrowserSession = (
  screen: BrowserScreen,
  { volume, activity, zone, onTimeline }: Browsed,
): BrowserSession<TimeWindow> => {
  const part = makeScreenPart(screen.output)
  const activityOf = remembered(activity)
  let rowsShown = 0
  const barsFor = ({ zooms }: Pick<BrowserState, 'zooms'>): Bars =>
    chartedBars(volume, { width: screen.columns() - 1 }, zooms.at(-1))
  let state = firstState(barsFor({ zooms: [] }).bars)
  const window = (): TimeWindow => windowOf(state, barsFor(state))
  return {
    press: (key) => {
      if (onTimeline && key.name === 't' && !key.ctrl) {
        onTimeline()
        return 'leave'
      }
      const rows = (): number => rowCount(activityOf(window()), state.tab)
      const next = pressed(state, key, { bars: barsFor(state).bars, rows, rowsShown })
      if (next === 'leave') return 'leave'
      state = next
      return 'stay'
    },
    draw: () => {
      const size = { columns: screen.columns(), rows: screen.rows() }
      const { theme } = screen
      const frame = frameOf({
        ...size,
        state,
        bars: barsFor(state),
        activity: activityOf(window()),
        theme,
        zone,
        hasTimeline: onTimeline !== undefined,
      })
      rowsShown = frame.rowsShown
      part.draw(frame.lines, size)
    },
    close: part.clear,
    result: window,
  }
}

const windowOf = (state: BrowserState, { bars }: Bars): TimeWindow => {
  const { from, until } = chosenSpan(state, bars)
  return { from: instantOf(new Date(from)), until: instantOf(new Date(until)) }
}

/** Keeps the last answer, because most keys do not change the window. */
const remembered = (activity: Browsed['activity']): Browsed['activity'] => {
  let last: { readonly window: TimeWindow; readonly answer: WindowTabs } | undefined
  return (window) => {
    if (last?.window.from !== window.from || last.window.until !== window.until) last = { window, answer: activity(window) }
    return last.answer
  }
}
