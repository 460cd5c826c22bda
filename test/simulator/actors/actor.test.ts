import { describe, expect, test } from 'vitest'
import type { Account, ActorEvent } from '../../../src/simulator/account/account.ts'
import type { IssuedCredential } from '../../../src/simulator/account/credentials.ts'
import { acts, type Plan } from '../../../src/simulator/actors/actor.ts'
import { attackerActs, taking } from '../../../src/simulator/actors/attacker.ts'
import { addUserWithKey } from '../../../src/simulator/scenario-kit/obtained-session.ts'
import { addRole, NOW, quietAccount, sessionOf } from '../../support/trail.ts'

const allow = (Action: string): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] })

const denyBefore = (cutoffMs: number): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Deny',
        Action: ['*'],
        Resource: ['*'],
        Condition: { DateLessThan: { 'aws:TokenIssueTime': new Date(cutoffMs).toISOString() } },
      },
    ],
  })

const withAttacker = (policy = allow('*')): { account: Account; stolen: IssuedCredential; received: ActorEvent[] } => {
  const { account } = quietAccount({ policyPropagation: 8 })
  addRole(account, 'web-app', policy)
  const stolen = sessionOf(account, 'web-app', 'i-08faaaafb15777f5a', NOW - 600_000)
  const received: ActorEvent[] = []
  account.actorListeners.push((event) => received.push(event))
  return { account, stolen, received }
}

const passes = (account: Account, seconds: number): void => {
  account.clock.advance(seconds)
  account.agenda.runUntil(account.clock.now())
}

function* once(call: string, more: object = {}): Plan {
  yield { call, afterSeconds: 5, userAgent: 'kali', ...more }
}

const attacker = (account: Account, stolen: IssuedCredential, plan: Plan): void =>
  attackerActs(account, stolen, plan, '198.51.100.23', account.clock.now())

describe('an actor', () => {
  test('acts at the planned time although nobody calls, and is heard and recorded', () => {
    const { account, stolen, received } = withAttacker()
    attacker(account, stolen, once('s3:ListBuckets'))
    passes(account, 4)
    expect(received).toEqual([])
    passes(account, 60)
    expect(received).toEqual([{ who: 'attacker', at: NOW + 5000, action: 's3:ListBuckets', outcome: 'ok', explicit: false }])
    expect(account.trail.all().at(-1)).toMatchObject({
      at: NOW + 5000,
      accessKeyId: stolen.accessKeyId,
      username: 'i-08faaaafb15777f5a',
    })
    expect(account.trail.all().at(-1)?.document()).toMatchObject({
      sourceIPAddress: '198.51.100.23',
      userAgent: 'kali',
      userIdentity: { sessionContext: { attributes: { creationDate: '2026-11-25T01:50:00Z' } } },
    })
  })

  test.each([
    ['s3:ListBuckets', 'AccessDenied'],
    ['secretsmanager:ListSecrets', 'AccessDenied'],
    ['ec2:DescribeVpcs', 'Client.UnauthorizedOperation'],
  ])('who was never allowed %s is refused with %s and no explicit deny', (call, errorCode) => {
    const { account, stolen, received } = withAttacker(allow('sts:*'))
    attacker(account, stolen, once(call))
    passes(account, 60)
    expect(received).toMatchObject([{ outcome: 'refused', explicit: false }])
    expect(account.trail.all().at(-1)?.document()).toMatchObject({
      errorCode,
      errorMessage: expect.stringContaining(`because no identity-based policy allows the ${call} action`),
    })
  })

  test('reading an object leaves a data event, which the event history does not show', () => {
    const { account, stolen } = withAttacker()
    attacker(account, stolen, once('s3:GetObject', { management: false }))
    passes(account, 60)
    expect(account.trail.all().at(-1)).toMatchObject({ management: false })
    expect(account.trail.all().at(-1)?.document()).toMatchObject({ eventCategory: 'Data', managementEvent: false })
  })

  test('an actor with an inactive key is refused once that has spread, and leaves no record of it', () => {
    const { account, received } = withAttacker()
    const key = addUserWithKey(account, 'deploy-bot')
    const user = account.users.get('deploy-bot')
    user?.inline.set('rights', { document: allow('*'), writtenAt: 0 })
    user?.accessKeys.set(key.accessKeyId, { id: key.accessKeyId, status: 'Inactive', createdAt: 0, changedAt: NOW })
    attacker(account, key, once('s3:ListBuckets'))
    attacker(account, key, once('s3:ListBuckets', { afterSeconds: 30 }))
    passes(account, 60)
    expect(received.map(({ outcome }) => outcome)).toEqual(['ok', 'refused'])
    expect(account.trail.all().filter(({ accessKeyId }) => accessKeyId === key.accessKeyId)).toHaveLength(1)
  })

  test('an actor with expired credentials is refused and leaves no record', () => {
    const { account, stolen, received } = withAttacker()
    attacker(account, { ...stolen, expiresAt: NOW + 1000 }, once('s3:ListBuckets'))
    passes(account, 60)
    expect(received).toMatchObject([{ outcome: 'refused', explicit: false }])
    expect(account.trail.all()).toEqual([])
  })

  test('an actor without credentials calls nothing', () => {
    const { account, received } = withAttacker()
    acts(account, { who: 'workload', credential: () => undefined, sourceIp: () => '203.0.113.1' }, once('s3:ListBuckets'))
    passes(account, 60)
    expect(received).toEqual([])
  })
})

