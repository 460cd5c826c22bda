import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { questionOf } from '../../../../src/investigation/question.ts'
import { readBuffers } from '../../../../src/investigation/sources/log-files/decode/read-file.ts'
import {
  addTargets,
  matchersFor,
  type Target,
  targetName,
} from '../../../../src/investigation/sources/log-files/match/matchers.ts'
import { scanStream } from '../../../../src/investigation/sources/log-files/scan-parts.ts'
import { gather, stolenCall, strangerCall, theKey } from './logs.ts'

const named = { name: 'a.jsonl', isGzip: false }
const line = Buffer.from(`${JSON.stringify(strangerCall({ requestParameters: { text: 'x'.repeat(1e6) } }))}\n`)

describe('a file that is scanned as a stream', () => {
  it('is not covered for a target that another worker adds meanwhile', async () => {
    const matchers = matchersFor({ questions: [questionOf(theKey)], followChainedSessions: false, range: {} }, gather)
    const added: Target = { question: 'x', principal: { kind: 'access-key-id', value: 'ASIASTRANGER00000001' } }
    async function* file() {
      for (let chunk = 0; chunk < 40; chunk += 1) yield line
      addTargets(matchers, [added])
      for (let chunk = 0; chunk < 40; chunk += 1) yield line
    }
    const { searched, found, events } = await scanStream(Readable.from(file()), named, readBuffers(), matchers)
    expect([...matchers.targets.keys()].slice(searched)).toEqual([targetName(added)])
    expect({ found, events }).toEqual({ found: [], events: 80 })
  })

  it('is reported with the number of the line that is not valid', async () => {
    const matchers = matchersFor({ questions: [questionOf(theKey)], followChainedSessions: false, range: {} }, gather)
    const file = [...new Array(40).fill(line), Buffer.from('oops ASIASTOLENKEY0000001\n'), line]
    const { why, events } = await scanStream(Readable.from(file), named, readBuffers(), matchers)
    expect(why).toBe('Line 41 is not valid JSON. 41 events in it were read.')
    expect(events).toBe(41)
  })

  it('is cut between lines though its first line is not JSON', async () => {
    const matchers = matchersFor({ questions: [questionOf(theKey)], followChainedSessions: false, range: {} }, gather)
    const file = [Buffer.from('xx"}\n'), ...new Array(40).fill(line)]
    const { why, events } = await scanStream(Readable.from(file), named, readBuffers(), matchers)
    expect({ why, events }).toEqual({
      why: 'Line 1 is not valid JSON. 40 events in it were read.',
      events: 40,
    })
  })

  it('is reported with its events when the stream ends early', async () => {
    const matchers = matchersFor({ questions: [questionOf(theKey)], followChainedSessions: false, range: {} }, gather)
    const broken = new Error('gone')
    async function* file() {
      yield Buffer.from(`${JSON.stringify(stolenCall())}\n`)
      throw broken
    }
    expect(await scanStream(Readable.from(file()), named, readBuffers(), matchers)).toMatchObject({ broken, events: 1 })
  })
})
