import type { BadFile } from '../../source.ts'
import { buffers } from './read-log.ts'
import type { Covered, Round } from './rounds.ts'
import { scanRound } from './scan-round.ts'
import { lookForOnly, type Seekers, type Target } from './seekers.ts'

/** Whoever scans: this thread alone, or with others. */
export interface Crew<State> {
  scan(round: Round): Promise<readonly Covered[]>
  /** How far the first scan has come. */
  total(): Total
  report(): Promise<CrewReport<State>>
  /** Ends the crew. */
  dismiss(): Promise<void>
}

export interface CrewReport<State> {
  /** What was counted, by the names of the questions; several for a question that several counted for. */
  readonly states: readonly (readonly [question: string, state: State])[]
  /** Names of sessions that somebody did not follow. */
  readonly unfollowed: readonly string[]
}

/** What one thread has to report. */
export const workerReport = <State>({ states, unfollowed }: Seekers<State>): CrewReport<State> => ({
  states: [...states].map(([name, { state }]) => [name, state] as const),
  unfollowed: [...unfollowed],
})

export interface Total {
  readonly files: number
  /** On the disk. */
  readonly bytes: number
  readonly events: number
}

/** Whom a crew obeys, and tells of bad files. */
export interface Overseer {
  readonly signal: AbortSignal
  bad(file: BadFile): void
}

/** What a thread shares with the others that scan the same files. */
export interface Share {
  /** From the first file again. */
  restart(): void
  /** The place of the next file in the round. */
  next(): number
  count(bytes: number, events: number): void
  total(): Total
  found(targets: readonly Target[]): void
}

/** So much is read before a timer, a key press or another thread gets its turn: some ten milliseconds. Bytes on the disk. */
const A_TURN = 2 ** 20
/** What opening a file takes, in bytes that could be read meanwhile. */
const OPENING = 2 ** 13

/** Scans in this thread. */
export const crewOfOne = <State>(
  paths: readonly string[],
  seekers: Seekers<State>,
  overseer: Overseer,
  share: Share = shareOfOne(),
): Crew<State> => {
  const workplace = buffers()
  const scan = async (round: Round): Promise<readonly Covered[]> => {
    lookForOnly(seekers, round.targets, round.isFirst)
    let sinceTurn = 0
    share.restart()
    return scanRound(paths, workplace, seekers, {
      next: () => (overseer.signal.aborted ? undefined : round.files[share.next()]),
      between: () => {
        if (sinceTurn < A_TURN) return undefined
        sinceTurn = 0
        return turn()
      },
      found: share.found,
      read: ({ bytes, events }) => {
        sinceTurn += OPENING + bytes
        if (round.isFirst) share.count(bytes, events)
      },
      bad: (file) => {
        if (round.isFirst) overseer.bad(file)
      },
    })
  }
  return { scan, total: share.total, report: async () => workerReport(seekers), dismiss: async () => undefined }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const shareOfOne = (): Share => {
  const total = { files: 0, bytes: 0, events: 0 }
  let place = 0
  return {
    restart: () => {
      place = 0
    },
    next: () => place++,
    count: (bytes, events) => {
      total.files += 1
      total.bytes += bytes
      total.events += events
    },
    total: () => ({ ...total }),
    found: () => undefined,
  }
}
