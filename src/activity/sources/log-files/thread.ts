import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import type { FoldMaker } from '../../source.ts'
import { fileAt } from './crew.ts'
import { type Desk, desk } from './read-log.ts'
import type { Round } from './rounds.ts'
import { scanRound } from './scan-round.ts'
import { lookFor, lookForOnly, type Seekers, seekersFor } from './seekers.ts'
import { type News, type Order, type SharedNumbers, sharedNumbers, type ThreadData } from './thread-messages.ts'

/** The folds by their names. */
export type FoldMakers<State> = Readonly<Record<string, FoldMaker<State>>>

/** The work of a thread that scans log files: does what it is ordered on the port, until the port is closed. */
export const serveThread = <State>(port: MessagePort, data: ThreadData, makers: FoldMakers<State>): void => {
  const make = makers[data.fold]
  if (!make) throw new Error(`There is no fold called ${data.fold}.`)
  const seekers = seekersFor(data.asked, make)
  const workplace = desk()
  const numbers = sharedNumbers(data.numbers)
  port.on('message', (order: Order) => {
    if (order.order === 'look for') lookFor(seekers, order.targets)
    else if (order.order === 'report') report(port, seekers)
    else
      scan({ port, data, seekers, workplace, numbers, round: order.round }).catch((error) => {
        throw error
      })
  })
}

const tell = <State>(port: MessagePort, news: News<State>): void => port.postMessage(news)

const report = <State>(port: MessagePort, seekers: Seekers<State>): void => {
  tell(port, { news: 'report', states: [...seekers.states].map(([name, { state }]) => [name, state]) })
  port.close()
}

interface Shift<State> {
  readonly port: MessagePort
  readonly data: ThreadData
  readonly seekers: Seekers<State>
  readonly workplace: Desk
  readonly numbers: SharedNumbers
  readonly round: Round | undefined
}

const scan = async <State>({ port, data, seekers, workplace, numbers, round }: Shift<State>): Promise<void> => {
  if (round) lookForOnly(seekers, round.targets)
  const covered = await scanRound(data.paths, workplace, seekers, {
    next: () => fileAt(numbers.next(), data.paths, round?.files),
    between: () => listen(port, seekers),
    found: (targets) => tell(port, { news: 'found', targets }),
    read: ({ bytes, events }) => {
      if (!round) numbers.count(data.thread, bytes, events)
    },
    bad: (file) => {
      if (!round) tell(port, { news: 'bad', file })
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
