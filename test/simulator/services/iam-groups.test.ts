import { describe, expect, it } from 'vitest'
import { issueUserKey } from '../../../src/simulator/issue-credentials.ts'
import { allowing, messageOf, outcomeOf, START, testAccount, userLike } from '../../support/account.ts'

describe('groups, passwords and MFA of users', () => {
  const withGroup = () => {
    const test = testAccount()
    const PolicyArn = 'arn:aws:iam::aws:policy/ReadOnlyAccess'
    test.account.managedPolicies.set(PolicyArn, { name: 'ReadOnlyAccess', document: allowing('ec2:Describe*') })
    test.account.groups.set('staff', {
      name: 'staff',
      id: 'AGPASTAFF00000000000',
      path: '/teams/',
      createdAt: START,
      attachedPolicies: [PolicyArn],
      inline: new Map([['desk', { document: allowing('iam:ListUsers', 'iam:ListRoles'), writtenAt: 0 }]]),
      deleted: new Map(),
    })
    const mfaDevices = [{ serial: 'GAHT12345678', enabledAt: START }]
    const dave = { ...userLike({ name: 'dave' }), groups: ['staff'], mfaDevices, passwordSince: START, boundary: PolicyArn }
    test.account.users.set('dave', dave)
    test.account.users.set('robot', userLike({ name: 'robot' }))
    return { test, dave }
  }

  it('are told of the user who has them', () => {
    const { test } = withGroup()
    const UserName = 'dave'
    expect(test.send('iam', 'ListGroupsForUser', { UserName })).toMatchObject({
      Groups: [{ GroupName: 'staff', Arn: 'arn:aws:iam::111122223333:group/teams/staff' }],
      IsTruncated: false,
    })
    expect(test.send('iam', 'ListMFADevices', { UserName })).toMatchObject({ MFADevices: [{ SerialNumber: 'GAHT12345678' }] })
    expect(test.send('iam', 'GetLoginProfile', { UserName })).toMatchObject({ LoginProfile: { UserName: 'dave' } })
    expect(test.send('iam', 'GetUser', { UserName })).toMatchObject({
      User: { PermissionsBoundary: { PermissionsBoundaryArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' } },
    })
  })

  it('a group has policies of its own', () => {
    const { test } = withGroup()
    const GroupName = 'staff'
    expect(test.send('iam', 'ListGroupPolicies', { GroupName })).toEqual({ PolicyNames: ['desk'], IsTruncated: false })
    expect(test.send('iam', 'ListAttachedGroupPolicies', { GroupName })).toMatchObject({
      AttachedPolicies: [{ PolicyName: 'ReadOnlyAccess' }],
    })
    const { PolicyDocument } = test.send<{ PolicyDocument: string }>('iam', 'GetGroupPolicy', { GroupName, PolicyName: 'desk' })
    expect(decodeURIComponent(PolicyDocument)).toBe(allowing('iam:ListUsers', 'iam:ListRoles'))
  })

  it('what a group may do, its users may do, and the simulator says so', () => {
    const { test, dave } = withGroup()
    const key = issueUserKey(test.account, dave)
    expect(outcomeOf(() => test.send('iam', 'ListRoles', {}, key))).toBe('AccessDenied 403')
    const { boundary: _, ...unlimited } = dave
    test.account.users.set('dave', unlimited)
    expect(outcomeOf(() => test.send('iam', 'ListRoles', {}, key))).toBe('ok')
    const input = { PolicySourceArn: 'arn:aws:iam::111122223333:user/dave', ActionNames: ['iam:ListRoles', 'iam:PutUserPolicy'] }
    expect(test.send('iam', 'SimulatePrincipalPolicy', input)).toMatchObject({
      EvaluationResults: [
        { EvalDecision: 'allowed', MatchedStatements: [{ SourcePolicyId: 'group_staff_desk', SourcePolicyType: 'group' }] },
        { EvalDecision: 'implicitDeny' },
      ],
    })
  })

  it.each([
    ['GetLoginProfile', { UserName: 'robot' }, 'Login Profile for User robot cannot be found.'],
    ['GetUserPolicy', { UserName: 'robot', PolicyName: 'x' }, 'The user policy with name x cannot be found.'],
    ['GetGroupPolicy', { GroupName: 'staff', PolicyName: 'x' }, 'The group policy with name x cannot be found.'],
    ['ListGroupPolicies', { GroupName: 'nobody' }, 'The group with name nobody cannot be found.'],
  ])('%s of what is not there: %j', (operation, input, message) => {
    const { test } = withGroup()
    expect(outcomeOf(() => test.send('iam', operation, input))).toBe('NoSuchEntity 404')
    expect(messageOf(() => test.send('iam', operation, input))).toBe(message)
  })
})
