import { describe, expect, it } from 'vitest'
import { evaluate } from '../../../src/simulator/authorization/evaluate.ts'
import { parsePolicy } from '../../../src/simulator/authorization/policy.ts'
import { allowAll, boundary, policy, request } from './policies.ts'

const cutoff = '2026-11-25T02:10:00Z'
const before = '2026-11-25T02:09:59Z'
const after = '2026-11-25T02:10:01Z'

const revokeOlderSessions = policy('AWSRevokeOlderSessions', {
  Effect: 'Deny',
  Action: ['*'],
  Resource: ['*'],
  Condition: { DateLessThan: { 'aws:TokenIssueTime': cutoff } },
})
const permissions = policy('permissions', { Effect: 'Allow', Action: 's3:*', Resource: '*' })
const decide = (context: Record<string, readonly string[]>, action = 's3:GetObject') =>
  evaluate([permissions, revokeOlderSessions], request({ action, context }))

describe('AWSRevokeOlderSessions', () => {
  it('denies a session issued before the cut-off', () => {
    const { decision, matched } = decide({ 'aws:TokenIssueTime': [before] })
    expect(decision).toBe('explicitDeny')
    expect(matched).toEqual([{ policy: 'AWSRevokeOlderSessions', statement: 0 }])
  })
  it.each([cutoff, after])('leaves a session issued at or after the cut-off alone (%s)', (issued) => {
    expect(decide({ 'aws:TokenIssueTime': [issued] }).decision).toBe('allowed')
  })
  it('does nothing to a long-term key, whose requests carry no issue time', () => {
    const { decision, missingContextKeys } = decide({})
    expect(decision).toBe('allowed')
    expect(missingContextKeys).toEqual(['aws:TokenIssueTime'])
  })
  it('gives an action that was never allowed to the implicit deny, unless the session is old', () => {
    expect(decide({ 'aws:TokenIssueTime': [after] }, 'iam:CreateUser').decision).toBe('implicitDeny')
    expect(decide({ 'aws:TokenIssueTime': [before] }, 'iam:CreateUser').decision).toBe('explicitDeny')
  })
})

describe('a revocation for one instance', () => {
  const narrow = policy('IrCredRevokeInstance', {
    Effect: 'Deny',
    Action: '*',
    Resource: '*',
    Condition: {
      StringEquals: { 'aws:userid': 'AROAEXAMPLE:i-0abc' },
      DateLessThan: { 'aws:TokenIssueTime': cutoff },
    },
  })
  it.each([
    ['the old session of the instance is denied', 'AROAEXAMPLE:i-0abc', before, 'explicitDeny'],
    ['the new session of the instance is allowed', 'AROAEXAMPLE:i-0abc', after, 'allowed'],
    ['an old session of another instance is allowed', 'AROAEXAMPLE:i-0def', before, 'allowed'],
  ])('%s', (_rule, userid, issued, decision) => {
    const context = { 'aws:userid': [userid], 'aws:TokenIssueTime': [issued] }
    expect(evaluate([permissions, narrow], request({ context })).decision).toBe(decision)
  })
})

