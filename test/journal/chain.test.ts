import { describe, expect, it } from 'vitest'
import { chainStart, seal, sealedText, sha256, tailDamage, type Verified, verify } from '../../src/journal/chain.ts'
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
const HASHES = lines.map((line): string => JSON.parse(line).h)

describe('a chain', () => {
  it('gives back the entries and the hash of its last line', () => {
    const last: { h: string } = JSON.parse(lines.at(-1) ?? '')
    expect(read(whole)).toEqual({ good: threeEntries, hashes: HASHES, head: last.h, length: whole.length })
  })

  it('a chain without lines has its start as head', () => {
    expect(read(Buffer.alloc(0))).toEqual({ good: [], hashes: [], head: START, length: 0 })
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
    expect(result.damage).toEqual({ line: 2, problem: 'changed', why: 'is not a line of an ir-cred journal' })
    expect(result.tornTail).toBeUndefined()
  })

  it.each<[string, readonly number[], object]>([
    ['removed', [0, 2, 3], { line: 2, problem: 'missing', why: 'holds record 3: record 2 is missing', found: { sequence: 3 } }],
    ['removed at the start', [1, 2, 3], { line: 1, problem: 'missing', why: 'holds record 2: record 1 is missing' }],
    ['removed before the last', [0, 1, 3], { line: 3, problem: 'missing', why: 'holds record 4: record 3 is missing' }],
    ['removed with the next', [0, 3], { line: 2, problem: 'missing', why: 'holds record 4: records 2 to 3 are missing' }],
    ['repeated', [0, 0, 1, 2], { line: 2, problem: 'added', why: 'holds record 1 a second time: it was added' }],
    ['repeated at the end', [0, 1, 1], { line: 3, problem: 'added', why: 'holds record 2 a second time: it was added' }],
    ['moved down', [1, 0, 2], { line: 1, problem: 'moved', why: 'holds record 2: the records stand in another order' }],
    ['moved up', [0, 2, 1], { line: 2, problem: 'moved', why: 'holds record 3: the records stand in another order' }],
  ])('a line that was %s does not follow: the first line out of order is named, and what it holds', (_, order, expected) => {
    const four = linesOf([...threeEntries, entry('ended')])
    const { damage, good, tornTail } = read(bytesOf(order.map((index) => four[index] ?? '')))
    expect(damage).toMatchObject(expected)
    expect(good.length).toBe((damage?.line ?? 0) - 1)
    expect(tornTail).toBeUndefined()
  })

  it('a line of another incident does not follow', () => {
    const foreign = linesOf(threeEntries, chainStart('another-incident'))
    expect(read(bytesOf(foreign)).damage).toMatchObject({ line: 1, why: 'comes from the journal of another incident' })
  })

  it('a line that was written anew, hash and all, shows at the next: one of the two was', () => {
    const rewritten = linesOf([threeEntries[0] ?? entry('x'), entry('intended', { region: 'us-east-1' })])
    const { damage } = read(bytesOf([lines[0] ?? '', rewritten[1] ?? '', lines[2] ?? '']))
    expect(damage).toMatchObject({ line: 3, problem: 'changed', why: expect.stringContaining('line 2 was written anew') })
  })

  it('what a bad line says of itself is somebody else’s text', () => {
    const altered = (lines[1] ?? '').replace('02:31:09', '02:31:08')
    expect(read(bytesOf([lines[0] ?? '', altered, lines[2] ?? ''])).damage?.found).toEqual({
      sequence: 2,
      type: { untrusted: threeEntries[1]?.type },
      at: { untrusted: '2026-03-04T02:31:08Z' },
    })
  })

  it('a changed line whose hash was not made anew is called changed', () => {
    const altered = (lines[1] ?? '').replace('web-app', 'web-api')
    expect(read(bytesOf([lines[0] ?? '', altered, lines[2] ?? ''])).damage).toMatchObject({
      line: 2,
      problem: 'changed',
      why: 'was changed: it does not match its hash',
    })
  })

  it('a line that means the same but is written differently is called changed', () => {
    const respelled = (lines[0] ?? '').replace('"opened"', '"\\u006fpened"')
    expect(read(bytesOf([respelled, lines[1] ?? ''])).damage?.why).toContain('was changed')
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
    expect(damage).toEqual({
      line: 4,
      problem: 'newer',
      why: 'has format 2, and this version of ir-cred reads up to format 1',
      newerFormat: 2,
    })
  })

  it('is not taken for one when only the format number was changed', () => {
    const flipped = (lines[1] ?? '').replace('"v":1}', '"v":3}')
    expect(read(bytesOf([lines[0] ?? '', flipped, lines[2] ?? ''])).damage).toMatchObject({
      line: 2,
      problem: 'changed',
      why: 'was changed: its format number does not match its hash',
    })
  })

  it('is never cut off as a torn tail', () => {
    expect(read(bytesOf([...lines, newer]))).toMatchObject({ damage: { line: 4, newerFormat: 2 } })
  })
})

describe('what is wrong with a last line', () => {
  const [, , last = ''] = lines
  const before = HASHES[1] ?? ''
  const problem = (tail: string | Uint8Array) => {
    const { line, problem, why } = tailDamage(Buffer.from(tail), 3, before)
    return `line ${line} ${problem}: ${why}`
  }

  it('is that it was not written to its end, when its end is missing', () => {
    for (const length of [1, 40, last.length - 2, last.length - 1])
      expect(problem(last.slice(0, length))).toBe('line 3 truncated: was not written to its end')
  })

  it('is that it was changed, for every bit that is flipped in it', () => {
    Buffer.from(last).forEach((byte, position) => {
      for (let bit = 0; bit < 8; bit += 1) {
        const flipped = Buffer.from(last)
        flipped[position] = byte ^ (1 << bit)
        const { damage, tornTail } = read(Buffer.concat([bytesOf(lines.slice(0, 2)), flipped]))
        const found = damage ?? tailDamage(tornTail ?? Buffer.alloc(0), 3, before)
        if (found.line !== 3 || found.problem !== 'changed') expect.fail(`byte ${position}, bit ${bit}: ${found.problem}`)
      }
    })
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
