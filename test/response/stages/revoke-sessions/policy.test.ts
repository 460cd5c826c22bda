import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { revocationDocument } from '../../../../src/incident/revocation-document.ts'
import { type Instant, instantOf, later, parseInstant, plus } from '../../../../src/incident/values/instant.ts'
import { cutoffOf } from '../../../../src/response/stages/revoke-sessions/policy.ts'
import { evaluate } from '../../../../src/simulator/authorization/evaluate.ts'
import { parsePolicy } from '../../../../src/simulator/authorization/policy.ts'

const CUTOFF = '2026-11-25T02:03:41Z' as Instant
const within = { min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }
const instants = fc.date(within).map(instantOf)

type Members = Readonly<Record<string, unknown>>

const statement = (parts: Members = {}): Members => ({
  Effect: 'Deny',
  Action: ['*'],
  Resource: ['*'],
  Condition: { DateLessThan: { 'aws:TokenIssueTime': CUTOFF } },
  ...parts,
})

const documentOf = (...Statement: readonly unknown[]): string => JSON.stringify({ Version: '2012-10-17', Statement })
const when = (Condition: unknown): string => documentOf(statement({ Condition }))

/** What IAM says to a session of an issue time, on a role that may do anything but for the document. */
const decisionOn = (document: string, issuedAt: Instant): string => {
  const allow = documentOf({ Effect: 'Allow', Action: '*', Resource: '*' })
  const policies = [document, allow].map((text, index) => ({
    name: `policy-${index}`,
    kind: 'inline' as const,
    document: parsePolicy(text),
  }))
  const request = { action: 's3:GetObject', resource: 'arn:aws:s3:::bucket/key', context: { 'aws:TokenIssueTime': [issuedAt] } }
  return evaluate(policies, request).decision
}

describe('the document of a revocation', () => {
  it('is the one that IAM’s console writes', () => {
    expect(JSON.parse(revocationDocument(CUTOFF))).toEqual({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Deny', Action: ['*'], Resource: ['*'], Condition: { DateLessThan: { 'aws:TokenIssueTime': CUTOFF } } },
      ],
    })
  })

  it('has the cut-off that it was written with, read as JSON or as IAM gives it back', () => {
    fc.assert(
      fc.property(instants, (cutoff) => {
        expect(cutoffOf(revocationDocument(cutoff))).toBe(cutoff)
        expect(cutoffOf(encodeURIComponent(revocationDocument(cutoff)))).toBe(cutoff)
      }),
    )
  })

  it('denies sessions issued before the cut-off, and none that was issued at it or later', () => {
    fc.assert(
      fc.property(instants, fc.integer({ min: -100_000, max: 100_000 }), (cutoff, seconds) => {
        const expected = seconds < 0 ? 'explicitDeny' : 'allowed'
        expect(decisionOn(revocationDocument(cutoff), plus(cutoff, seconds))).toBe(expected)
      }),
    )
  })
})

describe('the cut-off that a document enforces', () => {
  it.each<[string, string, Instant]>([
    ['with strings for lists', documentOf(statement({ Action: '*', Resource: '*' })), CUTOFF],
    ['with a statement for a list', JSON.stringify({ Statement: statement() }), CUTOFF],
    ['with the key in other letters', when({ DateLessThan: { 'AWS:tokenissuetime': CUTOFF } }), CUTOFF],
    ['with a list of one time', when({ DateLessThan: { 'aws:TokenIssueTime': [CUTOFF] } }), CUTOFF],
    ['with a time of another zone', when({ DateLessThan: { 'aws:TokenIssueTime': '2026-11-25T03:03:41+01:00' } }), CUTOFF],
    [
      'is the latest of several times',
      when({ DateLessThan: { 'aws:TokenIssueTime': ['2026-11-25T01:00:00Z', CUTOFF, '2026-11-24T00:00:00Z'] } }),
      CUTOFF,
    ],
    [
      'is the readable time when another one is unreadable',
      when({ DateLessThan: { 'aws:TokenIssueTime': ['soon', CUTOFF] } }),
      CUTOFF,
    ],
    [
      'is found beside further actions and resources',
      documentOf(statement({ Action: ['s3:*', '*'], Resource: ['*', 'arn:aws:s3:::x'] })),
      CUTOFF,
    ],
    [
      'is the latest of several statements',
      documentOf(statement(), statement({ Condition: { DateLessThan: { 'aws:TokenIssueTime': '2026-11-25T03:00:00Z' } } })),
      '2026-11-25T03:00:00Z' as Instant,
    ],
    [
      'is found among statements of another meaning',
      documentOf({ Effect: 'Allow', Action: '*', Resource: '*' }, statement(), null, 'x'),
      CUTOFF,
    ],
  ])('%s', (_, document, cutoff) => {
    expect(cutoffOf(document)).toBe(cutoff)
  })
})

