import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rawText } from '../../../src/incident/values/untrusted.ts'
import { followChain, type SessionActivity } from '../../../src/investigation/analysis/chained-sessions.ts'
import { obtainedSessions, principalOfChainedSession } from '../../../src/investigation/analysis/obtained-credentials.ts'
import { sessionSummary } from '../../../src/investigation/analysis/session-summary.ts'
import type { PrincipalRef } from '../../../src/investigation/question.ts'
import type { CloudTrailRecord } from '../../../src/investigation/record.ts'
import { type Call, counted, instant, ROLE_ARN, recordOf, STOLEN, theKey } from './records.ts'

const roleArn = (name: string, account = '111122223333') => `arn:aws:iam::${account}:role/${name}`

const assume = (from: string, to: string, name = 'deploy', more: Call = {}): CloudTrailRecord =>
  recordOf({
    event: 'sts:AssumeRole',
    key: from,
    request: { roleArn: roleArn(name), roleSessionName: 'x' },
    response: {
      credentials: { accessKeyId: to, sessionToken: 'SECRET', expiration: 'Mar 1, 2026, 1:00:00 PM' },
      assumedRoleUser: { arn: `arn:aws:sts::111122223333:assumed-role/${name}/x` },
    },
    ...more,
  })

const activityOf = (records: readonly CloudTrailRecord[], principal: PrincipalRef): SessionActivity => {
  const all = counted(records, {}, principal)
  return { summary: sessionSummary(all), writeEvents: all.writeEvents, incomplete: [] }
}

/** Walks the chain of the stolen key through these records, and notes who was asked about. */
const walk = async (records: readonly CloudTrailRecord[], ...rest: unknown[]) => {
  const asked: string[] = []
  const [revoked, limits] = rest as [Parameters<typeof followChain>[2], Parameters<typeof followChain>[3]]
  const chain = await followChain(
    { principal: theKey, writeEvents: activityOf(records, theKey).writeEvents },
    async (principal) => {
      asked.push(principal.value)
      return activityOf(records, principal)
    },
    revoked,
    limits,
  )
  return { ...chain, asked }
}

describe('what a stolen key obtained', () => {
  it('is told with the role, the key, the time and the record; the token is not', () => {
    const [chainedSession] = obtainedSessions([assume(STOLEN, 'ASIACHILD')])
    expect(chainedSession).toMatchObject({
      how: 'AssumeRole',
      accessKeyId: 'ASIACHILD',
      parentAccessKeyId: STOLEN,
      succeeded: true,
    })
    expect(JSON.stringify(chainedSession)).not.toContain('SECRET')
  })

  it('a role of another account is in that account', () => {
    const request = { roleArn: roleArn('far', '999999999999') }
    expect(obtainedSessions([recordOf({ event: 'sts:AssumeRole', request })])[0]?.accountId).toBe('999999999999')
  })

  it.each([
    ['GetSessionToken', { credentials: { accessKeyId: 'ASIACHILD' } }, { kind: 'access-key-id', value: 'ASIACHILD' }],
    [
      'GetFederationToken',
      { credentials: { accessKeyId: 'ASIACHILD' }, federatedUser: { arn: 'arn:aws:sts::111122223333:federated-user/x' } },
      { kind: 'access-key-id', value: 'ASIACHILD' },
    ],
  ])('%s hands out a key', (name, response, principal) => {
    const [chainedSession] = obtainedSessions([recordOf({ event: `sts:${name}`, response })])
    expect(chainedSession && principalOfChainedSession(chainedSession)).toEqual(principal)
  })

  it.each<[string, object, boolean]>([
    ['of the same name', { sessionName: 'x' }, true],
    ['of another name', { sessionName: 'i-1' }, false],
    ['of another name, from before a deny on all', { sessionName: 'i-1', allBefore: instant('2026-03-01T12:30:00Z') }, true],
    ['of another name, from after a deny on all', { sessionName: 'i-1', allBefore: instant('2026-03-01T11:00:00Z') }, false],
  ])('a deny on one session reaches sessions of the role: %s', async (_, only, reached) => {
    const revoked = { roleArn: ROLE_ARN, cutoff: instant('2026-03-01T13:00:00Z'), only }
    const { links } = await walk([assume(STOLEN, 'ASIASAMEROLE', 'web-app', { request: { roleArn: ROLE_ARN } })], revoked)
    expect(links.map((link) => link.revoked)).toEqual([reached])
  })

  it.each(['GetSigninToken', 'ConsoleLogin'])('%s makes a console session of the same name', (name) => {
    const [chainedSession] = obtainedSessions([recordOf({ event: `signin:${name}`, response: { [name]: 'Success' } })])
    expect(chainedSession && principalOfChainedSession(chainedSession)?.kind).toBe('session')
  })
})

describe('a session of root in a member account', () => {
  it.each([['999999999999'], ['arn:aws:iam::999999999999:root']])(
    'is in the account that AssumeRoot named: %s',
    (targetPrincipal) => {
      const response = { credentials: { accessKeyId: 'ASIAROOT' } }
      const [chainedSession] = obtainedSessions([recordOf({ event: 'sts:AssumeRoot', request: { targetPrincipal }, response })])
      expect(chainedSession).toMatchObject({ accountId: '999999999999', accessKeyId: 'ASIAROOT' })
    },
  )
})

