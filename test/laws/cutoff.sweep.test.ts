import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Entry } from '../../src/incident/entry.ts'
import { emptyIncident, type IncidentWith, type Intent } from '../../src/incident/incident.ts'
import {
  epochOf,
  type Instant,
  instantOf,
  isBefore,
  parseInstant,
  plus,
  secondsBetween,
} from '../../src/incident/values/instant.ts'
import { intendedCutoff } from '../../src/response/stages/revoke-sessions/cutoff.ts'
import { cutoffOf } from '../../src/response/stages/revoke-sessions/policy.ts'
import { steppingClock } from '../../src/simulator/clock.ts'
import type { BuiltScenario } from '../../src/simulator/scenario-kit/scenario.ts'
import { runInMemory } from '../support/run-in-memory.ts'
import { build, passes } from '../support/scenario.ts'
import { NOW } from '../support/trail.ts'
import { crashedAt, wholeRun } from './crash.ts'
import { buildQuick, changesIn } from './whole-run.ts'

const POLICY = 'AWSRevokeOlderSessions'
const standingIn = ({ account }: BuiltScenario): Instant | undefined =>
  cutoffOf(account.roles.get('web-app')?.inline.get(POLICY)?.document)

const writeCutoff = ({ account }: BuiltScenario, cutoff: Instant): void => {
  const document = JSON.stringify({
    Statement: { Effect: 'Deny', Action: '*', Resource: '*', Condition: { DateLessThan: { 'aws:TokenIssueTime': cutoff } } },
  })
  account.roles.get('web-app')?.inline.set(POLICY, { document, writtenAt: account.clock.now() - 60_000 })
}

const at = (seconds: number): Instant => instantOf(new Date(NOW + seconds * 1000))
const intentsOf = (journal: readonly Entry[]) =>
  journal.flatMap((entry) => (entry.type === 'intended' && entry.stage === 'revoke-sessions' ? [entry] : []))

describe('the cut-off', () => {
  it.each(['1999-12-31T23:59:50Z', '2026-11-25T02:00:00Z', '2031-06-30T18:00:00Z'])(
    'is AWS’s time + 30 seconds, in UTC, whatever this machine’s clock says: %s',
    async (moment) => {
      const built = await build('custom-threat-list', { clock: steppingClock(Date.parse(moment)) })
      const { journal } = await runInMemory({ built, proofWait: 0 })
      const [intent] = intentsOf(journal)
      const cutoff = standingIn(built)
      expect(cutoff).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
      expect(cutoff).toBe(intent?.planned?.cutoff)
      expect(secondsBetween(intent?.at as Instant, cutoff as Instant)).toBeGreaterThan(28)
      expect(secondsBetween(intent?.at as Instant, cutoff as Instant)).toBeLessThanOrEqual(30)
    },
  )

  it('is moved forward when an earlier one stands, and the replaced document is kept', async () => {
    const built = await buildQuick()
    writeCutoff(built, at(-86_400))
    const { journal, result } = await runInMemory({ built, proofWait: 0 })
    expect(isBefore(at(0), standingIn(built) as Instant)).toBe(true)
    expect(journal.filter((entry) => entry.type === 'kept').map(({ name }) => name)).toContain(`prior-${POLICY}`)
    const { writtenBy, priorDocument } = result.incident.facts.revocation ?? {}
    const kept = journal.find((entry) => entry.type === 'kept' && entry.name === `prior-${POLICY}`)
    expect(writtenBy).toBe('ours')
    expect(priorDocument).toEqual(kept && 'ref' in kept ? kept.ref : 'nothing was kept')
    expect(intentsOf(journal)[0]?.planned?.priorDocument).toEqual(priorDocument)
  })

  it('is kept when a later one stands: nothing is written, and the restart waits for it', async () => {
    const built = await buildQuick()
    writeCutoff(built, at(240))
    const { result } = await runInMemory({ built, proofWait: 0 })
    expect(changesIn(built).PutRolePolicy).toBeUndefined()
    expect(result.incident.facts).toMatchObject({ revocation: { cutoff: at(240), writtenBy: 'found' } })
    expect(isBefore(at(240), result.incident.facts.restart?.launchTime as Instant)).toBe(true)
    expect(result.exitCode).toBe(0)
  })

  it('keeps the instance running when it is hours ahead', async () => {
    const built = await buildQuick()
    writeCutoff(built, at(7200))
    const { result } = await runInMemory({ built, proofWait: 0 })
    expect(result).toMatchObject({ exitCode: 5, failure: { why: expect.stringContaining(at(7200)) } })
    expect(changesIn(built)).toEqual({ ModifyInstanceMetadataOptions: 1, CreateSnapshots: 1 })
  })

  it('is not read from a policy of that name with another meaning', async () => {
    const built = await buildQuick()
    const document = JSON.stringify({ Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] })
    built.account.roles.get('web-app')?.inline.set(POLICY, { document, writtenAt: 0 })
    const { journal } = await runInMemory({ built, proofWait: 0 })
    expect(standingIn(built)).toBeDefined()
    expect(journal.filter((entry) => entry.type === 'kept').map(({ name }) => name)).toContain(`prior-${POLICY}`)
  })
})