describe('a document without a cut-off', () => {
  it.each<[string, string | undefined]>([
    ['when there is none', undefined],
    ['when it cannot be read', '{'],
    ['without statements', documentOf()],
    ['that allows', documentOf(statement({ Effect: 'Allow' }))],
    ['that denies some actions only', documentOf(statement({ Action: 's3:*' }))],
    ['that denies all actions but some', documentOf({ ...statement({ Action: undefined }), NotAction: 'iam:*' })],
    ['that denies on some resources only', documentOf(statement({ Resource: 'arn:aws:s3:::x' }))],
    ['that denies always: then it is no revocation', documentOf(statement({ Condition: undefined }))],
    ['under an empty condition', when({})],
    ['under a condition that is none', when({ DateLessThan: null })],
    ['of another operator', when({ DateGreaterThan: { 'aws:TokenIssueTime': CUTOFF } })],
    ['of an operator that spares who brings no time', when({ DateLessThanIfExists: { 'aws:TokenIssueTime': CUTOFF } })],
    ['of another key', when({ DateLessThan: { 'aws:CurrentTime': CUTOFF } })],
    ['under a further operator', when({ DateLessThan: { 'aws:TokenIssueTime': CUTOFF }, Bool: { 'aws:ViaAWSService': 'true' } })],
    [
      'under a further key of the same operator',
      when({ DateLessThan: { 'aws:TokenIssueTime': CUTOFF, 'aws:CurrentTime': '2026-12-01T00:00:00Z' } }),
    ],
    [
      'under a further address',
      when({ DateLessThan: { 'aws:TokenIssueTime': CUTOFF }, IpAddress: { 'aws:SourceIp': '0.0.0.0/0' } }),
    ],
    ['whose time cannot be read', when({ DateLessThan: { 'aws:TokenIssueTime': '25.11.2026' } })],
    ['whose time is no text', when({ DateLessThan: { 'aws:TokenIssueTime': 1_795_572_221 } })],
    ['without times', when({ DateLessThan: { 'aws:TokenIssueTime': [] } })],
  ])('%s', (_, document) => {
    expect(cutoffOf(document)).toBeUndefined()
  })

  it('never makes the reader throw, whatever its shape', () => {
    const junk = fc.jsonValue({ maxDepth: 3 })
    const shape = fc.record({
      Effect: fc.constant('Deny'),
      Action: fc.constant('*'),
      Resource: fc.constant('*'),
      Condition: junk,
    })
    fc.assert(fc.property(shape, (given) => void expect(() => cutoffOf(documentOf(given))).not.toThrow()))
  })
})

describe('a document of any shape', () => {
  const oneOrMany = <T>(values: fc.Arbitrary<T>) => fc.oneof(values, fc.array(values, { minLength: 1, maxLength: 3 }))
  const times = fc.oneof(instants, fc.constantFrom('2026-11-25T03:03:41+01:00', CUTOFF))
  const extra = fc.constantFrom({}, {}, { StringEquals: { 'aws:SourceVpc': 'vpc-1' } }, { Bool: { 'aws:ViaAWSService': 'true' } })
  const statements = fc
    .record({
      Effect: fc.constantFrom('Deny', 'Deny', 'Deny', 'Allow'),
      Action: oneOrMany(fc.constantFrom('*', '*', 's3:*', 'iam:*')),
      Resource: oneOrMany(fc.constantFrom('*', '*', 'arn:aws:s3:::other')),
      operator: fc.constantFrom('DateLessThan', 'DateLessThan', 'DateGreaterThan'),
      times: oneOrMany(times),
      extra,
    })
    .map(({ operator, times: values, extra: more, ...parts }) => ({
      ...parts,
      Condition: { [operator]: { 'aws:TokenIssueTime': values }, ...more },
    }))

  it('a session issued before its cut-off is denied, so that ir-cred claims nothing that IAM does not enforce', () => {
    fc.assert(
      fc.property(fc.array(statements, { minLength: 1, maxLength: 3 }), (made) => {
        const document = documentOf(...made)
        const cutoff = cutoffOf(document)
        if (cutoff) expect(decisionOn(document, plus(cutoff, -1))).toBe('explicitDeny')
      }),
      { numRuns: 200 },
    )
  })

  it('a cut-off is one of its times', () => {
    fc.assert(
      fc.property(fc.array(statements, { minLength: 1, maxLength: 3 }), (made) => {
        const cutoff = cutoffOf(documentOf(...made))
        const all = made
          .flatMap(({ Condition }) => Object.values(Condition).flatMap((keys) => Object.values(keys).flat()))
          .map(parseInstant)
          .filter((time) => time !== undefined)
        if (cutoff) expect(all).toContain(cutoff)
      }),
    )
  })

  it('a further revocation only moves its cut-off forward', () => {
    fc.assert(
      fc.property(instants, instants, (a, b) => {
        const [first, second] = [a, b].map((cutoff) => JSON.parse(revocationDocument(cutoff)).Statement[0])
        expect(cutoffOf(documentOf(first, second))).toBe(later(a, b))
        expect(cutoffOf(documentOf(second, first))).toBe(later(a, b))
      }),
    )
  })
})