describe('the chain', () => {
  it('is followed breadth first, whatever the accounts', async () => {
    const records = [assume(STOLEN, 'ASIAA', 'a'), assume(STOLEN, 'ASIAB', 'b'), assume('ASIAA', 'ASIAC', 'c')]
    const { links, asked } = await walk(records)
    expect(links.map(({ chainedSession, depth }) => `${depth} ${chainedSession.accessKeyId}`)).toEqual([
      '1 ASIAA',
      '1 ASIAB',
      '2 ASIAC',
    ])
    expect(asked).toEqual(['ASIAA', 'ASIAB', 'ASIAC'])
    expect(links[0]?.activity?.summary.events).toBe(1)
  })

  it('ends where it meets itself', async () => {
    const records = [assume(STOLEN, 'ASIAA'), assume('ASIAA', 'ASIAB'), assume('ASIAB', 'ASIAA'), assume('ASIAB', STOLEN)]
    const { links, asked } = await walk(records)
    expect(asked).toEqual(['ASIAA', 'ASIAB'])
    expect(links).toHaveLength(4)
  })

  it('ends, asks for nobody twice and names every record once, whoever assumed which session', async () => {
    const key = fc.integer({ min: 0, max: 6 }).map((n) => (n === 0 ? STOLEN : `ASIA${n}`))
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(key, key), { maxLength: 20 }), async (pairs) => {
        const records = pairs.map(([from, to]) => assume(from, to))
        const { links, asked } = await walk(records)
        expect(new Set(asked).size).toBe(asked.length)
        const ids = links.map(({ chainedSession }) => chainedSession.eventId)
        expect(new Set(ids).size).toBe(ids.length)
        const reached = new Set([STOLEN, ...asked])
        expect(ids.length).toBe(pairs.filter(([from]) => reached.has(from)).length)
      }),
      { numRuns: 50 },
    )
  })

  it('a console session is followed by its name, and its parent’s records are not told twice', async () => {
    const records = [
      recordOf({ event: 'signin:GetSigninToken', id: 'signin' }),
      recordOf({ event: 's3:ListBuckets', key: 'ASIACONSOLE' }),
      assume('ASIACONSOLE', 'ASIAA'),
    ]
    const { links } = await walk(records)
    expect(links.map(({ chainedSession, depth }) => `${depth} ${chainedSession.how}`)).toEqual([
      '1 GetSigninToken',
      '2 AssumeRole',
    ])
  })

  it('a refused attempt is told and not followed', async () => {
    const { links, asked } = await walk([assume(STOLEN, 'ASIAA', 'a', { errorCode: 'AccessDenied', response: {} })])
    expect(links).toMatchObject([{ chainedSession: { succeeded: false, errorCode: 'AccessDenied' } }])
    expect(asked).toEqual([])
  })

  it('the revocation reaches older sessions of its own role, and no others', async () => {
    const revoked = { roleArn: ROLE_ARN, cutoff: instant('2026-03-01T13:00:00Z') }
    const own = { request: { roleArn: ROLE_ARN } }
    const { links } = await walk(
      [
        assume(STOLEN, 'ASIAOTHERROLE'),
        assume(STOLEN, 'ASIASAMEROLE', 'web-app', own),
        assume(STOLEN, 'ASIALATER', 'web-app', { ...own, at: '2026-03-01T13:00:00Z' }),
      ],
      revoked,
    )
    expect(
      Object.fromEntries(links.map(({ chainedSession, revoked: reached }) => [chainedSession.accessKeyId, reached])),
    ).toEqual({
      ASIAOTHERROLE: false,
      ASIASAMEROLE: true,
      ASIALATER: false,
    })
  })

  it.each(['GetSigninToken', 'ConsoleLogin'])(
    'the revocation reaches the console session of its role that %s began',
    async (name) => {
      const signIn = recordOf({ event: `signin:${name}`, response: { [name]: 'Success' } })
      const reaches = async (cutoff: string) =>
        (await walk([signIn], { roleArn: ROLE_ARN, cutoff: instant(cutoff) })).links.map(({ revoked }) => revoked)
      expect(await reaches('2026-03-01T12:00:01Z')).toEqual([true])
      expect(await reaches('2026-03-01T12:00:00Z')).toEqual([false])
    },
  )

  it('says what it did not follow', async () => {
    const records = [assume(STOLEN, 'ASIAA'), assume('ASIAA', 'ASIAB'), assume('ASIAB', 'ASIAC')]
    const { links, incomplete } = await walk(records, undefined, { depth: 1, sessions: 500 })
    expect(links).toHaveLength(2)
    expect(incomplete).toEqual(['1 more session was not followed: the chain is too long'])
  })

  it('is as long for whoever has many keys of his own', async () => {
    const writeEvents = [1, 2, 3].map((number) => assume(`ASIAOWN${number}`, 'ASIAA'))
    const asked: string[] = []
    const follow = async ({ value }: PrincipalRef) => {
      asked.push(value)
      return activityOf([], { kind: 'access-key-id', value })
    }
    const role: PrincipalRef = { kind: 'role', value: 'web-app' }
    await followChain({ principal: role, writeEvents }, follow, undefined, { depth: 10, sessions: 2 })
    expect(asked).toEqual(['ASIAA'])
  })

  it('says of how many sessions the calls could not be read, where they are many', async () => {
    const writeEvents = Array.from({ length: 20 }, (_, index) => assume(STOLEN, `ASIA${index}`))
    const { incomplete } = await followChain({ principal: theKey, writeEvents }, async () => undefined)
    expect(incomplete).toEqual(['the calls of 20 sessions could not be read, such as those of ASIA0'])
  })

  it('says whose calls could not be read', async () => {
    const writeEvents = [assume(STOLEN, 'ASIAA')]
    const { incomplete, links } = await followChain({ principal: theKey, writeEvents }, async () => undefined)
    expect(incomplete).toEqual(['the calls of ASIAA could not be read'])
    expect(rawText(links[0]?.chainedSession.roleArn ?? { untrusted: '' })).toBe(roleArn('deploy'))
  })
})
