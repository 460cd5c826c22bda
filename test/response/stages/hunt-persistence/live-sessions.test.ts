import { GetRolePolicyCommand, IAMClient } from '@aws-sdk/client-iam'
import { mockClient } from 'aws-sdk-client-mock'
import { beforeEach, describe, expect, it } from 'vitest'
import type { ChainedSession } from '../../../../src/incident/facts/activity-rows.ts'
import type { Instant } from '../../../../src/incident/values/instant.ts'
import { rawLine } from '../../../../src/incident/values/show.ts'
import { untrusted } from '../../../../src/incident/values/untrusted.ts'
import { openLiveSessions } from '../../../../src/response/stages/hunt-persistence/live-sessions.ts'
import { revocationDocument } from '../../../../src/response/stages/revoke-sessions/policy.ts'
import { chainedSessionLike } from '../../../support/artefacts.ts'
import { awsError, contextsOf, subjectLike } from '../../../support/stage-context.ts'

const iam = mockClient(IAMClient)
const { contextLike } = contextsOf({ iam: IAMClient })

beforeEach(() => {
  iam.reset()
  iam.on(GetRolePolicyCommand).rejects(awsError('NoSuchEntity', 404))
})

/** It is noon. */
const liveSessionsOf = (...chainedSessions: readonly Partial<ChainedSession>[]) =>
  openLiveSessions(chainedSessions.map(chainedSessionLike), subjectLike(), contextLike())

const revoked = (cutoff: string) =>
  iam.on(GetRolePolicyCommand).resolves({ PolicyDocument: encodeURIComponent(revocationDocument(cutoff as Instant)) })

describe('a session that the attacker obtained is an open live chained session', () => {
  it('while it has not ended, and nothing on its role denies it', async () => {
    const [liveSession] = await liveSessionsOf({})
    expect(liveSession).toMatchObject({ until: '2026-11-25T23:30:00Z' })
    expect(liveSession?.remedy).toMatchObject({
      command: expect.stringMatching(
        /^aws iam put-role-policy --role-name deploy --policy-name AWSRevokeOlderSessions .*12:00:30Z/,
      ),
    })
  })

  it('until the end that STS has written', async () => {
    const [liveSession] = await liveSessionsOf({ expiration: untrusted('Nov 25, 2026, 12:30:00 PM') })
    expect(liveSession?.until).toBe('2026-11-25T12:30:00Z')
    expect(await liveSessionsOf({ expiration: untrusted('Nov 25, 2026, 11:59:00 AM') })).toEqual([])
  })

  it('not for longer than sessions last, whatever a record says', async () => {
    expect((await liveSessionsOf({ expiration: untrusted('Nov 25, 2036, 12:30:00 PM') }))[0]?.until).toBe('2026-11-25T23:30:00Z')
    expect((await liveSessionsOf({ expiration: untrusted('soon') }))[0]?.until).toBe('2026-11-25T23:30:00Z')
  })

  it('also when the revocation on its role is older than it', async () => {
    revoked('2026-11-25T11:00:00Z')
    expect(rawLine((await liveSessionsOf({}))[0]?.observed ?? '')).toContain('older')
  })

  it('also when its role may not be read, and that is said', async () => {
    iam.on(GetRolePolicyCommand).rejects(awsError('AccessDenied', 403))
    expect(rawLine((await liveSessionsOf({}))[0]?.observed ?? '')).toContain('may not be read')
  })

  it('also when no revocation, or a policy of another meaning, stands on its role', async () => {
    expect(rawLine((await liveSessionsOf({}))[0]?.observed ?? '')).toBe('no revocation stands on its role')
    iam.on(GetRolePolicyCommand).resolves({ PolicyDocument: '%7B%7D' })
    expect(rawLine((await liveSessionsOf({}))[0]?.observed ?? '')).toBe('nothing on its role denies it')
  })

  it('of which nothing is said when IAM’s answer has no policy in it: that is a failed read', async () => {
    iam.on(GetRolePolicyCommand).resolves({})
    await expect(liveSessionsOf({})).rejects.toMatchObject({ kind: 'unavailable' })
  })

  it('in another account, where nothing can be seen or done from here', async () => {
    const [liveSession] = await liveSessionsOf({
      roleArn: untrusted('arn:aws:iam::444455556666:role/deploy'),
      accountId: '444455556666',
    })
    expect(liveSession?.remedy).toEqual({ sentence: 'Have account 444455556666 revoke the sessions of the role.' })
    expect(iam.commandCalls(GetRolePolicyCommand)).toEqual([])
  })

  it('under a role’s name that could be read as something else there is no command', async () => {
    for (const name of ['a;id', '-rf', '$(id)', 'a b']) {
      const [liveSession] = await liveSessionsOf({ roleArn: untrusted(`arn:aws:iam::111122223333:role/${name}`) })
      expect(liveSession?.remedy).toHaveProperty('sentence')
    }
  })
})

describe('a session is no open live chained session', () => {
  it.each<[string, Partial<ChainedSession>]>([
    ['that was refused', { succeeded: false }],
    ['that the revocation of this incident denies', { revoked: true }],
    ['that has ended by itself', { at: '2026-11-24T23:00:00Z' as Instant }],
  ])('%s', async (_, chainedSession) => {
    expect(await liveSessionsOf(chainedSession)).toEqual([])
  })

  it('that a revocation on its own role denies', async () => {
    revoked('2026-11-25T11:45:00Z')
    expect(await liveSessionsOf({}, {})).toEqual([])
    expect(iam.commandCalls(GetRolePolicyCommand)).toHaveLength(1)
  })
})
