import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findingsIn, findingsInText, narrowFinding } from '../../../src/incident/finding/finding-document.ts'
import { Failure } from '../../../src/incident/values/failure.ts'
import { decodeUtf8 } from '../../../src/incident/values/strict-json.ts'
import { ACCOUNT, apiFinding, eventOf, FINDING_ID, having, INSTANCE, lowerCamel, roleActor, sequenceFinding } from './findings.ts'
import { refusedUsage } from './refused.ts'

const lambdaEvent = (text: string) => ({ Records: [{ EventSource: 'aws:sns', Sns: { Type: 'Notification', Message: text } }] })

/** Every shape in which one finding reaches a responder. */
const SHAPES: Readonly<Record<string, (finding: unknown) => unknown>> = {
  'a bare finding': (finding) => finding,
  "EventBridge's detail": eventOf,
  'the output of get-findings': (finding) => ({ Findings: [finding] }),
  'findings in lower case': (finding) => ({ findings: [finding] }),
  'a list': (finding) => [finding],
  'a list of events': (finding) => [eventOf(finding)],
  'an SNS notification': (finding) => ({ Type: 'Notification', MessageId: 'm', Message: JSON.stringify(eventOf(finding)) }),
  'an SNS record of a Lambda event': (finding) => lambdaEvent(JSON.stringify(eventOf(finding))),
  'an SQS record': (finding) => ({ Records: [{ messageId: 'm', body: JSON.stringify(eventOf(finding)) }] }),
  'SNS inside SQS': (finding) => ({
    Messages: [{ Body: JSON.stringify({ Type: 'Notification', Message: JSON.stringify(finding) }) }],
  }),
  'JSON text': (finding) => JSON.stringify(finding),
  "a collector's own envelope": (finding) => [{ data: eventOf(finding), log: 'cloudwatch:events' }],
}

const SPELLINGS: Readonly<Record<string, (finding: unknown) => unknown>> = {
  "the API's case": (finding) => finding,
  "EventBridge's case": lowerCamel,
  'a mix of both': (finding) => ({ ...(finding as object), Resource: lowerCamel((finding as { Resource: unknown }).Resource) }),
}

