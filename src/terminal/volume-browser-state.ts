import type { Bar, Stretch } from './volume-bars.ts'

/** The tables that the activity of a window is shown in. */
export type Tab = 'byIp' | 'byService' | 'byAccessKeyId'
export const TABS: readonly Tab[] = ['byIp', 'byService', 'byAccessKeyId']

/** What a person browsing the volume has chosen. Times, not places on the screen: a resize changes what bars there are. */
export interface BrowserState {
  /** Milliseconds since the epoch: where the choice began, and the bar that was moved to. */
  readonly anchor: number
  readonly cursor: number
  /** Moving widens the choice, as it does with the shift key. */
  readonly widening: boolean
  readonly tab: Tab
  /** Rows of the table that were scrolled past. */
  readonly scrolled: number
  /** The stretches looked into more closely, the innermost last. */
  readonly zooms: readonly Stretch[]
}

/** A key as node:readline tells it. */
export interface Key {
  readonly name?: string | undefined
  readonly sequence?: string | undefined
  readonly ctrl?: boolean | undefined
  readonly shift?: boolean | undefined
}

/** What is on the screen while a key is pressed. */
export interface Sight {
  /** At least one. */
  readonly bars: readonly Bar[]
  /** Rows of the table; counted only when a key needs to know. */
  rows(): number
  /** Those of them that are on the screen. */
  readonly rowsShown: number
}

/** The first thing to look at: the bar with a spike, or the busiest one. */
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

/** The stretch that is chosen, in whole bars. */
export const chosenStretch = ({ anchor, cursor }: BrowserState, bars: readonly Bar[]): Stretch => {
  const first = bars[indexAt(bars, Math.min(anchor, cursor))]
  const last = bars[indexAt(bars, Math.max(anchor, cursor))]
  return { from: first?.from ?? 0, until: last?.until ?? 0 }
}

/** The bar of a moment; the nearest one for a moment outside. */
const indexAt = (bars: readonly Bar[], at: number): number => {
  const index = bars.findIndex(({ until }) => at < until)
  return index < 0 ? bars.length - 1 : index
}

/** What a key makes of the state; `leave` for those that end. A key without a meaning changes nothing. */
export const pressed = (state: BrowserState, key: Key, sight: Sight): BrowserState | 'leave' => {
  if (isLeaving(key)) return 'leave'
  return (KEYS[key.name ?? ''] ?? KEYS[key.sequence ?? ''])?.(state, key, sight) ?? state
}

const isLeaving = ({ name, ctrl }: Key): boolean => !ctrl && (name === 'return' || name === 'enter' || name === 'q')

type Press = (state: BrowserState, key: Key, sight: Sight) => BrowserState

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

const scrolledBy = (state: BrowserState, by: number, { rows, rowsShown }: Sight): BrowserState => ({
  ...state,
  scrolled: Math.max(0, Math.min(rows() - rowsShown, state.scrolled + by)),
})

/** Looks into the chosen stretch, and goes on choosing in it; where nothing happened there is nothing to look into. */
const closer = (state: BrowserState, { bars }: Sight): BrowserState => {
  const stretch = chosenStretch(state, bars)
  const isEmpty = !bars.some((bar) => bar.from >= stretch.from && bar.from < stretch.until && bar.succeeded + bar.failed > 0)
  if (isEmpty) return state
  return { ...state, widening: false, anchor: stretch.from, cursor: stretch.until - 1, zooms: [...state.zooms, stretch] }
}
