import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { actionOf, matchesPattern, usedAndGranted } from '../../../src/activity/analysis/used-and-granted.ts'

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
        { Effect: 'Deny', Action: '*' },
      ],
    )
    expect(grants).toEqual([
      { pattern: 'dynamodb:*', used: [] },
      { pattern: 's3:Get*', used: ['s3:GetBucketAcl'] },
      { pattern: 's3:ListAllMyBuckets', used: ['s3:ListAllMyBuckets'] },
    ])
    expect(usedWithoutGrant).toEqual(['ec2:DescribeInstances'])
    expect(refused).toEqual(['iam:CreateUser'])
  })

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
    ['sts.amazonaws.com', 'GetCallerIdentity', undefined],
    ['signin.amazonaws.com', 'ConsoleLogin', undefined],
  ])('%s %s needs %s', (source, name, action) => {
    expect(actionOf(source, name)).toBe(action)
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
