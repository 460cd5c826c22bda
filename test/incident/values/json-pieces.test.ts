import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asciiJson, asciiJsonPieces } from '../../../src/incident/values/show.ts'

const rows = fc.array(fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.constant(null))))
const members = fc.dictionary(
  fc.string(),
  fc.oneof(rows, fc.array(fc.string()), fc.string(), fc.constant(undefined), fc.jsonValue()),
)

describe('JSON in pieces', () => {
  it('is the text that it is at once', () => {
    fc.assert(
      fc.property(members, (value) => {
        expect([...asciiJsonPieces(value)].join('')).toBe(asciiJson(value))
      }),
    )
  })

  it('hands a long list on before it has been written whole', () => {
    const long = Array.from({ length: 10_000 }, (_, number) => ({ number, text: 'x'.repeat(100) }))
    const pieces = [...asciiJsonPieces({ long })]
    expect(pieces.length).toBeGreaterThan(10)
    expect(JSON.parse(pieces.join(''))).toEqual({ long })
  })

  it('redacts secrets in the rows too', () => {
    const text = [...asciiJsonPieces({ rows: [{ password: 'hunter2-hunter2' }] })].join('')
    expect(text).toBe(asciiJson({ rows: [{ password: 'hunter2-hunter2' }] }))
    expect(text).not.toContain('hunter2')
  })
})
