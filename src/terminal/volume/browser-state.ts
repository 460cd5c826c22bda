import type { Bar, TimeSpan } from './bars.ts'

/** The tables of a window's calls. */
export type Tab = 'byIp' | 'byService' | 'byAccessKeyId'
export const TABS: readonly Tab[] = ['byIp', 'byService', 'byAccessKeyId']

/** What the person has chosen. In times, because a resize changes the bars. */
export interface BrowserState {
  /** Milliseconds since the epoch: where the choice began, and where the cursor is. */
  readonly anchor: number
  readonly cursor: number
  /** Moving widens the choice, as with the shift key. */
  readonly widening: boolean
  readonly tab: Tab
  /** Rows of the table above the first one shown. */
  readonly scrolled: number
  /** The spans that were zoomed into, the innermost last. */
  readonly zooms: readonly TimeSpan[]
}

/** A key as node:readline gives it. */
export interface Key {
  readonly name?: string | undefined
  readonly sequence?: string | undefined
  readonly ctrl?: boolean | undefined
  readonly shift?: boolean | undefined
}

/** What is on the screen while a key is pressed. */
export interface ScreenContents {
  /** At least one. */
  readonly bars: readonly Bar[]
  /** Rows of the table, counted only if a key needs them. */
  rows(): number
  /** Rows that are on the screen. */
  readonly rowsShown: number
}

/** Begins at the busiest bar, a bar with a spike before all others. */
export const firstState = (bars: readonly Bar[]): BrowserState => {
  const callsOf = ({ succeeded, failed, spikes }: Bar): readonly [number, number] => [
    Math.min(1, spikes.length),
    succeeded + failed,
  ]
  const best = bars.reduce<Bar | undefined>((found, bar) => {
    const [spike, calls] = callsOf(bar)
    const [before, most] = found ? callsOf(found) : [-1, -1]
    return spike > before || (spike === before && calls > most) ? bar : found
  }, undefined)
  const at = best?.from ?? 0
  return { anchor: at, cursor: at, widening: false, tab: 'byIp', scrolled: 0, zooms: [] }
}

/** The chosen span, in whole bars. */
export const chosenSpan = ({ anchor, cursor }: BrowserState, bars: readonly Bar[]): TimeSpan => {
  const first = bars[indexAt(bars, Math.min(anchor, cursor))]
  const last = bars[indexAt(bars, Math.max(anchor, cursor))]
  return { from: first?.from ?? 0, until: last?.until ?? 0 }
}

/** The bar of a moment, or the nearest one. */
const indexAt = (bars: readonly Bar[], at: number): number => {
  const index = bars.findIndex(({ until }) => at < until)
  return index < 0 ? bars.length - 1 : index
}

/** The state after a key; `leave` for keys that end the browsing. Other keys change nothing. */
export const pressed = (state: BrowserState, key: Key, sight: ScreenContents): BrowserState | 'leave' => {
  if (isLeaving(key)) return 'leave'
  return (KEYS[key.name ?? ''] ?? KEYS[key.sequence ?? ''])?.(state, key, sight) ?? state
}

const isLeaving = ({ name, ctrl }: Key): boolean => !ctrl && (name === 'return' || name === 'enter' || name === 'q')

type Press = (state: BrowserState, key: Key, sight: ScreenContents) => BrowserState

const KEYS: Readonly<Record<string, Press>> = {
  left: (state, key, { bars }) => moved(state, key, bars, indexAt(bars, state.cursor) - 1),
  right: (state, key, { bars }) => moved(state, key, bars, indexAt(bars, state.cursor) + 1),
  home: (state, key, { bars }) => moved(state, key, bars, 0),
  end: (state, key, { bars }) => moved(state, key, bars, bars.length - 1),
  space: (state) => ({ ...state, widening: !state.widening }),
  a: (state, _, { bars }) => ({
    ...state,
    anchor: bars.at(0)?.from ?? state.anchor,
    cursor: bars.at(-1)?.from ?? state.cursor,
    scrolled: 0,
  }),
  tab: (state, { shift }) => ({ ...state, tab: nextTab(state.tab, shift ? -1 : 1), scrolled: 0 }),
  up: (state, _, sight) => scrolledBy(state, -1, sight),
  down: (state, _, sight) => scrolledBy(state, 1, sight),
  pageup: (state, _, sight) => scrolledBy(state, -sight.rowsShown, sight),
  pagedown: (state, _, sight) => scrolledBy(state, sight.rowsShown, sight),
  '+': (state, _, sight) => closer(state, sight),
  '=': (state, _, sight) => closer(state, sight),
  '-': (state) => ({ ...state, widening: false, zooms: state.zooms.slice(0, -1) }),
}

const moved = (state: BrowserState, { shift }: Key, bars: readonly Bar[], index: number): BrowserState => {
  const cursor = bars[Math.min(bars.length - 1, Math.max(0, index))]?.from ?? state.cursor
  return { ...state, cursor, anchor: shift || state.widening ? state.anchor : cursor, scrolled: 0 }
}

const nextTab = (tab: Tab, by: number): Tab => TABS[(TABS.indexOf(tab) + by + TABS.length) % TABS.length] ?? 'byIp'

const scrolledBy = (state: BrowserState, by: number, { rows, rowsShown }: ScreenContents): BrowserState => ({
  ...state,
  scrolled: Math.max(0, Math.min(rows() - rowsShown, state.scrolled + by)),
})

/** Zooms into the chosen span, unless it has no calls. */
const closer = (state: BrowserState, { bars }: ScreenContents): BrowserState => {
  const span = chosenSpan(state, bars)
  const isEmpty = !bars.some((bar) => bar.from >= span.from && bar.from < span.until && bar.succeeded + bar.failed > 0)
  if (isEmpty) return state
  return { ...state, widening: false, anchor: span.from, cursor: span.until - 1, zooms: [...state.zooms, span] }
}
