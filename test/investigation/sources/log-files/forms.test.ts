import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { Document } from '../../records.ts'
import { delivered, gzipped, idsIn, idsOf, roleCall, scanFor, stolenCall, strangerCall, writeLogs } from './logs.ts'
import { temporaryFolder } from './temporary.ts'

const lines = (documents: readonly Document[]): string => documents.map((document) => JSON.stringify(document)).join('\n')
const lookedUp = (documents: readonly Document[], indent?: number): string =>
  JSON.stringify(
    { Events: documents.map((document) => ({ EventId: 'x', CloudTrailEvent: JSON.stringify(document) })) },
    null,
    indent,
  )
const wrapped = (document: Document): Document => ({
  version: '0',
  'detail-type': 'AWS API Call via CloudTrail',
  detail: document,
})
const halves = (documents: readonly Document[]) => [documents.slice(0, 2), documents.slice(2)] as const

type Write = (documents: readonly Document[]) => string | Uint8Array

const FORMS: Readonly<Record<string, Write>> = {
  'as CloudTrail delivers it': (documents) => gzipped(delivered(documents)),
  'delivered, decompressed': delivered,
  'delivered, newest first': (documents) => delivered([...documents].reverse()),
  'delivered, with a byte order mark and a line break at the end': (documents) => `\uFEFF${delivered(documents)}\n`,
  'delivered, one record per line': (documents) =>
    `{"Records":[\n${documents.map((document) => JSON.stringify(document)).join(',\n')}\n]}`,
  'pretty-printed': (documents) => JSON.stringify({ Records: documents }, null, 2),
  'a list': (documents) => JSON.stringify(documents),
  'a pretty-printed list': (documents) => JSON.stringify(documents, null, 4),
  'one event per line': lines,
  'one event per line, Windows line ends and empty lines': (documents) => `${lines(documents).replaceAll('\n', '\r\n\r\n')}\r\n`,
  'one delivered file per line': (documents) => halves(documents).map(delivered).join('\n'),
  'one EventBridge event per line': (documents) => lines(documents.map(wrapped)),
  'a list of EventBridge events': (documents) => JSON.stringify(documents.map(wrapped)),
  'the answer of LookupEvents': (documents) => lookedUp(documents),
  'the pretty-printed answer of LookupEvents': (documents) => lookedUp(documents, 2),
  'a log group’s messages': (documents) => lines(documents.map((document) => ({ message: JSON.stringify(document) }))),
  'a search engine’s hits': (documents) =>
    JSON.stringify({ hits: { hits: documents.map((document) => ({ _source: document })) } }),
  'values in a row': (documents) => documents.map((document) => JSON.stringify(document)).join(''),
  'pretty-printed values in a row': (documents) => documents.map((document) => JSON.stringify(document, null, 2)).join('\n'),
  'gzip members in a row': (documents) => {
    const [head, tail] = halves(documents)
    const text = delivered([...head, ...tail])
    return Buffer.concat([gzipSync(text.slice(0, 700)), gzipSync(text.slice(700))])
  },
  'other members first': (documents) => delivered(documents.map(({ eventVersion, ...rest }) => ({ ...rest, eventVersion }))),
  'members in alphabetical order': (documents) =>
    delivered(documents.map((document) => Object.fromEntries(Object.entries(document).sort()))),
}

describe('records are found in every form that people have log files in', () => {
  it.each(Object.entries(FORMS))('%s', async (_, write) => {
    const folder = temporaryFolder()
    const own = [stolenCall(), stolenCall({ errorCode: 'AccessDenied' }), stolenCall({ userAgent: 'a "quoted" agent’s é' })]
    const roleCalls = [roleCall(), roleCall({ eventName: 'PutObject', requestParameters: { key: '{"eventVersion":"1.08"}' } })]
    const documents = [strangerCall(), ...own, strangerCall(), ...roleCalls, strangerCall()]
    writeLogs(folder, { 'records.json': write(documents) })
    const { states, bad, events } = await scanFor([folder])
    expect(idsIn(states[0])).toEqual(idsOf([...own, ...roleCalls]))
    expect(bad).toEqual([])
    expect(events).toBe(documents.length)
  })
})

describe('a file', () => {
  it('is gzip by its first bytes, whatever its name', async () => {
    const folder = temporaryFolder()
    const documents = [stolenCall(), stolenCall()]
    writeLogs(folder, { 'a.json': gzipped(delivered(documents.slice(0, 1))), 'b.json.gz': delivered(documents.slice(1)) })
    const { states, bad } = await scanFor([folder])
    expect(idsIn(states[0])).toEqual(idsOf(documents))
    expect(bad).toEqual([])
  })

  it('can hold no records', async () => {
    const folder = temporaryFolder()
    writeLogs(folder, { 'a.json': '{"Records":[]}', 'b.json': '[]', 'c.json.gz': gzipped('{"Records":[]}') })
    expect(await scanFor([folder])).toMatchObject({ files: 3, events: 0, bad: [] })
  })

  it('a file that is given twice counts once, and so does a record in two files', async () => {
    const folder = temporaryFolder()
    const documents = [stolenCall()]
    const paths = writeLogs(folder, { 'a.json': delivered(documents), 'b/a.json': delivered(documents) })
    const { states, files } = await scanFor([folder, ...paths, folder])
    expect(idsIn(states[0])).toEqual(idsOf(documents))
    expect(files).toBe(2)
  })

  it('a file of one event per line can be larger than the memory it is read into', async () => {
    const folder = temporaryFolder()
    const filler = JSON.stringify(strangerCall({ requestParameters: { text: 'x'.repeat(500_000) } }))
    const documents = [stolenCall(), roleCall(), stolenCall()]
    const [a, b, c] = documents.map((document) => JSON.stringify(document))
    const text = [a, ...new Array(75).fill(filler), b, ...new Array(75).fill(filler), c].join('\n')
    writeLogs(folder, { 'a.jsonl.gz': gzipSync(text, { level: 1 }) })
    const { states, events, bad } = await scanFor([folder])
    expect(idsIn(states[0])).toEqual(idsOf(documents))
    expect(events).toBe(153)
    expect(bad).toEqual([])
  })
})
