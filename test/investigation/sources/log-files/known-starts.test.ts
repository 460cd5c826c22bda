import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { knownStarts } from '../../../../src/investigation/sources/log-files/decode/known-starts.ts'

const RECORDS = ['{"a":1}', '{ "bb" : 2}', '{"ccc":{}}'].map((text) => Buffer.from(text))

const learned = (records: readonly Buffer[]) => {
  const starts = knownStarts()
  for (const record of records) starts.learn(record, 0, record.length)
  return starts
}

describe('how the records of a file start', () => {
  it('is known of each first member once, and of 16 at most', () => {
    expect(learned([...RECORDS, ...RECORDS]).size).toBe(3)
    expect(learned(Array.from({ length: 40 }, (_, index) => Buffer.from(`{"member${index}":1}`))).size).toBe(16)
    expect(learned([Buffer.from('[1]'), Buffer.from('{}'), Buffer.from('text')]).size).toBe(0)
  })

  it('is looked for from a position on: the nearest of all starts is found, however far it is', () => {
    const piece = fc.oneof(
      fc.constantFrom(...RECORDS.map(String), '{"other":1}'),
      fc.nat(20_000).map((length) => ' '.repeat(length)),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), fc.nat(30_000), fc.integer({ min: 0, max: 3 }), (pieces, from, count) => {
        const bytes = Buffer.from(pieces.join(''))
        const known = RECORDS.slice(0, count)
        const places = ['{"a":', '{ "bb" :', '{"ccc":'].slice(0, count).map((start) => bytes.indexOf(start, from))
        const found = places.filter((at) => at >= 0 && from <= bytes.length)
        expect(learned(known).next(bytes, from)).toBe(found.length === 0 ? -1 : Math.min(...found))
      }),
      { numRuns: 300 },
    )
  })
})
