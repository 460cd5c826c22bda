import { describe, expect, it } from 'vitest'
import { replay } from '../../../../src/incident/incident.ts'
import { HOUR_SECONDS } from '../../../../src/incident/values/duration.ts'
import type { BuiltScenario } from '../../../../src/simulator/scenario-kit/scenario.ts'
import { revocation } from '../../../support/account.ts'
import { documentsIn, hoursLater, liftOnDisk, respondedTo, stateRoots } from '../../../support/lifting.ts'
import { runOnDisk } from '../../../support/run-on-disk.ts'

const root = stateRoots()
const NAME = 'AWSRevokeOlderSessions'
const REASON = 'the partner confirmed that the session is over'

const documentOf = ({ account }: BuiltScenario): string | undefined => account.roles.get('web-app')?.inline.get(NAME)?.document

const respondedToSession = (prepare: (built: BuiltScenario) => void = () => {}) =>
  respondedTo(root(), 'custom-threat-list', prepare, { revoke: 'session' })

describe('a lift of a deny on one session', () => {
  it('deletes it where no policy stood before: the documents are as they were, byte for byte', async () => {
    const responded = hoursLater(await respondedToSession(), 13)
    expect(documentOf(responded.built)).toContain('aws:userid')
    const { exitCode, writes, journal } = await liftOnDisk(responded, { reason: REASON })
    expect([exitCode, writes]).toEqual([0, ['iam:DeleteRolePolicy']])
    expect(documentsIn(responded.built)).toEqual(responded.before)
    expect(replay(journal).facts.lift?.changes).toContainEqual(
      expect.objectContaining({ operation: 'iam:PutRolePolicy', state: 'lifted' }),
    )
  })

  it('waits for the longest session of the role, as for a deny on all of them', async () => {
    const responded = hoursLater(await respondedToSession(), 11)
    const { exitCode, writes } = await liftOnDisk(responded)
    expect([exitCode, writes]).toEqual([5, []])
  })

  it('puts the earlier deny of all sessions back that it stood beside, byte for byte', async () => {
    const earlier = revocation('2026-01-05T00:00:00Z')
    const put = ({ account }: BuiltScenario) =>
      void account.roles.get('web-app')?.inline.set(NAME, { document: earlier, writtenAt: 0 })
    const responded = hoursLater(await respondedToSession(put), 13)
    expect(documentOf(responded.built)).not.toBe(earlier)
    const { exitCode, writes } = await liftOnDisk(responded, { reason: REASON })
    expect([exitCode, writes]).toEqual([0, ['iam:PutRolePolicy']])
    expect(documentOf(responded.built)).toBe(earlier)
  })

  it('comes back to what stood before the response where a later run denied all sessions', async () => {
    const first = await respondedToSession()
    first.built.account.clock.advance(HOUR_SECONDS)
    await runOnDisk({ built: first.built, root: first.root, resume: first.id, revoke: 'role' })
    expect(documentOf(first.built)).toContain('aws:TokenIssueTime')
    const responded = hoursLater(first, 13)
    const { exitCode, writes } = await liftOnDisk(responded, { reason: REASON })
    expect([exitCode, writes]).toEqual([0, ['iam:DeleteRolePolicy']])
    expect(documentsIn(responded.built)).toEqual(responded.before)
  })

  it('is left alone where somebody denied another session in it since', async () => {
    const responded = hoursLater(await respondedToSession(), 13)
    const role = responded.built.account.roles.get('web-app')
    const theirs = documentOf(responded.built)?.replace(/:i-[0-9a-f]{17}/, ':deploy') ?? ''
    role?.inline.set(NAME, { document: theirs, writtenAt: responded.built.account.clock.now() })
    const { writes, journal } = await liftOnDisk(responded, { reason: REASON })
    expect(writes).toEqual([])
    expect(documentOf(responded.built)).toBe(theirs)
    expect(replay(journal).facts.lift?.changes).toContainEqual(
      expect.objectContaining({ operation: 'iam:PutRolePolicy', state: 'changed' }),
    )
  })
})
