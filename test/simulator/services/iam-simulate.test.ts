import { describe, expect, it } from 'vitest'
import { allowing, messageOf, outcomeOf, ROLE, revocation, roleLike, testAccount, userLike } from '../../support/account.ts'

const ROLE_ARN = 'arn:aws:iam::111122223333:role/service/web-app'
const CUTOFF = '2026-11-25T02:00:30Z'

interface Results {
  readonly EvaluationResults: readonly {
    readonly EvalActionName: string
    readonly EvalResourceName: string
    readonly EvalDecision: string
    readonly MatchedStatements: readonly { readonly SourcePolicyId: string; readonly SourcePolicyType: string }[]
    readonly MissingContextValues: readonly string[]
    readonly PermissionsBoundaryDecisionDetail?: { readonly AllowedByPermissionsBoundary: boolean }
  }[]
  readonly IsTruncated: boolean
  readonly Marker?: string
}

const issuedAt = (value: string) => ({
  ContextEntries: [{ ContextKeyName: 'aws:TokenIssueTime', ContextKeyType: 'date', ContextKeyValues: [value] }],
})

const revoked = () => {
  const test = testAccount()
  test.send('iam', 'PutRolePolicy', { RoleName: ROLE, PolicyName: 'AWSRevokeOlderSessions', PolicyDocument: revocation(CUTOFF) })
  const simulate = (input: object) =>
    test.send<Results>('iam', 'SimulatePrincipalPolicy', {
      PolicySourceArn: ROLE_ARN,
      ActionNames: ['ec2:DescribeInstances'],
      ...input,
    })
  return { test, simulate }
}

describe('SimulatePrincipalPolicy', () => {
  it('denies an old session and allows a new one, before the policy has spread', () => {
    const { simulate } = revoked()
    const [old] = simulate(issuedAt('2026-11-25T02:00:29Z')).EvaluationResults
    const [fresh] = simulate(issuedAt(CUTOFF)).EvaluationResults
    expect(old?.EvalDecision).toBe('explicitDeny')
    expect(old?.MatchedStatements).toEqual([{ SourcePolicyId: 'role_web-app_AWSRevokeOlderSessions', SourcePolicyType: 'role' }])
    expect(fresh?.EvalDecision).toBe('allowed')
  })

  it('names what the policies ask for and nobody gave', () => {
    const [result] = revoked().simulate({}).EvaluationResults
    expect(result).toMatchObject({ EvalDecision: 'allowed', MissingContextValues: ['aws:TokenIssueTime'] })
  })

  it('does not allow what the role never had', () => {
    const [result] = revoked().simulate({ ActionNames: ['iam:CreateUser'], ...issuedAt(CUTOFF) }).EvaluationResults
    expect(result).toMatchObject({ EvalDecision: 'implicitDeny', MatchedStatements: [] })
  })

  it('answers every action on every resource, in pages', () => {
    const { simulate } = revoked()
    const question = { ActionNames: ['s3:GetObject', 's3:PutObject'], ResourceArns: ['arn:aws:s3:::a/b', 'arn:aws:s3:::c/d'] }
    const first = simulate(question)
    const second = simulate({ ...question, Marker: first.Marker })
    const asked = [...first.EvaluationResults, ...second.EvaluationResults].map(
      ({ EvalActionName, EvalResourceName }) => `${EvalActionName} ${EvalResourceName}`,
    )
    expect([first.IsTruncated, second.IsTruncated]).toEqual([true, false])
    expect(asked).toEqual([
      's3:GetObject arn:aws:s3:::a/b',
      's3:GetObject arn:aws:s3:::c/d',
      's3:PutObject arn:aws:s3:::a/b',
      's3:PutObject arn:aws:s3:::c/d',
    ])
  })

  it('takes further policies along, and users as well as roles', () => {
    const { test, simulate } = revoked()
    test.account.users.set('carol', userLike({ name: 'carol' }))
    const [result] = simulate({
      PolicySourceArn: 'arn:aws:iam::111122223333:user/carol',
      PolicyInputList: [allowing('ec2:*')],
    }).EvaluationResults
    expect(result).toMatchObject({
      EvalDecision: 'allowed',
      MatchedStatements: [{ SourcePolicyId: 'PolicyInputList.1', SourcePolicyType: 'none' }],
    })
  })

  it('says what the permissions boundary would allow', () => {
    const { test, simulate } = revoked()
    const boundary = 'arn:aws:iam::111122223333:policy/boundary'
    test.account.managedPolicies.set(boundary, { name: 'boundary', document: allowing('s3:*') })
    const inline = new Map([['all', { document: allowing('*'), writtenAt: 0 }]])
    test.account.roles.set('bounded', roleLike({ name: 'bounded', boundary, inline }))
    const [result] = simulate({ PolicySourceArn: 'arn:aws:iam::111122223333:role/bounded' }).EvaluationResults
    expect(result).toMatchObject({
      EvalDecision: 'implicitDeny',
      PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: false },
    })
  })

  it('refuses the ARN of a session, a role that is not there, and a date that is none', () => {
    const { simulate } = revoked()
    const session = 'arn:aws:sts::111122223333:assumed-role/web-app/i-08faaaafb15777f5a'
    expect(messageOf(() => simulate({ PolicySourceArn: session }))).toBe(
      `Invalid Entity Arn: ${session} does not clearly define entity type and name.`,
    )
    expect(outcomeOf(() => simulate({ PolicySourceArn: session }))).toBe('InvalidInput 400')
    expect(outcomeOf(() => simulate({ PolicySourceArn: 'arn:aws:iam::111122223333:role/gone' }))).toBe('NoSuchEntity 404')
    expect(outcomeOf(() => simulate(issuedAt('yesterday')))).toBe('InvalidInput 400')
    expect(outcomeOf(() => simulate({ CallerArn: ROLE_ARN }))).toBe('InvalidInput 400')
  })
})

describe('SimulateCustomPolicy', () => {
  it('tries a revocation without touching the role', () => {
    const test = testAccount()
    const [result] = test.send<Results>('iam', 'SimulateCustomPolicy', {
      PolicyInputList: [allowing('*'), revocation(CUTOFF)],
      ActionNames: ['s3:ListAllMyBuckets'],
      ...issuedAt('2026-11-25T01:00:00Z'),
    }).EvaluationResults
    expect(result).toMatchObject({ EvalDecision: 'explicitDeny', MatchedStatements: [{ SourcePolicyId: 'PolicyInputList.2' }] })
    expect(test.role.inline.size).toBe(1)
  })

  it('refuses a document that IAM would not store', () => {
    const { send } = testAccount()
    const input = { PolicyInputList: ['{'], ActionNames: ['s3:ListAllMyBuckets'] }
    expect(outcomeOf(() => send('iam', 'SimulateCustomPolicy', input))).toBe('InvalidInput 400')
  })
})