const hexadecimal = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length })
const digits = fc.string({ unit: fc.constantFrom(...'123456789'), minLength: 12, maxLength: 12 })
const moment = fc
  .date({ min: new Date('2018-01-01T00:00:00Z'), max: new Date('2030-01-01T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString())

const validFinding = fc
  .record({
    id: hexadecimal(32),
    account: digits,
    count: fc.integer({ min: 1 }),
    severity: fc.constantFrom(1, 2, 5, 8, 8.9, 9, 10),
    instance: fc.oneof(hexadecimal(8), hexadecimal(17)).map((id) => `i-${id}`),
    role: fc.stringMatching(/^[\w+=,.@-]{1,64}$/),
    created: moment,
    agent: fc.string({ unit: 'binary' }),
    country: fc.string(),
    ip: fc.oneof(fc.ipV4(), fc.ipV6()),
    type: fc.constantFrom('Recon:IAMUser/TorIPCaller', 'Exfiltration:S3/AnomalousBehavior', 'New:IAMUser/Kind.Of.2031'),
  })
  .map((made) =>
    Object.entries({
      Id: made.id,
      AccountId: made.account,
      Type: made.type,
      Severity: made.severity,
      CreatedAt: made.created,
      UpdatedAt: made.created,
      'Resource.AccessKeyDetails.UserName': made.role,
      'Resource.InstanceDetails.InstanceId': made.instance,
      'Service.Count': made.count,
      'Service.Action.AwsApiCallAction.UserAgent': made.agent,
      'Service.Action.AwsApiCallAction.RemoteIpDetails.IpAddressV4': made.ip,
      'Service.Action.AwsApiCallAction.RemoteIpDetails.Country.CountryName': made.country,
    }).reduce((finding, [path, value]) => having(finding, path, value), apiFinding),
  )

describe('a finding is the same in every shape', () => {
  it.each(Object.entries(SHAPES))('%s', (_, wrap) => {
    for (const spell of Object.values(SPELLINGS)) {
      const [only, ...others] = findingsIn(wrap(spell(apiFinding)))
      expect(others).toEqual([])
      expect(narrowFinding(only)).toEqual(narrowFinding(apiFinding))
    }
  })

  it('any valid finding is the same in every shape and spelling', () => {
    const shape = fc.constantFrom(...Object.values(SHAPES))
    const spelling = fc.constantFrom(...Object.values(SPELLINGS))
    fc.assert(
      fc.property(validFinding, shape, spelling, (finding, wrap, spell) => {
        const text = JSON.stringify(wrap(spell(finding)))
        expect(findingsInText(text, 'f').map((document) => narrowFinding(document))).toEqual([narrowFinding(finding)])
      }),
    )
  })

  it('JSON lines, GuardDuty’s export to S3, hold one finding a line', () => {
    const other = having(apiFinding, 'Id', 'f'.repeat(32))
    const text = `\uFEFF${JSON.stringify(lowerCamel(apiFinding))}\r\n${JSON.stringify(lowerCamel(other))}\n\n`
    expect(findingsInText(text, 'f').map((document) => narrowFinding(document).id)).toEqual([FINDING_ID, 'f'.repeat(32)])
    const damaged = refusedUsage(() => findingsInText(`${text}{"a":`, 'export.jsonl'))
    expect(damaged.message).toContain('Line 4 of export.jsonl is cut off')
    const failure = refusedUsage(() => findingsInText(`${JSON.stringify(apiFinding)}\n{"a":}\n`, 'export.jsonl'))
    expect(failure.message).toContain('Line 2 of export.jsonl is not valid JSON')
  })
})

describe('a document without a GuardDuty finding is refused, and named where it can be', () => {
  it.each([
    [
      'another product’s finding in Security Hub',
      { Findings: [{ SchemaVersion: '2018-10-08', Id: 'x', ProductArn: 'arn', AwsAccountId: ACCOUNT }] },
      'a Security Hub finding (ASFF) that names no GuardDuty finding',
    ],
    ['another product’s OCSF finding', { class_uid: 2004, metadata: {}, finding_info: {} }, 'names no GuardDuty finding'],
    ['a CloudTrail event', eventOf({ eventVersion: '1.08', eventName: 'CreateSampleFindings' }), 'a CloudTrail record'],
    ['a CloudTrail file', { Records: [{ eventVersion: '1.08', eventName: 'PutRolePolicy' }] }, 'a CloudTrail record'],
    ['the output of list-findings', { FindingIds: ['a', 'b'] }, 'only a list of finding ids'],
    ['a Macie finding', eventOf({ id: 'x', type: 'y', severity: {}, resourcesAffected: {} }), 'an Amazon Macie finding'],
    ['an event without a finding', eventOf({}), '"detail" (empty)'],
    ['an answer without findings', { Findings: [] }, '"Findings" (empty)'],
    ['an empty list', [], 'it is an empty list'],
    ['another document', [{ Resources: { A: { Type: 'x' } } }], 'its first element has the members "Resources"'],
    ['a number', 42, 'it is 42'],
    ['a text', 'hello', 'it is "hello"'],
    ['a message with damaged JSON inside', { Message: '{"detail": ' }, 'The JSON text in Message is cut off'],
  ])('%s', (_, document, sentence) => {
    expect(refusedUsage(() => findingsIn(document)).message).toContain(sentence)
  })
})

describe('every file gives a finding or a Failure', () => {
  const readAll = (text: string): void => {
    for (const document of findingsInText(text, 'finding.json')) narrowFinding(document)
  }
  const survives = (attempt: () => void): void => {
    try {
      attempt()
    } catch (error) {
      expect(error).toBeInstanceOf(Failure)
    }
  }

  it('any JSON', () => {
    fc.assert(fc.property(fc.json(), (text) => survives(() => readAll(text))))
  })

  const places = (document: unknown, path: string): readonly string[] =>
    typeof document !== 'object' || document === null || Array.isArray(document)
      ? [path]
      : [path, ...Object.entries(document).flatMap(([name, inner]) => places(inner, path === '' ? name : `${path}.${name}`))]
  const sequence = sequenceFinding({ Actors: [roleActor], Resources: [{ ResourceType: 'EC2_INSTANCE', Uid: INSTANCE }] })
  const cases = [apiFinding, sequence].flatMap((finding) =>
    places(finding, '')
      .slice(1)
      .map((path) => ({ finding, path })),
  )

  it('a finding with anything at all in the place of one of its members', () => {
    fc.assert(
      fc.property(fc.constantFrom(...cases), fc.jsonValue(), ({ finding, path }, value) => {
        survives(() => narrowFinding(having(finding, path, value)))
      }),
      { numRuns: 500 },
    )
  })

  it('a finding with an object that cannot be made a text, or a list of such, in the place of any of its members', () => {
    const stubborn = { toString: 1, valueOf: 2 }
    for (const { finding, path } of cases)
      for (const value of [stubborn, [stubborn], [null], [[[]]], { Sample: stubborn, Uid: stubborn, User: stubborn }])
        survives(() => narrowFinding(having(finding, path, value)))
  })

  it('a file cut off after any byte, which is refused with the place where it ends', () => {
    const bytes = new TextEncoder().encode(`\uFEFF${JSON.stringify(eventOf(lowerCamel(apiFinding)), null, 1)}`)
    for (let length = 4; length < bytes.length; length += 1) {
      const failure = refusedUsage(() => readAll(decodeUtf8(bytes.subarray(0, length), 'finding.json')))
      expect(failure.message).toMatch(/finding\.json is (?:cut off|not valid).*line \d+, column \d+ \(byte offset \d+\)/)
    }
  })
})
