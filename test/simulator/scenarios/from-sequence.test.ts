import { describe, expect, test } from 'vitest'
import { steppingClock } from '../../../src/simulator/clock.ts'
import { scenarioFromFinding } from '../../../src/simulator/scenario-kit/from-finding.ts'
import { NOW } from '../../support/trail.ts'

const build = (parsed: unknown) => scenarioFromFinding(parsed).build({ clock: steppingClock(NOW) })

describe('john_doe, the user of the samples of attack sequences', () => {
  const sequence = (change: object = {}) => ({
    Type: 'AttackSequence:IAM/CompromisedCredentials',
    Title: 'Potential credential compromise of IAMUser/john_doe.',
    Description: 'A sequence of actions by IAMUser/john_doe with principalId AIDAEXAMPLEEXAMPLE777 was observed.',
    ...change,
  })

  test('is a user like any other in a finding that is no sample', () => {
    const { account, findingId, notes = [] } = build(sequence())
    expect(account.users.has('john_doe')).toBe(true)
    expect(account.findings.get(findingId)?.Title).toContain('john_doe')
    expect(notes.join(' ')).not.toMatch(/sample|placeholder/)
  })

  test('is a placeholder in a sample', () => {
    const { account, findingId, notes = [] } = build(sequence({ Title: '[SAMPLE] Credential compromise of IAMUser/john_doe.' }))
    expect(account.users.has('john_doe')).toBe(false)
    expect(account.findings.get(findingId)?.Title).not.toContain('john_doe')
    expect(notes.join(' ')).toContain('It is a sample')
  })
})
