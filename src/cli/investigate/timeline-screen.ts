import { neutral } from '../../incident/values/delimited.ts'
import { redactText } from '../../incident/values/redaction/redact-text.ts'
import { burstPlaces } from '../../investigation/timeline/bursts.ts'
import { burstText, textLine } from '../../investigation/timeline/formats.ts'
import type { TimelineRow } from '../../investigation/timeline/row.ts'
import type { IndexedRows, SortedRows } from '../../investigation/timeline/sorted-rows.ts'
import type { LineList } from '../../terminal/timeline/browser.ts'

/** A timeline for a screen, with what it holds open. */
export interface TimelineScreen {
  readonly lines: LineList
  close(): void
}

/** The folded timeline as lines: a burst opens to its calls, a call to its record. Only places of rows are held. */
export const timelineScreen = (sorted: SortedRows): TimelineScreen => {
  const rows = sorted.indexed()
  const places = new Uint32Array(rows.count)
  const starts: number[] = []
  let next = 0
  for (const own of burstPlaces(sorted.rows())) {
    starts.push(next)
    for (const place of own) places[next++] = place
  }
  starts.push(next)
  const placesAt = (index: number): readonly number[] => [...places.subarray(starts[index] ?? 0, starts[index + 1] ?? 0)]
  return { lines: foldedLines(rows, starts.length - 1, placesAt), close: rows.close }
}

/** Rows of a burst that are read for its line, and objects of theirs that it names. */
const LOOKED_AT = 10
const OBJECTS = 3

const foldedLines = (rows: IndexedRows, count: number, placesAt: (index: number) => readonly number[]): LineList => ({
  count,
  title: `Timeline: ${rows.count} rows, in UTC`,
  line: (index) => {
    const own = placesAt(index)
    const some = own.slice(0, LOOKED_AT).flatMap((place) => rows.row(place) ?? [])
    const [first] = some
    const last = rows.row(own.at(-1) ?? -1)
    if (!first || !last) return ''
    if (own.length === 1) return textLine(first)
    const objects = [...new Set(some.flatMap(({ object }) => object ?? []))].slice(0, OBJECTS)
    return burstText({ first, last, count: own.length, objects, moreObjects: objects.length > 0 && own.length > objects.length })
  },
  open: (index) => {
    const own = placesAt(index)
    const [first] = own
    return own.length === 1 && first !== undefined ? recordOf(rows.row(first)) : callsOf(rows, own)
  },
})

const callsOf = (rows: IndexedRows, places: readonly number[]): LineList => ({
  count: places.length,
  title: `${places.length} calls of one burst`,
  line: (index) => {
    const row = rows.row(places[index] ?? -1)
    return row ? textLine(row) : ''
  },
  open: (index) => recordOf(rows.row(places[index] ?? -1)),
})

/** The whole record, a line for each of its members; of a row without one, what the row holds. */
const recordOf = (row: TimelineRow | undefined): LineList | undefined => {
  if (!row) return undefined
  const lines = JSON.stringify(row.record ?? row, null, 2).split('\n')
  return {
    count: lines.length,
    title: textLine(row),
    line: (index) => neutral(redactText(lines[index] ?? '')),
    open: () => undefined,
  }
}
