import { describe, expect, it } from 'vitest'
import type { Document } from '../../records.ts'
import { delivered, idsIn, idsOf, scanFor, sessionOf, stolenCall, strangerCall, theKey, writeLogs } from './logs.ts'
import { temporaryFolder } from './temporary.ts'

const calls = [stolenCall(), stolenCall({ errorCode: 'AccessDenied', errorMessage: 'no' })]
const documents = [strangerCall(), ...calls, strangerCall()]

const withNames = (value: unknown, rename: (name: string) => string): unknown => {
  if (Array.isArray(value)) return value.map((item) => withNames(item, rename))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [rename(name), withNames(inner, rename)]))
}

const snake = (name: string): string => name.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase()

const flat = (value: Document, separator: string, prefix = ''): Document =>
  Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) =>
      typeof inner === 'object' && inner !== null && !Array.isArray(inner)
        ? Object.entries(flat(inner as Document, separator, `${prefix}${name}${separator}`))
        : [[`${prefix}${name}`, inner]],
    ),
  )

const quoted = (cell: unknown): string => `"${String(cell ?? '').replaceAll('"', '""')}"`
const csv = (rows: readonly Document[], separator = ','): string => {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  return [columns, ...rows.map((row) => columns.map((name) => row[name]))]
    .map((cells) => cells.map(quoted).join(separator))
    .join('\r\n')
}

const struct = (value: unknown): string =>
  typeof value === 'object' && value !== null
    ? `{${Object.entries(value)
        .map(([name, inner]) => `${name.toLowerCase()}=${struct(inner)}`)
        .join(', ')}}`
    : String(value)

const lines = (values: readonly unknown[]): string => values.map((value) => JSON.stringify(value)).join('\n')

const identity = (document: Document): Document => document.userIdentity as Document

const console = (document: Document): Document => ({
  'Event ID': document.eventID,
  'Event time': document.eventTime,
  'User name': String(identity(document).arn).split('/').at(-1),
  'Event name': document.eventName,
  'AWS access key': identity(document).accessKeyId,
  'AWS region': document.awsRegion,
  'Source IP address': document.sourceIPAddress,
  'Event source': document.eventSource,
  'Error code': document.errorCode,
})

const athena = (document: Document): Document => ({
  eventtime: document.eventTime,
  eventname: document.eventName,
  eventsource: document.eventSource,
  eventid: document.eventID,
  errorcode: document.errorCode,
  useridentity: struct(document.userIdentity),
})

const sentinel = (document: Document): Document => ({
  'TimeGenerated [UTC]': '3/1/2026, 12:00:00.000 PM',
  AwsEventId: document.eventID,
  EventName: document.eventName,
  EventSource: document.eventSource,
  ErrorCode: document.errorCode,
  UserIdentityType: 'AssumedRole',
  UserIdentityArn: identity(document).arn,
  UserIdentityAccessKeyId: identity(document).accessKeyId,
})

const ecs = (document: Document): Document => ({
  '@timestamp': document.eventTime,
  event: { action: document.eventName, provider: document.eventSource, id: document.eventID, outcome: 'success' },
  aws: {
    cloudtrail: { event_version: '1.09', error_code: document.errorCode, user_identity: withNames(identity(document), snake) },
  },
  source: { ip: document.sourceIPAddress },
})

const ocsf = (document: Document): Document => ({
  metadata: { product: { name: 'CloudTrail', vendor_name: 'AWS' }, uid: document.eventID },
  class_uid: 6003,
  time: Date.parse(String(document.eventTime)),
  api: {
    operation: document.eventName,
    service: { name: document.eventSource },
    response: { error: document.errorCode ?? null },
  },
  actor: { user: { type: 'AssumedRole', uid: identity(document).arn, credential_uid: identity(document).accessKeyId } },
  cloud: { region: document.awsRegion },
  src_endpoint: { ip: document.sourceIPAddress },
})

const insightsRow = (document: Document): unknown =>
  Object.entries(athena(document))
    .map(([field, value]) => ({ field: field === 'useridentity' ? 'userIdentity.accessKeyId' : field, value }))
    .map(({ field, value }) => ({ field, value: field.startsWith('user') ? identity(document).accessKeyId : value }))
    .filter(({ value }) => value !== undefined)

const kusto = (rows: readonly Document[]): unknown => {
  const columns = Object.keys(rows[0] ?? {})
  return { tables: [{ columns: columns.map((name) => ({ name })), rows: rows.map((row) => columns.map((name) => row[name])) }] }
}