describe('actions and resources', () => {
  const bucket = 'arn:aws:s3:::payroll/*'
  it.each([
    ['nothing is allowed without a policy', [], {}, 'implicitDeny'],
    ['an action is not case-sensitive', [{ Effect: 'Allow', Action: 'S3:getobject', Resource: '*' }], {}, 'allowed'],
    ['an action may hold wildcards', [{ Effect: 'Allow', Action: 's3:*Object', Resource: '*' }], {}, 'allowed'],
    ['a question mark is one character', [{ Effect: 'Allow', Action: 's3:?etObject', Resource: '*' }], {}, 'allowed'],
    ['an action of another service is another', [{ Effect: 'Allow', Action: 'ec2:*', Resource: '*' }], {}, 'implicitDeny'],
    ['a resource is case-sensitive', [{ Effect: 'Allow', Action: '*', Resource: 'arn:aws:s3:::Payroll/*' }], {}, 'implicitDeny'],
    ['a resource may hold wildcards', [{ Effect: 'Allow', Action: '*', Resource: bucket }], {}, 'allowed'],
    [
      'an ARN does not cover an action without resources',
      [{ Effect: 'Allow', Action: '*', Resource: bucket }],
      { resource: '*' },
      'implicitDeny',
    ],
    ['NotAction allows everything else', [{ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }], {}, 'allowed'],
    [
      'NotAction does not allow what it names',
      [{ Effect: 'Allow', NotAction: ['iam:*', 's3:Get*'], Resource: '*' }],
      {},
      'implicitDeny',
    ],
    [
      'Deny with NotAction denies everything else',
      [allowAll, { Effect: 'Deny', NotAction: 'sts:*', Resource: '*' }],
      {},
      'explicitDeny',
    ],
    [
      'NotResource covers every other resource',
      [{ Effect: 'Allow', Action: '*', NotResource: 'arn:aws:s3:::other/*' }],
      {},
      'allowed',
    ],
    ['NotResource does not cover what it names', [{ Effect: 'Allow', Action: '*', NotResource: bucket }], {}, 'implicitDeny'],
    [
      'a variable in a resource is the session that asks',
      [{ Effect: 'Allow', Action: '*', Resource: `arn:aws:s3:::\${aws:username}/*` }],
      { context: { 'aws:username': ['payroll'] } },
      'allowed',
    ],
    [
      'a variable without value matches no resource',
      [{ Effect: 'Allow', Action: '*', Resource: `arn:aws:s3:::\${aws:username}*` }],
      {},
      'implicitDeny',
    ],
  ] as const)('%s', (_rule, statements, overrides, decision) => {
    const policies = statements.length === 0 ? [] : [policy('p', ...statements)]
    expect(evaluate(policies, request(overrides)).decision).toBe(decision)
  })

  it('takes a variable literally in a policy of the older language version', () => {
    const statement = { Effect: 'Allow', Action: '*', Resource: `arn:aws:s3:::\${aws:username}/a` }
    const document = parsePolicy(JSON.stringify({ Version: '2008-10-17', Statement: statement }))
    const ask = (resource: string) =>
      evaluate([{ name: 'old', kind: 'managed', document }], request({ resource, context: { 'aws:username': ['kim'] } }))
    expect(ask('arn:aws:s3:::kim/a').decision).toBe('implicitDeny')
    expect(ask(`arn:aws:s3:::\${aws:username}/a`)).toMatchObject({ decision: 'allowed', missingContextKeys: [] })
  })
})

describe('several policies', () => {
  const denyReads = policy(
    'denies',
    { Effect: 'Allow', Action: 'ec2:*', Resource: '*' },
    { Effect: 'Deny', Action: 's3:Get*', Resource: '*' },
  )

  it('lets an explicit deny of one beat the allow of another, and names the statement', () => {
    const { decision, matched } = evaluate([permissions, denyReads], request())
    expect({ decision, matched }).toEqual({ decision: 'explicitDeny', matched: [{ policy: 'denies', statement: 1 }] })
  })
  it('needs the boundary to allow too', () => {
    expect(evaluate([permissions, boundary({ ...allowAll, Action: 'ec2:*' })], request()).decision).toBe('implicitDeny')
    expect(evaluate([permissions, boundary({ ...allowAll, Action: 's3:Get*' })], request()).decision).toBe('allowed')
  })
  it('is granted nothing by a boundary alone', () => {
    expect(evaluate([boundary(allowAll)], request()).decision).toBe('implicitDeny')
  })
  it('is denied by a boundary', () => {
    expect(evaluate([permissions, boundary(allowAll, { ...allowAll, Effect: 'Deny' })], request()).decision).toBe('explicitDeny')
  })
  it('lists each missing context key once, those of variables too', () => {
    const asking = policy(
      'asking',
      { ...allowAll, Resource: `arn:aws:s3:::\${aws:username}/*` },
      { ...allowAll, Condition: { StringLike: { 'aws:USERNAME': 'a', 'aws:userid': `\${aws:PrincipalTag/team, 'x'}\${*}` } } },
    )
    const { missingContextKeys } = evaluate([asking], request({ context: { 'AWS:userID': ['u'] } }))
    expect(missingContextKeys).toEqual(['aws:username', 'aws:PrincipalTag/team'])
  })
  it('takes the context as a map, too', () => {
    expect(
      evaluate([permissions, revokeOlderSessions], request({ context: new Map([['aws:tokenissuetime', [before]]]) })).decision,
    ).toBe('explicitDeny')
  })
})
