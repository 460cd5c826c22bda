import { describe, expect, it } from 'vitest'
import type { IssuedCredential } from '../../../src/simulator/account/credentials.ts'
import { allowing, outcomeOf, roleLike, type TestAccount, testAccount } from '../../support/account.ts'

const P = 'arn:aws:iam::111122223333:policy/p'

interface KeyAnswer {
  readonly AccessKey: { readonly AccessKeyId: string }
}

const iam = ({ send }: TestAccount, operation: string, input: object, by?: IssuedCredential) => send('iam', operation, input, by)

/** A user with a key, and the key's credentials. */
const eveIn = (test: TestAccount): IssuedCredential => {
  iam(test, 'CreateUser', { UserName: 'eve' })
  const { AccessKey } = test.send<KeyAnswer>('iam', 'CreateAccessKey', { UserName: 'eve' })
  const credential = test.account.credentials.find(AccessKey.AccessKeyId)
  if (!credential) throw new Error('the key is not registered')
  return credential
}

describe('a user that was made', () => {
  it('may do what its own policies and those of its groups allow, and no more', () => {
    const test = testAccount()
    const eve = eveIn(test)
    const lists = () => outcomeOf(() => iam(test, 'ListRoles', {}, eve))
    expect(lists()).toBe('AccessDenied 403')
    iam(test, 'CreateGroup', { GroupName: 'wheel' })
    iam(test, 'PutGroupPolicy', { GroupName: 'wheel', PolicyName: 'all', PolicyDocument: allowing('iam:*') })
    iam(test, 'AddUserToGroup', { GroupName: 'wheel', UserName: 'eve' })
    test.wait(60)
    expect(lists()).toBe('ok')
    iam(test, 'RemoveUserFromGroup', { GroupName: 'wheel', UserName: 'eve' })
    expect(lists()).toBe('AccessDenied 403')
  })

  it('has a key that is nobody’s once it is deleted', () => {
    const test = testAccount()
    const eve = eveIn(test)
    expect(outcomeOf(() => test.send('sts', 'GetCallerIdentity', {}, eve))).toBe('ok')
    iam(test, 'DeleteAccessKey', { UserName: 'eve', AccessKeyId: eve.accessKeyId })
    expect(outcomeOf(() => test.send('sts', 'GetCallerIdentity', {}, eve))).toBe('InvalidClientTokenId 403')
  })

  it('has two keys at most', () => {
    const test = testAccount()
    eveIn(test)
    iam(test, 'CreateAccessKey', { UserName: 'eve' })
    expect(outcomeOf(() => iam(test, 'CreateAccessKey', { UserName: 'eve' }))).toBe('LimitExceeded 409')
  })

  it('cannot be made twice', () => {
    const test = testAccount()
    eveIn(test)
    expect(outcomeOf(() => iam(test, 'CreateUser', { UserName: 'eve' }))).toBe('EntityAlreadyExists 409')
  })
})

type Step = readonly [operation: string, input: object]

const user = { UserName: 'eve' }
const profile = { InstanceProfileName: 'p' }

