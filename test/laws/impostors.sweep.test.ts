import { describe, expect, it } from 'vitest'
import { answers } from '../faults/kinds.ts'
import { runInMemory } from '../support/run-in-memory.ts'
import { DENIES, expectUnknown, impostors } from './impostor.ts'
import { buildQuick, changesIn, RESPONSE_CALLS } from './whole-run.ts'

/** Beside the writes of the deny, which are held in writes.test.ts, and the command, below. */
const others = RESPONSE_CALLS.filter(({ access }) => access === 'write')
  .map((call) => `${call.service}:${call.operation}`)
  .filter((write) => !DENIES.includes(write) && write !== 'ssm:SendCommand')

describe.each(others)('a success that is not AWS’s, for %s', (operation) => {
  it.each(impostors)('counts as unknown, never as made: %s', (_, response) => expectUnknown(operation, response))
})

it.each(impostors)(
  'a success that is not AWS’s, for ssm:SendCommand, counts as unknown, and the run goes on without it: %s',
  async (_, response) => {
    const built = await buildQuick()
    const fault = answers('ssm:SendCommand', async () => response)
    const { result, journal } = await runInMemory({ built, fault, proofWait: 0 })
    const outcomes = journal.flatMap((entry) =>
      entry.type === 'sent' && entry.stage === 'verify-rotation' ? [entry.outcome] : [],
    )
    expect(outcomes).toEqual(['unknown', 'unknown', 'unknown'])
    expect(changesIn(built).SendCommand).toBeUndefined()
    expect(result.incident.facts.rotation).toMatchObject({ unasked: true, corroboration: [{ kind: 'cloudtrail' }] })
    expect(result.incident.facts.persistence).toBeDefined()
  },
)
