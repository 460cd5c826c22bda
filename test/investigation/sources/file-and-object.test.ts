import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { questionOf } from '../../../src/investigation/question.ts'
import type { ScannedFile } from '../../../src/investigation/sources/log-files/count-matches.ts'
import { readBuffers } from '../../../src/investigation/sources/log-files/decode/read-file.ts'
import { type Matchers, matchersFor } from '../../../src/investigation/sources/log-files/match/matchers.ts'
import { scanFile } from '../../../src/investigation/sources/log-files/scan-file.ts'
import { scanObject, scanObjectStream } from '../../../src/investigation/sources/s3/read-object.ts'
import { delivered, type Gathered, gather, idsIn, stolenCall, strangerCall, theKey, writeLogs } from './log-files/logs.ts'
import { temporaryFolder } from './log-files/temporary.ts'

type Read = (name: string, bytes: Buffer, matchers: Matchers<Gathered>) => Promise<ScannedFile>

async function* inChunks(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000)
}

/** The sources of a file's bytes. */
const SOURCES: Readonly<Record<string, Read>> = {
  folder: (name, bytes, matchers) => {
    const [path = ''] = writeLogs(temporaryFolder(), { [name]: bytes })
    return scanFile(path, readBuffers(), matchers)
  },
  bucket: (name, bytes, matchers) => scanObject(join('logs', name), bytes, readBuffers(), matchers),
  stream: (name, bytes, matchers) => scanObjectStream(join('logs', name), inChunks(bytes), readBuffers(), matchers),
}

const asked = { questions: [questionOf(theKey)], followChainedSessions: false, range: {} }

/** What each source reads from the bytes. */
const everySource = (name: string, content: string | Uint8Array) =>
  Promise.all(
    Object.values(SOURCES).map(async (read) => {
      const matchers = matchersFor(asked, gather)
      const { events, why } = await read(name, Buffer.from(content as string), matchers)
      return { events, why, ids: [...matchers.states.values()].flatMap(({ state }) => idsIn(state)) }
    }),
  )

const calls = Array.from({ length: 40 }, (_, index) => (index % 3 === 0 ? strangerCall() : stolenCall()))
const text = delivered(calls)
const lines = calls.map((call) => JSON.stringify(call)).join('\n')
const pretty = JSON.stringify({ Records: calls }, null, 2)
const compressed = gzipSync(text)
const half = (bytes: string) => bytes.slice(0, bytes.length / 2)

const FILES: readonly (readonly [what: string, content: string | Uint8Array, name?: string])[] = [
  ['as CloudTrail delivers it', compressed, 'a.json.gz'],
  ['plain, with a name ending in .gz', text, 'a.json.gz'],
  ['gzip, with a name not ending in .gz', compressed],
  ['text with a name ending in .gz', 'this is no log', 'a.json.gz'],
  ['text', 'this is no log'],
  ['empty', ''],
  ['empty, with a name ending in .gz', '', 'a.json.gz'],
  ['empty, compressed', gzipSync('')],
  ['one byte of gzip', compressed.subarray(0, 1)],
  ['two bytes of gzip', compressed.subarray(0, 2)],
  ['with a byte order mark', `\uFEFF${text}\r\n`],
  ['UTF-16', Buffer.from(`\uFEFF${text}`, 'utf16le')],
  ['UTF-16, compressed', gzipSync(Buffer.from(text, 'utf16le'))],
  ['pretty-printed', pretty],
  ['pretty-printed, truncated', half(pretty)],
  ['truncated', half(text)],
  ['truncated in its first record', text.slice(0, 300)],
  ['one event per line', lines],
  ['one event per line, truncated', half(lines)],
  ['one event per line, compressed, truncated', gzipSync(half(lines))],
  ['wrapped by EventBridge', JSON.stringify(calls.map((detail) => ({ version: '0', detail })))],
  ['wrapped by LookupEvents', JSON.stringify({ Events: calls.map((call) => ({ CloudTrailEvent: JSON.stringify(call) })) })],
  ['truncated gzip', compressed.subarray(0, compressed.length / 2)],
  ['gzip without its end', compressed.subarray(0, compressed.length - 8)],
  ['damaged gzip', Buffer.concat([compressed.subarray(0, 200), Buffer.alloc(300, 7), compressed.subarray(500)])],
  ['gzip with a wrong checksum', Buffer.concat([compressed.subarray(0, compressed.length - 8), Buffer.alloc(8)])],
  ['gzip with data after it', Buffer.concat([compressed, Buffer.from('more')])],
  ['gzip in two members', Buffer.concat([gzipSync(half(text)), gzipSync(text.slice(half(text).length))])],
  ['gzip in gzip', gzipSync(compressed)],
  ['zip', Buffer.from('504b0304140000000800', 'hex')],
  ['gzip with zeros after it', Buffer.concat([compressed, Buffer.alloc(100)])],
  ['a gzip bomb', gzipSync(Buffer.alloc(80 * 2 ** 20, ' '))],
]

describe('a file on disk, an object and a stream with the same bytes', () => {
  it.each(FILES.map(([what, content, name = 'a.json']) => ({ what, content, name })))(
    'give the same events and sentence: $what',
    async ({ content, name }) => {
      const [first, ...others] = await everySource(name, content)
      for (const other of others) expect(other).toEqual(first)
    },
  )

  it('give all events before damaged data, in a small file too', async () => {
    const [{ events, why } = { events: 0, why: '' }] = await everySource(
      'a.json.gz',
      Buffer.concat([compressed, Buffer.from('more')]),
    )
    expect(events).toBe(calls.length)
    expect(why).toBe('4 bytes after its gzip data are not gzip. 40 events in it were read.')
  })

  it('give the same events and sentence after any truncation and damage', async () => {
    const bodies = [text, lines, pretty].flatMap((body) => [Buffer.from(body), gzipSync(body)])
    const file = fc.record({
      body: fc.constantFrom(...bodies),
      kept: fc.double({ min: 0, max: 1, noNaN: true }),
      over: fc.option(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.uint8Array({ minLength: 1, maxLength: 20 }))),
      name: fc.constantFrom('a.json', 'a.json.gz'),
    })
    await fc.assert(
      fc.asyncProperty(file, async ({ body, kept, over, name }) => {
        const bytes = Buffer.from(body.subarray(0, Math.ceil(body.length * kept)))
        if (over)
          bytes.set(over[1].slice(0, bytes.length - Math.floor(over[0] * bytes.length)), Math.floor(over[0] * bytes.length))
        const [first, ...others] = await everySource(name, bytes)
        for (const other of others) expect(other).toEqual(first)
      }),
      { numRuns: 60 },
    )
  })
})
