import { expect } from 'vitest'
import { stages } from '../../src/cli/incident-run/stages.ts'
import type { Entry, RevokeForm } from '../../src/incident/entry.ts'
import type { Incident } from '../../src/incident/incident.ts'
import { given } from '../../src/incident/values/given.ts'
import type { BuiltScenario } from '../../src/simulator/scenario-kit/scenario.ts'
import type { Fault } from '../../src/simulator/wire/message.ts'
import { askedBy } from '../faults/operation.ts'
import { type MemoryRan, runInMemory } from '../support/run-in-memory.ts'
import { watched } from './watched.ts'
import { apartFromTimesAndIds, buildQuick, changesIn, eachOnceIn, isWrite, wholeRunOf } from './whole-run.ts'

/** A moment at which the process is gone. */
export interface Moment {
  readonly operation: string
  /** The how manieth call of the operation it is: reads that go on side by side may change places with others. */
  readonly call: number
  readonly stage: string
  readonly when: 'before' | 'after'
  /** How many entries are on disk then. */
  readonly entries: number
}

export interface WholeRun {
  readonly ran: MemoryRan
  /** Where it happened; the standard one when it is not said. */
  readonly scenario?: string
  /** Before and after each of its calls, where that is not the same. */
  readonly moments: readonly Moment[]
}

/** Two entries that are written without a call in between: the process may be gone after the first of them. */
const between = (entries: number, next: Moment): Moment[] =>
  Array.from({ length: Math.max(0, next.entries - entries - 1) }, (_, index) => ({ ...next, entries: entries + 1 + index }))

/** A run that nothing disturbs, and every moment at which it could have been disturbed: around each call, after each entry. */
export const wholeRun = async (scenario?: string, revoke?: RevokeForm): Promise<WholeRun> => {
  const watch = watched(stages)
  const journal: Entry[] = []
  const moments: Moment[] = []
  const calls = new Map<string, number>()
  const fault: Fault = async (request, next) => {
    const { operation } = await askedBy(request)
    const last = moments.at(-1)
    const call = (calls.get(operation) ?? 0) + 1
    calls.set(operation, call)
    const moment = { call, operation, stage: watch.stage(), entries: journal.length }
    const before = { ...moment, when: 'before' } as const
    // Nothing was written between the two calls: gone after the one is gone before the other, with the same left behind.
    if (last?.when === 'after' && last.entries === before.entries) moments.pop()
    moments.push(...between(last?.entries ?? 0, before), before, { ...moment, when: 'after' })
    return next(request)
  }
  const built = await buildQuick(scenario)
  const ran = await runInMemory({ built, journal, stages: watch.stages, fault, proofWait: 0, ...given({ revoke }) })
  return { ran, moments, ...(scenario ? { scenario } : {}) }
}

const GONE = 'the process is gone'

/** Runs until the moment, and gives what is left then: the account, and the journal as it was on disk. */
export const crashedAt = async (
  { operation, call, when, entries }: Moment,
  runbook = () => stages,
  scenario?: string,
  revoke?: RevokeForm,
) => {
  const built = await buildQuick(scenario)
  const journal: Entry[] = []
  const process = new AbortController()
  let calls = 0
  let gone = false
  // Reads side by side may leave in another order than in the whole run. What AWS has got, the disk held the intent of.
  let onDisk = 0
  const fault: Fault = async (request, next) => {
    const asked = (await askedBy(request)).operation
    if (gone) throw new Error(GONE)
    if (asked === operation) calls += 1
    const isLast = asked === operation && calls === call
    if (!isLast || when === 'after') {
      if (isWrite(asked)) onDisk = journal.length
      const response = await next(request)
      if (!isLast) return response
    }
    gone = true
    expect(journal.length).toBeGreaterThanOrEqual(entries)
    process.abort(new Error(GONE))
    throw new Error(GONE)
  }
  const run = { built, journal, stages: runbook(), fault, signal: process.signal, proofWait: 0, ...given({ revoke }) }
  await runInMemory(run).catch((error: unknown) => expect(String(error)).toContain(GONE))
  expect(gone, `call ${call} was made`).toBe(true)
  journal.length = Math.max(entries, onDisk)
  return { built, journal }
}

/** Runs on, until the first request for the operation: the process is gone before it arrives, or once AWS has carried it out. */
export const goneAgain = async (left: LeftBehind, operation: string, when: Moment['when']): Promise<LeftBehind> => {
  const process = new AbortController()
  const journal = [...left.journal]
  let entries: number | undefined
  const fault: Fault = async (request, next) => {
    if (entries !== undefined) throw new Error(GONE)
    if ((await askedBy(request)).operation !== operation) return next(request)
    if (when === 'after') await next(request)
    entries = journal.length
    process.abort(new Error(GONE))
    throw new Error(GONE)
  }
  const run = { built: left.built, journal, fault, signal: process.signal, proofWait: 0 }
  await runInMemory(run).catch((error: unknown) => expect(String(error)).toContain(GONE))
  return { built: left.built, journal: journal.slice(0, entries) }
}

const cutoffsIn = (journal: readonly Entry[]): readonly string[] =>
  journal.flatMap((entry) => (entry.type === 'intended' && entry.planned?.cutoff ? [entry.planned.cutoff] : []))

/** The crash law: cut off at the moment and run again, it comes to the same end, and no change is made twice. */
export const holdCrashLaw = async (moment: Moment, whole: WholeRun, runbook = () => stages): Promise<void> =>
  expectTheSameEnd(await crashedAt(moment, runbook, whole.scenario), whole, runbook)

/** What is left of a run whose process is gone. */
export interface LeftBehind {
  readonly built: BuiltScenario
  readonly journal: Entry[]
}

/** Runs on from what is left, and comes to the end of the whole run, with no change made twice. */
export const expectTheSameEnd = async (
  { built, journal }: LeftBehind,
  { ran: whole, scenario }: WholeRun,
  runbook = () => stages,
) => {
  const watch = watched(runbook())
  const writesInAssess: string[] = []
  const fault: Fault = async (request, next) => {
    if (watch.doing() === 'assess') {
      const { operation } = await askedBy(request)
      if (isWrite(operation)) writesInAssess.push(operation)
    }
    return next(request)
  }
  const { result } = await runInMemory({ built, journal, stages: watch.stages, fault, proofWait: 0 })
  expect(changesIn(built)).toEqual(eachOnceIn(wholeRunOf(scenario)))
  expect({ ending: result.ending, exitCode: result.exitCode, alarms: result.alarms }).toEqual({
    ending: whole.result.ending,
    exitCode: whole.result.exitCode,
    alarms: whole.result.alarms,
  })
  expect(compared(result.incident.facts, scenario)).toEqual(compared(whole.result.incident.facts, scenario))
  // Sent again, the deny has a later cut-off; it never moves back.
  expect([...cutoffsIn(journal)].sort()).toEqual(cutoffsIn(journal))
  expect(cutoffsIn(journal).at(-1)).toBe(result.incident.facts.revocation?.cutoff)
  expect(writesInAssess).toEqual([])
}

/** Facts without their times and ids. An attacker who takes new sessions is traced for as long as the response takes. */
const compared = ({ activity, ...facts }: Incident['facts'], scenario: string | undefined): unknown =>
  apartFromTimesAndIds(scenario === 'web-identity' ? facts : { ...facts, activity })
