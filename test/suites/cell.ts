import { ANSWER_LIMITS, type AnswerLimits } from '../../src/aws/answer-limits.ts'
import { TIME_OUTS } from '../../src/aws/open-clients.ts'
import type { Entry } from '../../src/incident/entry.ts'
import { given } from '../../src/incident/values/given.ts'
import type { Responder } from '../../src/response/ports.ts'
import type { Stage } from '../../src/response/stage.ts'
import type { BuiltScenario } from '../../src/simulator/scenario-kit/scenario.ts'
import type { Fault } from '../../src/simulator/wire/message.ts'
import { askedBy } from '../faults/operation.ts'
import { buildQuick } from '../laws/whole-run.ts'
import { huntReads, leaveEverything } from '../support/leave-everything.ts'
import { withOwnDocument } from '../support/own-document.ts'
import { type EndedResult, runInMemory, yes } from '../support/run-in-memory.ts'
import { type FaultKind, faultOf } from './fault-kinds.ts'
import { frontOf } from './front.ts'

/** One operation that fails in one way, on one wire. */
export interface Cell {
  readonly operation: string
  readonly kind: FaultKind
  readonly wire: 'memory' | 'http'
  /** How many calls of the operation fail; absent: all. */
  readonly times?: number
}

/** What came of a cell. */
export interface CellRun {
  readonly operation: string
  readonly built: BuiltScenario
  /** Absent where the run was refused before it began. */
  readonly result?: EndedResult
  readonly refused?: unknown
  readonly journal: readonly Entry[]
  /** Requests that reached the wire, by operation. */
  readonly sent: Readonly<Record<string, number>>
  /** Seconds of this machine. */
  readonly took: number
}

/** As `--yes`: it does not wait for what the deny does not need. */
export const ahead: Responder = { ...yes, goesAhead: true }

/** Where the operation occurs: the hunt's reads only where the attacker has left something. */
export const buildFor = async (operation: string): Promise<BuiltScenario> => {
  const isHunt = huntReads.includes(operation)
  const built = await buildQuick(isHunt ? 'left-behind' : undefined, { historyDays: 3 })
  if (isHunt) leaveEverything(built)
  // One Region is enough to fail in, and a third of the calls.
  Object.assign(built.account, { enabledRegions: [built.account.region] })
  return /^ssm:\w+Document$/.test(operation) ? withOwnDocument(built) : built
}

/**
 * A hanging answer is given up soon, but not before this machine, which others may use too, can have brought an ordinary one: the limit of
 * an attempt is half of what a whole run takes here, and a second at least.
 */
const soon = (): Promise<AnswerLimits> => {
  measured ??= (async () => {
    const began = performance.now()
    await runInMemory({ built: await buildFor(''), responder: ahead, proofWait: 0 })
    const attempt = Math.max(1, (performance.now() - began) / 2000)
    return { ...ANSWER_LIMITS, attempt, call: 2 * attempt }
  })()
  return measured
}

let measured: Promise<AnswerLimits> | undefined

/** Runs a whole response with the fault of the cell. */
export const runCell = async (
  { operation, kind, wire, times = Number.POSITIVE_INFINITY }: Cell,
  stages?: readonly Stage[],
): Promise<CellRun> => {
  const built = await buildFor(operation)
  const journal: Entry[] = []
  const sent: Record<string, number> = {}
  const answerLimits = kind === 'hang' || kind === 'drip' ? await soon() : undefined
  // Slower than the deadline, whatever this machine's deadline is.
  const broken = faultOf(kind, operation, built, { times, dripSeconds: 2 * (answerLimits?.call ?? 0) })
  const fault: Fault = async (request, next) => {
    const asked = await askedBy(request)
    sent[asked.operation] = (sent[asked.operation] ?? 0) + 1
    return broken(request, next)
  }
  const front = wire === 'http' ? await frontOf(built, fault) : undefined
  const client = { ...given({ answerLimits }), ...(front ? { endpoint: front.endpoint, requestHandler: TIME_OUTS } : {}) }
  const began = performance.now()
  const end = () => ({ operation, built, journal, sent, took: (performance.now() - began) / 1000 })
  try {
    const run = { built, journal, responder: ahead, client, proofWait: 0, ...given({ stages }), ...(front ? {} : { fault }) }
    const { result } = await runInMemory(run)
    return { ...end(), result }
  } catch (refused) {
    return { ...end(), refused }
  } finally {
    front?.close()
  }
}
