import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { questionOf } from '../../../../src/investigation/question.ts'
import { buffers } from '../../../../src/investigation/sources/log-files/read-log.ts'
import { scanPieces } from '../../../../src/investigation/sources/log-files/scan-pieces.ts'
import { lookFor, seekersFor, type Target, targetName } from '../../../../src/investigation/sources/log-files/seekers.ts'
import { gather, stolenCall, strangerCall, theKey } from './logs.ts'

const named = { name: 'a.jsonl', isGzip: false }
const line = Buffer.from(`${JSON.stringify(strangerCall({ requestParameters: { text: 'x'.repeat(1e6) } }))}\n`)

describe('a file that is scanned in pieces', () => {
  it('was not searched for whom another thread told of in the middle of it', async () => {
    const seekers = seekersFor({ questions: [questionOf(theKey)], followChainedSessions: false, range: {} }, gather)
    const told: Target = { question: 'x', principal: { kind: 'access-key-id', value: 'ASIASTRANGER00000001' } }
    async function* file() {
      for (let piece = 0; piece < 40; piece += 1) yield line
      lookFor(seekers, [told])
      for (let piece = 0; piece < 40; piece += 1) yield line
    }
    const { searched, found, events } = await scanPieces(Readable.from(file()), named, buffers(), seekers)
    expect([...seekers.targets.keys()].slice(searched)).toEqual([targetName(told)])
    expect({ found, events }).toEqual({ found: [], events: 80 })
  })

  it('tells in which part of it a line is wrong', async () => {
    const seekers = seekersFor({ questions: [questionOf(theKey)], followChainedSessions: false, range: {} }, gather)
    const file = [...new Array(40).fill(line), Buffer.from('oops ASIASTOLENKEY0000001\n'), line]
    const { why, events } = await scanPieces(Readable.from(file), named, buffers(), seekers)
    const [, at] = /^Line (\d+) is not valid JSON, counted from byte \d+\./.exec(why ?? '') ?? []
    expect(Number(at)).toBeLessThan(20)
    expect(events).toBe(41)
  })

  it('is cut between lines though its first line is none', async () => {
    const seekers = seekersFor({ questions: [questionOf(theKey)], followChainedSessions: false, range: {} }, gather)
    const file = [Buffer.from('xx"}\n'), ...new Array(40).fill(line)]
    const { why, events } = await scanPieces(Readable.from(file), named, buffers(), seekers)
    expect({ why, events }).toEqual({
      why: 'Line 1 is not valid JSON. The 40 events that it still shows were read.',
      events: 40,
    })
  })

  it('that breaks off says so, with what it showed', async () => {
    const seekers = seekersFor({ questions: [questionOf(theKey)], followChainedSessions: false, range: {} }, gather)
    const broken = new Error('gone')
    async function* file() {
      yield Buffer.from(`${JSON.stringify(stolenCall())}\n`)
      throw broken
    }
    expect(await scanPieces(Readable.from(file()), named, buffers(), seekers)).toMatchObject({ broken, events: 1 })
  })
})