describe('an attacker', () => {
  const revoke = (account: Account): void => {
    const writtenAt = account.clock.now()
    account.roles.get('web-app')?.inline.set('AWSRevokeOlderSessions', { document: denyBefore(writtenAt + 30_000), writtenAt })
  }

  test('succeeds until a deny has spread, is refused after it, and GetCallerIdentity still answers', () => {
    const { account, stolen, received } = withAttacker()
    attacker(account, stolen, taking(account.random, 'kali'))
    passes(account, 300)
    const revokedAt = account.clock.now()
    revoke(account)
    passes(account, 1800)
    const spread = revokedAt + 8000
    const before = received.filter(({ at }) => at < spread)
    const after = received.filter(({ at }) => at >= spread)
    const identity = after.filter(({ action }) => action === 'sts:GetCallerIdentity')
    expect(before.every(({ outcome }) => outcome === 'ok')).toBe(true)
    expect(identity.length).toBeGreaterThan(0)
    expect(identity.every(({ outcome }) => outcome === 'ok')).toBe(true)
    expect(
      after.filter((event) => !identity.includes(event)).every(({ outcome, explicit }) => outcome === 'refused' && explicit),
    ).toBe(true)
  })

  test('calls every 15 to 25 seconds at ease, every 45 to 90 when refused, and gives up after 14 to 20 refusals', () => {
    const { account, stolen, received } = withAttacker()
    attacker(account, stolen, taking(account.random, 'kali'))
    passes(account, 200)
    const gaps = (events: readonly ActorEvent[]): number[] =>
      events.slice(1).map(({ at }, index) => (at - (events[index]?.at ?? at)) / 1000)
    expect(gaps(received).every((gap) => gap >= 15 && gap <= 25)).toBe(true)
    revoke(account)
    passes(account, 3600)
    const refused = received.filter(({ outcome }) => outcome === 'refused')
    expect(refused.length).toBeGreaterThanOrEqual(14)
    expect(refused.length).toBeLessThanOrEqual(20)
    const [first] = refused
    expect(gaps(received.slice(first && received.indexOf(first))).every((gap) => gap >= 45 && gap <= 90)).toBe(true)
    expect(received.at(-1)?.at).toBeLessThan(account.clock.now() - 600_000)
  })
})
