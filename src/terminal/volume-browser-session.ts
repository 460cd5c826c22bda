import { type Instant, instantOf } from '../incident/values/instant.ts'
import type { Theme } from './theme.ts'
import type { Bars, VolumeChart } from './volume-bars.ts'
import { frameOf } from './volume-browser-frame.ts'
import { rowCount, type WindowTabs } from './volume-browser-rows.ts'
import { makeScreenPart } from './volume-browser-screen.ts'
import { type BrowserState, chosenStretch, firstState, type Key, pressed } from './volume-browser-state.ts'
import { chartedBars } from './volume-chart.ts'

/** From a moment to just before another. */
export interface TimeWindow {
  readonly from: Instant
  readonly until: Instant
}

/** What is browsed. The browser knows nothing of where it comes from. */
export interface Browsed {
  readonly volume: VolumeChart
  /** What happened in a window; asked once for each that is looked at. */
  activity(window: TimeWindow): WindowTabs
  /** An IANA time zone, to show local time beside UTC. */
  readonly zone?: string | undefined
}

/** Where it is drawn. */
export interface BrowserScreen {
  readonly output: { write(text: string): unknown }
  columns(): number
  rows(): number
  readonly theme: Theme
}

/** One browsing: what is chosen, and the screen that shows it. */
export interface BrowserSession {
  /** Takes a key; nothing is drawn yet. */
  press(key: Key): 'leave' | 'stay'
  draw(): void
  /** Leaves the screen as it was. */
  close(): void
  window(): TimeWindow
}

export const makeBrowserSession = (screen: BrowserScreen, { volume, activity, zone }: Browsed): BrowserSession => {
  const part = makeScreenPart(screen.output)
  const activityOf = remembered(activity)
  let rowsShown = 0
  const barsFor = ({ zooms }: Pick<BrowserState, 'zooms'>): Bars =>
    chartedBars(volume, { width: screen.columns() - 1 }, zooms.at(-1))
  let state = firstState(barsFor({ zooms: [] }).bars)
  const window = (): TimeWindow => windowOf(state, barsFor(state))
  return {
    press: (key) => {
      const rows = (): number => rowCount(activityOf(window()), state.tab)
      const next = pressed(state, key, { bars: barsFor(state).bars, rows, rowsShown })
      if (next === 'leave') return 'leave'
      state = next
      return 'stay'
    },
    draw: () => {
      const size = { columns: screen.columns(), rows: screen.rows() }
      const { theme } = screen
      const frame = frameOf({ ...size, state, bars: barsFor(state), activity: activityOf(window()), theme, zone })
      rowsShown = frame.rowsShown
      part.draw(frame.lines, size)
    },
    close: part.clear,
    window,
  }
}

const windowOf = (state: BrowserState, { bars }: Bars): TimeWindow => {
  const { from, until } = chosenStretch(state, bars)
  return { from: instantOf(new Date(from)), until: instantOf(new Date(until)) }
}

/** The last answer is kept: most keys do not change the window. */
const remembered = (activity: Browsed['activity']): Browsed['activity'] => {
  let last: { readonly window: TimeWindow; readonly answer: WindowTabs } | undefined
  return (window) => {
    if (last?.window.from !== window.from || last.window.until !== window.until) last = { window, answer: activity(window) }
    return last.answer
  }
}
