import type { Line } from '../../incident/values/block.ts'
import { apiSpan } from '../../incident/values/delimited.ts'
import { instantOf } from '../../incident/values/instant.ts'
import { show, showInstant } from '../../incident/values/show.ts'
import type { Untrusted } from '../../incident/values/untrusted.ts'
import type { Theme } from '../theme.ts'
import { showWithTimes, timeHere } from '../time.ts'
import { padTo, widthOf } from '../width.ts'
import { clip, hang } from '../wrap.ts'
import { type Bar, type Bars, meanWords, spikeWords, type TimeSpan } from './bars.ts'
import { type BrowserState, chosenSpan, TABS, type Tab } from './browser-state.ts'
import { drawChart, flow } from './chart.ts'

/** What a frame of the browser shows. */
export interface View {
  readonly state: BrowserState
  readonly bars: Bars
  readonly activity: WindowTabs
  /** Columns of the screen. */
  readonly columns: number
  readonly rows: number
  readonly theme: Theme
  /** An IANA time zone, to show local time beside UTC. */
  readonly zone?: string | undefined
  readonly hasTimeline?: boolean
}

export interface Frame {
  /** Fewer lines than the screen has, each narrower than it, so that drawing neither scrolls nor wraps. */
  readonly lines: readonly string[]
  /** Rows of the table that fit on it. */
  readonly rowsShown: number
}

const TAB_WORDS: Readonly<Record<Tab, string>> = {
  byIp: 'by IP address',
  byService: 'by API',
  byAccessKeyId: 'by access key',
}

const LOWEST_CHART = 2
const HIGHEST_CHART = 10

/** The chart, the chosen window, and the table of the calls in it. */
export const frameOf = (view: View): Frame => {
  const { columns, theme } = view
  const width = columns - 1
  const most = Math.max(1, view.rows - 1)
  const above = [...windowLines(view, width), '', tabLine(view.state.tab, width, theme)]
  const below = keyLines(view, width)
  const chart = (height: number): string[] =>
    drawChart(view.bars, { width, height }, theme, chosenSpan(view.state, view.bars.bars))
  const rest = most - above.length - below.length - (chart(LOWEST_CHART).length - LOWEST_CHART)
  const height = Math.min(HIGHEST_CHART, Math.max(LOWEST_CHART, Math.floor(rest / 4) * 2))
  const rowsShown = Math.max(0, Math.floor((rest - height) / linesPerRow(width)))
  const { tab, scrolled } = view.state
  const from = Math.max(0, Math.min(scrolled, rowCount(view.activity, tab) - rowsShown))
  const rows = rowLines(view.activity, tab, { from, most: rowsShown, width })
  const lines = [...chart(height), ...above, ...rows.map(theme.escapes), ...below]
  return { lines: lines.slice(0, most).map((line) => clip(line, width)), rowsShown }
}

/** Always two lines where they fit, so that the table below does not move. */
const windowLines = (view: View, width: number): string[] => {
  const span = chosenSpan(view.state, view.bars.bars)
  const own = view.bars.bars.filter(({ from }) => from >= span.from && from < span.until)
  const calls = flow([...callWords(own), spikeWords(own.flatMap((bar) => bar.spikes))].filter(Boolean), width)
  const time = hang(' ', `◂ ${timeSpanWords(span, view.zone)} ▸`, width)
  return [...time.map((line) => view.theme.tone('heading', line)), ...calls]
}

