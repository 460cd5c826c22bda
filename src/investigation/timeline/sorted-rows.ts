import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import { redactJson } from '../../incident/values/redaction/redact-json.ts'
import { compareRows, isSameEvent, isTwinOf, type TimelineRow } from './row.ts'

/** Rows that are put in order without holding all of them: sorted runs go to files of this machine, and are merged. */
export interface SortedRows {
  add(row: TimelineRow): void
  /** All rows in order, each event once. Reads the runs anew each time. */
  rows(): Generator<TimelineRow>
  /** The rows by their place, for a screen: they lie in a file, and their places in memory take eight bytes each. */
  indexed(): IndexedRows
  /** Removes the files. */
  dispose(): void
}

export interface IndexedRows {
  readonly count: number
  row(place: number): TimelineRow | undefined
  close(): void
}

/** Rows, and characters of them, that are held before a run is written. */
const MOST_HELD = 16_000
/** Runs are open together when they are merged; more become one. */
const MOST_RUNS = 64
const MOST_CHARACTERS = 16 * 2 ** 20

/** `most` is the number of rows that are held at once. */
export const sortedRows = (most: number = MOST_HELD): SortedRows => {
  let held: TimelineRow[] = []
  let characters = 0
  let folder: string | undefined
  let made = 0
  const runs: string[] = []
  const pathOf = (name: string): string => {
    // Only this user may read it: it holds what the records hold.
    folder ??= mkdtempSync(join(tmpdir(), 'ir-cred-timeline-'))
    return join(folder, `${name}.jsonl`)
  }
  const mergeRuns = (): void => {
    const path = pathOf(`merged-${made}`)
    writeLines(path, merged(runs.map(rowsOfRun)))
    for (const run of runs.splice(0)) rmSync(run)
    runs.push(path)
  }
  const writeRun = (): void => {
    const path = pathOf(String(made))
    writeLines(path, held.sort(compareRows).map(redacted))
    runs.push(path)
    made += 1
    held = []
    characters = 0
    if (runs.length >= MOST_RUNS) mergeRuns()
  }
  const rows = (): Generator<TimelineRow> => withoutCopies(merged([held.sort(compareRows), ...runs.map(rowsOfRun)]))
  const redactedRows = () => withoutCopies(merged([held.sort(compareRows).map(redacted), ...runs.map(rowsOfRun)]))
  return {
    rows,
    indexed: () => indexRows(pathOf('all'), redactedRows()),
    add: (row) => {
      held.push(row)
      characters += sizeOf(row)
      if (held.length >= most || characters >= MOST_CHARACTERS) writeRun()
    },
    dispose: () => {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A row as it may be written: a file is left behind where the process is killed. */
const redacted = (row: TimelineRow): TimelineRow => JSON.parse(redactJson(JSON.stringify(row)))

/** Characters of a row without its record, about. */
const ROW_SIZE = 400

const sizeOf = ({ record }: TimelineRow): number => ROW_SIZE + (record === undefined ? 0 : JSON.stringify(record).length)

const CHUNK = 2 ** 16

const writeLines = (path: string, rows: Iterable<TimelineRow>): void => {
  const file = openSync(path, 'w', 0o600)
  try {
    let text = ''
    for (const row of rows) {
      text += `${JSON.stringify(row)}\n`
      if (text.length < CHUNK) continue
      writeSync(file, text)
      text = ''
    }
    writeSync(file, text)
  } finally {
    closeSync(file)
  }
}

/** Writes the rows into one file, and remembers where each of them begins. */
const indexRows = (path: string, rows: Iterable<TimelineRow>): IndexedRows => {
  let starts = new Float64Array(1024)
  let count = 0
  let end = 0
  const lines = function* (): Generator<TimelineRow> {
    for (const row of rows) {
      if (count + 1 >= starts.length) {
        const more = new Float64Array(2 * starts.length)
        more.set(starts)
        starts = more
      }
      end += Buffer.byteLength(JSON.stringify(row)) + 1
      count += 1
      starts[count] = end
      yield row
    }
  }
  writeLines(path, lines())
  const file = openSync(path, 'r')
  return {
    count,
    row: (place) => {
      const from = starts[place] ?? 0
      const length = (starts[place + 1] ?? 0) - from
      if (place < 0 || place >= count || length <= 0) return undefined
      const bytes = Buffer.alloc(length)
      readSync(file, bytes, 0, length, from)
      return JSON.parse(bytes.toString('utf8'))
    },
    close: () => closeSync(file),
  }
}

function* rowsOfRun(path: string): Generator<TimelineRow> {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.allocUnsafe(CHUNK)
    const decoder = new StringDecoder('utf8')
    let rest = ''
    for (let read = readSync(file, bytes); read > 0; read = readSync(file, bytes)) {
      const lines = (rest + decoder.write(bytes.subarray(0, read))).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) yield JSON.parse(line)
    }
  } finally {
    closeSync(file)
  }
}

interface Head {
  row: TimelineRow
  readonly rest: Iterator<TimelineRow>
}

/** The rows of sorted lists in order: a binary heap of their first rows. */
function* merged(sorted: readonly (readonly TimelineRow[] | Generator<TimelineRow> | Iterable<TimelineRow>)[]) {
  const heap: Head[] = []
  for (const rows of sorted) {
    const rest = rows[Symbol.iterator]()
    const first = rest.next()
    if (!first.done) heap.push({ row: first.value, rest })
  }
  heap.sort((a, b) => compareRows(a.row, b.row))
  for (let head = heap[0]; head; head = heap[0]) {
    yield head.row
    const next = head.rest.next()
    if (!next.done) head.row = next.value
    else {
      const last = heap.pop()
      if (last && heap.length > 0) heap[0] = last
    }
    sink(heap)
  }
}

/** Moves the first of the heap down to its place. */
const sink = (heap: Head[]): void => {
  let at = 0
  for (;;) {
    let least = at
    for (const child of [2 * at + 1, 2 * at + 2]) {
      const [a, b] = [heap[child], heap[least]]
      if (a && b && compareRows(a.row, b.row) < 0) least = child
    }
    const [here, there] = [heap[at], heap[least]]
    if (least === at || !here || !there) return
    heap[at] = there
    heap[least] = here
    at = least
  }
}

/** Each event once: copies have one place in the order, and the two records of a call through an endpoint one moment. */
function* withoutCopies(rows: Iterable<TimelineRow>): Generator<TimelineRow> {
  let moment: TimelineRow[] = []
  for (const row of rows) {
    const before = moment.at(-1)
    if (before && before.at !== row.at) {
      yield* withoutTwins(moment)
      moment = [row]
    } else if (before === undefined || !isSameEvent(before, row)) moment.push(row)
  }
  yield* withoutTwins(moment)
}

const withoutTwins = (moment: readonly TimelineRow[]): readonly TimelineRow[] =>
  moment.some(({ isNetworkActivity }) => isNetworkActivity)
    ? moment.filter((row) => !moment.some((other) => isTwinOf(row, other)))
    : moment
