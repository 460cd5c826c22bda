import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Instant } from '../../../src/incident/values/instant.ts'
import { redactJson } from '../../../src/incident/values/redaction/redact-json.ts'
import { asciiJson, flattenUntrusted, rawLine, show, showIdentifier, showInstant } from '../../../src/incident/values/show.ts'
import { untrusted } from '../../../src/incident/values/untrusted.ts'
import { HOSTILE, isHostile } from '../../support/hostile-strings.ts'

/** Anything at all, rich in what breaks documents. */
const anyText = fc
  .array(
    fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...Object.values(HOSTILE), '`', '``', '|', '\\', '\n', '<', ' ')),
  )
  .map((parts) => parts.join(''))

const cases = Object.entries(HOSTILE)

describe('hostile text', () => {
  it.each(cases)('is harmless on a terminal and stays on its line: %s', (_, text) => {
    for (const shown of [show(untrusted(text), 'tty'), show(text, 'tty')]) {
      expect(isHostile(shown)).toBe(false)
      expect(shown).not.toContain('\n')
    }
  })

  it.each(cases)('is harmless in Markdown: %s', (_, text) => {
    for (const shown of [show(untrusted(text), 'md'), show(text, 'md')]) {
      expect(isHostile(shown)).toBe(false)
      expect(shown).not.toContain('\n')
    }
  })

  it.each(cases)('is printable ASCII in JSON, and complete: %s', (_, text) => {
    const shown = show(untrusted(text), 'json')
    expect(shown).toMatch(/^[ -~]*$/)
    expect(JSON.parse(shown)).toBe(text)
  })
})

describe('the shown form of every text', () => {
  it('is harmless on a terminal, and is the same when shown twice', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const shown = show(text, 'tty')
        expect(isHostile(shown) || shown.includes('\n')).toBe(false)
        expect(show(shown, 'tty')).toBe(shown)
      }),
    )
  })

  it('has at most 256 characters in its quotes and a note on what was cut behind them, for untrusted text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const shown = show(untrusted(text), 'tty')
        const [, inQuotes = shown] = /^"([^"]*)"(?:… \(\+\d+ characters?\))?$/.exec(shown) ?? []
        expect(inQuotes.length).toBeLessThanOrEqual(256)
      }),
    )
  })

  it('is a Markdown code span whose fence occurs nowhere inside', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const shown = show(untrusted(text), 'md')
        const fence = /^`+/.exec(shown)?.[0] ?? ''
        const inside = shown.slice(fence.length, -fence.length)
        expect(shown.endsWith(fence)).toBe(true)
        expect(inside.startsWith('`') || inside.endsWith('`')).toBe(false)
        expect([...inside.matchAll(/`+/g)].map(([run]) => run)).not.toContain(fence)
      }),
    )
  })

  it('is printable ASCII in JSON, and reads back the same but for what is named like a secret', () => {
    fc.assert(
      fc.property(fc.jsonValue(), anyText, (value, text) => {
        const shown = asciiJson({ value, text })
        expect(shown).toMatch(/^[ -~]*$/)
        expect(JSON.parse(shown)).toEqual(JSON.parse(redactJson(JSON.stringify({ value, text }))))
      }),
      { examples: [[{ pWD: 0 }, '']] },
    )
  })
})

describe('show', () => {
  it('puts untrusted text in quotes, with what it does not let through written as its code point', () => {
    expect(show(untrusted('a\u001b[2J\u202eb'), 'tty')).toBe('"a\\u{1B}[2J\\u{202E}b"')
    expect(show(untrusted('one\r\ntwo'), 'tty')).toBe('"one\\u{D}␊two"')
  })

  it('lets the letters of all scripts through, with up to two marks each', () => {
    expect(show(untrusted('Größe, Ελλάδα, 東京, עברית, e\u0301\u0323'), 'tty')).toBe(
      '"Größe, Ελλάδα, 東京, עברית, e\u0301\u0323"',
    )
    expect(show(untrusted('e\u0301\u0301\u0301'), 'tty')).toBe('"e\u0301\u0301\\u{301}"')
  })

  it('does not let a mark combine with the letter before the text', () => {
    expect(show(untrusted('\u0336x'), 'tty')).toBe('"\\u{336}x"')
  })

  it('cuts untrusted text, says how much is missing, and never cuts ir-cred’s own', () => {
    expect(show(untrusted('x'.repeat(300)), 'tty')).toBe(`"${'x'.repeat(256)}"… (+44 characters)`)
    expect(show('x'.repeat(300), 'tty')).toBe('x'.repeat(300))
  })

  it('cuts a text of ten million characters in no time', () => {
    const shown = show(untrusted('\u001b'.repeat(10_000_000)), 'tty')
    expect(shown).toMatch(/^"(\\u\{1B\}){42}"… \(\+9999958 characters\)$/)
  })

  it('makes no link of an address in Markdown', () => {
    expect(show(untrusted('see https://evil.example.com/a.b or www.evil.example'), 'md')).toBe(
      '`see hxxps://evil[.]example[.]com/a.b or www[.]evil.example`',
    )
    expect(show(untrusted('JavaScript:alert(1)'), 'md')).toBe('`JavaScript[:]alert(1)`')
  })

  it('escapes a pipe so that no backslash before it undoes that', () => {
    expect(show(untrusted('a|b\\|c'), 'md')).toBe('`a\\|b\\u{5C}\\|c`')
  })

  it('escapes ir-cred’s own text in Markdown too', () => {
    expect(show('*a* [b](c) <d> | `e`', 'md')).toBe('\\*a\\* \\[b\\](c) \\<d\\> \\| \\`e\\`')
    expect(show('run --endpoint-url http://127.0.0.1:4566 now', 'md')).toBe('run --endpoint-url `http://127.0.0.1:4566` now')
    expect(show('- no list', 'md')).toBe('\\- no list')
    expect(show('1. no list', 'md')).toBe('1\\. no list')
  })
})

describe('an identifier', () => {
  it('is shown in ASCII, so that no letter passes for another', () => {
    expect(showIdentifier('\u0430dmin')).toBe('\\u{430}dmin')
  })
})

describe('an instant', () => {
  it('is shown in UTC with its date, in whole seconds', () => {
    expect(showInstant('2026-11-25T02:03:41.900Z' as Instant)).toBe('2026-11-25 02:03:41Z')
  })
})

describe('flattening', () => {
  it('replaces every Untrusted by its text, however deep, and nothing else', () => {
    const value = { a: [untrusted('x'), { b: untrusted('y'), untrusted: 1 }], c: null, d: 2 }
    expect(flattenUntrusted(value)).toEqual({ a: ['x', { b: 'y', untrusted: 1 }], c: null, d: 2 })
  })

  it('joins a line’s spans without escaping them', () => {
    expect(rawLine(['a ', untrusted('\u001b'), ' ', { at: '2026-11-25T02:03:41Z' as Instant }])).toBe(
      'a \u001b 2026-11-25T02:03:41Z',
    )
  })
})
