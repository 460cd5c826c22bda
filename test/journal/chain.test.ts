import { describe, expect, it } from 'vitest'
import { chainStart, seal, sealedText, sha256, type Verified, verify } from '../../src/journal/chain.ts'
import { entry, type TestEntry, threeEntries } from './entries.ts'

const START = chainStart('stolen-key')

const linesOf = (entries: readonly TestEntry[], start = START): string[] => {
  let head = start
  return entries.map((each, index) => {
    const line = seal(head, index + 1, each)
    head = line.h
    return sealedText(line)
  })
}
const bytesOf = (lines: readonly string[]): Buffer => Buffer.from(lines.join(''), 'utf8')
const read = (bytes: Uint8Array): Verified<TestEntry> => verify<TestEntry>(bytes, START)

const lines = linesOf(threeEntries)
const whole = bytesOf(lines)

describe('a chain', () => {
  it('gives back the entries and the hash of its last line', () => {
    const last: { h: string } = JSON.parse(lines.at(-1) ?? '')
    expect(read(whole)).toEqual({ good: threeEntries, head: last.h, length: whole.length })
  })

  it('without lines has its start as head', () => {
    expect(read(Buffer.alloc(0))).toEqual({ good: [], head: START, length: 0 })
  })

  it('hashes the canonical form of everything in a line but the hash', () => {
    const first: { h: string } = JSON.parse(lines[0] ?? '')
    const content = `{"entry":{"at":"2026-03-04T02:31:09Z","incident":"stolen-key","region":"eu-central-1","type":"opened"},"n":1,"prev":"${START}","v":1}`
    expect(first.h).toBe(sha256(content))
  })
})

describe('damage', () => {
  it('every truncation leaves a clean prefix, and what is cut is called a torn tail', () => {
    const ends = lines.map((_, index) => bytesOf(lines.slice(0, index + 1)).length)
    for (let length = 0; length < whole.length; length += 1) {
      const { good, damage, tornTail, ...rest } = read(whole.subarray(0, length))
      const complete = ends.filter((end) => end <= length).length
      expect(good).toEqual(threeEntries.slice(0, complete))
      expect(damage).toBeUndefined()
      expect(rest.length + (tornTail?.length ?? 0)).toBe(length)
      expect(tornTail === undefined).toBe(length === (ends[complete - 1] ?? 0))
    }
  })

  it('every flipped bit is found in the line where it is, and the lines before stay good', () => {
    let line = 0
    whole.forEach((byte, position) => {
      for (let bit = 0; bit < 8; bit += 1) {
        const flipped = Buffer.from(whole)
        flipped[position] = byte ^ (1 << bit)
        const { good, damage, tornTail } = read(flipped)
        if (good.length !== line || (damage?.line !== line + 1 && tornTail === undefined))
          expect.fail(`byte ${position}, bit ${bit}`)
      }
      if (byte === 10) line += 1
    })
    expect(line).toBe(threeEntries.length)
  })

  it('a bad last line is a torn tail, wherever its bytes went wrong', () => {
    const zeros = Buffer.concat([whole, Buffer.alloc(100)])
    expect(read(zeros)).toMatchObject({ good: threeEntries, tornTail: Buffer.alloc(100) })
    expect(read(Buffer.concat([whole, Buffer.from('garbage\n')])).tornTail).toEqual(Buffer.from('garbage\n'))
  })

  it('a bad line with others after it is damage and never a torn tail', () => {
    const result = read(bytesOf([lines[0] ?? '', 'garbage\n', lines[2] ?? '']))
    expect(result.damage).toEqual({ line: 2, why: 'is not a line of an ir-cred journal' })
    expect(result.tornTail).toBeUndefined()
  })

  it.each([
    ['removed', [0, 2, 2]],
    ['repeated', [0, 0, 1]],
    ['moved', [1, 0, 2]],
  ])('a line that was %s does not follow', (_, order) => {
    const { damage, good } = read(bytesOf(order.map((index) => lines[index] ?? '')))
    expect(damage?.why).toContain('does not follow')
    expect(good.length).toBe((damage?.line ?? 0) - 1)
  })

  it('a line of another incident does not follow', () => {
    const foreign = linesOf(threeEntries, chainStart('another-incident'))
    expect(read(bytesOf(foreign)).damage).toMatchObject({ line: 1, why: expect.stringContaining('another incident') })
  })

  it('an altered line whose hash was not made anew is called altered', () => {
    const altered = (lines[1] ?? '').replace('web-app', 'web-api')
    expect(read(bytesOf([lines[0] ?? '', altered, lines[2] ?? ''])).damage).toEqual({
      line: 2,
      why: 'was altered: it does not match its hash',
    })
  })

  it('a line that means the same but is written differently is called altered', () => {
    const respelled = (lines[0] ?? '').replace('"opened"', '"\\u006fpened"')
    expect(read(bytesOf([respelled, lines[1] ?? ''])).damage?.why).toContain('was altered')
  })

  it.each([
    '[]',
    '3',
    'null',
    '{"v":1}',
    '{"v":1,"entry":{"type":3}}',
    '{"v":"1","entry":{"type":"a"}}',
    '{"v":0,"entry":{"type":"a"}}',
  ])('%s is not a line', (text) => {
    expect(read(bytesOf([`${text}\n`, lines[0] ?? ''])).damage?.why).toBe('is not a line of an ir-cred journal')
  })

  it('ten thousand nested arrays are damage and not a crash', () => {
    const deep = `{"v":1,"entry":{"type":"a","x":${'['.repeat(10_000)}${']'.repeat(10_000)}},"n":1,"prev":"${START}","h":""}\n`
    expect(read(bytesOf([deep, lines[1] ?? ''])).damage?.line).toBe(1)
  })
})

describe('a newer format', () => {
  const newer = '{"v":2,"whatever":true}\n'

  it('is named with the first line that has it', () => {
    const { damage, good } = read(bytesOf([...lines, newer, newer]))
    expect(good).toEqual(threeEntries)
    expect(damage).toEqual({ line: 4, why: 'has format 2, and this version of ir-cred reads up to format 1', newerFormat: 2 })
  })

  it('is never cut off as a torn tail', () => {
    expect(read(bytesOf([...lines, newer]))).toMatchObject({ damage: { line: 4, newerFormat: 2 } })
  })
})

describe('what a chain alone cannot show', () => {
  it('a journal cut off at the end of a line is sound, and only its head tells', () => {
    const cut = read(bytesOf(lines.slice(0, 2)))
    expect(cut.damage ?? cut.tornTail).toBeUndefined()
    expect(cut.head).not.toBe(read(whole).head)
  })

  it('a journal rewritten as a whole is sound, and only its head tells', () => {
    const rewritten = read(bytesOf(linesOf([entry('opened', { region: 'us-east-1' }), ...threeEntries.slice(1)])))
    expect(rewritten.damage ?? rewritten.tornTail).toBeUndefined()
    expect(rewritten.head).not.toBe(read(whole).head)
  })
})
