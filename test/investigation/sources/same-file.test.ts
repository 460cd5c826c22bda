import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { questionOf } from '../../../src/investigation/question.ts'
import { buffers } from '../../../src/investigation/sources/log-files/read-log.ts'
import type { FileRead } from '../../../src/investigation/sources/log-files/scan-bytes.ts'
import { scanFile } from '../../../src/investigation/sources/log-files/scan-file.ts'
import { type Seekers, seekersFor } from '../../../src/investigation/sources/log-files/seekers.ts'
import { scanObject, scanStream } from '../../../src/investigation/sources/s3/scan-object.ts'
import { delivered, type Gathered, gather, idsIn, stolenCall, strangerCall, theKey, writeLogs } from './log-files/logs.ts'
import { temporaryFolder } from './log-files/temporary.ts'

type Read = (name: string, bytes: Buffer, seekers: Seekers<Gathered>) => Promise<FileRead>

async function* inPieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000)
}

/** The ways to a file's bytes. */
const WAYS: Readonly<Record<string, Read>> = {
  folder: (name, bytes, seekers) => {
    const [path = ''] = writeLogs(temporaryFolder(), { [name]: bytes })
    return scanFile(path, buffers(), seekers)
  },
  bucket: (name, bytes, seekers) => scanObject(join('logs', name), bytes, buffers(), seekers),
  stream: (name, bytes, seekers) => scanStream(join('logs', name), inPieces(bytes), buffers(), seekers),
}

const asked = { questions: [questionOf(theKey)], followChainedSessions: false, range: {} }

/** What each way makes of the bytes. */
const everyWay = (name: string, content: string | Uint8Array) =>
  Promise.all(
    Object.values(WAYS).map(async (read) => {
      const seekers = seekersFor(asked, gather)
      const { events, why } = await read(name, Buffer.from(content as string), seekers)
      return { events, why, ids: [...seekers.states.values()].flatMap(({ state }) => idsIn(state)) }
    }),
  )

const calls = Array.from({ length: 40 }, (_, index) => (index % 3 === 0 ? strangerCall() : stolenCall()))
const text = delivered(calls)
const lines = calls.map((call) => JSON.stringify(call)).join('\n')
const pretty = JSON.stringify({ Records: calls }, null, 2)
const packed = gzipSync(text)
const half = (bytes: string) => bytes.slice(0, bytes.length / 2)

const FILES: readonly (readonly [what: string, content: string | Uint8Array, name?: string])[] = [
  ['as it is delivered', packed, 'a.json.gz'],
  ['plain, and called gzip', text, 'a.json.gz'],
  ['gzip, and called plain', packed],
  ['text that is called gzip', 'this is no log', 'a.json.gz'],
  ['text', 'this is no log'],
  ['empty', ''],
  ['empty, and called gzip', '', 'a.json.gz'],
  ['nothing, packed', gzipSync('')],
  ['one byte of gzip', packed.subarray(0, 1)],
  ['two bytes of gzip', packed.subarray(0, 2)],
  ['with a byte order mark', `\uFEFF${text}\r\n`],
  ['UTF-16', Buffer.from(`\uFEFF${text}`, 'utf16le')],
  ['UTF-16, packed', gzipSync(Buffer.from(text, 'utf16le'))],
  ['pretty-printed', pretty],
  ['pretty-printed, breaks off', half(pretty)],
  ['breaks off', half(text)],
  ['breaks off in its first record', text.slice(0, 300)],
  ['one event a line', lines],
  ['one event a line, breaks off', half(lines)],
  ['one event a line, packed, breaks off', gzipSync(half(lines))],
  ['wrapped by EventBridge', JSON.stringify(calls.map((detail) => ({ version: '0', detail })))],
  ['wrapped by LookupEvents', JSON.stringify({ Events: calls.map((call) => ({ CloudTrailEvent: JSON.stringify(call) })) })],
  ['gzip that breaks off', packed.subarray(0, packed.length / 2)],
  ['gzip without its end', packed.subarray(0, packed.length - 8)],
  ['gzip that is damaged', Buffer.concat([packed.subarray(0, 200), Buffer.alloc(300, 7), packed.subarray(500)])],
  ['gzip with a wrong sum', Buffer.concat([packed.subarray(0, packed.length - 8), Buffer.alloc(8)])],
  ['gzip with more behind it', Buffer.concat([packed, Buffer.from('more')])],
  ['gzip in two members', Buffer.concat([gzipSync(half(text)), gzipSync(text.slice(half(text).length))])],
  ['gzip in gzip', gzipSync(packed)],
  ['zip', Buffer.from('504b0304140000000800', 'hex')],
  ['gzip with zeros behind it', Buffer.concat([packed, Buffer.alloc(100)])],
  ['a bomb', gzipSync(Buffer.alloc(80 * 2 ** 20, ' '))],
]

describe('the bytes of one file give the same events and the same sentence wherever they lie', () => {
  it.each(FILES.map(([what, content, name = 'a.json']) => ({ what, content, name })))('$what', async ({ content, name }) => {
    const [here, ...elsewhere] = await everyWay(name, content)
    for (const other of elsewhere) expect(other).toEqual(here)
  })

  it('what comes before a damage is given, however small the file is', async () => {
    const [{ events, why } = { events: 0, why: '' }] = await everyWay('a.json.gz', Buffer.concat([packed, Buffer.from('more')]))
    expect(events).toBe(calls.length)
    expect(why).toBe('Its gzip data is damaged (incorrect header check). The 40 events that it still shows were read.')
  })

  it('whatever was cut off, or written over', async () => {
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
        const [here, ...elsewhere] = await everyWay(name, bytes)
        for (const other of elsewhere) expect(other).toEqual(here)
      }),
      { numRuns: 60 },
    )
  })
})
