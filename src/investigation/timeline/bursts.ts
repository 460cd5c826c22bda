import type { TimelineRow } from './row.ts'

/** Rows that a timeline for people shows as one line: calls of one minute that differ in nothing but their moment and object. */
export interface Burst {
  readonly first: TimelineRow
  readonly count: number
  readonly last: TimelineRow
  /** Objects of the calls, as many as are shown, and how many different ones there are at least. */
  readonly objects: readonly string[]
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

interface Growing {
  readonly rows: TimelineRow[]
  last: TimelineRow
  count: number
  readonly objects: string[]
  moreObjects: boolean
}

/** Folds the bursts among rows that come in order. Holds what differs within one minute, and no more. */
export function* foldBursts(rows: Iterable<TimelineRow>): Generator<TimelineLine> {
  let minute = ''
  const groups = new Map<string, Growing>()
  let singles = 0
  for (const row of rows) {
    const of = row.at.slice(0, MINUTE_LENGTH)
    if (of !== minute) {
      yield* linesOf(groups)
      groups.clear()
      minute = of
    }
    const key = keyOf(row) ?? `single ${singles++}`
    const group = groups.get(key)
    if (group) grow(group, row)
    else groups.set(key, { rows: [row], last: row, count: 1, objects: [row.object ?? ''].filter(Boolean), moreObjects: false })
  }
  yield* linesOf(groups)
}

/** What the rows of a burst have in common; undefined for a row that stands alone. */
export const keyOf = (row: TimelineRow): string | undefined => {
  if (row.kind !== 'call' || !row.isRead) return undefined
  const { action, accessKeyId, address, userAgent, outcome, errorCode, region, depth } = row
  return JSON.stringify([action, accessKeyId, address, userAgent, outcome, errorCode, region, depth])
}

const grow = (group: Growing, row: TimelineRow): void => {
  group.count += 1
  group.last = row
  if (group.count < LEAST) group.rows.push(row)
  if (row.object === undefined || group.objects.includes(row.object)) return
  if (group.objects.length < OBJECTS) group.objects.push(row.object)
  else group.moreObjects = true
}

/** Groups by their first row; the rows of a group that is too small stand at their own places. */
const linesOf = (groups: ReadonlyMap<string, Growing>): readonly TimelineLine[] => {
  const lines: TimelineLine[] = []
  for (const { rows, last, count, objects, moreObjects } of groups.values()) {
    const [first] = rows
    if (first && count >= LEAST) lines.push({ first, count, last, objects, moreObjects })
    else lines.push(...rows)
  }
  const atOf = (line: TimelineLine): string => (isBurst(line) ? line.first.at : line.at)
  return lines.sort((a, b) => (atOf(a) < atOf(b) ? -1 : atOf(a) > atOf(b) ? 1 : 0))
}
