import { describe, expect, it } from 'vitest'
import { EXIT } from '../../src/cli/exit-code.ts'
import { stages } from '../../src/cli/incident-run/stages.ts'
import type { Entry } from '../../src/incident/entry.ts'
import type { Verdict } from '../../src/incident/facts/facts.ts'
import { type Incident, replay } from '../../src/incident/incident.ts'
import { instantOf, plus } from '../../src/incident/values/instant.ts'
import { unconfirmed, unproven } from '../../src/response/ending.ts'
import type { Fault } from '../../src/simulator/wire/message.ts'
import { breaks, type Kind } from '../faults/kinds.ts'
import { askedBy } from '../faults/operation.ts'
import { type MemoryRun, nobody, runInMemory } from '../support/run-in-memory.ts'
import { buildQuick, changesIn, EACH_ONCE } from './whole-run.ts'

const { journal, result } = await runInMemory({ built: await buildQuick() })
const finished = replay(journal)
const LATER = plus(finished.lastAt ?? instantOf(new Date(0)), 1)

type Change = (incident: Incident) => Incident
const withFacts =
  (change: (facts: Required<Incident['facts']>) => Incident['facts']): Change =>
  (incident) => ({ ...incident, facts: { ...incident.facts, ...change(incident.facts as Required<Incident['facts']>) } })
const without =
  (name: keyof Incident['facts']): Change =>
  (incident) => {
    const { [name]: _, ...facts } = incident.facts
    return { ...incident, facts }
  }
const verdict = (name: Verdict): Change => withFacts(({ rotation }) => ({ rotation: { ...rotation, verdict: name } }))
const rechecks =
  (change: (all: Incident['rechecks']) => Incident['rechecks']): Change =>
  (incident) => ({ ...incident, rechecks: change(incident.rechecks) })

describe('a run at its end', () => {
  it('is confirmed when every stage is decided, the revocation was read back three times, and the rotation is corroborated', () => {
    expect(unconfirmed(finished, stages)).toEqual([])
    expect(result).toMatchObject({ ending: 'completed', exitCode: 0, alarms: [], unproven: [] })
    expect(finished.rechecks.filter(({ stage }) => stage === 'revoke-sessions')).toHaveLength(3)
  })

  const spoilt: readonly (readonly [situation: string, change: Change, says: RegExp])[] = [
    ['no revocation', without('revocation'), /the revocation is not established/],
    ['no rotation', without('rotation'), /the rotation is not established/],
    ['a stage neither established nor decided', without('evidence'), /preserve-evidence is neither established nor decided/],
    ['a rotation without corroboration', verdict('rotated-unproven'), /rotated-unproven/],
    ['old credentials on the instance', verdict('not-rotated'), /not-rotated/],
    ['an answer nobody can judge', verdict('unverifiable'), /unverifiable/],
    ['read back twice only', rechecks((all) => all.slice(1)), /re-checked 2 times, not 3/],
    ['never read back', rechecks(() => []), /re-checked 0 times, not 3/],
    [
      'gone at the last look',
      rechecks((all) => [...all, { stage: 'revoke-sessions', at: LATER, stands: false, says: 'GONE' }]),
      /GONE/,
    ],
    [
      'calls from the instance itself',
      withFacts(({ subject }) => ({ subject: { ...subject, caller: { ip: '203.0.113.25', origin: 'instance' } } })),
      /isolate it/,
    ],
    [
      'an attacker who still gets in',
      withFacts(({ closure }) => ({ closure: { ...closure, alarms: ['THE ATTACKER STILL GETS IN'] } })),
      /STILL GETS IN/,
    ],
  ]

  it.each(spoilt)('is not confirmed with %s', (_, change, says) => {
    const reasons = unconfirmed(change(finished), stages)
    expect(reasons.length).toBeGreaterThan(0)
    expect(reasons.join('\n')).toMatch(says)
  })

  it('lists what CloudTrail cannot show yet, and is finished all the same', async () => {
    const early = await runInMemory({ built: await buildQuick(), proofWait: 0 })
    expect(early.result.exitCode).toBe(0)
    expect(early.result.unproven.join('\n')).toMatch(
      /the SSM agent shows only that the credentials are new[\s\S]*CloudTrail shows no call of the attacker that the revocation refused/,
    )
    expect(unproven(finished)).toEqual([])
  })
})

