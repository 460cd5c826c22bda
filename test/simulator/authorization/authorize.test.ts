import { describe, expect, it } from 'vitest'
import type { User } from '../../../src/simulator/account/account.ts'
import { issueSession, issueUserKey, issueUserSession } from '../../../src/simulator/issue-credentials.ts'
import { allowing, messageOf, outcomeOf, ROLE, revocation, roleLike, testAccount, userLike } from '../../support/account.ts'

const CUTOFF = '2026-11-25T02:00:30Z'
const PROPAGATION = 8

const revoke = (test: ReturnType<typeof testAccount>, cutoff = CUTOFF): void => {
  test.send('iam', 'PutRolePolicy', {
    RoleName: ROLE,
    PolicyName: 'AWSRevokeOlderSessions',
    PolicyDocument: revocation(cutoff),
  })
}

const addUser = ({ account }: ReturnType<typeof testAccount>): User => {
  const user = userLike({ name: 'carol', inline: new Map([['all', { document: allowing('*'), writtenAt: 0 }]]) })
  account.users.set(user.name, user)
  return user
}

describe('a revocation', () => {
  it('does not bite before it has spread, and does afterwards', () => {
    const test = testAccount()
    const stolen = test.onInstance()
    const asAttacker = () => outcomeOf(() => test.send('ec2', 'DescribeInstances', {}, stolen))
    revoke(test)
    test.wait(PROPAGATION - 0.001)
    expect(asAttacker()).toBe('ok')
    test.wait(0.001)
    expect(asAttacker()).toBe('UnauthorizedOperation 403')
  })

  it('spares a session issued at its cut-off, and denies one issued a second earlier', () => {
    const test = testAccount()
    const early = issueSession(test.account, test.role, 'early', 3600, Date.parse(CUTOFF) - 1000)
    const late = issueSession(test.account, test.role, 'late', 3600, Date.parse(CUTOFF))
    revoke(test)
    test.wait(60)
    expect(outcomeOf(() => test.send('ec2', 'DescribeInstances', {}, early))).toBe('UnauthorizedOperation 403')
    expect(outcomeOf(() => test.send('ec2', 'DescribeInstances', {}, late))).toBe('ok')
  })

  it('is lifted by deleting it, once the deletion has spread', () => {
    const test = testAccount()
    const stolen = test.onInstance()
    const asAttacker = () => outcomeOf(() => test.send('ec2', 'DescribeInstances', {}, stolen))
    revoke(test)
    test.wait(60)
    test.send('iam', 'DeleteRolePolicy', { RoleName: ROLE, PolicyName: 'AWSRevokeOlderSessions' })
    test.wait(PROPAGATION - 1)
    expect(asAttacker()).toBe('UnauthorizedOperation 403')
    test.wait(1)
    expect(asAttacker()).toBe('ok')
  })

  it('a revocation rewritten with a later cut-off keeps the earlier one in force meanwhile', () => {
    const test = testAccount()
    const stolen = test.onInstance()
    revoke(test)
    test.wait(60)
    revoke(test, '2026-11-25T03:00:00Z')
    expect(outcomeOf(() => test.send('ec2', 'DescribeInstances', {}, stolen))).toBe('UnauthorizedOperation 403')
  })

  it('cannot keep GetCallerIdentity from answering', () => {
    const test = testAccount()
    const stolen = test.onInstance()
    revoke(test)
    test.wait(60)
    expect(test.send('sts', 'GetCallerIdentity', {}, stolen)).toEqual({
      UserId: `${test.role.id}:${test.instance.id}`,
      Account: '111122223333',
      Arn: `arn:aws:sts::111122223333:assumed-role/web-app/${test.instance.id}`,
    })
  })

  it('leaves a long-term key alone, which has no issue time', () => {
    const test = testAccount()
    const user = addUser(test)
    user.inline.set('revoke', { document: revocation('2027-01-01T00:00:00Z'), writtenAt: 0 })
    const key = issueUserKey(test.account, user)
    const session = issueUserSession(test.account, user, 3600)
    expect(outcomeOf(() => test.send('ec2', 'DescribeInstances', {}, key))).toBe('ok')
    expect(outcomeOf(() => test.send('ec2', 'DescribeInstances', {}, session))).toBe('UnauthorizedOperation 403')
  })
})

