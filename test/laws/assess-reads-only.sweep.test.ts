import { describe, expect, it } from 'vitest'
import { stages } from '../../src/cli/incident-run/stages.ts'
import type { Fault } from '../../src/simulator/wire/message.ts'
import { askedBy } from '../faults/operation.ts'
import { runInMemory } from '../support/run-in-memory.ts'
import { crashedAt, wholeRun } from './crash.ts'
import { watched } from './watched.ts'
import { changesIn, RESPONSE_CALLS } from './whole-run.ts'

const WRITES = new Set(
  RESPONSE_CALLS.filter(({ access }) => access === 'write').map((call) => `${call.service}:${call.operation}`),
)

/** What arrives at the account while a stage looks. */
const writesWhileLooking =
  (doing: () => string, seen: string[]): Fault =>
  async (request, next) => {
    const { operation } = await askedBy(request)
    if (WRITES.has(operation) && doing() !== 'act') seen.push(operation)
    return next(request)
  }

const whole = await wholeRun()
const aroundChanges = whole.moments.filter(({ operation }) => WRITES.has(operation))

describe('assessing in every state between and after the changes', () => {
  it.each(aroundChanges)('changes nothing in any stage: $when $operation ($entries entries)', async (moment) => {
    const { built, journal } = await crashedAt(moment)
    const seen: string[] = []
    const watch = watched(stages)
    const before = changesIn(built)
    const looking = watch.stages.map(({ act: _, ...stage }) => stage)
    await runInMemory({ built, journal, stages: looking, fault: writesWhileLooking(watch.doing, seen), proofWait: 0 })
    expect(seen).toEqual([])
    expect(changesIn(built)).toEqual(before)
  })
})
