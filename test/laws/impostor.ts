import { expect } from 'vitest'
import type { WireResponse } from '../../src/simulator/wire/message.ts'
import { answers } from '../faults/kinds.ts'
import { runInMemory } from '../support/run-in-memory.ts'
import { buildQuick, changesIn, RESPONSE_CALLS, runWith } from './whole-run.ts'

/** Answers with the status of success that are not AWS’s. */
export const impostors: readonly (readonly [string, WireResponse])[] = [
  ['an empty one', { status: 200, headers: {}, body: '' }],
  ['a web page', { status: 200, headers: { 'content-type': 'text/html' }, body: '<html><body>Sign in</body></html>' }],
  [
    'one with the right fields and no request id',
    { status: 200, headers: {}, body: '{"Command":{"CommandId":"x"},"InvestigationId":"1"}' },
  ],
  ['a 204', { status: 204, headers: {}, body: '' }],
]

/** The writes of the deny: without it nothing else is worth the time. */
export const DENIES: readonly string[] = [
  'iam:PutRolePolicy',
  'iam:PutUserPolicy',
  'iam:UpdateAccessKey',
  'iam:CreatePolicy',
  'iam:AttachRolePolicy',
]

/** What changes which version of a function serves calls. */
const SERVES_CALLS = ['lambda:PublishVersion', 'lambda:UpdateAlias']

/** What a response can do without is left out when its change cannot be seen. */
const LEFT_OUT = 'detective:StartInvestigation'

const stageOf = (operation: string): string =>
  RESPONSE_CALLS.find((call) => `${call.service}:${call.operation}` === operation)?.stages[0] ?? ''

/** Holds that an impostor in the place of a write's answer counts as unknown, never as made. */
export const expectUnknown = async (operation: string, response: WireResponse): Promise<void> => {
  const built = await buildQuick(runWith(operation))
  const { result, journal } = await runInMemory({ built, fault: answers(operation, async () => response), proofWait: 0 })
  const stage = stageOf(operation)
  const outcomes = journal.flatMap((entry) => (entry.type === 'sent' && entry.stage === stage ? [entry.outcome] : []))
  expect(outcomes).toContain('unknown')
  expect(changesIn(built)[operation.replace(/.*:/, '')]).toBeUndefined()
  if (stage === 'close-access') {
    expect(result.incident.facts.access?.ways.map(({ state }) => state)).toContain('open')
    expect(result.failure).toBeUndefined()
    return
  }
  // What serves traffic stays named with its command, and the run goes on.
  if (SERVES_CALLS.includes(operation)) {
    expect(result.incident.facts.renewal?.byHand).toMatchObject([
      { state: 'to-do', command: expect.stringContaining('update-alias') },
    ])
    expect(result).toMatchObject({ ending: 'completed', exitCode: 6 })
    return
  }
  expect(journal.some((entry) => entry.type === 'established' && entry.stage === stage)).toBe(false)
  if (operation === LEFT_OUT) {
    expect(journal.findLast((entry) => entry.type === 'notApplicable')).toMatchObject({ stage })
    expect(result.exitCode).toBe(0)
    return
  }
  expect(result.exitCode).toBe(6)
  expect(result.failure?.why).toMatch(new RegExp(`^ir-cred sent ${operation} on \\S+ 3 times and cannot see the change: `))
  // Without the deny nothing else is worth the time; what else is provably absent is left out.
  expect(result.incident.facts.closure !== undefined).toBe(!DENIES.includes(operation))
}