const FORMS: Readonly<Record<string, string>> = {
  'the console’s CSV': csv(documents.map(console)),
  'a CSV of Athena, with structures as texts': csv(documents.map(athena)),
  'a CSV with semicolons': csv(documents.map(athena), ';'),
  'an answer of Athena’s API': JSON.stringify({
    ResultSet: {
      Rows: [Object.keys(athena(documents[0] ?? {})), ...documents.map((document) => Object.values(athena(document)))].map(
        (cells) => ({ Data: cells.map((cell) => (cell === undefined ? {} : { VarCharValue: cell })) }),
      ),
    },
  }),
  'rows of CloudTrail Lake': JSON.stringify({
    QueryResultRows: documents.map((document) =>
      Object.entries(athena(document)).map(([name, value]) => ({ [name]: value ?? '' })),
    ),
  }),
  'lower case, as Athena unloads it': lines(documents.map((document) => withNames(document, (name) => name.toLowerCase()))),
  'snake case': lines(documents.map((document) => withNames(document, snake))),
  'flattened with dots': JSON.stringify(documents.map((document) => flat(document, '.'))),
  'flattened with underscores': lines(documents.map((document) => flat(document, '_'))),
  'a CSV of flattened fields': csv(documents.map((document) => flat(document, '.'))),
  'a CSV with the record in _raw': csv(documents.map((document) => ({ _raw: JSON.stringify(document), host: 'h' }))),
  'results of Splunk': lines(documents.map((document) => ({ preview: false, result: { _raw: JSON.stringify(document) } }))),
  'a CSV of messages': csv(documents.map((document) => ({ '@timestamp': 'x', '@message': JSON.stringify(document) }))),
  'rows of CloudWatch Logs Insights': JSON.stringify({ results: documents.map(insightsRow) }),
  'messages of CloudWatch Logs Insights': JSON.stringify({
    results: documents.map((document) => [
      { field: '@ptr', value: 'x' },
      { field: '@message', value: JSON.stringify(document) },
    ]),
  }),
  'a log group’s export': documents.map((document) => `2026-03-01T12:00:00.000Z ${JSON.stringify(document)}`).join('\n'),
  'lines of aws logs tail': documents
    .map((document) => `2026-03-01T12:00:00+00:00 trail/a ${JSON.stringify(document)}`)
    .join('\n'),
  'Microsoft Sentinel’s CSV': `\uFEFF${csv(documents.map(sentinel))}`,
  'an answer of a Kusto query': JSON.stringify(kusto(documents.map(sentinel))),
  'ECS without the original': lines(documents.map((document) => ({ _source: ecs(document) }))),
  'ECS with the original': lines(
    documents.map((document) => ({ ...ecs(strangerCall()), event: { action: 'x', original: JSON.stringify(document) } })),
  ),
  'fields of Kibana': JSON.stringify({
    hits: {
      hits: documents.map((document) => ({
        fields: Object.fromEntries(Object.entries(flat(ecs(document), '.')).map(([name, value]) => [name, [value]])),
      })),
    },
  }),
  'OCSF, as Security Lake keeps it': lines(documents.map(ocsf)),
  'a wrapper with members of the same names': lines(
    documents.map((document) => ({ eventId: 'x', eventName: 'y', eventTime: 1, cloudTrailEvent: JSON.stringify(document) })),
  ),
}

const scanned = async (name: string, content: string | Uint8Array) => {
  const folder = temporaryFolder()
  writeLogs(folder, { [name]: content })
  const { states, bad, events, mentionedIn } = await scanFor([folder])
  const outcomes = [...(states[0]?.values() ?? [])].map(({ outcome }) => outcome).sort()
  return { ids: idsIn(states[0]), outcomes, why: bad.map(({ why }) => why), events, mentionedIn: mentionedIn.length }
}

describe('a record in the form of another tool counts as the record that CloudTrail wrote', () => {
  it.each(Object.entries(FORMS))('%s', async (_, content) => {
    expect(await scanned('records.txt', content)).toEqual({
      ...{ ids: idsOf(calls), outcomes: ['denied', 'ok'], why: [], mentionedIn: 0 },
      events: documents.length,
    })
  })
})

