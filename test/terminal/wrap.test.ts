import fc from 'fast-check'
import stringWidth from 'string-width'
import { describe, expect, it } from 'vitest'
import { padTo, usableWidth, widthOf } from '../../src/terminal/width.ts'
import { clip, hang, wrap } from '../../src/terminal/wrap.ts'

const COPIED = [
  'arn:aws:iam::1:role/x',
  '/state/web-app/report.md',
  's3://bucket/prefix/',
  '`ir-cred report web-app-1`',
  '`npx ir-cred report web-app-1`',
  '`node bin/ir-cred.js report web-app-1`',
]
const words = fc.array(fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom(...COPIED, ' ', '東京'))).map((w) => w.join(' '))
const solid = (text: string): string => text.replace(/\s/g, '')

describe('the width of a text', () => {
  it('is what string-width counts, also where each character takes a column', () => {
    const sentence = fc.stringMatching(/^[ -~\u00a1-\u00ff\u2013\u2014\u2018-\u201d\u2026]*$/)
    fc.assert(fc.property(fc.oneof(sentence, words), (text) => widthOf(text) === stringWidth(text)))
  })
})

describe('wrapping', () => {
  it('keeps every line within the width and loses nothing but spaces', () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 12, max: 60 }), (text, width) => {
        const lines = wrap(text, width)
        expect(lines.every((line) => widthOf(line) <= width || COPIED.includes(line.replace(/^"/, '')))).toBe(true)
        // A quotation that goes on in the next line begins there with its mark.
        expect(solid(lines.join('').replaceAll('"', ''))).toBe(solid(text.replaceAll('"', '')))
      }),
    )
  })

  it('breaks at spaces, and inside a word only when it is longer than a line', () => {
    expect(wrap('one two three', 8)).toEqual(['one two', 'three'])
    expect(wrap('a abcdefghij', 4)).toEqual(['a', 'abcd', 'efgh', 'ij'])
  })

  it.each(COPIED)('never breaks what is there to be copied: %s', (piece) => {
    expect(wrap(`look at ${piece} now`, 10)).toEqual(['look at', piece, 'now'])
  })

  it('breaks a long name after one of its parts', () => {
    expect(wrap('UnauthorizedAccess:IAMUser/TorIPCaller', 30)).toEqual(['UnauthorizedAccess:IAMUser/', 'TorIPCaller'])
  })

  it('keeps the spaces inside a line, which set columns', () => {
    expect(wrap('ir-cred  LIVE', 40)).toEqual(['ir-cred  LIVE'])
  })

  it('gives one empty line for no text', () => {
    expect(wrap('', 10)).toEqual([''])
  })

  it('hangs further lines under the first', () => {
    expect(hang('- ', 'one two three', 9)).toEqual(['- one two', '  three'])
  })

  it('puts a long word below a label rather than cutting it beside one', () => {
    expect(hang('label: ', 'abcdefghij', 12, 2)).toEqual(['label:', '  abcdefghij'])
  })

  it('marks where a line was clipped', () => {
    expect(clip('waiting for the instance', 10)).toBe('waiting f…')
    expect(clip('waiting', 10)).toBe('waiting')
  })
})

describe('the width to write for', () => {
  it.each([
    [0, 80],
    [20, 40],
    [40, 40],
    [80, 80],
    [200, 120],
    [Number.NaN, 80],
  ])('the width to write for on a screen of %d columns is %d', (columns, width) => {
    expect(usableWidth(columns)).toBe(width)
  })

  it('counts columns, not characters', () => {
    expect(padTo('東京', 6)).toBe('東京  ')
  })
})