describe('what still holds something is not deleted', () => {
  it.each<readonly [string, holding: readonly Step[], Step, freeing: readonly Step[]]>([
    [
      'a user with a password',
      [['CreateLoginProfile', { ...user, Password: 'x' }]],
      ['DeleteUser', user],
      [['DeleteLoginProfile', user]],
    ],
    [
      'a user with an inline policy',
      [['PutUserPolicy', { ...user, PolicyName: 'x', PolicyDocument: allowing('*') }]],
      ['DeleteUser', user],
      [['DeleteUserPolicy', { ...user, PolicyName: 'x' }]],
    ],
    [
      'a user in a group',
      [
        ['CreateGroup', { GroupName: 'g' }],
        ['AddUserToGroup', { GroupName: 'g', ...user }],
      ],
      ['DeleteUser', user],
      [['RemoveUserFromGroup', { GroupName: 'g', ...user }]],
    ],
    [
      'a policy that somebody has',
      [
        ['CreatePolicy', { PolicyName: 'p', PolicyDocument: allowing('*') }],
        ['AttachUserPolicy', { ...user, PolicyArn: P }],
      ],
      ['DeletePolicy', { PolicyArn: P }],
      [['DetachUserPolicy', { ...user, PolicyArn: P }]],
    ],
    [
      'a policy with more than one version',
      [
        ['CreatePolicy', { PolicyName: 'p', PolicyDocument: allowing('*') }],
        ['CreatePolicyVersion', { PolicyArn: P, PolicyDocument: allowing('s3:*') }],
      ],
      ['DeletePolicy', { PolicyArn: P }],
      [['DeletePolicyVersion', { PolicyArn: P, VersionId: 'v2' }]],
    ],
    [
      'the default version of a policy',
      [
        ['CreatePolicy', { PolicyName: 'p', PolicyDocument: allowing('*') }],
        ['CreatePolicyVersion', { PolicyArn: P, PolicyDocument: allowing('s3:*'), SetAsDefault: true }],
      ],
      ['DeletePolicyVersion', { PolicyArn: P, VersionId: 'v2' }],
      [['SetDefaultPolicyVersion', { PolicyArn: P, VersionId: 'v1' }]],
    ],
    [
      'an instance profile with a role',
      [
        ['CreateInstanceProfile', profile],
        ['AddRoleToInstanceProfile', { ...profile, RoleName: 'web-app' }],
      ],
      ['DeleteInstanceProfile', profile],
      [['RemoveRoleFromInstanceProfile', { ...profile, RoleName: 'web-app' }]],
    ],
  ])('%s', (_, holding, [deletes, what], freeing) => {
    const test = testAccount()
    iam(test, 'CreateUser', user)
    for (const [operation, input] of holding) iam(test, operation, input)
    expect(outcomeOf(() => iam(test, deletes, what))).toBe('DeleteConflict 409')
    for (const [operation, input] of freeing) iam(test, operation, input)
    expect(outcomeOf(() => iam(test, deletes, what))).toBe('ok')
    expect(outcomeOf(() => iam(test, deletes, what))).toBe('NoSuchEntity 404')
  })
})

describe('a managed policy', () => {
  it('is decided by its default version, which GetPolicy and GetPolicyVersion show', () => {
    const test = testAccount()
    const eve = eveIn(test)
    iam(test, 'CreatePolicy', { PolicyName: 'p', PolicyDocument: allowing('iam:ListRoles') })
    iam(test, 'AttachUserPolicy', { UserName: 'eve', PolicyArn: P })
    expect(outcomeOf(() => iam(test, 'ListRoles', {}, eve))).toBe('ok')
    iam(test, 'CreatePolicyVersion', { PolicyArn: P, PolicyDocument: allowing('s3:*'), SetAsDefault: true })
    expect(outcomeOf(() => iam(test, 'ListRoles', {}, eve))).toBe('AccessDenied 403')
    expect(iam(test, 'GetPolicy', { PolicyArn: P })).toMatchObject({ Policy: { DefaultVersionId: 'v2', AttachmentCount: 1 } })
    expect(iam(test, 'GetPolicyVersion', { PolicyArn: P, VersionId: 'v1' })).toMatchObject({
      PolicyVersion: { IsDefaultVersion: false, Document: encodeURIComponent(allowing('iam:ListRoles')).replaceAll('*', '%2A') },
    })
  })
})

