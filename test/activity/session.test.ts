import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CloudTrailRecord } from '../../src/activity/record.ts'
import { summarize } from '../../src/activity/session.ts'
import { rawText } from '../../src/incident/untrusted.ts'
import { after, type Document, documentOf, identity, KEY, read, recordOf, SIBLING } from './records.ts'

const summary = (...documents: readonly Document[]) => summarize(KEY, documents.map(read), [], [])

const byKey = (accessKeyId: string, parts: Document = {}): Document =>
  documentOf({ userIdentity: { ...identity, accessKeyId }, ...parts })

const ERRORS = [undefined, 'AccessDenied', 'Client.UnauthorizedOperation', 'Throttling', 'NoSuchBucket']

const calls: fc.Arbitrary<CloudTrailRecord> = fc
  .record({
    key: fc.constantFrom(KEY, KEY, SIBLING),
    errorCode: fc.constantFrom(...ERRORS),
    eventName: fc.constantFrom('ListBuckets', 'GetObject', 'AssumeRole'),
    sourceIPAddress: fc.constantFrom('198.51.100.23', '198.51.100.77', 's3.amazonaws.com'),
    userAgent: fc.constantFrom('cli', 'boto'),
    seconds: fc.nat(3_600),
  })
  .map(({ key, seconds, ...parts }) => read(byKey(key, { ...parts, eventTime: after(seconds) })))

describe('what a key did', () => {
  it('is nothing when there are no records of it', () => {
    const { firstSeen, lastSeen, events, ips } = summary(byKey(SIBLING))
    expect({ firstSeen, lastSeen, events, ips }).toEqual({ firstSeen: undefined, lastSeen: undefined, events: 0, ips: [] })
  })

  it('is counted exactly: every call in one class, and in one row of every table', () => {
    fc.assert(
      fc.property(fc.array(calls, { maxLength: 40 }), (records) => {
        const own = records.filter(({ accessKeyId }) => accessKeyId === KEY)
        const { events, succeeded, denied, failed, ips, apis, userAgents } = summarize(KEY, records, records, [])
        expect(events).toBe(own.length)
        expect(succeeded + denied + failed).toBe(events)
        expect(succeeded).toBe(own.filter(({ errorCode }) => errorCode === undefined).length)
        for (const rows of [ips, apis, userAgents]) {
          expect(rows.reduce((sum, row) => sum + row.succeeded, 0)).toBe(succeeded)
          expect(rows.reduce((sum, row) => sum + row.failed, 0)).toBe(denied + failed)
          expect(new Set(rows.map(({ name }) => rawText(name))).size).toBe(rows.length)
        }
      }),
    )
  })

  it('began with the first call and ended with the last, in whatever order they come', () => {
    fc.assert(
      fc.property(fc.array(calls, { minLength: 1, maxLength: 20 }), (records) => {
        const times = records.filter(({ accessKeyId }) => accessKeyId === KEY).map(({ at }) => Date.parse(at))
        const { firstSeen, lastSeen } = summarize(KEY, records, [], [])
        const bounds = [firstSeen, lastSeen].map((at) => at && Date.parse(at))
        expect(bounds).toEqual(times.length === 0 ? [undefined, undefined] : [Math.min(...times), Math.max(...times)])
      }),
    )
  })

  it('is told by address, API and agent, the busiest first', () => {
    const { ips, apis, userAgents } = summary(
      documentOf({ sourceIPAddress: '198.51.100.77', userAgent: 'boto' }),
      documentOf({ eventName: 'GetObject', errorCode: 'AccessDenied' }),
      documentOf(),
    )
    expect(ips).toEqual([
      { name: { untrusted: '198.51.100.23' }, succeeded: 1, failed: 1 },
      { name: { untrusted: '198.51.100.77' }, succeeded: 1, failed: 0 },
    ])
    expect(apis.map(({ name }) => rawText(name))).toEqual(['s3:ListBuckets', 's3:GetObject'])
    expect(userAgents.map(({ name }) => rawText(name))).toEqual(['aws-cli/1.18.69', 'boto'])
  })

  it('is cut at 200 rows of a table, and not in the counts', () => {
    const many = Array.from({ length: 300 }, (_, index) => documentOf({ userAgent: `agent ${index}` }))
    const { events, userAgents } = summary(...many)
    expect(events).toBe(300)
    expect(userAgents).toHaveLength(200)
  })

  it('says what may be missing', () => {
    expect(summarize(KEY, [], [], ['stopped after 400 pages']).incomplete).toEqual(['stopped after 400 pages'])
  })
})

describe('a sibling key', () => {
  it('is another key of the same session, with its issue and its way of delivery', () => {
    const session = { ...(identity.sessionContext as object), ec2RoleDelivery: '1.0' }
    const sibling = read(byKey(SIBLING, { userIdentity: { ...identity, accessKeyId: SIBLING, sessionContext: session } }))
    const { siblingKeys } = summarize(KEY, [], [sibling, recordOf(), sibling], [])
    expect(siblingKeys).toEqual([{ accessKeyId: SIBLING, events: 2, issuedAt: '2026-11-25T01:07:00Z', delivery: '1.0' }])
  })

  it('needs a key: a service’s call has none', () => {
    const keyless = recordOf({ userIdentity: { type: 'AWSService', invokedBy: 'ec2.amazonaws.com' } })
    expect(summarize(KEY, [], [keyless], []).siblingKeys).toEqual([])
  })

  it('may be of unknown issue', () => {
    const bare = recordOf({ userIdentity: { type: 'AssumedRole', accessKeyId: SIBLING } })
    expect(summarize(KEY, [], [bare], []).siblingKeys).toEqual([{ accessKeyId: SIBLING, events: 1 }])
  })
})

describe('a role that the key assumed', () => {
  const assumes = (parts: Document = {}): Document =>
    documentOf({
      eventSource: 'sts.amazonaws.com',
      eventName: 'AssumeRole',
      requestParameters: { roleArn: 'arn:aws:iam::111122223333:role/admin', roleSessionName: 'x' },
      responseElements: { credentials: { accessKeyId: 'ASIAXCSEC6TNADMIN000' } },
      ...parts,
    })

  it('is told with the key that it got and when', () => {
    expect(summary(assumes()).assumedRoles).toEqual([
      {
        roleArn: { untrusted: 'arn:aws:iam::111122223333:role/admin' },
        accessKeyId: 'ASIAXCSEC6TNADMIN000',
        at: '2026-11-25T01:12:40Z',
      },
    ])
  })

  it('is told although the record does not say which role, or which key', () => {
    expect(summary(assumes({ requestParameters: null, responseElements: null })).assumedRoles).toEqual([
      { roleArn: { untrusted: 'unknown role' }, at: '2026-11-25T01:12:40Z' },
    ])
  })

  it('is none when it was refused, or when somebody else assumed it', () => {
    expect(summary(assumes({ errorCode: 'AccessDenied' })).assumedRoles).toEqual([])
    expect(summary(assumes({ userIdentity: { ...identity, accessKeyId: SIBLING } })).assumedRoles).toEqual([])
  })
})
