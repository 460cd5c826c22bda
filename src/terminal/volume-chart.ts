import type { Theme } from './theme.ts'
import { type Tick, timeAxis } from './volume-axis.ts'
import { type Bar, type Bars, barsOf, type Stretch, spanWords, type VolumeChart } from './volume-bars.ts'
import { axisLabel, GUTTER, plot } from './volume-plot.ts'
import { widthOf } from './width.ts'

/** How much room a chart has. */
export interface ChartRoom {
  /** Columns, 40 to 200; less or more counts as these. */
  readonly width: number
  /** Lines that the bars may take; an even number of them is used, at least two. Titles and axes come on top. */
  readonly height: number
}

const NARROWEST = 40
const WIDEST = 200
const WIDEST_BAR = 4

const columnsFor = ({ width }: Pick<ChartRoom, 'width'>): number =>
  Math.min(WIDEST, Math.max(NARROWEST, Math.floor(width))) - GUTTER

/** The bars that a chart of this width shows: so that somebody who chooses one means the same. */
export const chartedBars = (volume: VolumeChart, room: Pick<ChartRoom, 'width'>, stretch?: Stretch): Bars =>
  barsOf(volume, columnsFor(room), stretch)

/** The volume as lines of a chart, readable without colour: calls that succeeded below, failed ones on top of them. */
export const volumeChart = (volume: VolumeChart, room: ChartRoom, theme: Theme): string[] =>
  drawChart(chartedBars(volume, room), room, theme)

/** As `volumeChart`, for bars at hand; a chosen stretch of time is underlined. */
export const drawChart = (bars: Bars, room: ChartRoom, theme: Theme, chosen?: Stretch): string[] => {
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

/** Short texts beside each other, as many on a line as fit; none is broken. */
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
