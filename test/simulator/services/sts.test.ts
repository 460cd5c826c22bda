import { describe, expect, it } from 'vitest'
import { issueSession, issueUserKey } from '../../../src/simulator/issue-credentials.ts'
import {
  allowing,
  messageOf,
  outcomeOf,
  ROLE,
  revocation,
  roleLike,
  START,
  type TestAccount,
  testAccount,
  userLike,
} from '../../support/account.ts'

interface Assumed {
  readonly Credentials: { readonly AccessKeyId: string; readonly Expiration: Date }
  readonly AssumedRoleUser: { readonly Arn: string }
}

const trusting = (AWS: string): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { AWS }, Action: 'sts:AssumeRole' }] })

const ROOT = 'arn:aws:iam::111122223333:root'
const TARGET = 'arn:aws:iam::111122223333:role/data'

const withTarget = (trustPolicy = trusting(ROOT), maxSessionDuration = 43_200): TestAccount => {
  const test = testAccount()
  test.account.roles.set('data', roleLike({ name: 'data', trustPolicy, maxSessionDuration }))
  return test
}

const assume = ({ send }: TestAccount, by: ReturnType<TestAccount['onInstance']>, input: object = {}): Assumed =>
  send<Assumed>('sts', 'AssumeRole', { RoleArn: TARGET, RoleSessionName: 'x1', ...input }, by)

describe('AssumeRole', () => {
  it('issues a session of the role, good for an hour unless asked otherwise', () => {
    const test = withTarget()
    const { Credentials, AssumedRoleUser } = assume(test, test.onInstance())
    expect(AssumedRoleUser.Arn).toBe('arn:aws:sts::111122223333:assumed-role/data/x1')
    expect(Credentials.Expiration).toEqual(new Date(START + 3_600_000))
    expect(test.account.credentials.find(Credentials.AccessKeyId)?.principal).toMatchObject({ roleName: 'data' })
  })

  it('AssumeRole from a role session lasts an hour at most', () => {
    const test = withTarget()
    expect(messageOf(() => assume(test, test.onInstance(), { DurationSeconds: 3601 }))).toContain('role chaining')
  })

  it('never lasts longer than the role allows', () => {
    const test = withTarget(trusting(ROOT), 3600)
    const user = userLike({ name: 'carol', inline: new Map([['all', { document: allowing('*'), writtenAt: 0 }]]) })
    test.account.users.set(user.name, user)
    const key = issueUserKey(test.account, user)
    expect(outcomeOf(() => assume(test, key, { DurationSeconds: 7200 }))).toBe('ValidationError 400')
  })

  it('is refused for a role that is not there, that trusts somebody else, or that the caller may not assume', () => {
    const test = withTarget()
    const elsewhere = withTarget(trusting('arn:aws:iam::444455556666:root'))
    const idle = roleLike({ name: 'idle' })
    test.account.roles.set(idle.name, idle)
    const gone = { RoleArn: 'arn:aws:iam::111122223333:role/gone' }
    expect(outcomeOf(() => assume(test, test.onInstance(), gone))).toBe('AccessDenied 403')
    expect(outcomeOf(() => assume(elsewhere, elsewhere.onInstance()))).toBe('AccessDenied 403')
    expect(outcomeOf(() => assume(test, issueSession(test.account, idle, 'x', 900)))).toBe('AccessDenied 403')
  })

  it('needs no permission of a caller that the trust policy names, but an explicit deny beats that', () => {
    const test = withTarget(trusting('arn:aws:iam::111122223333:role/service/web-app'))
    const stolen = test.onInstance()
    test.role.inline.set('web', { document: allowing('s3:*'), writtenAt: 0 })
    expect(outcomeOf(() => assume(test, stolen))).toBe('ok')
    test.role.inline.set('revoke', { document: revocation('2026-11-25T02:00:30Z'), writtenAt: 0 })
    expect(messageOf(() => assume(test, stolen))).toContain('with an explicit deny in an identity-based policy')
  })

  it.each([
    ['sts:Assume*', 'sts:AssumeRole'],
    ['STS:AssumeRole', 'sts:assumerole'],
    ['sts:Assume????', 's*:*Role'],
  ])('heeds %s in an allow and %s in a deny of the trust policy', (allowed, denied) => {
    const Principal = { AWS: ROOT }
    const statements = [
      { Effect: 'Allow', Principal, Action: ['sts:TagSession', allowed] },
      { Effect: 'Deny', Principal: '*', Action: denied },
    ]
    const trust = (...Statement: object[]) => withTarget(JSON.stringify({ Version: '2012-10-17', Statement }))
    const open = trust(...statements.slice(0, 1))
    const closed = trust(...statements)
    const other = trust({ Effect: 'Allow', Principal, Action: 'sts:AssumeRoleWith*' })
    expect(outcomeOf(() => assume(open, open.onInstance()))).toBe('ok')
    expect(messageOf(() => assume(closed, closed.onInstance()))).toContain('with an explicit deny in a resource-based policy')
    expect(outcomeOf(() => assume(other, other.onInstance()))).toBe('AccessDenied 403')
  })

  it('a session that a stolen one assumed of another role outlives the revocation of the first', () => {
    const test = withTarget()
    test.account.roles.get('data')?.inline.set('all', { document: allowing('*'), writtenAt: 0 })
    const { Credentials } = assume(test, test.onInstance())
    test.send('iam', 'PutRolePolicy', { RoleName: ROLE, PolicyName: 'r', PolicyDocument: revocation('2026-11-25T02:00:30Z') })
    test.wait(60)
    const chained = test.account.credentials.find(Credentials.AccessKeyId)
    expect(outcomeOf(() => test.send('ec2', 'DescribeInstances', {}, chained))).toBe('ok')
  })
})

describe('GetSessionToken', () => {
  it('gives a user a key that looks like a role’s and is none', () => {
    const test = testAccount()
    const user = userLike({ name: 'carol' })
    test.account.users.set(user.name, user)
    const { Credentials } = test.send<Assumed>('sts', 'GetSessionToken', {}, issueUserKey(test.account, user))
    expect(Credentials.AccessKeyId).toMatch(/^ASIA/)
    expect(Credentials.Expiration).toEqual(new Date(START + 43_200_000))
    expect(test.account.credentials.find(Credentials.AccessKeyId)?.principal).toMatchObject({ type: 'user', userName: 'carol' })
  })

  it('is refused to a session', () => {
    const test = testAccount()
    expect(outcomeOf(() => test.send('sts', 'GetSessionToken'))).toBe('AccessDenied 403')
  })
})

describe('GetAccessKeyInfo', () => {
  it('tells the account of its own keys only', () => {
    const test = testAccount()
    const { accessKeyId } = test.onInstance()
    expect(test.send('sts', 'GetAccessKeyInfo', { AccessKeyId: accessKeyId })).toEqual({ Account: '111122223333' })
    expect(outcomeOf(() => test.send('sts', 'GetAccessKeyInfo', { AccessKeyId: 'AKIAXXXXXXXXXXXXXXXX' }))).toBe(
      'ValidationError 400',
    )
  })
})