describe('a trust policy that was written anew', () => {
  it('decides who may assume the role once it has spread', () => {
    const test = testAccount()
    const eve = eveIn(test)
    const RoleArn = 'arn:aws:iam::111122223333:role/service/web-app'
    const assumes = () => outcomeOf(() => test.send('sts', 'AssumeRole', { RoleArn, RoleSessionName: 'x' }, eve))
    expect(assumes()).toBe('AccessDenied 403')
    const Statement = [{ Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::111122223333:user/eve' }, Action: 'sts:AssumeRole' }]
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement })
    iam(test, 'UpdateAssumeRolePolicy', { RoleName: 'web-app', PolicyDocument })
    test.wait(7)
    expect(assumes()).toBe('AccessDenied 403')
    test.wait(1)
    expect(assumes()).toBe('ok')
  })

  it('written twice in a row, the first that was in force decides until the newest has spread', () => {
    const test = testAccount()
    const eve = eveIn(test)
    const RoleArn = 'arn:aws:iam::111122223333:role/service/web-app'
    const assumes = () => outcomeOf(() => test.send('sts', 'AssumeRole', { RoleArn, RoleSessionName: 'x' }, eve))
    const trusts = (name: string) => {
      const Statement = [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::111122223333:${name}` }, Action: 'sts:AssumeRole' }]
      const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement })
      iam(test, 'UpdateAssumeRolePolicy', { RoleName: 'web-app', PolicyDocument })
    }
    trusts('user/eve')
    test.wait(2)
    trusts('role/service/web-app')
    expect(assumes()).toBe('AccessDenied 403')
    trusts('user/eve')
    test.wait(8)
    expect(assumes()).toBe('ok')
    trusts('role/service/web-app')
    test.wait(2)
    trusts('role/service/web-app')
    test.wait(7)
    expect(assumes()).toBe('ok')
    test.wait(1)
    expect(assumes()).toBe('AccessDenied 403')
  })

  it('is refused where it is no policy', () => {
    const test = testAccount()
    const update = (PolicyDocument: string) =>
      outcomeOf(() => iam(test, 'UpdateAssumeRolePolicy', { RoleName: 'web-app', PolicyDocument }))
    expect(update('{}')).toBe('MalformedPolicyDocument 400')
    expect(update('{"Statement":[{"Effect":"Allow","Condition":{"Unheard":{"aws:a":"b"}}}]}')).toBe('MalformedPolicyDocument 400')
  })

  it.each<[rule: string, parts: object]>([
    ['names no principal', { Principal: undefined }],
    ['names a principal of no kind', { Principal: { Person: 'arn:aws:iam::111122223333:root' } }],
    ['names a principal that is not text', { Principal: { AWS: 111_122_223_333 } }],
    ['has a resource', { Resource: '*' }],
    ['excepts principals, which are not simulated', { NotPrincipal: { AWS: '*' } }],
    ['excepts actions, which are not simulated', { Action: undefined, NotAction: 'sts:GetCallerIdentity' }],
    ['has no action', { Action: undefined }],
    ['has an action without its service', { Action: 'AssumeRole' }],
    ['has an effect in other letters', { Effect: 'allow' }],
    ['has an element that is not known', { Actions: 'sts:AssumeRole' }],
    ['has an operator that is not known', { Condition: { Unheard: { 'aws:a': 'b' } } }],
    ['has conditions that are no object', { Condition: 'aws:a' }],
  ])('is refused where a statement %s', (_, parts) => {
    const test = testAccount()
    const Statement = { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }
    const update = (statement: object) => () =>
      iam(test, 'UpdateAssumeRolePolicy', {
        RoleName: 'web-app',
        PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: statement }),
      })
    expect(outcomeOf(update(Statement))).toBe('ok')
    expect(outcomeOf(update({ ...Statement, ...parts }))).toBe('MalformedPolicyDocument 400')
  })

  it.each([
    ['AWSServiceRoleForAutoScaling', '/aws-service-role/autoscaling.amazonaws.com/'],
    ['AWSReservedSSO_Admin_0123456789abcdef', '/aws-reserved/sso.amazonaws.com/'],
  ])('is AWS’s own on %s: nobody in the account changes the role', (name, path) => {
    const test = testAccount()
    test.account.roles.set(name, roleLike({ name, path }))
    const trustPolicy = test.account.roles.get(name)?.trustPolicy
    const changes = [
      ['UpdateAssumeRolePolicy', { PolicyDocument: trustPolicy }],
      ['PutRolePolicy', { PolicyName: 'p', PolicyDocument: allowing('*') }],
      ['AttachRolePolicy', { PolicyArn: P }],
      ['DeleteRole', {}],
    ] as const
    for (const [operation, input] of changes) {
      const change = () => iam(test, operation, { RoleName: name, ...input })
      expect(`${operation}: ${outcomeOf(change)}`).toBe(`${operation}: UnmodifiableEntity 400`)
    }
  })
})
