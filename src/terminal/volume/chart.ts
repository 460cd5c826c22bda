import { DAY_MS, HOUR_MS } from '../../incident/values/duration.ts'
import { instantOf } from '../../incident/values/instant.ts'
import type { Theme } from '../theme.ts'
import { widthOf } from '../width.ts'
import { type Bar, type Bars, barsOf, roundLength, spanWords, type TimeSpan, type VolumeChart } from './bars.ts'

/** The size of a chart. */
export interface ChartRoom {
  /** Columns. Below 40 counts as 40, above 200 as 200. */
  readonly width: number
  /** Lines for the bars, without title and axes. An even number of them is used, at least two. */
  readonly height: number
}

const NARROWEST = 40
const WIDEST = 200
const WIDEST_BAR = 4

const columnsFor = ({ width }: Pick<ChartRoom, 'width'>): number =>
  Math.min(WIDEST, Math.max(NARROWEST, Math.floor(width))) - GUTTER

/** The bars that a chart of this width shows. */
export const chartedBars = (volume: VolumeChart, room: Pick<ChartRoom, 'width'>, span?: TimeSpan): Bars =>
  barsOf(volume, columnsFor(room), span)

/** The call volume as a chart, readable without colour: failed calls on top of successful ones. */
export const volumeChart = (volume: VolumeChart, room: ChartRoom, theme: Theme): string[] =>
  drawChart(chartedBars(volume, room), room, theme)

/** As `volumeChart`, of given bars. The chosen span is underlined. */
export const drawChart = (bars: Bars, room: ChartRoom, theme: Theme, chosen?: TimeSpan): string[] => {
  if (bars.bars.length === 0) return [' No calls in this time.']
  const columns = Math.min(WIDEST_BAR, Math.max(1, Math.floor(columnsFor(room) / bars.bars.length)))
  const rows = Math.max(1, Math.floor(room.height / 2)) * 2
  const { times, days } = timeAxis(bars, columns, columnsFor(room))
  const isChosen = ({ from, until }: Bar): boolean => chosen !== undefined && from < chosen.until && until > chosen.from
  const lines = [
    ...title(bars, room),
    ...spikes(bars, columns),
    ...plot(bars.bars, { rows, columns }),
    axisLabel('0', '└') +
      bars.bars.map((bar, index) => foot(isChosen(bar), times, index).padEnd(columns, isChosen(bar) ? '━' : ' ')).join(''),
    ' '.repeat(GUTTER) + place(times, columns),
    ' '.repeat(GUTTER) + place(days, columns),
  ]
  return lines.map((line) => coloured(line.trimEnd(), theme))
}

const coloured = (line: string, theme: Theme): string =>
  line.replace(/░+/g, (failed) => theme.tone('bad', failed)).replace(/▲/g, (spike) => theme.tone('alarm', spike))

const title = ({ bars, size }: Bars, { width }: ChartRoom): string[] => {
  const legend = [
    ['ok █', bars.some(({ succeeded }) => succeeded > 0)],
    ['failed ░', bars.some(({ failed }) => failed > 0)],
    ['baseline ─', bars.some(({ usual }) => usual !== undefined)],
    ['spike ▲', bars.some(({ spikes }) => spikes.length > 0)],
  ] as const
  return flow([`calls ${spanWords(size)}, UTC`, ...legend.filter(([, shown]) => shown).map(([text]) => text)], width)
}

/** Short texts beside each other, as many on a line as fit, none of them broken. */
export const flow = (texts: readonly string[], width: number): string[] => {
  const lines: string[] = []
  for (const text of texts) {
    const longer = `${lines.at(-1) ?? ''}   ${text}`
    if (lines.length > 0 && widthOf(longer) <= width) lines[lines.length - 1] = longer
    else lines.push(` ${text}`)
  }
  return lines
}

const spikes = ({ bars }: Bars, columns: number): string[] => {
  if (!bars.some((bar) => bar.spikes.length > 0)) return []
  return [' '.repeat(GUTTER) + bars.map((bar) => (bar.spikes.length > 0 ? '▲' : '').padEnd(columns)).join('')]
}

const foot = (chosen: boolean, times: readonly Tick[], index: number): string => {
  if (chosen) return '━'
  return times.some((tick) => tick.index === index) ? '╵' : ' '
}

const place = (ticks: readonly Tick[], columns: number): string =>
  ticks.reduce((line, { index, text }) => line.padEnd(index * columns) + text, '')

/** A text below the bar with that index. */
export interface Tick {
  readonly index: number
  readonly text: string
}

/** The texts below a chart, in UTC: times, and below them the day (or year) where a new one begins. */
export interface TimeAxis {
  readonly times: readonly Tick[]
  readonly days: readonly Tick[]
}

