import { describe, expect, it } from 'vitest'
import { parsePolicy } from '../../../src/simulator/authorization/policy.ts'
import { allowAll, documentOf } from './policies.ts'

const withCondition = (Condition: unknown) => documentOf({ ...allowAll, Condition })
const allow = (overrides: object) => documentOf({ ...allowAll, ...overrides })

describe('a well-formed policy is read', () => {
  it.each([
    ['Statement as a single object', JSON.stringify({ Version: '2012-10-17', Statement: allowAll })],
    ['lists of actions and resources', allow({ Action: ['s3:Get*', 'ec2:*'], Resource: ['arn:aws:s3:::a', '*'] })],
    ['an older language version', JSON.stringify({ Version: '2008-10-17', Id: 'old', Statement: [allowAll] })],
    ['no version at all', JSON.stringify({ Statement: [allowAll] })],
    ['a date in epoch seconds', withCondition({ DateLessThan: { 'aws:TokenIssueTime': 1_795_572_600 } })],
    ['an empty Sid twice', documentOf({ ...allowAll, Sid: '' }, { ...allowAll, Sid: '' })],
  ])('%s', (_rule, text) => {
    expect(parsePolicy(text).statements.length).toBeGreaterThan(0)
  })
})

describe('a malformed policy is refused with a sentence', () => {
  it.each([
    ['not JSON', '{', 'the document is not JSON'],
    ['not an object', '[]', 'the document is not an object'],
    ['no statement', JSON.stringify({ Version: '2012-10-17' }), 'the document has no Statement'],
    ['an empty list of statements', documentOf(), 'the document has no Statement'],
    [
      'an unknown version',
      JSON.stringify({ Version: '2026-01-01', Statement: [allowAll] }),
      'Version must be 2012-10-17 or 2008-10-17',
    ],
    ['an unknown element', allow({ Actions: '*' }), 'the element "Actions" is not known'],
    ['an unknown Effect', allow({ Effect: 'allow' }), 'Effect must be Allow or Deny'],
    ['a principal', allow({ Principal: '*' }), 'should not specify a principal'],
    ['no action', allow({ Action: undefined }), 'Policy statement must contain actions.'],
    ['an empty list of actions', allow({ Action: [] }), 'Policy statement must contain actions.'],
    ['no resource', allow({ Resource: undefined }), 'Policy statement must contain resources.'],
    ['both Action and NotAction', allow({ NotAction: 's3:*' }), 'both Action and NotAction'],
    ['an action without its service', allow({ Action: 'GetObject' }), 'must be prefaced by a vendor'],
    ['an action that is not text', allow({ Action: [1] }), 'Action holds something that is not text'],
    ['a resource that is no ARN', allow({ Resource: 'bucket' }), 'Resource bucket must be in ARN format or "*".'],
    ['two statements of one Sid', documentOf({ ...allowAll, Sid: 'A' }, { ...allowAll, Sid: 'A' }), 'must be unique'],
    ['a Sid with blanks', allow({ Sid: 'a b' }), 'letters and digits only'],
    ['an unknown operator', withCondition({ StringMatches: { 'aws:username': 'a' } }), 'Invalid Condition type : StringMatches'],
    [
      'a name inherited by every object',
      withCondition({ constructor: { 'aws:username': 'a' } }),
      'Invalid Condition type : constructor',
    ],
    ['Null with IfExists', withCondition({ NullIfExists: { 'aws:username': 'true' } }), 'Invalid Condition type : NullIfExists'],
    ['an unknown set operator', withCondition({ 'ForNoValue:StringEquals': { 'aws:username': 'a' } }), 'Invalid Condition type'],
    [
      'a date that does not exist',
      withCondition({ DateLessThan: { 'aws:TokenIssueTime': '2026-02-30T00:00:00Z' } }),
      'cannot compare aws:TokenIssueTime',
    ],
    [
      'a date without a zone',
      withCondition({ DateLessThan: { 'aws:TokenIssueTime': '2026-11-25T02:10:00' } }),
      'cannot compare aws:TokenIssueTime',
    ],
    [
      'a placeholder left in',
      withCondition({ DateLessThan: { 'aws:TokenIssueTime': '[policy creation time]' } }),
      'cannot compare',
    ],
    ['a number that is none', withCondition({ NumericEquals: { 's3:max-keys': 'ten' } }), 'cannot compare s3:max-keys'],
    [
      'an address range that is none',
      withCondition({ IpAddress: { 'aws:SourceIp': '10.0.0.0/33' } }),
      'cannot compare aws:SourceIp',
    ],
    ['a truth that is none', withCondition({ Null: { 'aws:username': 'yes' } }), 'cannot compare aws:username'],
    ['a condition key without its service', withCondition({ StringEquals: { username: 'a' } }), 'must be prefaced by a vendor'],
    ['a condition without values', withCondition({ StringEquals: { 'aws:username': [] } }), 'cannot be read'],
    ['a condition on a value of no kind', withCondition({ StringEquals: { 'aws:username': { a: 1 } } }), 'cannot be read'],
  ])('%s', (_rule, text, sentence) => {
    expect(() => parsePolicy(text)).toThrow(sentence)
  })
})
