import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type GrantedStatement,
  iamActionOf,
  matchesPattern,
  usedAndGranted,
} from '../../../src/investigation/analysis/used-and-granted.ts'
import { evaluate } from '../../../src/simulator/authorization/evaluate.ts'
import { parsePolicy } from '../../../src/simulator/authorization/policy.ts'

const used = (event: string, succeeded = 1, failed = 0) => {
  const [service = '', api = ''] = event.split(':')
  return { eventSource: `${service}.amazonaws.com`, api, succeeded, failed }
}

describe('what was used is set against what is granted', () => {
  it('every pattern with what was called under it', () => {
    const { grants, usedWithoutGrant, refused } = usedAndGranted(
      [used('s3:ListBuckets'), used('s3:GetBucketAcl'), used('iam:CreateUser', 0, 3), used('ec2:DescribeInstances')],
      [
        { Effect: 'Allow', Action: ['s3:Get*', 's3:ListAllMyBuckets'] },
        { Effect: 'Allow', Action: 'dynamodb:*' },
      ],
    )
    expect(grants).toEqual([
      { pattern: 'dynamodb:*', used: [] },
      { pattern: 's3:Get*', used: ['s3:GetBucketAcl'] },
      { pattern: 's3:ListAllMyBuckets', used: ['s3:ListAllMyBuckets'] },
    ])
    expect(usedWithoutGrant).toEqual(['ec2:DescribeInstances'])
    expect(refused).toEqual([{ action: 'iam:CreateUser', by: 'no grant' }])
  })

  it('a refusal is told by what refused: a Deny, no Allow, the boundary, or somebody else', () => {
    const refusedBy = (statements: readonly GrantedStatement[], boundary?: readonly GrantedStatement[]) =>
      usedAndGranted([used('s3:GetObject', 0, 1)], statements, boundary).refused[0]?.by
    const all: GrantedStatement = { Effect: 'Allow', Action: '*', Resource: '*' }
    const none: GrantedStatement = { Effect: 'Deny', Action: 's3:*', Resource: '*' }
    expect(refusedBy([])).toBe('no grant')
    expect(refusedBy([all])).toBe('elsewhere')
    expect(refusedBy([all, none])).toBe('deny')
    expect(refusedBy([all], [])).toBe('boundary')
    expect(refusedBy([all], [{ Effect: 'Allow', Action: 'ec2:*', Resource: '*' }])).toBe('boundary')
    expect(refusedBy([all], [all])).toBe('elsewhere')
    expect(refusedBy([all], [all, none])).toBe('deny')
    expect(refusedBy([], [all])).toBe('no grant')
  })

  it.each<[string, Partial<GrantedStatement>]>([
    ['a condition', { Resource: '*', Condition: { DateLessThan: { 'aws:TokenIssueTime': '2026-11-25T02:00:00Z' } } }],
    ['a resource', { Resource: 'arn:aws:s3:::one/*' }],
    ['all resources but one', { NotResource: 'arn:aws:s3:::one/*' }],
  ])('a Deny that %s narrows proves nothing: it is listed with what was tried under it', (_, narrowing) => {
    const { denies, deniedSince, refused } = usedAndGranted(
      [used('s3:GetObject'), used('s3:PutObject', 0, 2), used('ec2:RunInstances')],
      [
        { Effect: 'Allow', Action: 's3:*', Resource: '*' },
        { Effect: 'Deny', Action: 's3:*', ...narrowing },
      ],
    )
    expect(denies).toEqual([{ pattern: 's3:*', narrowed: true, tried: ['s3:GetObject', 's3:PutObject'] }])
    expect(deniedSince).toEqual([])
    expect(refused).toEqual([{ action: 's3:PutObject', by: 'elsewhere' }])
  })

  it('a Deny of everything tells what worked before it was written', () => {
    const { denies, deniedSince } = usedAndGranted(
      [used('s3:GetObject'), used('ec2:RunInstances')],
      [{ Effect: 'Deny', NotAction: 'ec2:*', Resource: '*' }],
    )
    expect(denies).toEqual([{ pattern: '!ec2:*', narrowed: false, tried: ['s3:GetObject'] }])
    expect(deniedSince).toEqual(['s3:GetObject'])
  })

  it('a pattern that stands both narrowed and for all is for all', () => {
    const narrow: GrantedStatement = { Effect: 'Deny', Action: 's3:*', Resource: 'arn:aws:s3:::one' }
    const wide: GrantedStatement = { ...narrow, Resource: '*' }
    for (const order of [
      [narrow, wide],
      [wide, narrow],
    ]) {
      expect(usedAndGranted([], order).denies).toEqual([{ pattern: 's3:*', narrowed: false, tried: [] }])
    }
  })

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'a service that calls itself %s is a name like any',
    (name) => {
      expect(iamActionOf(`${name}.amazonaws.com`, 'GetObject')).toBe(`${name}:GetObject`)
      expect(iamActionOf('s3.amazonaws.com', name)).toBe(`s3:${name}`)
      const { usedWithoutGrant } = usedAndGranted([used(`${name}:${name}`)], [])
      expect(usedWithoutGrant).toEqual([`${name}:${name}`])
    },
  )

  it('NotAction grants all else', () => {
    const { grants } = usedAndGranted(
      [used('s3:ListBuckets'), used('iam:ListUsers')],
      [{ Effect: 'Allow', NotAction: ['iam:*'] }],
    )
    expect(grants).toEqual([{ pattern: '!iam:*', used: ['s3:ListAllMyBuckets'] }])
  })

  it.each([
    ['s3.amazonaws.com', 'HeadObject', 's3:GetObject'],
    ['lambda.amazonaws.com', 'CreateFunction20150331', 'lambda:CreateFunction'],
    ['monitoring.amazonaws.com', 'PutMetricData', 'cloudwatch:PutMetricData'],
    ['constructor.amazonaws.com', 'toString', 'constructor:toString'],
    ['__proto__.amazonaws.com', '__proto__', '__proto__:__proto__'],
    ['sts.amazonaws.com', 'GetCallerIdentity', undefined],
    ['signin.amazonaws.com', 'ConsoleLogin', undefined],
  ])('%s %s needs %s', (source, name, action) => {
    expect(iamActionOf(source, name)).toBe(action)
  })
})