describe('a file in another form', () => {
  it('without a column of error codes is named, because refused calls look successful there', async () => {
    const rows = documents.map(athena).map(({ errorcode: _, ...row }) => row)
    const { why, events } = await scanned('a.csv', csv(rows))
    expect(events).toBe(documents.length)
    expect(why).toEqual([expect.stringMatching(/^It has no column of error codes/)])
  })

  it('counts rows that hold no record, and reads on behind a quote that is not closed', async () => {
    const [heading, ...rows] = csv(documents.map(athena)).split('\r\n')
    const { ids, why } = await scanned('a.csv', [heading, '"broken', ...rows].join('\r\n'))
    expect(ids).toEqual(idsOf(calls))
    expect(why).toEqual([expect.stringMatching(/^Row 2 holds no record\./)])
  })

  it('is named when the key stands in it and no record can be read', async () => {
    const { why } = await scanned('finding.json', JSON.stringify({ resource: { accessKeyId: theKey.value } }))
    expect(why).toEqual([expect.stringContaining(`although ${theKey.value} stands in it`)])
  })

  it('is listed when the key stands in it and no record is the key’s', async () => {
    const mention = strangerCall({ requestParameters: { accessKeyId: theKey.value } })
    expect(await scanned('a.json', delivered([mention]))).toMatchObject({ ids: [], why: [], mentionedIn: 1 })
  })

  it('is not taken for records when it holds notifications of S3', async () => {
    const notification = { eventVersion: '2.1', eventSource: 'aws:s3', eventName: 'ObjectCreated:Put', userIdentity: {} }
    expect(await scanned('a.json', delivered([notification]))).toMatchObject({
      events: 0,
      why: ['It holds no CloudTrail record.'],
    })
  })

  it('takes no record out of what a call was asked', async () => {
    const hidden = JSON.stringify(stolenCall())
    const document = {
      ...(withNames(strangerCall(), snake) as Document),
      request_parameters: { detail: hidden, message: hidden },
    }
    expect(await scanned('a.jsonl', lines([document, document]))).toMatchObject({ ids: [], events: 2 })
  })
})

describe('damage is counted, and reading goes on behind it', () => {
  const many = Array.from({ length: 20 }, () => stolenCall())
  const text = delivered(many)

  it('lines that were cut and hold no search term are counted', async () => {
    const content = many.map((call, index) => (index % 5 === 1 ? JSON.stringify(call).slice(0, 40) : JSON.stringify(call)))
    const { why, events } = await scanned('a.jsonl', content.join('\n'))
    expect(events).toBe(16)
    expect(why).toEqual(['4 lines are not valid JSON; the first is line 2. 16 events in it were read.'])
  })

  it('a hole in a list costs the records that it touches, and no other', async () => {
    const from = text.indexOf(String(many[4]?.eventID))
    const { ids, why } = await scanned('a.json', `${text.slice(0, from)}\0"{\0${text.slice(from + 60)}`)
    expect(ids).toEqual(idsOf(many.filter((_, index) => index !== 4)))
    expect(why).toEqual(['1 of its values is not valid JSON. 19 events in it were read.'])
  })

  it('a record that starts with any member that a record started with before is read behind a hole', async () => {
    const turned = many.map((call, index) => (index % 2 === 0 ? call : Object.fromEntries(Object.entries(call).reverse())))
    const content = JSON.stringify({ Records: turned }, null, 2)
    // The hole takes the end of one record and the start of the next: what follows starts with another member.
    const from = content.indexOf(String(many[6]?.eventID))
    const to = content.indexOf(String(many[7]?.eventID))
    const { ids, why } = await scanned('a.json', `${content.slice(0, from)}"{${content.slice(to + 40)}`)
    expect(ids).toEqual(idsOf(many.filter((_, index) => index !== 6 && index !== 7)))
    expect(why[0]).toMatch(/not valid JSON/)
  })

  it('a file with many holes loses what was cut alone, whatever the first record started with', async () => {
    const [first, ...others] = Array.from({ length: 1000 }, () => stolenCall())
    const calls = [Object.fromEntries(Object.entries(first ?? {}).reverse()), ...others]
    const content = calls.map((call, index) => JSON.stringify(call).slice(0, index > 10 && index % 2 === 1 ? 300 : undefined))
    const { ids, events } = await scanned('a.json', `[${content.join(',\n ')}]`)
    expect(events).toBe(505)
    expect(ids).toEqual(idsOf(calls.filter((_, index) => index <= 10 || index % 2 === 0)))
  })

  it('a record behind one with large lists and long texts is read', async () => {
    const lists = Array.from({ length: 3 }, (_, outer) => Array.from({ length: 20_000 }, (_, inner) => [`}${outer}`, { inner }]))
    const large = strangerCall({ requestParameters: { lists, text: '\\"}'.repeat(100_000) } })
    const content = JSON.stringify({ Records: [large, ...many, large] }, null, 1)
    expect(await scanned('a.json', content)).toMatchObject({ ids: idsOf(many), events: many.length + 2, why: [] })
  })

  it('a truncated pretty-printed file is read up to its end, and none of its lines is taken for a value', async () => {
    const content = JSON.stringify({ Records: many }, null, 2)
    const { ids, why } = await scanned('a.json', content.slice(0, content.lastIndexOf('"eventTime"')))
    expect(ids).toEqual(idsOf(many.slice(0, -1)))
    expect(why[0]).toMatch(/truncated/)
  })

  it('a value that is nested deeper than any record is refused', async () => {
    const { events, why } = await scanned('a.json', `[${JSON.stringify(sessionOf('x'))},${'['.repeat(1e5)}${']'.repeat(1e5)}]`)
    expect(events).toBe(0)
    expect(why[0]).toContain('nested deeper than 500 levels')
  })
})
