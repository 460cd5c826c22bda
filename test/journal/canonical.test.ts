import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson, snapshot } from '../../src/journal/canonical.ts'

describe('canonical JSON', () => {
  it('sorts keys by code unit, at every depth, and writes no white space', () => {
    expect(canonicalJson({ b: 1, a: { z: [true, null], Z: 'x' }, ä: 2 })).toBe(
      '{"a":{"Z":"x","z":[true,null]},"b":1,"\\u00e4":2}',
    )
  })

  it('drops undefined members and writes null in their place inside arrays', () => {
    expect(canonicalJson({ a: undefined, b: [undefined, 1] })).toBe('{"b":[null,1]}')
  })

  it('escapes all but printable ASCII: lone surrogates survive UTF-8, and control characters do nothing in a terminal', () => {
    const text = canonicalJson({ 'k\udc00': '\ud83d', pair: '😀', hostile: '\u001b[2J\u009b2J\u007f\u202e\u2028' })
    expect(text).toBe('{"hostile":"\\u001b[2J\\u009b2J\\u007f\\u202e\\u2028","k\\udc00":"\\ud83d","pair":"\\ud83d\\ude00"}')
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 1n, new Date(0), new Map(), () => 0, Symbol('s'), new (class Own {})()])(
    'refuses what JSON would lose in silence: %s',
    (value) => {
      expect(() => canonicalJson({ value: [value] })).toThrow(TypeError)
    },
  )

  it('names what it cannot write', () => {
    expect(() => canonicalJson({ when: new Date(0) })).toThrow('a Date cannot be written')
    expect(() => canonicalJson(undefined)).toThrow('a undefined cannot be written')
    expect(() => canonicalJson(Object.create(Object.create(null)))).toThrow('a foreign object cannot be written')
  })

  it('reads back to what was written, and is written the same again', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary', maxDepth: 3 }), (value) => {
        const text = canonicalJson(value)
        expect(text).toMatch(/^[ -~]*$/)
        expect(canonicalJson(JSON.parse(text))).toBe(text)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
      }),
      { numRuns: 50 },
    )
  })

  it('does not depend on the order in which members were added', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 1 })), (record) => {
        expect(canonicalJson(Object.fromEntries(Object.entries(record).reverse()))).toBe(canonicalJson(record))
      }),
    )
  })

  it('keeps a member called __proto__ as a member', () => {
    const value: unknown = JSON.parse('{"__proto__":{"admin":true}}')
    expect(canonicalJson(value)).toBe('{"__proto__":{"admin":true}}')
    expect(canonicalJson(snapshot(value))).toBe('{"__proto__":{"admin":true}}')
  })
})

describe('a snapshot', () => {
  it('is a copy that later changes do not reach', () => {
    const source = { list: [1], gone: undefined }
    const copy = snapshot(source)
    source.list.push(2)
    expect(copy).toStrictEqual({ list: [1] })
  })
})
