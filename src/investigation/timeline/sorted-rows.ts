import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import { redactJson } from '../../incident/values/redaction/redact-json.ts'
import { redactText } from '../../incident/values/redaction/redact-text.ts'
import { isSameEvent, isSameRequest, isTwinOf, type TimelineRow } from './row.ts'

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

/** Rows, and bytes of their lines, that are held before a run is written. */
const MOST_HELD = 16_000
const HELD_BYTES = 4 * 2 ** 20
/** So many runs of one size become one of the next: few files are open at once, and a row is written once for each size. */
const MOST_RUNS = 32

/** A row as its line, JSON without secrets: a file is left behind where the process is killed. */
interface KeyedLine {
  readonly key: string
  readonly line: string
}

/** Rows outside the heap: as objects they take ten times as much, and live long enough to make the heap grow. */
interface HeldLines {
  readonly bytes: Buffer
  used: number
  readonly places: { readonly key: string; readonly start: number; readonly end: number }[]
}

/** `most` is the number of rows that are held at once. */
export const sortedRows = (most: number = MOST_HELD): SortedRows => {
  const held: HeldLines = { bytes: Buffer.allocUnsafe(HELD_BYTES), used: 0, places: [] }
  let folder: string | undefined
  let made = 0
  /** By size: a run of the next size holds the rows of many of the size before. */
  const runs: string[][] = []
  const pathOf = (name: string): string => {
    // Only this user may read it: it holds what the records hold.
    folder ??= mkdtempSync(join(tmpdir(), 'ir-cred-timeline-'))
    return join(folder, `${name}.jsonl`)
  }
  const addRun = (size: number, lines: Iterable<KeyedLine>): void => {
    const path = pathOf(String(made++))
    writeLines(path, eachKeyAndLine(lines))
    runs[size] ??= []
    runs[size].push(path)
    if (runs[size].length < MOST_RUNS) return
    const full = runs[size].splice(0)
    addRun(size + 1, merged(full.map(linesOfRun)))
    for (const run of full) rmSync(run)
  }
  const spill = (): void => {
    addRun(0, linesInOrder(held))
    held.used = 0
    held.places.length = 0
  }
  const all = (): Generator<TimelineRow> => withoutCopies(merged([linesInOrder(held), ...runs.flat().map(linesOfRun)]))
  return {
    rows: all,
    indexed: () => indexRows(pathOf(`all-${made++}`), all()),
    add: (row) => {
      const next = { key: keyOfRow(row), line: redactJson(JSON.stringify(row)) }
      const size = Buffer.byteLength(next.line)
      if (held.places.length > 0 && held.used + size > HELD_BYTES) spill()
      if (size > HELD_BYTES) return addRun(0, [next])
      const start = held.used
      held.used += held.bytes.write(next.line, start)
      held.places.push({ key: next.key, start, end: held.used })
      if (held.places.length >= most) spill()
    },
    dispose: () => {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
    },
  }
}

function* linesInOrder({ places, bytes }: HeldLines): Generator<KeyedLine> {
  places.sort((a, b) => compareKeys(a.key, b.key))
  for (const { key, start, end } of places) yield { key, line: bytes.toString('utf8', start, end) }
}

/** A text that sorts as `compareRows` does; it stands in files too. */
const keyOfRow = ({ at, kind, requestId, id, what, action, accessKeyId = '', depth }: TimelineRow): string => {
  const [seconds = '', fraction = ''] = at.replace(/Z$/, '').split('.')
  const parts = [seconds, fraction.padEnd(9, '0'), kind, requestId ?? id, id, what, action, accessKeyId, String(depth)]
  return redactText(parts.join('\t').replace(/[\r\n]/g, ' '))
}

const compareKeys = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const CHUNK = 2 ** 16

function* eachKeyAndLine(lines: Iterable<KeyedLine>): Generator<string> {
  for (const { key, line } of lines) yield `${key}\n${line}\n`
}

const writeLines = (path: string, lines: Iterable<string>): void => {
  const file = openSync(path, 'wx', 0o600)
  try {
    let text = ''
    for (const line of lines) {
      text += line
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
  const lines = function* (): Generator<string> {
    for (const row of rows) {
      if (count + 1 >= starts.length) {
        const more = new Float64Array(2 * starts.length)
        more.set(starts)
        starts = more
      }
      const line = `${JSON.stringify(row)}\n`
      end += Buffer.byteLength(line)
      count += 1
      starts[count] = end
      yield line
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
    close: () => {
      closeSync(file)
      rmSync(path, { force: true })
    },
  }
}

function* linesOfRun(path: string): Generator<KeyedLine> {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.allocUnsafe(CHUNK)
    const decoder = new StringDecoder('utf8')
    let key: string | undefined
    let rest = ''
    for (let read = readSync(file, bytes); read > 0; read = readSync(file, bytes)) {
      const lines = (rest + decoder.write(bytes.subarray(0, read))).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        if (key !== undefined) yield { key, line }
        key = key === undefined ? line : undefined
      }
    }
  } finally {
    closeSync(file)
  }
}

interface Head {
  next: KeyedLine
  readonly rest: Iterator<KeyedLine>
}

/** The rows of sorted lists in order: a binary heap of their first rows. */
function* merged(sorted: readonly Iterable<KeyedLine>[]): Generator<KeyedLine> {
  const heap: Head[] = []
  for (const rows of sorted) {
    const rest = rows[Symbol.iterator]()
    const first = rest.next()
    if (!first.done) heap.push({ next: first.value, rest })
  }
  heap.sort((a, b) => compareKeys(a.next.key, b.next.key))
  for (let head = heap[0]; head; head = heap[0]) {
    yield head.next
    const next = head.rest.next()
    if (!next.done) head.next = next.value
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
      if (a && b && compareKeys(a.next.key, b.next.key) < 0) least = child
    }
    const [here, there] = [heap[at], heap[least]]
    if (least === at || !here || !there) return
    heap[at] = there
    heap[least] = here
    at = least
  }
}

/** More records of one request are not compared: it has two, and each of them may have copies. */
const MOST_OF_REQUEST = 1_000

/** Each event once: copies stand beside one another in the order, and so do the two records of a call through an endpoint. */
function* withoutCopies(lines: Iterable<KeyedLine>): Generator<TimelineRow> {
  let request: TimelineRow[] = []
  for (const { line } of lines) {
    const row: TimelineRow = JSON.parse(line)
    const before = request.at(-1)
    if (before && isSameEvent(before, row)) continue
    if (before && (!isSameRequest(before, row) || request.length >= MOST_OF_REQUEST)) {
      yield* withoutTwins(request)
      request = []
    }
    request.push(row)
  }
  yield* withoutTwins(request)
}

const withoutTwins = (request: readonly TimelineRow[]): readonly TimelineRow[] =>
  request.length < 2 ? request : request.filter((row) => !request.some((other) => isTwinOf(row, other)))
