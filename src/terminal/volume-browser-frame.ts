import { instantOf } from '../incident/values/instant.ts'
import { showInstant } from '../incident/values/show.ts'
import type { Theme } from './theme.ts'
import { timeHere } from './time.ts'
import { type Bar, type Bars, meanWords, type Stretch, spikeWords } from './volume-bars.ts'
import { linesPerRow, rowCount, rowLines, type WindowTabs } from './volume-browser-rows.ts'
import { type BrowserState, chosenStretch, TABS, type Tab } from './volume-browser-state.ts'
import { drawChart, flow } from './volume-chart.ts'
import { clip, hang } from './wrap.ts'

/** What the browser is drawn from. */
export interface View {
  readonly state: BrowserState
  readonly bars: Bars
  readonly activity: WindowTabs
  /** Of the screen. */
  readonly columns: number
  readonly rows: number
  readonly theme: Theme
  /** An IANA time zone, to show local time beside UTC. */
  readonly zone?: string | undefined
}

export interface Frame {
  /** Fewer than the screen has, each narrower than it, so that drawing neither scrolls nor breaks a line. */
  readonly lines: readonly string[]
  /** Rows of the table that are on it. */
  readonly rowsShown: number
}

const TAB_WORDS: Readonly<Record<Tab, string>> = {
  byIp: 'by IP address',
  byService: 'by API',
  byAccessKeyId: 'by access key',
}

const LOWEST_CHART = 2
const HIGHEST_CHART = 10

/** The chart, the window that is chosen in it, and the table of what happened there. */
export const frameOf = (view: View): Frame => {
  const { columns, theme } = view
  const width = columns - 1
  const most = Math.max(1, view.rows - 1)
  const above = [...windowLines(view, width), '', tabLine(view.state.tab, width, theme)]
  const below = keyLines(view, width)
  const chart = (height: number): string[] =>
    drawChart(view.bars, { width, height }, theme, chosenStretch(view.state, view.bars.bars))
  const rest = most - above.length - below.length - (chart(LOWEST_CHART).length - LOWEST_CHART)
  const height = Math.min(HIGHEST_CHART, Math.max(LOWEST_CHART, Math.floor(rest / 4) * 2))
  const rowsShown = Math.max(0, Math.floor((rest - height) / linesPerRow(width)))
  const { tab, scrolled } = view.state
  const from = Math.max(0, Math.min(scrolled, rowCount(view.activity, tab) - rowsShown))
  const rows = rowLines(view.activity, tab, { from, most: rowsShown, width })
  const lines = [...chart(height), ...above, ...rows.map(theme.escapes), ...below]
  return { lines: lines.slice(0, most).map((line) => clip(line, width)), rowsShown }
}

/** Always the same two lines where there is room for them, so that the table below stays where it is. */
const windowLines = (view: View, width: number): string[] => {
  const stretch = chosenStretch(view.state, view.bars.bars)
  const own = view.bars.bars.filter(({ from }) => from >= stretch.from && from < stretch.until)
  const calls = flow([...callWords(own), spikeWords(own.flatMap((bar) => bar.spikes))].filter(Boolean), width)
  const time = hang(' ', `◂ ${stretchWords(stretch, view.zone)} ▸`, width)
  return [...time.map((line) => view.theme.tone('heading', line)), ...calls]
}

const stretchWords = ({ from, until }: Stretch, zone: string | undefined): string => {
  const begin = instantOf(new Date(from))
  return `${showInstant(begin)} – ${timeHere(instantOf(new Date(until)), { reference: begin, zone })}`
}

const callWords = (bars: readonly Bar[]): string[] => {
  const sum = (count: (bar: Bar) => number): number => bars.reduce((total, bar) => total + count(bar), 0)
  const [ok, failed] = [sum(({ succeeded }) => succeeded), sum((bar) => bar.failed)]
  const calls = `${ok + failed} call${ok + failed === 1 ? '' : 's'}: ${ok} ok, ${failed} failed`
  return bars.some(({ usual }) => usual !== undefined) ? [calls, `usually ${meanWords(sum(({ usual = 0 }) => usual))}`] : [calls]
}

const tabLine = (chosen: Tab, width: number, theme: Theme): string => {
  const line = TABS.map((tab) => (tab === chosen ? `[${TAB_WORDS[tab]}]` : ` ${TAB_WORDS[tab]} `)).join('')
  return clip(line, width).replace(/\[[^\]]*\]/, (tab) => theme.tone('heading', tab))
}

const keyLines = ({ state, activity }: View, width: number): string[] => {
  const count = rowCount(activity, state.tab)
  const rows = count === 0 ? 'no calls' : `${count} ${count === 1 ? 'row' : 'rows'} ↑↓`
  const widening = state.widening ? 'space ends range' : 'space range'
  const zoom = state.zooms.length === 0 ? '+ closer' : '+ closer, - back'
  return flow([rows, '←→ window', widening, zoom, 'tab table', 'q ends'], width)
}
