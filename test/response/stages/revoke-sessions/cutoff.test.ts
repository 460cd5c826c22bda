import { describe, expect, it } from 'vitest'
import type { Incident, Intent } from '../../../../src/incident/incident.ts'
import { type Instant, plus } from '../../../../src/incident/values/instant.ts'
import { intendedCutoff } from '../../../../src/response/stages/revoke-sessions/cutoff.ts'
import { NOON } from '../../../support/noon.ts'
import { incidentWith, subjectLike } from '../../../support/stage-context.ts'

/** An intent of the revocation, so many seconds ago. */
const intended = (ago: number, parts: Partial<Intent> = {}): Intent => {
  const at = plus(NOON, -ago)
  const effect = { operation: 'iam:PutRolePolicy', resource: 'role', sentence: 'deny' }
  return { stage: 'revoke-sessions', nonce: 'n', effect, at, planned: { cutoff: plus(at, 30) }, ...parts }
}

/** The cut-off at noon of an incident opened ten minutes earlier, in seconds after noon; and whether it is ours. */
const cutoffAtNoon = (intents: readonly Intent[], standing?: number, parts: Partial<Incident> = {}) => {
  const incident = incidentWith({ subject: subjectLike() }, { intents, openedAt: plus(NOON, -600), ...parts })
  const { cutoff, ours } = intendedCutoff(incident, standing === undefined ? {} : { cutoff: plus(NOON, standing) }, NOON)
  return { seconds: (Date.parse(cutoff) - Date.parse(NOON)) / 1000, ours }
}

describe('the cut-off of a first revocation', () => {
  it('is 30 seconds ahead of AWS’s time', () => {
    expect(cutoffAtNoon([])).toEqual({ seconds: 30, ours: false })
  })

  it('is a whole second', () => {
    const { cutoff } = intendedCutoff(incidentWith({ subject: subjectLike() }), {}, '2026-11-25T12:00:00.999Z' as Instant)
    expect(cutoff).toBe('2026-11-25T12:00:30Z')
  })

  it('replaces an earlier one from before the incident', () => {
    expect(cutoffAtNoon([], -601)).toEqual({ seconds: 30, ours: false })
  })

  it('is the one that somebody else wrote while the incident was open', () => {
    expect(cutoffAtNoon([], -600)).toEqual({ seconds: -600, ours: false })
    expect(cutoffAtNoon([], 3_600)).toEqual({ seconds: 3_600, ours: false })
  })
})

describe('the cut-off of a retry', () => {
  it.each([1, 299, 300])('is a new, later one when nothing stands: the intent is %i s old', (ago) => {
    expect(cutoffAtNoon([intended(ago)])).toEqual({ seconds: 30, ours: false })
  })

  it('is the intended one when it stands, at any age of the intent', () => {
    expect(cutoffAtNoon([intended(500)], -470)).toEqual({ seconds: -470, ours: true })
  })

  it('is the intended one when a later one stands, which covers it', () => {
    expect(cutoffAtNoon([intended(500)], 100)).toEqual({ seconds: -470, ours: true })
  })

  it('is new when AWS refused the intent', () => {
    expect(cutoffAtNoon([intended(10, { outcome: 'refused' })])).toEqual({ seconds: 30, ours: false })
  })

  it.each(['accepted', 'unknown'] as const)('is the one of an intent whose outcome is %s', (outcome) => {
    expect(cutoffAtNoon([intended(10, { outcome })], 20)).toEqual({ seconds: 20, ours: true })
  })

  it('is the one of the newest intent', () => {
    expect(cutoffAtNoon([intended(200), intended(100)], -70)).toEqual({ seconds: -70, ours: true })
  })

  it('does not depend on intents of other stages', () => {
    expect(cutoffAtNoon([intended(10, { stage: 'restart-instance' })])).toEqual({ seconds: 30, ours: false })
  })

  it('is new when somebody moved the intended one back', () => {
    expect(cutoffAtNoon([intended(400)], -380)).toEqual({ seconds: 30, ours: false })
  })
})
