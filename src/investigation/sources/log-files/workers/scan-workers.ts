import type { KeyTable } from '../../../analysis/key-table.ts'
import type { BadFile } from '../../../source.ts'
import type { ScannedFile } from '../count-matches.ts'
import { type ReadBuffers, readBuffers } from '../decode/read-file.ts'
import { fileError } from '../discover/files-on-disk.ts'
import { type Matchers, setTargets, type Target } from '../match/matchers.ts'
import type { RecordSpan } from '../match/record-span.ts'
import type { CoveredFiles, Pass } from '../passes.ts'
import { scanFile } from '../scan-file.ts'

/** The workers that scan the log files: the main thread alone (`mainThreadOnly`), or with worker threads (`allThreads`). */
export interface ScanWorkers<State> {
  /** Scans the files of a pass; gives which files were searched for which targets. */
  scan(pass: Pass): Promise<readonly CoveredFiles[]>
  /** What the first pass has read so far. */
  total(): ScanTotal
  report(): Promise<WorkerReport<State>>
  stop(): Promise<void>
}

export interface WorkerReport<State> {
  /** What was counted for each question, by its name. A question appears once for each worker that counted for it. */
  readonly states: (readonly [question: string, state: State])[]
  /** For each worker, hashes of the names of chained sessions that it did not follow. */
  readonly unfollowed: readonly KeyTable[]
  readonly span: RecordSpan
}

export interface ScanTotal {
  readonly files: number
  /** As stored on disk. */
  readonly bytes: number
  readonly events: number
}

/** The report of one worker. */
export const workerReport = <State>({ states, unfollowed, span }: Matchers<State>): WorkerReport<State> => ({
  states: [...states].map(([name, { state }]) => [name, state] as const),
  unfollowed: [unfollowed],
  span,
})

export interface ScanControl {
  /** Ends the scan. */
  readonly signal: AbortSignal
  /** CallIdentity with each file that could not be read whole. */
  bad(file: BadFile): void
  /** Called with each file in which the principal's search term stands, and none of whose records is the principal's. */
  mentioned(path: string): void
}

/** What a worker shares with the others that scan the same files. */
export interface SharedWork {
  /** Back to the first file. */
  restart(): void
  /** The next file's place in the pass. */
  next(): number
  /** Counts one file that was read. */
  count(bytes: number, events: number): void
  total(): ScanTotal
  /** Tells the other workers about new targets. */
  found(targets: readonly Target[]): void
}

/** After so many bytes, timers, key presses and messages get their turn: some 10 ms. Bytes on disk. */
const TURN_BYTES = 2 ** 20
/** Opening a file takes as long as reading so many bytes. */
const OPEN_BYTES = 2 ** 13
/** And counting a record that matches so many: few do in most files, all in some. */
const EVENT_BYTES = 2 ** 8

/** Scans in the main thread. */
export const mainThreadOnly = <State>(
  paths: readonly string[],
  matchers: Matchers<State>,
  control: ScanControl,
  work: SharedWork = unsharedWork(),
): ScanWorkers<State> => {
  const buffers = readBuffers()
  const scan = async (pass: Pass): Promise<readonly CoveredFiles[]> => {
    setTargets(matchers, pass.targets, pass.isFirst)
    let bytesInTurn = 0
    work.restart()
    return scanPass(paths, buffers, matchers, {
      next: () => (control.signal.aborted ? undefined : pass.files[work.next()]),
      betweenFiles: () => {
        if (bytesInTurn < TURN_BYTES) return undefined
        bytesInTurn = 0
        return nextTurn()
      },
      found: work.found,
      read: ({ bytes, events }) => {
        bytesInTurn += OPEN_BYTES + bytes + EVENT_BYTES * events
        if (pass.isFirst) work.count(bytes, events)
      },
      bad: (file) => {
        if (pass.isFirst) control.bad(file)
      },
      mentioned: (path) => {
        if (pass.isFirst) control.mentioned(path)
      },
    })
  }
  return { scan, total: work.total, report: async () => workerReport(matchers), stop: async () => undefined }
}

/** Lets timers, key presses, messages and work that is due have their turn. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const unsharedWork = (): SharedWork => {
  const total = { files: 0, bytes: 0, events: 0 }
  let nextPlace = 0
  return {
    restart: () => {
      nextPlace = 0
    },
    next: () => nextPlace++,
    count: (bytes, events) => {
      total.files += 1
      total.bytes += bytes
      total.events += events
    },
    total: () => ({ ...total }),
    found: () => undefined,
  }
}

/** What one worker's pass over the files asks and reports. */
export interface PassHooks {
  /** The index of the next file. Undefined after the last one, or when the scan is aborted. */
  next(): number | undefined
  /** CallIdentity between two files: here a worker learns of new targets from the others. */
  betweenFiles(): void | Promise<void>
  found(targets: readonly Target[]): void
  read(file: ScannedFile): void
  bad(file: BadFile): void
  mentioned(path: string): void
}

/** Scans file after file in one thread; gives which of them were searched for which targets. */
export const scanPass = async <State>(
  paths: readonly string[],
  buffers: ReadBuffers,
  matchers: Matchers<State>,
  hooks: PassHooks,
): Promise<readonly CoveredFiles[]> => {
  const covered: GrowingCover[] = []
  for (let index = hooks.next(); index !== undefined; index = hooks.next()) {
    const { found, searched } = await scanOne(paths[index] ?? '', buffers, matchers, hooks)
    if (found.length > 0) hooks.found(found)
    cover(covered, matchers, searched, index)
    const pause = hooks.betweenFiles()
    if (pause !== undefined) await pause
  }
  // No file may have been searched yet for the targets that were found last.
  return [...covered, { targets: [...matchers.targets.values()], files: [] }]
}

const scanOne = async <State>(
  path: string,
  buffers: ReadBuffers,
  matchers: Matchers<State>,
  hooks: PassHooks,
): Promise<ScannedFile> => {
  try {
    const file = await scanFile(path, buffers, matchers)
    hooks.read(file)
    if (file.why) hooks.bad({ path, why: file.why })
    if (file.isMention) hooks.mentioned(path)
    return file
  } catch (error) {
    const file = { bytes: 0, events: 0, found: [], searched: matchers.targets.size }
    hooks.read(file)
    hooks.bad({ path, why: fileError(error, path) })
    return file
  }
}

interface GrowingCover extends CoveredFiles {
  readonly files: number[]
}

/** Notes that a file was searched for the first `count` targets. Targets are only added, so an equal count means equal targets. */
const cover = <State>(covered: GrowingCover[], { targets }: Matchers<State>, count: number, index: number): void => {
  const last = covered.at(-1)
  if (last && last.targets.length === count) last.files.push(index)
  else covered.push({ targets: [...targets.values()].slice(0, count), files: [index] })
}
