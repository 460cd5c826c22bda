import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findingsInText, narrowFinding } from '../../../src/incident/finding/finding-document.ts'
import { delimited, SHOWN_IN_A_QUESTION } from '../../../src/incident/values/delimited.ts'
import { isSecretWord, looksLikeSecret, quoted, quotedPath } from '../../../src/incident/values/quoted.ts'
import { show } from '../../../src/incident/values/show.ts'
import { untrusted } from '../../../src/incident/values/untrusted.ts'
import { clip, wrap } from '../../../src/terminal/wrap.ts'
import { HOSTILE } from '../../support/hostile-strings.ts'

const LIMITS = [SHOWN_IN_A_QUESTION, 256]
const NOTE = /(?:… \(\+\d+ characters?\))?$/

describe('a text that somebody else chose', () => {
  it('stands in double quotes that it cannot leave, without a run of spaces, cut with a count behind them', () => {
    const texts = fc.oneof(fc.string({ unit: 'binary', maxLength: 600 }), fc.constantFrom(...Object.values(HOSTILE)))
    fc.assert(
      fc.property(texts, fc.constantFrom(...LIMITS), (text, limit) => {
        const shown = show(untrusted(text), 'tty', limit)
        const inside = shown.replace(NOTE, '').slice(1, -1)
        expect(shown.replace(NOTE, '')).toBe(`"${inside}"`)
        expect(inside).not.toMatch(/["\u201c-\u201f\uff02]| {2}/)
        expect(inside.length).toBeLessThanOrEqual(limit)
      }),
    )
  })

  it.each([
    'arn:aws:iam::111122223333:role/service/web-app',
    'i-08faaaafb15777f5a',
    'AROAXCSEC6TNB2WZPQ7LK',
    '111122223333',
    '198.51.100.23',
    '2001:db8::1',
    's3.amazonaws.com',
  ])('stands as it is where it is an identifier of AWS: %s', (identifier) => {
    expect(delimited(identifier)).toBe(identifier)
  })

  it.each(['i-0abc  (yours)', 'arn:aws:iam::1:role/x revoked', 'fe80::1%revoked', 'yours', 'AROAXCSEC6TNB2WZPQ7LK:revoked'])(
    'is quoted where it only begins like one: %s',
    (text) => expect(delimited(text)).toMatch(/^".*"$/),
  )

  it('has its quotation marked on each further line, so that no line of it passes for one of ours', () => {
    const lines = wrap(`agent ${delimited('aaaa bbbb cccc note: revoked')} was seen`, 18)
    expect(lines).toEqual(['agent "aaaa bbbb', '"cccc note:', '"revoked" was seen'])
  })

  it('has its quotation closed where a line is cut', () => {
    expect(clip('"web-app is revoked" 381 ok', 12)).toBe('"web-app i"…')
  })
})

describe('a secret', () => {
  it.each([
    'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    '--secret=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    `IQoJb3JpZ2luX2Vj${'A1b2'.repeat(30)}`,
    'https://user:hunter2@host.example/',
  ])('is known as a word of a command line, and never quoted: %s', (word) => {
    expect(isSecretWord(word)).toBe(true)
    expect(looksLikeSecret(word)).toBe(true)
    expect(quoted(word)).toMatch(/^something that looks like a secret \(\d+ characters, not shown\)$/)
    expect(quotedPath(word)).toMatch(/not shown/)
  })

  it.each([
    'ASIAXCSEC6TNGZ6EZUUO',
    '/aaaaaaaaa/bbbbbbbbb/ccccccccc/ddddddddd',
    's3://logs/AWSLogs/111122223333/CloudTrail',
    '1'.repeat(40),
  ])('is not seen in an id, a path or a place: %s', (word) => expect(isSecretWord(word)).toBe(false))
})

/** A cost that grows with the square takes minutes for so many characters; a linear one takes a part of a second. */
const MANY = 1_000_000
const ENOUGH_MS = 20_000
const UNITS = ['{{', '${', ' ', '"', '`', '<a', '\\', '`node ', ':federated-user/m', 'x', '/', '\u0301', '://a:', 'IQoJ'] as const

describe.each(UNITS)('a million characters of %j', (unit) => {
  const text = unit.repeat(MANY / unit.length)

  it('are shown, quoted, wrapped and searched for secrets in a time that grows as their number', () => {
    const begun = performance.now()
    show(untrusted(text), 'tty')
    show(untrusted(text), 'md')
    show(text, 'md')
    quoted(text)
    looksLikeSecret(text)
    isSecretWord(text)
    clip(text, 80)
    wrap(text.slice(0, 20_000), 80)
    expect(performance.now() - begun).toBeLessThan(ENOUGH_MS)
  }, 60_000)

  it('are refused or read as a name in a finding in such a time', () => {
    const begun = performance.now()
    const [finding] = findingsInText(JSON.stringify({ id: text, type: text, severity: 5, region: text, accountId: text }), 'x')
    expect(() => narrowFinding(finding)).toThrow()
    expect(performance.now() - begun).toBeLessThan(ENOUGH_MS)
  }, 60_000)
})
