import { execFileSync } from 'node:child_process'
import { GetRolePolicyCommand, IAMClient } from '@aws-sdk/client-iam'
import { beforeEach, describe, expect, it } from 'vitest'
import type { ChainedSession } from '../../../../src/incident/facts/activity-rows.ts'
import { revocationDocument } from '../../../../src/incident/revocation-document.ts'
import { type Instant, instantOf, isBefore, wholeSecond } from '../../../../src/incident/values/instant.ts'
import { rawLine } from '../../../../src/incident/values/show.ts'
import { untrusted } from '../../../../src/incident/values/untrusted.ts'
import { findLiveSessions } from '../../../../src/response/stages/hunt-persistence/live-sessions.ts'
import { cutoffOf } from '../../../../src/response/stages/revoke-sessions/policy.ts'
import { chainedSessionLike } from '../../../support/artefacts.ts'
import { mockClient } from '../../../support/mock-client.ts'
import { awsError, contextsOf, subjectLike } from '../../../support/stage-context.ts'

const iam = mockClient(IAMClient)
const { contextLike } = contextsOf({ iam: IAMClient })

beforeEach(() => {
  iam.reset()
  iam.on(GetRolePolicyCommand).rejects(awsError('NoSuchEntity', 404))
})

/** It is noon. */
const liveSessionsOf = (...chainedSessions: readonly Partial<ChainedSession>[]) =>
  findLiveSessions(chainedSessions.map(chainedSessionLike), subjectLike(), contextLike())

const revoked = (cutoff: string) =>
  iam.on(GetRolePolicyCommand).resolves({ PolicyDocument: encodeURIComponent(revocationDocument(cutoff as Instant)) })

describe('the remedy of a live session', () => {
  it('denies what was issued before the moment at which it is pasted, whenever that is', async () => {
    const [liveSession] = await liveSessionsOf({})
    const { command = '' } = { ...liveSession?.remedy } as { command?: string }
    // Any POSIX shell: what the aws CLI would get, a line each.
    const before = wholeSecond(instantOf(new Date()))
    const got = execFileSync('sh', ['-c', `aws() { printf '%s\n' "$@"; }; ${command}`], { encoding: 'utf8' })
    const cutoff = cutoffOf(got.trimEnd().split('\n').at(-1))
    expect(cutoff && !isBefore(cutoff, before) && !isBefore(instantOf(new Date()), cutoff)).toBe(true)
    expect(got).toMatch(/^iam\nput-role-policy\n--role-name\ndeploy\n--policy-name\nAWSRevokeOlderSessions\n--policy-document\n/)
  })
})

describe('a chained session is live', () => {
  it('a chained session is live until it expires, while nothing on its role denies it', async () => {
    const [liveSession] = await liveSessionsOf({})
    expect(liveSession).toMatchObject({ until: '2026-11-25T23:30:00Z' })
    expect(liveSession?.remedy).toMatchObject({
      command: expect.stringMatching(/^aws iam put-role-policy --role-name deploy --policy-name AWSRevokeOlderSessions /),
    })
  })

  it('a chained session is live until the expiration that STS states', async () => {
    const [liveSession] = await liveSessionsOf({ expiration: untrusted('Nov 25, 2026, 12:30:00 PM') })
    expect(liveSession?.until).toBe('2026-11-25T12:30:00Z')
    expect(await liveSessionsOf({ expiration: untrusted('Nov 25, 2026, 11:59:00 AM') })).toEqual([])
  })

  it('a chained session is live no longer than the longest session, whatever the record states', async () => {
    expect((await liveSessionsOf({ expiration: untrusted('Nov 25, 2036, 12:30:00 PM') }))[0]?.until).toBe('2026-11-25T23:30:00Z')
    expect((await liveSessionsOf({ expiration: untrusted('soon') }))[0]?.until).toBe('2026-11-25T23:30:00Z')
  })

  it('a chained session is live when the revocation on its role is older than the session', async () => {
    revoked('2026-11-25T11:00:00Z')
    expect(rawLine((await liveSessionsOf({}))[0]?.observed ?? '')).toContain('older')
  })

  it('a chained session is live when its role may not be read, and the reason names that', async () => {
    iam.on(GetRolePolicyCommand).rejects(awsError('AccessDenied', 403))
    expect(rawLine((await liveSessionsOf({}))[0]?.observed ?? '')).toContain('may not read')
  })

  it('a chained session is live when its role has no revocation, or a policy of another meaning', async () => {
    expect(rawLine((await liveSessionsOf({}))[0]?.observed ?? '')).toBe('its role has no revocation')
    iam.on(GetRolePolicyCommand).resolves({ PolicyDocument: '%7B%7D' })
    expect(rawLine((await liveSessionsOf({}))[0]?.observed ?? '')).toBe('AWSRevokeOlderSessions on its role does not deny it')
  })

  it('an answer of IAM without a policy is a failed read: whether the session is revoked is not known', async () => {
    iam.on(GetRolePolicyCommand).resolves({})
    const [session] = await liveSessionsOf({})
    expect(rawLine(session?.observed ?? '')).toBe(
      'ir-cred cannot see whether it is revoked: iam:GetRolePolicy answers without it',
    )
  })

  it('a chained session in another account is live, and ir-cred does not read its role', async () => {
    const [liveSession] = await liveSessionsOf({
      roleArn: untrusted('arn:aws:iam::444455556666:role/deploy'),
      accountId: '444455556666',
    })
    expect(liveSession?.remedy).toEqual({ sentence: 'Have account 444455556666 revoke the sessions of the role.' })
    expect(iam.commandCalls(GetRolePolicyCommand)).toEqual([])
  })

  it('the remedy is a sentence, not a command, when a shell could read the role name as something else', async () => {
    for (const name of ['a;id', '-rf', '$(id)', 'a b']) {
      const [liveSession] = await liveSessionsOf({ roleArn: untrusted(`arn:aws:iam::111122223333:role/${name}`) })
      expect(liveSession?.remedy).toHaveProperty('sentence')
    }
  })
})

describe('a chained session is not live', () => {
  it.each<[string, Partial<ChainedSession>]>([
    ['when it was refused', { succeeded: false }],
    ['when the revocation of this incident denies it', { revoked: true }],
    ['when it has expired', { at: '2026-11-24T23:00:00Z' as Instant }],
  ])('%s', async (_, chainedSession) => {
    expect(await liveSessionsOf(chainedSession)).toEqual([])
  })

  it('a chained session is not live when a revocation on its own role denies it', async () => {
    revoked('2026-11-25T11:45:00Z')
    expect(await liveSessionsOf({}, {})).toEqual([])
    expect(iam.commandCalls(GetRolePolicyCommand)).toHaveLength(1)
  })
})
