import type { TimelineRow } from './row.ts'

/** Rows that a timeline for people shows as one line: calls of one minute that differ in nothing but their moment and object. */
export interface Burst {
  readonly first: TimelineRow
  readonly count: number
  readonly last: TimelineRow
  /** Objects of the calls, as many as are shown. */
  readonly objects: readonly string[]
  /** There are more different objects. */
  readonly moreObjects: boolean
}

export type TimelineLine = TimelineRow | Burst

export const isBurst = (line: TimelineLine): line is Burst => 'first' in line

/** How bursts are made, in words for the responder. */
export const BURST_RULE =
  'Three or more reads of one minute with the same API, key, address, user agent and outcome are one line. Calls that write are never folded.'

const LEAST = 3
const OBJECTS = 3
/** A minute of UTC, as the text of an instant has it. */
const MINUTE_LENGTH = 'YYYY-MM-DDTHH:MM'.length

/** Rows with a key in common, as long as their minute lasts. */
interface Growing {
  /** The first of them. */
  readonly rows: TimelineRow[]
  /** The places of all of them among the rows. */
  readonly places: number[]
  last: TimelineRow
  count: number
  readonly objects: string[]
  moreObjects: boolean
}

/** More lines of one minute are not waited for: a burst that goes on after them is another line. */
const MOST_GROUPS = 4_000

/** Folds the bursts among rows that come in order. Holds what differs within one minute, and no more than so many lines of it. */
export function* foldBursts(rows: Iterable<TimelineRow>): Generator<TimelineLine> {
  for (const groups of minutesOf(rows)) yield* linesOf(groups)
}

/** For each line of the folded timeline the places of its rows: one place for a row that stands alone. */
export function* burstPlaces(rows: Iterable<TimelineRow>): Generator<readonly number[]> {
  for (const groups of minutesOf(rows)) yield* placesOf(groups)
}

function* minutesOf(rows: Iterable<TimelineRow>): Generator<ReadonlyMap<string, Growing>> {
  let minute = ''
  const groups = new Map<string, Growing>()
  let singles = 0
  let place = -1
  for (const row of rows) {
    place += 1
    const of = row.at.slice(0, MINUTE_LENGTH)
    if (of !== minute || groups.size >= MOST_GROUPS) {
      yield groups
      groups.clear()
      minute = of
    }
    const key = keyOf(row) ?? `single ${singles++}`
    const group = groups.get(key)
    if (group) grow(group, row, place)
    else groups.set(key, growing(row, place))
  }
  yield groups
}

const growing = (row: TimelineRow, place: number): Growing => ({
  ...{ rows: [row], places: [place], last: row, count: 1, objects: [row.object ?? ''].filter(Boolean), moreObjects: false },
})

/** What the rows of a burst have in common; undefined for a row that stands alone. */
const keyOf = (row: TimelineRow): string | undefined => {
  if (row.kind !== 'call' || !row.isRead) return undefined
  const { action, accessKeyId, address, userAgent, outcome, errorCode, region, depth } = row
  return JSON.stringify([action, accessKeyId, address, userAgent, outcome, errorCode, region, depth])
}

const grow = (group: Growing, row: TimelineRow, place: number): void => {
  group.count += 1
  group.places.push(place)
  group.last = row
  if (group.count < LEAST) group.rows.push(row)
  if (row.object === undefined || group.objects.includes(row.object)) return
  if (group.objects.length < OBJECTS) group.objects.push(row.object)
  else group.moreObjects = true
}

/** Groups by their first row; the rows of a group that is too small stand at their own places. */
const linesOf = (groups: ReadonlyMap<string, Growing>): readonly TimelineLine[] => {
  const lines: (readonly [place: number, line: TimelineLine])[] = []
  for (const { rows, places, last, count, objects, moreObjects } of groups.values()) {
    const [first] = rows
    if (first && count >= LEAST) lines.push([places[0] ?? 0, { first, count, last, objects, moreObjects }])
    else lines.push(...rows.map((row, index) => [places[index] ?? 0, row] as const))
  }
  return lines.sort(([a], [b]) => a - b).map(([, line]) => line)
}

/** As `linesOf`; rows are in the order of time, so that their places are too. */
const placesOf = (groups: ReadonlyMap<string, Growing>): readonly (readonly number[])[] =>
  [...groups.values()]
    .flatMap(({ places, count }) => (count >= LEAST ? [places] : places.map((place) => [place])))
    .sort(([a = 0], [b = 0]) => a - b)
