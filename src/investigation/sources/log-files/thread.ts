import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import type { FoldMaker } from '../../source.ts'
import { fillCache } from './cache/fill-cache.ts'
import { workerReport } from './crew.ts'
import { buffers, type ReadBuffers } from './read-log.ts'
import type { Round } from './rounds.ts'
import { scanRound } from './scan-round.ts'
import { lookFor, lookForOnly, type Seekers, seekersFor } from './seekers.ts'
import { type News, type Order, type Scanning, type SharedNumbers, sharedNumbers, type ThreadData } from './thread-messages.ts'

/** The folds by their names. */
export type FoldMakers<State> = Readonly<Record<string, FoldMaker<State>>>

/** The work of a thread: scans log files as it is ordered on the port, or fills the cache once. */
export const serveThread = <State>(port: MessagePort, data: ThreadData, makers: FoldMakers<State>): void => {
  const { task } = data
  if ('filling' in task) settle(fill(port, data, task))
  else serveScans(port, data, seekersFor(task.asked, makerOf(makers, task.fold)))
}

const makerOf = <State>(makers: FoldMakers<State>, name: string): FoldMaker<State> => {
  const make = makers[name]
  if (!make) throw new Error(`There is no fold called ${name}.`)
  return make
}

/** What goes wrong in a thread ends it, and its starter hears of it. */
const settle = (work: Promise<void>): void => {
  work.catch((error) => {
    throw error
  })
}

type FillingTask = Exclude<ThreadData['task'], Scanning>

const fill = async (port: MessagePort, data: ThreadData, { filling, paths }: FillingTask): Promise<void> => {
  const numbers = sharedNumbers(data.numbers)
  await fillCache(paths, filling, buffers(), {
    next: numbers.next,
    between: () => undefined,
    read: (bytes, events) => numbers.count(data.thread, bytes, events),
  })
  tell(port, { news: 'filled' })
}

const serveScans = <State>(port: MessagePort, data: ThreadData, seekers: Seekers<State>): void => {
  const workplace = buffers()
  const numbers = sharedNumbers(data.numbers)
  let paths: readonly string[] = []
  port.on('message', (order: Order) => {
    if (order.order === 'take') paths = order.paths
    else if (order.order === 'look for') lookFor(seekers, order.targets)
    else if (order.order === 'report') report(port, seekers)
    else settle(scan({ port, data, seekers, workplace, numbers, paths, round: order.round }))
  })
}

const tell = <State>(port: MessagePort, news: News<State>): void => port.postMessage(news)

const report = <State>(port: MessagePort, seekers: Seekers<State>): void => {
  tell(port, { news: 'report', report: workerReport(seekers) })
  port.close()
}

interface Shift<State> {
  readonly port: MessagePort
  readonly data: ThreadData
  readonly seekers: Seekers<State>
  readonly workplace: ReadBuffers
  readonly numbers: SharedNumbers
  readonly paths: readonly string[]
  readonly round: Round
}

const scan = async <State>({ port, data, seekers, workplace, numbers, paths, round }: Shift<State>): Promise<void> => {
  lookForOnly(seekers, round.targets, round.isFirst)
  const covered = await scanRound(paths, workplace, seekers, {
    next: () => round.files[numbers.next()],
    between: () => listen(port, seekers),
    found: (targets) => tell(port, { news: 'found', targets }),
    read: ({ bytes, events }) => {
      if (round.isFirst) numbers.count(data.thread, bytes, events)
    },
    bad: (file) => {
      if (round.isFirst) tell(port, { news: 'bad', file })
    },
  })
  tell(port, { news: 'scanned', covered })
}

/** What the others found in the meantime; the thread is busy, so nobody else picks the messages up. */
const listen = <State>(port: MessagePort, seekers: Seekers<State>): void => {
  for (let message = receiveMessageOnPort(port); message; message = receiveMessageOnPort(port)) {
    const order: Order = message.message
    if (order.order === 'look for') lookFor(seekers, order.targets)
  }
}
