import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import type { FoldMaker } from '../../../source.ts'
import { writeSegments } from '../cache/write-segments.ts'
import { type ReadBuffers, readBuffers } from '../decode/read-file.ts'
import { addTargets, type Matchers, matchersFor, setTargets } from '../match/matchers.ts'
import type { Pass } from '../passes.ts'
import { collectNowWhenLarge } from './collect-sooner.ts'
import {
  type CacheTask,
  type SharedCounters,
  sharedCounters,
  type WorkerCommand,
  type WorkerInput,
  type WorkerMessage,
} from './messages.ts'
import { scanPass, workerReport } from './scan-workers.ts'

/** Folds by name. */
export type FoldMakers<State> = Readonly<Record<string, FoldMaker<State>>>

/** What a worker thread does: it scans log files as the main thread commands, or fills the cache. */
export const serveWorker = <State>(port: MessagePort, input: WorkerInput, makers: FoldMakers<State>): void => {
  if (input.task) throwLater(fillCache(port, input, input.task))
  else serveScans(port, input, makers)
}

const makerOf = <State>(makers: FoldMakers<State>, name: string): FoldMaker<State> => {
  const make = makers[name]
  if (!make) throw new Error(`There is no fold called ${name}.`)
  return make
}

/** An error ends the thread, and the main thread gets it as the thread's `error` event. */
const throwLater = (work: Promise<void>): void => {
  work.catch((error) => {
    throw error
  })
}

const fillCache = async (port: MessagePort, { counters, worker }: WorkerInput, task: CacheTask): Promise<void> => {
  const shared = sharedCounters(counters)
  await writeSegments(task.paths, task.segments, readBuffers(), {
    next: shared.next,
    betweenFiles: () => undefined,
    read: (bytes, events) => shared.count(worker, bytes, events),
  })
  send(port, { message: 'cached' })
}

const serveScans = <State>(port: MessagePort, { counters, worker }: WorkerInput, makers: FoldMakers<State>): void => {
  const buffers = readBuffers()
  const shared = sharedCounters(counters)
  let current: { readonly matchers: Matchers<State>; readonly paths: readonly string[] } | undefined
  port.on('message', (command: WorkerCommand) => {
    if (command.command === 'begin scan') {
      const { task, paths } = command
      current = { matchers: matchersFor(task.asked, makerOf(makers, task.fold)), paths }
    } else if (!current) throw new Error(`A worker thread got the command ${command.command} before a scan began.`)
    else if (command.command === 'add targets') addTargets(current.matchers, command.targets)
    else if (command.command === 'report') {
      const report = workerReport(current.matchers)
      port.postMessage(
        { message: 'report', report } satisfies WorkerMessage<State>,
        report.states.flatMap(([, state]) => buffersIn(state)),
      )
      current = undefined
      // The report is let go of when this has returned.
      setImmediate(collectNowWhenLarge)
    } else throwLater(scan({ ...current, port, worker, buffers, counters: shared, pass: command.pass }))
  })
}

/** V8 keeps a smaller array within its heap until somebody asks for its buffer. Bytes. */
const WORTH_HANDING_OVER = 2 ** 10

/** The memory of the counts, which is handed over: a copy would be as large once more. */
const buffersIn = (value: unknown): ArrayBuffer[] => {
  if (ArrayBuffer.isView(value))
    return value.byteLength >= WORTH_HANDING_OVER && value.buffer instanceof ArrayBuffer ? [value.buffer] : []
  if (typeof value !== 'object' || value === null || value instanceof Map || Array.isArray(value)) return []
  return Object.values(value).flatMap(buffersIn)
}

const send = <State>(port: MessagePort, message: WorkerMessage<State>): void => port.postMessage(message)

interface PassInput<State> {
  readonly port: MessagePort
  readonly worker: number
  readonly matchers: Matchers<State>
  readonly buffers: ReadBuffers
  readonly counters: SharedCounters
  readonly paths: readonly string[]
  readonly pass: Pass
}

const scan = async <State>({ port, worker, matchers, buffers, counters, paths, pass }: PassInput<State>): Promise<void> => {
  setTargets(matchers, pass.targets, pass.isFirst)
  const covered = await scanPass(paths, buffers, matchers, {
    next: () => pass.files[counters.next()],
    betweenFiles: () => addTargetsOfOthers(port, matchers),
    found: (targets) => send(port, { message: 'found targets', targets }),
    read: ({ bytes, events }) => {
      if (pass.isFirst) counters.count(worker, bytes, events)
    },
    bad: (file) => {
      if (pass.isFirst) send(port, { message: 'bad file', file })
    },
    mentioned: (path) => {
      if (pass.isFirst) send(port, { message: 'mentioned', path })
    },
  })
  send(port, { message: 'scanned', covered })
}

/** Reads what the other workers found meanwhile. While a pass runs, no `message` event is emitted. */
const addTargetsOfOthers = <State>(port: MessagePort, matchers: Matchers<State>): void => {
  for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) {
    const command: WorkerCommand = next.message
    if (command.command === 'add targets') addTargets(matchers, command.targets)
  }
}