describe('a refusal', () => {
  const ARN = 'arn:aws:sts::111122223333:assumed-role/web-app/i-08faaaafb15777f5a'

  it('is spelled as the service spells it', () => {
    const test = testAccount()
    const stolen = test.onInstance()
    const refused = (service: 'iam' | 'sts' | 'ec2' | 'ssm' | 'autoscaling', operation: string, input: object = {}) =>
      outcomeOf(() => test.send(service, operation, input, stolen))
    revoke(test)
    test.wait(60)
    expect(refused('iam', 'ListRoles')).toBe('AccessDenied 403')
    expect(refused('sts', 'GetAccessKeyInfo', { AccessKeyId: stolen.accessKeyId })).toBe('AccessDenied 403')
    expect(refused('autoscaling', 'DescribeAutoScalingGroups')).toBe('AccessDenied 403')
    expect(refused('ec2', 'DescribeInstances')).toBe('UnauthorizedOperation 403')
    expect(refused('ssm', 'ListCommands')).toBe('AccessDeniedException 400')
  })

  it('says that an explicit deny stands in the way', () => {
    const test = testAccount()
    const stolen = test.onInstance()
    revoke(test)
    test.wait(60)
    expect(messageOf(() => test.send('ssm', 'ListCommands', {}, stolen))).toBe(
      `User: ${ARN} is not authorized to perform: ssm:ListCommands with an explicit deny in an identity-based policy`,
    )
  })

  it('says that nothing allows it, and on what', () => {
    const test = testAccount()
    expect(messageOf(() => test.send('iam', 'GetRole', { RoleName: ROLE }, test.onInstance()))).toBe(
      `User: ${ARN} is not authorized to perform: iam:GetRole on resource: arn:aws:iam::111122223333:role/service/web-app because no identity-based policy allows the iam:GetRole action`,
    )
  })

  it('names the permissions boundary where that is the reason', () => {
    const test = testAccount()
    const arn = 'arn:aws:iam::111122223333:policy/boundary'
    test.account.managedPolicies.set(arn, { name: 'boundary', document: allowing('s3:*') })
    const role = roleLike({
      name: 'bounded',
      boundary: arn,
      inline: new Map([['all', { document: allowing('*'), writtenAt: 0 }]]),
    })
    test.account.roles.set(role.name, role)
    const session = issueSession(test.account, role, 'x', 3600)
    expect(messageOf(() => test.send('iam', 'ListRoles', {}, session))).toContain(
      'because no permissions boundary allows the iam:ListRoles action',
    )
  })
})

describe('credentials that are no good', () => {
  it.each([
    ['iam', 'ListRoles', 'ExpiredToken 403'],
    ['sts', 'GetCallerIdentity', 'ExpiredToken 403'],
    ['ec2', 'DescribeInstances', 'RequestExpired 400'],
    ['ssm', 'ListCommands', 'ExpiredTokenException 400'],
  ] as const)('expired credentials are refused by %s', (service, operation, code) => {
    const test = testAccount()
    const session = issueSession(test.account, test.role, 'short', 900)
    test.wait(900)
    expect(outcomeOf(() => test.send(service, operation, {}, session))).toBe(code)
  })

  it('an access key made inactive is refused once that has spread, and works again when made active', () => {
    const test = testAccount()
    const user = addUser(test)
    const key = issueUserKey(test.account, user)
    const change = (Status: string) =>
      test.send('iam', 'UpdateAccessKey', { UserName: user.name, AccessKeyId: key.accessKeyId, Status })
    const asOwner = () => outcomeOf(() => test.send('ec2', 'DescribeInstances', {}, key))
    change('Inactive')
    expect(asOwner()).toBe('ok')
    test.wait(PROPAGATION)
    expect(asOwner()).toBe('AuthFailure 401')
    change('Active')
    test.wait(PROPAGATION)
    expect(asOwner()).toBe('ok')
  })

  it('a user session without MFA cannot call IAM', () => {
    const test = testAccount()
    const user = addUser(test)
    const session = issueUserSession(test.account, user, 3600)
    expect(outcomeOf(() => test.send('iam', 'ListRoles', {}, session))).toBe('InvalidClientTokenId 403')
    expect(outcomeOf(() => test.send('sts', 'GetCallerIdentity', {}, session))).toBe('ok')
  })

  it('the session of a role that was deleted and made again has no permissions', () => {
    const test = testAccount()
    const stolen = test.onInstance()
    test.account.roles.set(ROLE, { ...test.role, id: 'AROANEW0000000000000' })
    expect(outcomeOf(() => test.send('ec2', 'DescribeInstances', {}, stolen))).toBe('UnauthorizedOperation 403')
  })
})

