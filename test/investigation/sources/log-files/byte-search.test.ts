import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { endsLikeRecord, noLengths } from '../../../../src/investigation/sources/log-files/decode/cut-records.ts'
import { findText, searchText } from '../../../../src/investigation/sources/log-files/match/byte-search.ts'
import { delivered, stolenCall } from './logs.ts'

describe('a search for a text', () => {
  it('finds the same positions as Buffer.indexOf', () => {
    const few = fc.string({ unit: fc.constantFrom('A', 'S', 'I', '0', '-', 'e', '"'), minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(fc.array(few, { maxLength: 20 }), few, fc.nat(30), (parts, text, from) => {
        const bytes = Buffer.from(parts.join(text).concat(...parts))
        expect(findText(bytes, searchText(text), from)).toBe(bytes.indexOf(text, from))
      }),
    )
  })
})

describe('the end of a record is recognised by its last member', () => {
  const ends = (json: string): boolean => endsLikeRecord(Buffer.from(json), Buffer.byteLength(json) - 1, noLengths())
  it.each([
    ['as CloudTrail writes it', JSON.stringify(stolenCall()), true],
    ['with TLS details', JSON.stringify({ ...stolenCall(), tlsDetails: { tlsVersion: 'TLSv1.3' } }), true],
    ['of a console session', JSON.stringify({ ...stolenCall(), sessionCredentialFromConsole: 'true' }), true],
    ['of something else', '{"a":"b"}', false],
    ['of an object in something else', '{"a":{"b":"c"}}', false],
    ['of an escaped string', '{"eventCategory":"a\\""}', false],
    ['of a list', '{"resources":[]}', false],
    ['of a file', delivered([]), false],
  ])('%s: %s gives %s', (_, json, expected) => {
    expect(ends(json)).toBe(expected)
  })
})