interface Situation extends Omit<MemoryRun, 'built'> {
  readonly situation: string
  readonly code: number
  readonly ending: string
  readonly scenario?: string
}

const truncated = { by: 'file', name: 'finding.json', text: '{"Id": "1ab9' } as const
const times = (kind: Kind, operation: string): Fault => breaks(kind, { operation, times: 1000 })

const situations: readonly Situation[] = [
  { situation: 'it went well', code: EXIT.finished, ending: 'completed' },
  { situation: 'a dry run', code: EXIT.finished, ending: 'completed', dryRun: true },
  { situation: 'a finding file that is cut off', code: EXIT.usage, ending: 'failed', request: truncated },
  { situation: 'nobody approves', code: EXIT.declined, ending: 'declined', responder: nobody },
  { situation: 'several findings, and nobody chooses', code: EXIT.declined, ending: 'declined', request: { by: 'list' } },
  {
    situation: 'GuardDuty may not be read',
    code: EXIT.identity,
    ending: 'failed',
    fault: times('denied', 'guardduty:ListDetectors'),
  },
  { situation: 'the role may not be edited', code: EXIT.identity, ending: 'failed', fault: times('denied', 'iam:PutRolePolicy') },
  { situation: 'no such finding', code: EXIT.blocked, ending: 'blocked', request: { by: 'finding-id', id: 'f'.repeat(32) } },
  { situation: 'containment left out', code: EXIT.unconfirmed, ending: 'completed', skip: ['restart-instance'] },
  { situation: 'calls from the host', code: EXIT.unconfirmed, ending: 'completed', scenario: 'called-from-the-host' },
  { situation: 'AWS is not there', code: EXIT.unavailable, ending: 'failed', fault: times('a 500', 'iam:GetRolePolicy') },
]

describe('the exit code of a run', () => {
  it.each(situations)('the exit code is $code: $situation', async ({ situation: _, code, ending, scenario, ...run }) => {
    const { result: ended } = await runInMemory({ built: await buildQuick(scenario), proofWait: 0, ...run })
    expect({ code: ended.exitCode, ending: ended.ending }).toEqual({ code, ending })
    if (code !== 0 && ending !== 'completed') {
      expect(ended.failure?.what).toMatch(/\w/)
      expect(ended.failure?.remedy, 'a remedy').toMatch(/\w/)
    }
  })

  it('a run without anybody to ask changes nothing', async () => {
    const built = await buildQuick()
    const declined = await runInMemory({ built, responder: nobody, proofWait: 0 })
    expect(declined.result.failure?.why).toContain('revoke-sessions was not approved')
    expect(changesIn(built)).toEqual({})
  })
})

const lastOf = (entries: readonly Entry[]) => entries.filter(({ type }) => type === 'intended' || type === 'sent').at(-1)

describe('a run that is interrupted', () => {
  it.each([...Object.keys(EACH_ONCE), 'LookupEvents', 'DescribeInstanceInformation', 'GetInvestigation'])(
    'ends with 130 in %s, changes nothing afterwards, and has journaled the outcome of what was under way',
    async (operation) => {
      const built = await buildQuick()
      const controller = new AbortController()
      let before: Readonly<Record<string, number>> = {}
      const fault: Fault = async (request, next) => {
        const asked = await askedBy(request)
        const response = await next(request)
        if (asked.operation.endsWith(`:${operation}`) && !controller.signal.aborted) {
          before = changesIn(built)
          controller.abort(new Error('Ctrl-C'))
        }
        return response
      }
      const ran = await runInMemory({ built, fault, signal: controller.signal, proofWait: 0 })
      expect(ran.result).toMatchObject({ ending: 'interrupted', exitCode: 130 })
      expect(changesIn(built)).toEqual(before)
      expect(lastOf(ran.journal)?.type).not.toBe('intended')
    },
  )
})
