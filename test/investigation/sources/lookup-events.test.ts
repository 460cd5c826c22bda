import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail'
import { beforeEach, describe, expect, it } from 'vitest'
import { mockClient } from '../../support/mock-client.ts'
import 'aws-sdk-client-mock-vitest/extend'
import { type Lookup, lookupEvents, lookupEverywhere } from '../../../src/investigation/sources/lookup-events.ts'
import { awsError } from '../../support/stage-context.ts'
import { after, type Document, documentOf, KEY } from '../records.ts'

const mock = mockClient(CloudTrailClient)
const client = new CloudTrailClient({ region: 'us-east-1' })
const lookup: Lookup = { attribute: 'AccessKeyId', value: KEY, from: after(-3_600), until: after(600) }

const eventsOf = (...documents: readonly Document[]) =>
  documents.map((document) => ({ CloudTrailEvent: JSON.stringify(document) }))

const called = (eventID: string, seconds: number): Document => documentOf({ eventID, eventTime: after(seconds) })

const denied = awsError('AccessDeniedException', 403)

beforeEach(() => void mock.reset())

describe('a lookup', () => {
  it('asks for one attribute between a beginning and an end, in pages of 50', async () => {
    mock.on(LookupEventsCommand).resolves({ Events: [] })
    expect(await lookupEvents(client, 'us-east-1', lookup)).toEqual({ records: [], raw: [], incomplete: [] })
    expect(mock).toHaveReceivedCommandExactlyOnceWith(LookupEventsCommand, {
      LookupAttributes: [{ AttributeKey: 'AccessKeyId', AttributeValue: KEY }],
      StartTime: new Date('2026-11-25T00:12:40Z'),
      EndTime: new Date('2026-11-25T01:22:40Z'),
      MaxResults: 50,
    })
  })

  it('reads all pages, and keeps them as they were answered', async () => {
    const [first, second] = [called('a', 20), called('b', 10)]
    mock
      .on(LookupEventsCommand)
      .resolves({ Events: eventsOf(first), NextToken: 'next' })
      .on(LookupEventsCommand, { NextToken: 'next' })
      .resolves({ Events: eventsOf(second) })
    const { records, raw, incomplete } = await lookupEvents(client, 'us-east-1', lookup)
    expect(records.map(({ eventId }) => eventId)).toEqual(['a', 'b'])
    expect(raw).toEqual([JSON.stringify(first), JSON.stringify(second)])
    expect(incomplete).toEqual([])
  })

  it('has every event once, although pages overlap', async () => {
    mock
      .on(LookupEventsCommand)
      .resolves({ Events: eventsOf(called('a', 20), called('b', 10)), NextToken: 'next' })
      .on(LookupEventsCommand, { NextToken: 'next' })
      .resolves({ Events: eventsOf(called('b', 10), called('c', 5)) })
    const { records } = await lookupEvents(client, 'us-east-1', lookup)
    expect(records.map(({ eventId }) => eventId)).toEqual(['a', 'b', 'c'])
  })

  it('says that it is incomplete when it was cut', async () => {
    mock.on(LookupEventsCommand).resolves({ Events: eventsOf(called('a', 20)), NextToken: 'next' })
    const { records, incomplete } = await lookupEvents(client, 'us-east-1', lookup, { pages: 1, items: 50 })
    expect(records).toHaveLength(1)
    expect(incomplete).toEqual([`CloudTrail in us-east-1, AccessKeyId ${KEY}: stopped after 1 pages`])
  })

  it('says how many records it could not read, and reads the others', async () => {
    const Events = [{ CloudTrailEvent: '{' }, { CloudTrailEvent: '{}' }, {}, ...eventsOf(called('a', 20))]
    mock.on(LookupEventsCommand).resolves({ Events })
    const { records, raw, incomplete } = await lookupEvents(client, 'us-east-1', lookup)
    expect(records.map(({ eventId }) => eventId)).toEqual(['a'])
    expect(raw).toHaveLength(3)
    expect(incomplete).toEqual([`CloudTrail in us-east-1, AccessKeyId ${KEY}: records that could not be read: 3`])
  })

  it('a lookup that is denied is empty and says so: nothing seen is not nothing done', async () => {
    mock.on(LookupEventsCommand).rejects(denied)
    const { records, incomplete } = await lookupEvents(client, 'us-east-1', lookup)
    expect(records).toEqual([])
    expect(incomplete).toEqual(['CloudTrail in us-east-1 could not be read: cloudtrail:LookupEvents is denied'])
  })

  it.each([
    ['is throttled', awsError('ThrottlingException')],
    ['gets no answer', awsError('InternalFailure', 500)],
  ])('a lookup that %s is empty and says so', async (why, error) => {
    mock.on(LookupEventsCommand).rejects(error)
    const { records, incomplete } = await lookupEvents(client, 'us-east-1', lookup)
    expect(records).toEqual([])
    expect(incomplete).toEqual([`CloudTrail in us-east-1 could not be read: cloudtrail:LookupEvents ${why}`])
  })

  it.each([
    ['credentials that have expired', awsError('ExpiredTokenException')],
    ['an interruption', Object.assign(new Error('aborted'), { name: 'AbortError' })],
    ['a bug', new TypeError('x is undefined')],
  ])('throws what concerns the whole run: %s', async (_, error) => {
    mock.on(LookupEventsCommand).rejects(error)
    await expect(lookupEvents(client, 'us-east-1', lookup)).rejects.toThrow(error.message)
  })
})

describe('a lookup in several Regions', () => {
  const other = new CloudTrailClient({ region: 'eu-central-1' })
  const clients = [
    { region: 'us-east-1', client },
    { region: 'eu-central-1', client: other },
  ]

  it('is one list, newest first, each event once', async () => {
    mock
      .on(LookupEventsCommand)
      .resolvesOnce({ Events: eventsOf(called('c', 30), called('a', 10)) })
      .resolvesOnce({ Events: eventsOf(called('d', 40), called('b', 20), called('a', 10)) })
    const { records, raw } = await lookupEverywhere(clients, lookup)
    expect(records.map(({ eventId }) => eventId)).toEqual(['d', 'c', 'b', 'a'])
    expect(raw).toHaveLength(5)
    expect(mock).toHaveReceivedCommandTimes(LookupEventsCommand, 2)
  })

  it('goes on where one Region is denied, and says which', async () => {
    mock
      .on(LookupEventsCommand)
      .rejectsOnce(denied)
      .resolvesOnce({ Events: eventsOf(called('a', 10)) })
    const { records, incomplete } = await lookupEverywhere(clients, lookup)
    expect(records).toHaveLength(1)
    expect(incomplete).toEqual(['CloudTrail in us-east-1 could not be read: cloudtrail:LookupEvents is denied'])
  })
})