describe('condition keys of instance credentials', () => {
  const denyIf = (condition: object): string =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Deny', Action: '*', Resource: '*', Condition: condition },
    })

  it.each([
    ['their delivery', { StringEquals: { 'ec2:RoleDelivery': '1.0' } }],
    [
      'one session of one age',
      { StringEquals: { 'aws:userid': 'AROAWEBAPPXXXXXXXXXX:i-08faaaafb15777f5a', 'ec2:RoleDelivery': '1.0' } },
    ],
    [
      'the instance',
      { ArnLike: { 'ec2:SourceInstanceARN': 'arn:aws:ec2:*:*:instance/i-08*' }, NumericLessThan: { 'ec2:RoleDelivery': '2' } },
    ],
  ])('a deny can pick them by %s', (_, condition) => {
    const test = testAccount()
    test.role.inline.set('narrow', { document: denyIf(condition), writtenAt: 0 })
    const asInstance = (delivery: '1.0' | '2.0') =>
      outcomeOf(() => test.send('ec2', 'DescribeInstances', {}, test.onInstance(delivery)))
    expect(asInstance('1.0')).toBe('UnauthorizedOperation 403')
    expect(asInstance('2.0')).toBe('ok')
  })

  it('aws:PrincipalArn is the role with its path, never the session', () => {
    const test = testAccount()
    const arn = 'arn:aws:iam::111122223333:role/service/web-app'
    test.role.inline.set('self', { document: denyIf({ ArnEquals: { 'aws:PrincipalArn': arn } }), writtenAt: 0 })
    expect(outcomeOf(() => test.send('ec2', 'DescribeInstances', {}, test.onInstance()))).toBe('UnauthorizedOperation 403')
  })

  it('a session of a person has none of them', () => {
    const test = testAccount()
    const condition = { Null: { 'ec2:SourceInstanceARN': 'false' } }
    test.role.inline.set('instances', { document: denyIf(condition), writtenAt: 0 })
    const person = issueSession(test.account, test.role, 'alice', 3600)
    expect(outcomeOf(() => test.send('ec2', 'DescribeInstances', {}, person))).toBe('ok')
    expect(outcomeOf(() => test.send('ec2', 'DescribeInstances', {}, test.onInstance()))).toBe('UnauthorizedOperation 403')
  })
  it.each([
    ['where the call came from', { IpAddress: { 'aws:SourceIp': '198.51.100.0/24' } }],
    ['the tags of the role', { StringEquals: { 'aws:PrincipalTag/team': 'web' } }],
    ['the Region asked', { StringEquals: { 'aws:RequestedRegion': 'eu-central-1' } }],
  ])('a deny can ask for %s', (_, condition) => {
    const test = testAccount()
    const role = { ...test.role, tags: { team: 'web' }, inline: new Map(test.role.inline) }
    role.inline.set('narrow', { document: denyIf(condition), writtenAt: 0 })
    test.account.roles.set(ROLE, role)
    expect(outcomeOf(() => test.send('ec2', 'DescribeInstances', {}, test.onInstance()))).toBe('UnauthorizedOperation 403')
  })
})