describe('the decisions of IAM', () => {
  const action = fc.constantFrom('s3:GetObject', 's3:PutObject', 'ec2:RunInstances', 'iam:CreateUser')
  const pattern = fc.constantFrom('*', 's3:*', 's3:Get*', 'S3:getobject', 'ec2:Run??stances', 'iam:CreateUser', 'sqs:*')
  const patterns = fc.oneof(pattern, fc.array(pattern, { minLength: 1, maxLength: 3 }))
  const statement: fc.Arbitrary<GrantedStatement> = fc
    .tuple(fc.constantFrom('Allow', 'Deny'), fc.constantFrom('Action', 'NotAction'), patterns)
    .map(([Effect, member, given]) => ({ Effect, [member]: given, Resource: '*' }))
  const document = fc.array(statement, { minLength: 1, maxLength: 4 })
  const policy = (kind: 'inline' | 'boundary', Statement: readonly GrantedStatement[]) => ({
    name: kind,
    kind,
    document: parsePolicy(JSON.stringify({ Version: '2012-10-17', Statement })),
  })

  it('a refusal has the same cause as in IAM’s evaluation, where nothing but actions counts', () => {
    fc.assert(
      fc.property(action, document, fc.option(document, { nil: undefined }), (asked, statements, boundary) => {
        const policies = [policy('inline', statements), ...(boundary ? [policy('boundary', boundary)] : [])]
        const { decision } = evaluate(policies, { action: asked, resource: '*', context: {} })
        const { refused } = usedAndGranted([used(asked, 0, 1)], statements, boundary)
        const by = refused[0]?.by
        expect(by === 'elsewhere').toBe(decision === 'allowed')
        expect(by === 'deny').toBe(decision === 'explicitDeny')
      }),
      { numRuns: 1000 },
    )
  })

  it('what worked is either under a grant or under none', () => {
    fc.assert(
      fc.property(fc.uniqueArray(action), document, (worked, statements) => {
        const { grants, usedWithoutGrant, refused } = usedAndGranted(
          worked.map((name) => used(name)),
          statements,
        )
        const granted = new Set(grants.flatMap((grant) => grant.used))
        expect([...granted, ...usedWithoutGrant].sort()).toEqual([...worked].sort())
        expect(refused).toEqual([])
      }),
    )
  })
})

describe('patterns of actions', () => {
  it('match as a regular expression would', () => {
    const text = fc.array(fc.constantFrom('a', 'b', ':', 'A'), { maxLength: 8 }).map((letters) => letters.join(''))
    const pattern = fc.array(fc.constantFrom('a', 'b', ':', '*', '?'), { maxLength: 8 }).map((letters) => letters.join(''))
    fc.assert(
      fc.property(pattern, text, (wanted, given) => {
        const expression = new RegExp(`^${wanted.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'i')
        expect(matchesPattern(wanted, given)).toBe(expression.test(given))
      }),
    )
  })

  it('take no longer for a pattern that means harm', () => {
    expect(matchesPattern(`${'*a'.repeat(2000)}b`, 'a'.repeat(4000))).toBe(false)
  })
})
