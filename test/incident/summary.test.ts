import { describe, expect, it } from 'vitest'
import type { Facts, Rotation } from '../../src/incident/facts/facts.ts'
import { emptyIncident, type Incident, replay } from '../../src/incident/incident.ts'
import { summary } from '../../src/incident/summary.ts'
import { rawLine } from '../../src/incident/values/show.ts'
import { examinedLike, persistenceLike } from '../support/artefacts.ts'
import { at, journal } from '../support/sample-incident.ts'

const whole = replay(journal)

const rowOf = (incident: Incident, fact: string): string => {
  const row = summary(incident).find((one) => one.fact === fact)
  return row ? `${row.label}: ${rawLine(row.line)}` : ''
}

const having = <F extends 'rotation' | 'closure' | 'revocation'>(fact: F, change: Partial<Facts[F]>): Incident => ({
  ...whole,
  facts: { ...whole.facts, [fact]: { ...whole.facts[fact], ...change } },
})

describe('the summary', () => {
  it('has no row without a fact', () => {
    expect(summary(emptyIncident)).toEqual([])
    expect(summary(whole).map(({ label }) => label)).toEqual(['revoked', 'restarted', 'rotated', 'attacker'])
  })

  it('measures the revocation from the first use and from the response’s beginning', () => {
    expect(rowOf(whole, 'revocation')).toBe(
      'revoked: stored, read back 2026-11-25T02:03:13Z, 50 min 33 s after first use, 1 min 5 s after the response began; ' +
        'sessions issued before 2026-11-25T02:03:41Z are denied; re-checked once, in place at 2026-11-25T02:03:23Z',
    )
  })

  it('does not call a revocation ours that was found in place', () => {
    expect(rowOf(having('revocation', { writtenBy: 'found' }), 'revocation')).toMatch(/^revoked: found in place, read back/)
  })

  it('says when the revocation no longer stood', () => {
    const gone = { stage: 'revoke-sessions', at: at('02:05:00'), stands: false, says: 'the policy is gone' }
    expect(rowOf({ ...whole, rechecks: [...whole.rechecks, gone] }, 'revocation')).toContain(
      'NOT IN PLACE at 2026-11-25T02:05:00Z: the policy is gone',
    )
    expect(rowOf({ ...whole, rechecks: [] }, 'revocation')).toContain('not re-checked yet')
  })

  it('does not count the re-checks of another stage as the revocation’s', () => {
    const other = { stage: 'preserve-evidence', at: at('02:05:00'), stands: true, says: 'completed' }
    expect(rowOf({ ...whole, rechecks: [other] }, 'revocation')).toContain('not re-checked yet')
  })

  it.each<[Rotation['verdict'], RegExp]>([
    [
      'rotated',
      /^rotated: ASIA.*EZUUO → ASIA.*EYQ7, reported by the instance: rotated, and corroborated by CloudTrail’s record of the issue; CloudTrail, 2026/,
    ],
    ['renewed', /^rotation: .*renewed, according to the SSM agent; CloudTrail does not show the issue/],
    ['contradicted', /^rotation: .*CONTRADICTED: CloudTrail shows another key; /],
    ['rotated-unproven', /^rotation: .*no other source confirms it; /],
    ['not-rotated', /^rotation: .*NOT rotated; /],
    ['unverifiable', /^rotation: .*not verifiable; /],
  ])('describes a verdict %s without exaggeration', (verdict, row) => {
    expect(rowOf(having('rotation', { verdict }), 'rotation')).toMatch(row)
  })

  it('counts calls that the revocation refused apart from those denied for other reasons', () => {
    expect(rowOf(whole, 'closure')).not.toContain('other reasons')
    const row = rowOf(having('closure', { refused: 1, deniedOtherwise: 3 }), 'closure')
    expect(row).toContain('1 call refused by the revocation')
    expect(row).toContain('3 denied for other reasons')
  })

  it('names what was left only where something may still be there', () => {
    const left = (standing: 'there' | 'gone'): Incident => ({
      ...whole,
      facts: { ...whole.facts, persistence: persistenceLike({ artefacts: [examinedLike(standing)] }) },
    })
    expect(rowOf(left('there'), 'persistence')).toBe('left: 1 persistence artefact is still there')
    expect(rowOf(left('gone'), 'persistence')).toBe('')
  })

  it('shows calls that succeeded after the grace in capitals', () => {
    expect(rowOf(having('closure', { successesAfterGrace: 2 }), 'closure')).toContain('2 SUCCEEDED AFTER THE CUT-OFF')
    expect(rowOf(whole, 'closure')).not.toContain('SUCCEEDED')
  })
})
