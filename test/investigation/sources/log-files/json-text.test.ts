import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parsedBytes } from '../../../../src/investigation/sources/log-files/decode/json-text.ts'

const text = fc.oneof(
  fc.json(),
  fc.json().map((json) => ` ${json}\n`),
  fc.json().map((json) => JSON.stringify(JSON.parse(json), null, 1)),
  fc.json().chain((json) => fc.nat(json.length).map((length) => json.slice(0, length))),
  fc.string(),
  fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', ' ', '\n', ',', ':', '1', '-', 't', 'true', 'null', '\uFEFF') }),
)

it('bytes are parsed as JSON.parse does it, and are undefined where it throws', () => {
  const expected = (json: string): unknown => {
    try {
      return JSON.parse(json)
    } catch {
      return undefined
    }
  }
  fc.assert(
    fc.property(text, fc.string(), (json, around) => {
      const bytes = Buffer.from(around + json + around)
      const [start, length] = [Buffer.byteLength(around), Buffer.byteLength(json)]
      expect(parsedBytes(bytes, start, start + length)).toEqual(expected(Buffer.from(json).toString()))
    }),
    { numRuns: 2000 },
  )
})