/** Times at round moments, as many as fit beside each other. */
const timeAxis = ({ bars, size }: Bars, columns: number, room: number): TimeAxis => {
  const { time, day } = wordsFor(size)
  const wide = Math.max(...bars.map(({ from }) => time(from).length)) + 1
  const step = roundLength((length) => length >= size && (length / size) * columns >= wide)
  const isRound = (from: number): boolean => ((from % step) + step) % step < size
  const times = bars
    .map(({ from }, index) => ({ index, text: time(from), isShown: index === 0 || isRound(from) }))
    .filter(({ isShown }) => isShown)
  const days = bars
    .map(({ from }, index) => ({ index, text: day(from) }))
    .filter(({ index, text }, _, all) => all[index - 1]?.text !== text)
  // If two days do not fit, the later one is shown, because its label says when it begins.
  return { times: placed(times, columns, room), days: placed(days.toReversed(), columns, room).toReversed() }
}

interface AxisWords {
  readonly time: (at: number) => string
  readonly day: (at: number) => string
}

const wordsFor = (size: number): AxisWords => {
  const text = (at: number): string => instantOf(new Date(at))
  if (size >= DAY_MS) return { time: (at) => text(at).slice(5, 10), day: (at) => text(at).slice(0, 4) }
  const ends = size >= HOUR_MS ? 13 : 16
  return { time: (at) => text(at).slice(11, ends), day: (at) => text(at).slice(0, 10) }
}

/** Leaves out ticks that do not fit, or that overlap an earlier one. */
const placed = (ticks: readonly Tick[], columns: number, room: number): Tick[] => {
  const taken: { readonly from: number; readonly until: number }[] = []
  return ticks
    .filter(({ index, text }) => {
      const from = index * columns
      const until = from + text.length + 1
      if (until > room + 1 || taken.some((other) => from < other.until && until > other.from)) return false
      taken.push({ from, until })
      return true
    })
    .map(({ index, text }) => ({ index, text }))
}

const TOPS = [2, 3, 4, 5, 6, 8, 10]

/** The top of an axis: at least the greatest value, and an even number, so that its half can be shown. */
const roundTop = (greatest: number): number => {
  let unit = 1
  while (unit * 10 < greatest) unit *= 10
  return (TOPS.find((top) => top * unit >= greatest && (top * unit) % 2 === 0) ?? 10) * unit
}

const COMPACT = new Intl.NumberFormat('en', { notation: 'compact' })

/** A round number in at most five columns: `400`, `20K`. */
const compactNumber = (value: number): string => COMPACT.format(value)

const LABEL = 5
/** Columns left of the bars: a margin, the label, a space, the axis. */
const GUTTER = 1 + LABEL + 2

/** The label left of a line of the plot. */
const axisLabel = (text: string, axis: string): string => ` ${text.padStart(LABEL)} ${axis}`

/** The bars, their baseline and the axis: `rows` lines from the top down, each bar `columns` wide. */
const plot = (bars: readonly Bar[], { rows, columns }: { readonly rows: number; readonly columns: number }): string[] => {
  const greatest = Math.max(...bars.map(({ succeeded, failed, usual = 0 }) => Math.max(succeeded + failed, usual)))
  const top = roundTop(greatest)
  const pillars = bars.map((bar) => pillarOf(bar, rows / top, rows))
  return Array.from({ length: rows }, (_, index) => {
    const row = rows - 1 - index
    const cells = pillars.map(({ glyphs, line }) => {
      const behind = line === row ? '─' : ' '
      const glyph = glyphs[row] ?? behind
      return columns === 1 ? glyph : glyph.repeat(columns - 1) + behind
    })
    const value = { [rows - 1]: top, [rows / 2 - 1]: top / 2 }[row]
    return (value === undefined ? axisLabel('', '│') : axisLabel(compactNumber(value), '┤')) + cells.join('')
  })
}

interface Pillar {
  /** From the bottom up. */
  readonly glyphs: readonly string[]
  /** The row of the baseline. */
  readonly line?: number
}

const EIGHTHS = ['', '▁', '▂', '▃', '▄', '▅', '▆', '▇']

/** A count above zero is always visible: one failed call among a thousand still gets a cell. */
const pillarOf = ({ succeeded, failed, usual }: Bar, scale: number, rows: number): Pillar => {
  const line = usual === undefined ? {} : { line: Math.min(rows - 1, Math.floor(usual * scale)) }
  if (failed === 0) return { glyphs: full(succeeded === 0 ? 0 : Math.max(1, Math.round(succeeded * scale * 8))), ...line }
  const light = Math.min(rows - (succeeded > 0 ? 1 : 0), Math.max(1, Math.round(failed * scale)))
  const height = Math.min(rows, Math.round((succeeded + failed) * scale))
  const dark = succeeded === 0 ? 0 : Math.max(1, height - light)
  return { glyphs: [...Array<string>(dark).fill('█'), ...Array<string>(light).fill('░')], ...line }
}

const full = (eighths: number): string[] => {
  const rest = EIGHTHS[eighths % 8]
  return [...Array<string>(Math.floor(eighths / 8)).fill('█'), ...(rest ? [rest] : [])]
}
