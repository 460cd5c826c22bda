import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Corroboration, Facts } from '../../../../src/incident/facts/facts.ts'
import type { Instant } from '../../../../src/incident/values/instant.ts'
import type { Answer } from '../../../../src/response/stages/verify-rotation/script.ts'
import { judgeRotation, type RotationEvidence } from '../../../../src/response/stages/verify-rotation/verdict.ts'

const at = (clock: string): Instant => `2026-11-25T${clock}Z` as Instant

const STOLEN = 'ASIASTOLENSTOLENSTOL'
const EARLIER = 'ASIAEARLIEREARLIEREA'
const NEW = 'ASIANEWNEWNEWNEWNEWN'

const agent: Corroboration = { kind: 'agent', at: at('02:05:00'), says: 'heard' }
const trail: Corroboration = { kind: 'cloudtrail', at: at('02:04:20'), says: 'issued' }

interface Told {
  readonly answer?: Partial<Extract<Answer, { wellFormed: true }>>
  readonly malformed?: string
  readonly corroboration?: readonly Corroboration[]
  readonly now?: Instant
  readonly launchTime?: Instant
}

/** A rotation that went well, and what is different. */
const testimony = ({
  answer,
  malformed,
  corroboration = [agent],
  now = at('02:06:00'),
  launchTime = at('02:04:00'),
}: Told): RotationEvidence => {
  const subject = {
    kind: 'role-session',
    accessKeyId: STOLEN,
    earlierKeys: [EARLIER],
    role: { name: 'web-app' },
  } as unknown as Facts['subject']
  const revocation = { cutoff: at('02:03:30') } as Facts['revocation']
  const restart = { launchTime } as Facts['restart']
  const honest = {
    wellFormed: true,
    roleName: 'web-app',
    accessKeyId: NEW,
    lastUpdated: at('02:04:21'),
    expiration: at('08:39:20'),
  } as const
  return {
    incident: { facts: { subject, revocation, restart } } as RotationEvidence['incident'],
    answer: malformed === undefined ? { ...honest, ...answer } : { wellFormed: false, why: malformed },
    corroboration,
    now,
  }
}

const rows: readonly (readonly [situation: string, told: Told, verdict: string, why: RegExp])[] = [
  [
    'new key, restart, corroborated by the agent',
    {},
    'renewed',
    /CloudTrail does not show yet that the reported key is among them/,
  ],
  [
    'new key, restart, corroborated by CloudTrail',
    { corroboration: [trail] },
    'rotated',
    /corroborated by CloudTrail’s record of its issue/,
  ],
  ['new key, restart, no other source', { corroboration: [] }, 'rotated-unproven', /only the instance itself/],
  ['an answer that is none', { malformed: 'no token' }, 'unverifiable', /no token/],
  ['the stolen key', { answer: { accessKeyId: STOLEN } }, 'not-rotated', /still has the stolen key/],
  [
    'the stolen key, with corroboration',
    { answer: { accessKeyId: STOLEN }, corroboration: [agent, trail] },
    'not-rotated',
    /stolen/,
  ],
  ['a key issued before the restart', { answer: { accessKeyId: EARLIER } }, 'not-rotated', /issued to it before the restart/],
  ['another role', { answer: { roleName: 'admin' } }, 'unverifiable', /now has role admin/],
  ['a restart before the cut-off', { launchTime: at('02:03:00') }, 'not-rotated', /started before the cut-off/],
  ['a restart at the cut-off', { launchTime: at('02:03:30') }, 'not-rotated', /started before the cut-off/],
  [
    'last updated before the cut-off',
    { answer: { lastUpdated: at('02:03:29') } },
    'not-rotated',
    /last updated before the cut-off/,
  ],
  ['last updated at the cut-off', { answer: { lastUpdated: at('02:03:30') } }, 'renewed', /./],
  ['expired', { now: at('09:00:00') }, 'unverifiable', /has expired already/],
  ['a day that does not exist', { answer: { expiration: '2026-02-30T08:00:00Z' } }, 'unverifiable', /does not exist/],
  ['an hour that does not exist', { answer: { lastUpdated: '2026-11-25T25:00:00Z' } }, 'unverifiable', /does not exist/],
]

describe('the verdict on a rotation', () => {
  it.each(rows)('%s: %s is %s', (_, told, verdict, why) => {
    const judged = judgeRotation(testimony(told))
    expect(judged.verdict).toBe(verdict)
    expect(judged.why).toMatch(why)
    expect(judged.oldAccessKeyId).toBe(STOLEN)
  })

  it('names the reported key and its times whenever there is a well-formed answer', () => {
    expect(judgeRotation(testimony({ corroboration: [] }))).toMatchObject({
      newAccessKeyId: NEW,
      lastUpdated: at('02:04:21'),
      expiration: at('08:39:20'),
    })
    expect(judgeRotation(testimony({ malformed: 'x' }))).not.toHaveProperty('newAccessKeyId')
  })

  it('is "rotated" only with CloudTrail’s record, a restart after the cut-off, and a key that is neither stolen nor from before the start', () => {
    const clock = fc.integer({ min: 0, max: 59 }).map((minute) => at(`02:${String(minute).padStart(2, '0')}:00`))
    const told = fc.record({
      answer: fc.record({
        accessKeyId: fc.constantFrom(NEW, STOLEN, EARLIER),
        roleName: fc.constantFrom('web-app', 'admin'),
        lastUpdated: clock,
        expiration: clock,
      }),
      corroboration: fc.subarray([agent, trail]),
      launchTime: clock,
      now: clock,
    })
    fc.assert(
      fc.property(told, (one) => {
        if (judgeRotation(testimony(one)).verdict !== 'rotated') return
        expect(one.corroboration).toContain(trail)
        expect(one.answer.accessKeyId).not.toBe(STOLEN)
        // A key that CloudTrail showed before this response began is new if it was issued at the start that counts.
        if (one.answer.accessKeyId === EARLIER) expect(trail.at >= one.launchTime).toBe(true)
        expect(one.answer.roleName).toBe('web-app')
        expect(one.launchTime > at('02:03:30') && one.answer.lastUpdated >= at('02:03:30')).toBe(true)
        expect(one.answer.expiration >= one.now).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })
})
