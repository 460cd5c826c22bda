import { describe, expect, it } from 'vitest'
import type { IssuedCredential } from '../../../src/simulator/account/credentials.ts'
import { issueRootSession, issueUserKey, issueUserSession } from '../../../src/simulator/issue-credentials.ts'
import { allowing, messageOf, outcomeOf, revocation, type TestAccount, testAccount, userLike } from '../../support/account.ts'

const CUTOFF = '2026-11-25T02:00:30Z'

const withUser = (): TestAccount & { key: IssuedCredential } => {
  const test = testAccount()
  const inline = new Map([['all', { document: allowing('*'), writtenAt: 0 }]])
  const user = userLike({ name: 'carol', inline })
  test.account.users.set(user.name, user)
  return { ...test, key: issueUserKey(test.account, user) }
}

const minted = (test: TestAccount, operation: string, input: object, by: IssuedCredential): IssuedCredential => {
  const { Credentials } = test.send<{ Credentials: { AccessKeyId: string } }>('sts', operation, input, by)
  const credential = test.account.credentials.find(Credentials.AccessKeyId)
  if (!credential) throw new Error('the session is not registered')
  return credential
}

const describes = (test: TestAccount, by: IssuedCredential): string =>
  outcomeOf(() => test.send('ec2', 'DescribeInstances', {}, by))

describe('an inactive long-term key', () => {
  it('is refused as a key that does not exist, and the sessions minted from it go on', () => {
    const test = withUser()
    const session = minted(test, 'GetSessionToken', {}, test.key)
    test.send('iam', 'UpdateAccessKey', { UserName: 'carol', AccessKeyId: test.key.accessKeyId, Status: 'Inactive' })
    test.wait(60)
    expect(outcomeOf(() => test.send('iam', 'ListUsers', {}, test.key))).toBe('InvalidClientTokenId 403')
    expect(describes(test, session)).toBe('ok')
  })

  it('a dated deny on the user refuses the sessions minted before it, and not the key', () => {
    const test = withUser()
    const session = minted(test, 'GetSessionToken', {}, test.key)
    const PolicyDocument = revocation(CUTOFF)
    test.send('iam', 'PutUserPolicy', { UserName: 'carol', PolicyName: 'AWSRevokeOlderSessions', PolicyDocument })
    test.wait(60)
    expect(describes(test, session)).toBe('UnauthorizedOperation 403')
    expect(describes(test, test.key)).toBe('ok')
    expect(describes(test, minted(test, 'GetSessionToken', {}, test.key))).toBe('ok')
  })

  it('a user’s inline policies are limited to 2,048 characters together', () => {
    const test = withUser()
    const put = (length: number) =>
      outcomeOf(() =>
        test.send('iam', 'PutUserPolicy', {
          UserName: 'carol',
          PolicyName: 'long',
          PolicyDocument: allowing(`s3:${'a'.repeat(length)}`),
        }),
      )
    expect(put(1000)).toBe('ok')
    expect(put(2000)).toBe('LimitExceeded 409')
  })
})

describe('a federated user', () => {
  const Policy = allowing('ec2:Describe*')

  it('has what both the user and the session policy allow, and nothing without one', () => {
    const test = withUser()
    const session = minted(test, 'GetFederationToken', { Name: 'bob', Policy }, test.key)
    expect(describes(test, session)).toBe('ok')
    const stops = () => test.send('ec2', 'StopInstances', { InstanceIds: [test.instance.id] }, session)
    expect(messageOf(stops)).toContain('because no session policy allows the ec2:StopInstances action')
    expect(describes(test, minted(test, 'GetFederationToken', { Name: 'bob' }, test.key))).toBe('UnauthorizedOperation 403')
  })

  it('is denied by a dated deny on the user behind it', () => {
    const test = withUser()
    const session = minted(test, 'GetFederationToken', { Name: 'bob', Policy }, test.key)
    test.send('iam', 'PutUserPolicy', { UserName: 'carol', PolicyName: 'deny', PolicyDocument: revocation(CUTOFF) })
    test.wait(60)
    expect(messageOf(() => test.send('ec2', 'DescribeInstances', {}, session))).toContain('explicit deny in an identity-based')
  })

  it('calls neither IAM nor STS, but for who it is', () => {
    const test = withUser()
    const session = minted(test, 'GetFederationToken', { Name: 'bob', Policy: allowing('*') }, test.key)
    expect(outcomeOf(() => test.send('iam', 'ListUsers', {}, session))).toBe('InvalidClientTokenId 403')
    expect(test.send('sts', 'GetCallerIdentity', {}, session)).toEqual({
      UserId: '111122223333:bob',
      Account: '111122223333',
      Arn: 'arn:aws:sts::111122223333:federated-user/bob',
    })
  })
})

describe('other sessions without a role', () => {
  it('a session of the console may call IAM, one of GetSessionToken without MFA may not', () => {
    const test = withUser()
    const user = test.account.users.get('carol')
    if (!user) throw new Error('no user')
    const console = issueUserSession(test.account, user, 3600, undefined, { viaConsole: true })
    expect(outcomeOf(() => test.send('iam', 'ListUsers', {}, console))).toBe('ok')
    expect(outcomeOf(() => test.send('iam', 'ListUsers', {}, issueUserSession(test.account, user, 3600)))).toBe(
      'InvalidClientTokenId 403',
    )
  })

  it('no policy of the account binds the root user', () => {
    const test = withUser()
    const root = issueRootSession(test.account, 3600)
    expect(describes(test, root)).toBe('ok')
    expect(test.send('sts', 'GetCallerIdentity', {}, root)).toMatchObject({ Arn: 'arn:aws:iam::111122223333:root' })
  })

  it('a session of a user who was made again under the old name has no permissions', () => {
    const test = withUser()
    const session = minted(test, 'GetSessionToken', {}, test.key)
    test.account.users.set('carol', { ...userLike({ name: 'carol' }), id: 'AIDAANOTHER', inline: new Map() })
    expect(describes(test, session)).toBe('UnauthorizedOperation 403')
  })
})
