import { describe, expect, it } from 'vitest'
import { apiCalls } from '../../src/aws/calls.ts'
import type { Entry } from '../../src/incident/entry.ts'
import { secondsBetween } from '../../src/incident/values/instant.ts'
import { buildQuick, changesIn, EACH_ONCE } from '../laws/whole-run.ts'
import { runInMemory } from '../support/run-in-memory.ts'
import { breaks, type Kind } from './kinds.ts'

const writes = apiCalls
  .filter(({ access }) => access === 'write')
  .map((call) => ({ operation: `${call.service}:${call.operation}`, stage: call.stages[0] ?? '' }))

/** What a fault of the first sending comes to. `sent`: the outcomes on record, in order. */
interface Comes {
  readonly kind: Kind
  readonly sent: readonly string[]
}

const comes: readonly Comes[] = [
  // Provably not applied: it is sent again, with an intent of its own.
  { kind: 'throttled', sent: ['refused', 'accepted'] },
  { kind: 'clock skew', sent: ['refused', 'accepted'] },
  // Nobody knows; it is read back, and sent again because it is provably absent.
  { kind: 'a 500', sent: ['unknown', 'accepted'] },
  { kind: 'connection lost before', sent: ['unknown', 'accepted'] },
  { kind: 'empty 200', sent: ['unknown', 'accepted'] },
  { kind: 'HTML 200', sent: ['unknown', 'accepted'] },
  // Nobody knows; it is read back, and found.
  { kind: 'connection lost after', sent: ['unknown'] },
  { kind: 'truncated 200', sent: ['unknown'] },
]

const outcomesOf = (journal: readonly Entry[], operation: string): readonly string[] => {
  const nonces = new Set(
    journal.flatMap((entry) => (entry.type === 'intended' && entry.effect.operation === operation ? [entry.nonce] : [])),
  )
  return journal.flatMap((entry) => (entry.type === 'sent' && nonces.has(entry.nonce) ? [entry.outcome] : []))
}

const intentsOf = (journal: readonly Entry[], operation: string) =>
  journal.flatMap((entry) => (entry.type === 'intended' && entry.effect.operation === operation ? [entry] : []))

describe.each(writes)('$operation', ({ operation }) => {
  it.each(comes)('finishes and changes once after: $kind', async ({ kind, sent }) => {
    const built = await buildQuick()
    const { result, journal } = await runInMemory({ built, fault: breaks(kind, { operation }), proofWait: 0 })
    expect(result).toMatchObject({ ending: 'completed', exitCode: 0 })
    expect(outcomesOf(journal, operation)).toEqual(sent)
    expect(intentsOf(journal, operation)).toHaveLength(sent.length)
    expect(changesIn(built)).toEqual(EACH_ONCE)
  })

  it('is continued by the next run when it was denied once and then permitted', async () => {
    const built = await buildQuick()
    const journal: Entry[] = []
    await runInMemory({ built, journal, fault: breaks('denied', { operation }), proofWait: 0 })
    const { result } = await runInMemory({ built, journal, proofWait: 0 })
    expect(result.exitCode).toBe(0)
    expect(changesIn(built)).toEqual(EACH_ONCE)
  })
})

/** A response can do without Detective: test/faults/denied-reads.test.ts tells what becomes of a refused start. */
const needed = writes.filter(({ operation }) => operation !== 'detective:StartInvestigation')

describe.each(needed)('$operation', ({ operation, stage }) => {
  it('stops the run when denied, names the permission, and nothing later is changed', async () => {
    const built = await buildQuick()
    const { result, journal, events } = await runInMemory({ built, fault: breaks('denied', { operation }), proofWait: 0 })
    expect(result.exitCode).toBe(4)
    expect(result.failure?.what).toContain(operation)
    expect(result.failure?.remedy).toMatch(/permission.*ir-cred policy/)
    expect(events.findLast((event) => event.type === 'entered')).toMatchObject({ stage })
    expect(outcomesOf(journal, operation)).toEqual(['refused'])
    const index = Object.keys(EACH_ONCE).indexOf(operation.replace(/.*:/, ''))
    expect(changesIn(built)).toEqual(Object.fromEntries(Object.entries(EACH_ONCE).slice(0, index)))
  })

  it('ends the run as unavailable when throttled for good, and the run can be continued', async () => {
    const built = await buildQuick()
    const journal: Entry[] = []
    const { result } = await runInMemory({ built, journal, fault: breaks('throttled', { operation, times: 99 }), proofWait: 0 })
    const intents = intentsOf(journal, operation)
    expect(result.exitCode).toBe(7)
    expect(outcomesOf(journal, operation)).toEqual(['refused', 'refused', 'refused', 'refused'])
    const [first, last] = [intents[0]?.at, intents.at(-1)?.at]
    expect(first && last && secondsBetween(first, last)).toBeGreaterThanOrEqual(15)
    expect((await runInMemory({ built, journal, proofWait: 0 })).result.exitCode).toBe(0)
    expect(changesIn(built)).toEqual(EACH_ONCE)
  })
})

describe('a start that is lost', () => {
  it('is noticed within two minutes', async () => {
    const built = await buildQuick()
    const fault = breaks('connection lost before', { operation: 'ec2:StartInstances' })
    const { journal } = await runInMemory({ built, fault, proofWait: 0 })
    const [lost, again] = intentsOf(journal, 'ec2:StartInstances').map(({ at }) => at)
    expect(lost && again && secondsBetween(lost, again)).toBeLessThan(120)
  })
})
