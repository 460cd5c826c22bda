import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Failure } from '../../../src/incident/values/failure.ts'
import { decodeUtf8, parseStrictJson } from '../../../src/incident/values/strict-json.ts'
import { refusedUsage } from '../finding/refused.ts'

const parse = (text: string): unknown => parseStrictJson(text, 'finding.json')
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const outcome = (attempt: () => unknown): { readonly value: unknown } | { readonly error: unknown } => {
  try {
    return { value: attempt() }
  } catch (error) {
    return { error }
  }
}

describe('a text that is no complete and strict JSON is refused with what is wrong and where', () => {
  it.each([
    ['', 'finding.json is empty: it has 0 bytes'],
    [' \n\t', 'finding.json is empty: it holds nothing but white space'],
    ['{"a":1', 'is cut off: it ends at line 1, column 7 (byte offset 6), where a comma or "}" was expected'],
    ['{\n "é": [1,\n', 'is cut off: it ends at line 3, column 1 (byte offset 13), where a value was expected'],
    ['{"a":"b', 'where the closing quote of a text was expected'],
    ['{"a":"b\\u00', 'where the rest of an escape was expected'],
    ['{"a":tru', 'where the rest of a value was expected'],
    ['{"a"', 'where a colon was expected'],
    ['{', 'where a member name in double quotes was expected'],
    ['{"a":1,}', 'at line 1, column 8 (byte offset 7) stands "}", where a member name in double quotes was expected'],
    ['{"é":1 "b":2}', 'at line 1, column 8 (byte offset 8) stands "\\"", where a comma or "}" was expected'],
    ["{'a':1}", 'stands "\'", where a member name in double quotes was expected'],
    ['{"a":NaN}', 'stands "NaN", where a value was expected'],
    ['{"a":01}', 'stands "01", where a value was expected'],
    ['{"a":"x\ny"}', 'stands "\\n", where an escape such as \\n (a text has no line breaks'],
    ['{"a":"\\x41"}', 'where an escape such as \\n or \\u0041 was expected'],
    ['{"a":1} {"b":2}', 'at line 1, column 9 (byte offset 8) stands "{", where the end of the file was expected'],
    ['{"a":1,\n"a":2}', 'at line 2, column 1 (byte offset 8) the member "a" stands twice in one object'],
    ['{"a":1,"\\u0061":2}', 'the member "a" stands twice in one object'],
    ['\u00a0{}', 'stands "\\u00a0", where a value was expected'],
    [`${'['.repeat(65)}${']'.repeat(65)}`, 'at line 1, column 65 (byte offset 64) the nesting is deeper than 64 levels'],
    ['['.repeat(100_000), 'the nesting is deeper than 64 levels'],
  ])('%j', (text, sentence) => {
    expect(refusedUsage(() => parse(text)).message).toContain(sentence)
  })

  it('does not repeat what looks like a secret', () => {
    const secret = 'wJalrXUtnFEMIK7MDENGbPxRfiCYzEXAMPLEKEY1'
    expect(refusedUsage(() => parse(`{"a":${secret}}`)).message).not.toContain(secret)
    expect(refusedUsage(() => parse(`{"${secret}":1,"${secret}":1}`)).message).not.toContain(secret)
  })
})

describe('a text that is JSON is read as JSON.parse reads it', () => {
  it('accepts 64 levels and a byte order mark', () => {
    expect(parse(`\uFEFF${'['.repeat(64)}${']'.repeat(64)}`)).toBeInstanceOf(Array)
  })

  it('leaves out the members that could change a prototype', () => {
    const read = parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"id":"x"}')
    expect(Object.keys(read as object)).toEqual(['id'])
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype)
  })

  it('any value reads back the same', () => {
    const dropping = (name: string, value: unknown): unknown => (/^(?:__proto__|constructor)$/.test(name) ? undefined : value)
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        expect(parse(text)).toEqual(JSON.parse(text, dropping))
      }),
    )
  })

  it('refuses damage whenever JSON.parse refuses it, always with a Failure', () => {
    const damaged = fc
      .tuple(fc.json({ maxDepth: 3 }), fc.nat(), fc.constantFrom('', '"', '\\', '{', ']', ',', '-', 'e', '\n', '\u2028', '0'))
      .map(([text, place, put]) => text.slice(0, place % (text.length + 1)) + put + text.slice((place % (text.length + 1)) + 1))
    fc.assert(
      fc.property(damaged, (text) => {
        const own = outcome(() => parse(text))
        const builtIn = outcome(() => JSON.parse(text))
        if ('error' in own) expect(own.error).toBeInstanceOf(Failure)
        if ('error' in own && 'value' in builtIn) expect(String(own.error)).toContain('stands twice')
        if ('error' in builtIn) expect('error' in own).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('reads a text of ten million characters', () => {
    expect(parse(`{"a":"${'x'.repeat(10_000_000)}"}`)).toHaveProperty('a.length', 10_000_000)
  })
})

describe('a file is decoded strictly', () => {
  it('keeps a byte order mark, so that offsets are those of the file', () => {
    const text = decodeUtf8(new Uint8Array([0xef, 0xbb, 0xbf, ...bytesOf('{"a":}')]), 'finding.json')
    expect(refusedUsage(() => parse(text)).message).toContain('(byte offset 8) stands "}"')
  })

  it.each([
    [[0xff, 0xfe, 0x7b, 0x00], 'is UTF-16, not UTF-8 text', 'utf8'],
    [[0xfe, 0xff, 0x00, 0x7b], 'is UTF-16, not UTF-8 text', 'UTF-8'],
    [[0x7b, 0x00, 0x22, 0x00], 'is UTF-16, not UTF-8 text', 'utf8'],
    [[0x1f, 0x8b, 0x08, 0x00], 'is compressed with gzip', 'gunzip'],
    [[0x50, 0x4b, 0x03, 0x04], 'is a zip archive', 'unzip'],
    [[0x7b, 0x0a, 0xc3, 0x28, 0x7d], 'at line 2, column 1 (byte offset 2) there are bytes that belong to no character', 'UTF-8'],
    [[0x7b, 0xe2, 0x82], 'the file ends in the middle of a character', 'UTF-8'],
  ])('%j', (bytes, sentence, remedy) => {
    const failure = refusedUsage(() => decodeUtf8(new Uint8Array(bytes), 'finding.json'))
    expect(failure.message).toContain(sentence)
    expect(failure.remedy).toContain(remedy)
  })

  it('a file above 32 MB is refused before it is decoded', () => {
    expect(refusedUsage(() => decodeUtf8(new Uint8Array(32 * 1024 * 1024 + 1), 'finding.json')).message).toContain(
      'is too large: it has 33 MB',
    )
  })

  it('finds the first bad byte wherever it lies', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (before, after) => {
        const start = bytesOf(`{"${before}`)
        const failure = refusedUsage(() => decodeUtf8(new Uint8Array([...start, 0xff, ...bytesOf(after)]), 'f'))
        expect(failure.message).toContain(`(byte offset ${start.length})`)
      }),
      { numRuns: 20 },
    )
  })
})