const timeSpanWords = ({ from, until }: TimeSpan, zone: string | undefined): string => {
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

const keyLines = ({ state, activity, hasTimeline }: View, width: number): string[] => {
  const count = rowCount(activity, state.tab)
  const rows = count === 0 ? 'no calls' : `${count} ${count === 1 ? 'row' : 'rows'} ↑↓`
  const widening = state.widening ? 'space ends range' : 'space range'
  const zoom = state.zooms.length === 0 ? '+ closer' : '+ closer, - back'
  return flow([rows, '←→ window', widening, zoom, 'tab table', ...(hasTimeline ? ['t timeline'] : []), 'q ends'], width)
}

export interface ApiCalls {
  readonly service: string
  readonly api: string
  readonly succeeded: number
  readonly failed: number
}

/** The calls of one address, service or key in a window. */
export interface ActivityRow {
  readonly name: Untrusted
  /** The place or the owner of an address. */
  readonly where?: Line
  readonly succeeded: number
  readonly failed: number
  /** The busiest first. */
  readonly apis: readonly ApiCalls[]
}

/** A row of any tab: the tab by API has the names of operations. */
type ItemRow = Omit<ActivityRow, 'name'> & { readonly name: string | Untrusted }

/** The calls in a time window, by tab. */
export type WindowTabs = Readonly<Record<Tab, readonly ActivityRow[]>>

/** One line of a table, its texts escaped. */
interface Row {
  readonly name: string
  readonly where: string
  readonly ok: string
  readonly failed: string
  readonly apis: string
}

const GAP = '  '
/** On narrower screens a name gets its own line, so that no address is cut. */
const NARROW = 60
const WIDEST_WHERE = 28
/** With fewer columns the APIs are left out. */
const LEAST_FOR_APIS = 10

/** The number of rows of a tab. The tab by API has one row an API. */
export const rowCount = (activity: WindowTabs, tab: Tab): number =>
  tab === 'byService' ? activity.byService.reduce((sum, { apis }) => sum + apis.length, 0) : activity[tab].length

/** Lines of one row on a screen of that width. */
const linesPerRow = (width: number): number => (width < NARROW ? 2 : 1)

/** Rows of a tab, beginning with row `from`, as lines of at most `width` columns. */
const rowLines = (
  activity: WindowTabs,
  tab: Tab,
  { from, most, width }: { readonly from: number; readonly most: number; readonly width: number },
): string[] => {
  const rows = itemsOf(activity, tab)
    .slice(from, from + most)
    .map((row) => wordsOf(row, tab))
  const lines = linesPerRow(width) === 2 ? rows.flatMap(twoLines) : oneLineEach(rows, width)
  return lines.map((line) => clip(line.trimEnd(), width))
}

const itemsOf = (activity: WindowTabs, tab: Tab): readonly ItemRow[] =>
  tab === 'byService'
    ? activity.byService.flatMap(({ apis }) => apis.map((one) => ({ ...one, name: apiSpan(apiName(one)), apis: [] })))
    : activity[tab]

const apiName = ({ service, api }: ApiCalls): string => `${service}:${api}`

const wordsOf = ({ name, where, succeeded, failed, apis }: ItemRow, tab: Tab): Row => ({
  name: show(name, 'tty'),
  where: where === undefined ? '' : showWithTimes(where, {}),
  ok: `${succeeded} ok`,
  failed: `${failed} failed`,
  apis: tab === 'byService' ? '' : apis.slice(0, APIS_SHOWN).map(apiWords).join(', ') + (apis.length > APIS_SHOWN ? ', …' : ''),
})

/** More do not fit on a line. */
const APIS_SHOWN = 12

const apiWords = (one: ApiCalls): string => `${show(apiSpan(apiName(one)), 'tty')} ${one.succeeded + one.failed}`

const twoLines = ({ name, where, ok, failed, apis }: Row): string[] => [
  `${name}${where && GAP}${where}`,
  `   ${ok}${GAP}${failed}${apis && GAP}${apis}`,
]

const oneLineEach = (rows: readonly Row[], width: number): string[] => {
  const widest = (cell: keyof Row): number => Math.max(0, ...rows.map((row) => widthOf(row[cell])))
  const ok = widest('ok')
  const failed = widest('failed')
  const room = width - 1 - GAP.length * 2 - ok - failed
  const name = Math.min(widest('name'), room)
  const where = Math.min(widest('where'), WIDEST_WHERE, Math.max(0, room - name - GAP.length))
  const apis = room - name - (where > 0 ? where + GAP.length : 0) - GAP.length
  return rows.map((row) => {
    const cells = [
      padTo(clip(row.name, name), name),
      ...(where > 0 ? [padTo(clip(row.where, where), where)] : []),
      row.ok.padStart(ok),
      row.failed.padStart(failed),
      ...(apis >= LEAST_FOR_APIS ? [clip(row.apis, apis)] : []),
    ]
    return ` ${cells.join(GAP)}`
  })
}
