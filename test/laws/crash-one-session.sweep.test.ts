import { describe, expect, it } from 'vitest'
import { runInMemory } from '../support/run-in-memory.ts'
import { answerTo, unrecorded } from '../support/subjects.ts'
import { crashedAt, wholeRun } from './crash.ts'
import { changesIn, eachOnceIn } from './whole-run.ts'

const SCENARIO = 'function-role'

const whole = await wholeRun(SCENARIO, 'session')
const moments = whole.moments.filter(({ operation }) => operation === 'iam:PutRolePolicy')

describe('a run whose process is gone around a deny on one session, and that is continued without --revoke, denies that session once', () => {
  it('there is a moment before and after the deny', () => {
    expect(new Set(moments.map(({ when }) => when)).size).toBe(2)
  })

  it.each(moments)('$when, $entries entries on disk', async (moment) => {
    const { built, journal } = await crashedAt(moment, undefined, SCENARIO, 'session')
    const { result } = await runInMemory({ built, journal, proofWait: 0 })
    expect(changesIn(built)).toEqual(eachOnceIn(SCENARIO))
    expect(result.incident.facts.revocation?.session).toEqual(whole.ran.result.incident.facts.revocation?.session)
    expect(answerTo(built, built.cast.attacker)).toBe('explicitDeny')
    expect(answerTo(built, unrecorded(built, { roleName: 'thumbnails', sessionName: 'nightly' }))).toBe('allowed')
    expect(result).toMatchObject({ exitCode: 0, alarms: [] })
  })
})
