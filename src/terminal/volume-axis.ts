import { DAY_MS, HOUR_MS } from '../incident/values/duration.ts'
import { instantOf } from '../incident/values/instant.ts'
import { type Bars, roundLength } from './volume-bars.ts'

/** A text below the bar of that index. */
export interface Tick {
  readonly index: number
  readonly text: string
}

/** The texts below a chart, in UTC: the time of some bars, and below it the day (or year) where a new one begins. */
export interface TimeAxis {
  readonly times: readonly Tick[]
  readonly days: readonly Tick[]
}

/** Times at round moments, as close as `columns` of a bar let them stand side by side. */
export const timeAxis = ({ bars, size }: Bars, columns: number, room: number): TimeAxis => {
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
  // A first day of a few bars gives way to the second one, whose label says when it begins.
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

/** Those that run neither over the edge nor into one that was placed before. */
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

/** The top of an axis: a number that is at least as great as the greatest value, and whose half is a whole number. */
export const roundTop = (greatest: number): number => {
  let unit = 1
  while (unit * 10 < greatest) unit *= 10
  return (TOPS.find((top) => top * unit >= greatest && (top * unit) % 2 === 0) ?? 10) * unit
}

const COMPACT = new Intl.NumberFormat('en', { notation: 'compact' })

/** A round number in at most five columns: `400`, `20K`. */
export const compactNumber = (value: number): string => COMPACT.format(value)
