import { describe, expect, it } from 'vitest'
import { type CallParameters, type Effect, SET_AT_SENDING } from '../../src/incident/entry.ts'
import type { Fault } from '../../src/simulator/wire/message.ts'
import { type Asked, askedBy } from '../faults/operation.ts'
import { runInMemory } from '../support/run-in-memory.ts'
import { buildQuick, RESPONSE_CALLS, runWith, type WholeRun, WRITES_OF_RUN, wholeRuns } from './whole-run.ts'

const WRITES = RESPONSE_CALLS.filter(({ access }) => access === 'write').map(
  ({ service, operation }) => `${service}:${operation}`,
)

const recordingIn =
  (received: Asked[]): Fault =>
  async (request, next) => {
    const asked = await askedBy(request)
    if (WRITES.includes(asked.operation)) received.push(asked)
    return next(request)
  }

/** A response, and the dry run of the same. */
const runOf = async (scenario: WholeRun) => {
  const received: Asked[] = []
  const { journal } = await runInMemory({ built: await buildQuick(scenario), fault: recordingIn(received), proofWait: 0 })
  const dry = await runInMemory({ built: await buildQuick(scenario), dryRun: true, proofWait: 0 })
  return { received, journal, dry }
}

const runs = new Map(await Promise.all(wholeRuns.map(async (scenario) => [scenario, await runOf(scenario)] as const)))

const of = (operation: string): Awaited<ReturnType<typeof runOf>> => {
  const run = runs.get(runWith(operation))
  if (!run) throw new Error(`${operation} was not sent`)
  return run
}

const shownBefore = (operation: string): Effect | undefined =>
  of(operation)
    .journal.flatMap((entry) => (entry.type === 'approved' ? entry.effects : []))
    .find((effect) => effect.operation === operation)

const intendedFor = (operation: string): Effect | undefined =>
  of(operation)
    .journal.flatMap((entry) => (entry.type === 'intended' ? [entry.effect] : []))
    .find((effect) => effect.operation === operation)

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/

/** Whether two moments are the same: the wire of Detective gives seconds, that of IAM text. */
const momentOf = (value: unknown): number | undefined => {
  if (value instanceof Date) return value.getTime()
  if (typeof value === 'number') return value * 1000
  return typeof value === 'string' && ISO.test(value) ? Date.parse(value) : undefined
}

/** What was sent against what was shown: equal, but for what is only known at sending. `timesMove`: a cut-off is set anew. */
const expectSame = (shown: unknown, sent: unknown, timesMove: boolean, at: string): void => {
  if (typeof shown === 'string' && shown.includes(SET_AT_SENDING)) {
    const [before = '', ...after] = shown.split(SET_AT_SENDING)
    expect(String(sent).startsWith(before), at).toBe(true)
    expect(after.length, at).toBeGreaterThan(0)
    return
  }
  if (typeof shown === 'string' && ISO.test(shown)) {
    expect(momentOf(sent), at).toBeDefined()
    if (!timesMove) expect(momentOf(sent), at).toBe(Date.parse(shown))
    return
  }
  if (typeof shown !== 'object' || shown === null) return void expect(sent, at).toEqual(shown)
  const of = typeof sent === 'string' ? JSON.parse(sent) : sent
  expect(Object.keys(of as object).sort(), at).toEqual(Object.keys(shown).sort())
  for (const [name, value] of Object.entries(shown))
    expectSame(value, (of as Record<string, unknown>)[name], timesMove, `${at}.${name}`)
}

/** What the wire adds, or spells otherwise, in a query request of EC2 or IAM. */
const inputOf = (operation: string): CallParameters => {
  const asked = of(operation).received.find((one) => one.operation === operation)
  if (!asked) throw new Error(`${operation} was not sent`)
  const { Action: _, Version: __, ...input } = asked.input
  return input
}

describe('what is approved', () => {
  it.each(wholeRuns)('is every write of a run of %s', (scenario) => {
    const sent = runs.get(scenario)?.received.map(({ operation }) => operation)
    expect(sent?.sort()).toEqual([...WRITES_OF_RUN[scenario]].sort())
  })

  it.each(WRITES)('%s: the parameters that are shown are those that are sent, but for the time of a cut-off', (operation) => {
    expectSame(shownBefore(operation)?.parameters, inputOf(operation), true, operation)
  })

  it.each(WRITES)('%s: the parameters in the intent are those that are sent', (operation) => {
    expectSame(intendedFor(operation)?.parameters, inputOf(operation), false, operation)
  })

  it.each(WRITES)('%s: a dry run shows the parameters that a run sends', (operation) => {
    const effect = of(operation)
      .dry.events.flatMap((event) => (event.type === 'assessed' ? event.effects : []))
      .find((one) => one.operation === operation)
    expectSame(effect?.parameters, inputOf(operation), true, operation)
  })

  it('shows the deny as a document with its cut-off, and the whole script that runs as root', () => {
    expect(JSON.stringify(shownBefore('iam:PutRolePolicy')?.parameters)).toMatch(
      /"DateLessThan":\{"aws:TokenIssueTime":"2026-[^"]+Z"\}/,
    )
    expect(JSON.stringify(shownBefore('ssm:SendCommand')?.parameters)).toContain('meta-data/iam/security-credentials')
  })
})
