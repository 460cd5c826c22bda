import { describe, expect, it } from 'vitest'
import { issueUserKey } from '../../../src/simulator/issue-credentials.ts'
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

const NAME = 'AWSRevokeOlderSessions'
const CUTOFF = '2026-11-25T02:00:30Z'

const put = ({ send }: TestAccount, PolicyDocument: string, RoleName = ROLE, PolicyName = NAME): unknown =>
  send('iam', 'PutRolePolicy', { RoleName, PolicyName, PolicyDocument })

describe('PutRolePolicy', () => {
  it('stores the document, and GetRolePolicy answers it percent-encoded as in RFC 3986', () => {
    const test = testAccount()
    const document = allowing('s3:GetObject').replace('"Resource":"*"', `"Resource":"arn:aws:s3:::a!b'(c)*"`)
    put(test, document)
    const answer = test.send<{ PolicyDocument: string }>('iam', 'GetRolePolicy', { RoleName: ROLE, PolicyName: NAME })
    expect(answer.PolicyDocument).toMatch(/^[A-Za-z0-9\-._~%]+$/)
    expect(decodeURIComponent(answer.PolicyDocument)).toBe(document)
  })

  it('replaces a policy of the same name', () => {
    const test = testAccount()
    put(test, revocation(CUTOFF))
    put(test, revocation('2026-11-25T02:10:00Z'))
    expect(test.role.inline.get(NAME)?.document).toBe(revocation('2026-11-25T02:10:00Z'))
    expect(test.role.inline.size).toBe(2)
  })

  it.each([
    ['is no JSON', '{'],
    ['has an unknown condition operator', revocation(CUTOFF).replace('DateLessThan', 'DateBefore')],
    ['has a cut-off that is no date', revocation('yesterday')],
    ['names a principal', allowing('*').replace('"Resource"', '"Principal":"*","Resource"')],
  ])('refuses a document that %s', (_, document) => {
    const test = testAccount()
    expect(outcomeOf(() => put(test, document))).toBe('MalformedPolicyDocument 400')
    expect(test.role.inline.has(NAME)).toBe(false)
  })

  it.each(['/aws-service-role/ec2.amazonaws.com/', '/aws-reserved/sso.amazonaws.com/eu-central-1/'])(
    'refuses a role below %s, which AWS keeps to itself',
    (path) => {
      const test = testAccount()
      test.account.roles.set('protected', roleLike({ name: 'protected', path }))
      expect(outcomeOf(() => put(test, revocation(CUTOFF), 'protected'))).toBe('UnmodifiableEntity 400')
    },
  )

  it('refuses more than 10,240 characters of inline policies on a role, white space not counted', () => {
    const test = testAccount()
    const padded = (length: number): string => {
      const empty = allowing('s3:')
      return allowing(`s3:${'x'.repeat(length - empty.length)}`)
    }
    const used = [...test.role.inline.values()].reduce((sum, { document }) => sum + document.length, 0)
    const fitting = padded(10_240 - used)
    expect(outcomeOf(() => put(test, `${fitting}\n${' '.repeat(500)}`))).toBe('ok')
    expect(outcomeOf(() => put(test, padded(10_241 - used)))).toBe('LimitExceeded 409')
    expect(outcomeOf(() => put(test, revocation(CUTOFF), ROLE, 'another'))).toBe('LimitExceeded 409')
  })
})

describe('what does not exist', () => {
  it.each([
    ['GetRole', { RoleName: 'nobody' }, 'The role with name nobody cannot be found.'],
    [
      'PutRolePolicy',
      { RoleName: 'nobody', PolicyName: 'x', PolicyDocument: '{}' },
      'The role with name nobody cannot be found.',
    ],
    ['GetRolePolicy', { RoleName: ROLE, PolicyName: 'none' }, 'The role policy with name none cannot be found.'],
    ['DeleteRolePolicy', { RoleName: ROLE, PolicyName: 'none' }, 'The role policy with name none cannot be found.'],
    ['GetInstanceProfile', { InstanceProfileName: 'none' }, 'Instance Profile none cannot be found.'],
    ['GetPolicy', { PolicyArn: 'arn:aws:iam::aws:policy/None' }, 'Policy arn:aws:iam::aws:policy/None was not found.'],
    ['GetUser', { UserName: 'nobody' }, 'The user with name nobody cannot be found.'],
    [
      'GetAccessKeyLastUsed',
      { AccessKeyId: 'AKIAXXXXXXXXXXXXXXXX' },
      'The Access Key with id AKIAXXXXXXXXXXXXXXXX cannot be found.',
    ],
  ])('%s says so', (operation, input, message) => {
    const { send } = testAccount()
    expect(outcomeOf(() => send('iam', operation, input))).toBe('NoSuchEntity 404')
    expect(messageOf(() => send('iam', operation, input))).toBe(message)
  })
})