const { moments } = await wholeRun()
const beforeWrite = moments.findLast(({ operation, when }) => operation === 'iam:PutRolePolicy' && when === 'before')

describe('an intent without a policy', () => {
  it.each([240, 600])(
    'is sent again after %i s with a new cut-off, so that sessions stolen since are denied too',
    async (seconds) => {
      if (!beforeWrite) throw new Error('nothing was written')
      const { built, journal } = await crashedAt(beforeWrite)
      passes(built, seconds)
      const { result } = await runInMemory({ built, journal, proofWait: 0 })
      const planned = intentsOf(journal).map(({ planned }) => planned?.cutoff as Instant)
      expect(new Set(planned).size).toBe(2)
      expect([...planned].sort()).toEqual(planned)
      expect(standingIn(built)).toBe(planned.at(-1))
      expect(result.exitCode).toBe(0)
      expect(changesIn(built).PutRolePolicy).toBe(1)
    },
  )
})

const seconds = (max: number) => fc.integer({ min: 0, max })

describe('any intended cut-off and any standing one', () => {
  const arbitrary = fc.record({
    opened: seconds(3600),
    now: seconds(90_000),
    standing: fc.option(seconds(100_000), { nil: undefined }),
    intended: fc.option(fc.record({ at: seconds(90_000), outcome: fc.constantFrom('accepted', 'unknown', undefined) }), {
      nil: undefined,
    }),
  })

  it('give a cut-off that never moves back, is in whole seconds, and covers now unless one stands', () => {
    fc.assert(
      fc.property(arbitrary, ({ opened, now, standing, intended }) => {
        fc.pre(now >= opened && (intended === undefined || (intended.at >= opened && intended.at <= now)))
        const intent: Intent | undefined = intended && {
          stage: 'revoke-sessions',
          nonce: 'n',
          effect: { operation: 'iam:PutRolePolicy', resource: 'r', sentence: 's' },
          at: at(intended.at),
          planned: { cutoff: at(intended.at + 30) },
          ...(intended.outcome ? { outcome: intended.outcome as 'accepted' } : {}),
        }
        const incident = {
          ...emptyIncident,
          openedAt: at(opened),
          intents: intent ? [intent] : [],
        } as unknown as IncidentWith<'subject'>
        const stands = standing === undefined ? {} : { cutoff: at(standing) }
        const { cutoff } = intendedCutoff(incident, stands, at(now))
        if (standing !== undefined && standing > opened && !intent) expect(cutoff).toBe(at(standing))
        if (standing === undefined) expect(cutoff).toBe(at(now + 30))
        if (intended) expect(isBefore(cutoff, at(intended.at + 30))).toBe(false)
        expect(epochOf(cutoff) % 1000).toBe(0)
        expect(parseInstant(cutoff)).toBe(cutoff)
        expect(isBefore(cutoff, plus(at(opened), 0))).toBe(false)
      }),
    )
  })
})