describe('GetRole', () => {
  interface RoleAnswer {
    readonly Role: {
      readonly Arn: string
      readonly AssumeRolePolicyDocument: string
      readonly RoleLastUsed: { readonly LastUsedDate?: Date }
    }
  }

  it('gives the ARN with its path and the trust policy encoded', () => {
    const test = testAccount()
    const { Role } = test.send<RoleAnswer>('iam', 'GetRole', { RoleName: ROLE })
    expect(Role.Arn).toBe('arn:aws:iam::111122223333:role/service/web-app')
    expect(decodeURIComponent(Role.AssumeRolePolicyDocument)).toBe(test.role.trustPolicy)
  })

  it('knows the last use only as far as CloudTrail has delivered it', () => {
    const test = testAccount({}, { agentPingEvery: 300, trailDelivery: 300 })
    const lastUsed = () => test.send<RoleAnswer>('iam', 'GetRole', { RoleName: ROLE }).Role.RoleLastUsed.LastUsedDate
    test.wait(310)
    expect(lastUsed()).toBeUndefined()
    test.wait(600)
    expect(lastUsed()?.getTime()).toBeGreaterThan(START)
  })
})

describe('lists', () => {
  it('come in pages, complete and without repeats', () => {
    const test = testAccount()
    for (let index = 0; index < 10; index += 1) put(test, revocation(CUTOFF), ROLE, `policy-${index}`)
    const names: string[] = []
    let Marker: string | undefined
    do {
      const page = test.send<{ PolicyNames: string[]; IsTruncated: boolean; Marker?: string }>('iam', 'ListRolePolicies', {
        RoleName: ROLE,
        ...(Marker === undefined ? {} : { Marker }),
      })
      expect(page.PolicyNames.length).toBeLessThanOrEqual(3)
      expect(page.IsTruncated).toBe(page.Marker !== undefined)
      names.push(...page.PolicyNames)
      Marker = page.Marker
    } while (Marker !== undefined)
    expect(names).toEqual([...test.role.inline.keys()].sort())
  })

  it('refuse a marker that is not theirs', () => {
    const { send } = testAccount()
    expect(outcomeOf(() => send('iam', 'ListRoles', { Marker: 'guessed' }))).toBe('ValidationError 400')
  })

  it('lead from a role to its instance profile and to its managed policies', () => {
    const test = testAccount()
    const PolicyArn = 'arn:aws:iam::aws:policy/ReadOnlyAccess'
    test.account.managedPolicies.set(PolicyArn, { name: 'ReadOnlyAccess', document: allowing('ec2:Describe*') })
    test.account.roles.set('reader', roleLike({ name: 'reader', attachedPolicies: [PolicyArn] }))
    expect(test.send('iam', 'ListInstanceProfilesForRole', { RoleName: ROLE })).toMatchObject({
      InstanceProfiles: [{ InstanceProfileName: 'web-app-profile', Roles: [{ RoleName: ROLE }] }],
      IsTruncated: false,
    })
    expect(test.send('iam', 'ListAttachedRolePolicies', { RoleName: 'reader' })).toMatchObject({
      AttachedPolicies: [{ PolicyName: 'ReadOnlyAccess', PolicyArn }],
    })
    expect(test.send('iam', 'GetPolicy', { PolicyArn })).toMatchObject({
      Policy: { Path: '/', DefaultVersionId: 'v1', AttachmentCount: 1 },
    })
    const { PolicyVersion } = test.send<{ PolicyVersion: { Document: string } }>('iam', 'GetPolicyVersion', {
      PolicyArn,
      VersionId: 'v1',
    })
    expect(JSON.parse(decodeURIComponent(PolicyVersion.Document))).toMatchObject({ Statement: [{ Action: ['ec2:Describe*'] }] })
  })
})

describe('users and their keys', () => {
  const withUser = () => {
    const test = testAccount()
    const user = userLike({ name: 'carol', path: '/staff/' })
    test.account.users.set(user.name, user)
    return { test, user, key: issueUserKey(test.account, user) }
  }

  it('GetUser without a name is the caller, who must then be a user', () => {
    const { test } = withUser()
    expect(outcomeOf(() => test.send('iam', 'GetUser'))).toBe('ValidationError 400')
    expect(test.send('iam', 'GetUser', { UserName: 'carol' })).toMatchObject({
      User: { Arn: 'arn:aws:iam::111122223333:user/staff/carol' },
    })
  })

  it('a key that was never used says N/A', () => {
    const { test, key } = withUser()
    expect(test.send('iam', 'GetAccessKeyLastUsed', { AccessKeyId: key.accessKeyId })).toEqual({
      UserName: 'carol',
      AccessKeyLastUsed: { LastUsedDate: undefined, ServiceName: 'N/A', Region: 'N/A' },
    })
  })

  it('the key of a session is not known to IAM', () => {
    const test = testAccount()
    const { accessKeyId } = test.onInstance()
    expect(outcomeOf(() => test.send('iam', 'GetAccessKeyLastUsed', { AccessKeyId: accessKeyId }))).toBe('NoSuchEntity 404')
  })

  it('UpdateAccessKey shows in the list at once', () => {
    const { test, key } = withUser()
    test.send('iam', 'UpdateAccessKey', { UserName: 'carol', AccessKeyId: key.accessKeyId, Status: 'Inactive' })
    expect(test.send('iam', 'ListAccessKeys', { UserName: 'carol' })).toMatchObject({
      AccessKeyMetadata: [{ AccessKeyId: key.accessKeyId, Status: 'Inactive' }],
    })
  })
})

describe('ListAccountAliases', () => {
  it('gives the alias, the same in every Region', () => {
    const { send, responder } = testAccount()
    expect(send('iam', 'ListAccountAliases', {}, responder, 'us-east-1')).toMatchObject({ AccountAliases: ['acme'] })
  })
})
