import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { makeTheme, type Tone, wantsColour } from '../../src/terminal/theme.ts'

const tones: readonly Tone[] = ['plain', 'heading', 'quiet', 'good', 'bad', 'warning', 'alarm']

describe('colour', () => {
  it.each([
    [{ isTerminal: true, plain: false }, true],
    [{ isTerminal: true, plain: false, noColor: '' }, true],
    [{ isTerminal: true, plain: false, noColor: '1' }, false],
    [{ isTerminal: true, plain: true }, false],
    [{ isTerminal: true, plain: false, term: 'dumb' }, false],
    [{ isTerminal: false, plain: false }, false],
  ])('colour for %j is %s', (wish, wanted) => {
    expect(wantsColour(wish)).toBe(wanted)
  })

  it.each(tones)('only adds to the words: %s', (tone) => {
    const { tone: set } = makeTheme(true)
    expect(stripVTControlCharacters(set(tone, 'refused'))).toBe('refused')
    expect(makeTheme(false).tone(tone, 'refused')).toBe('refused')
  })

  it('marks escaped characters in reverse video', () => {
    expect(makeTheme(true).escapes('a\\u{1B}b')).toBe('a\u001b[7m\\u{1B}\u001b[27mb')
    expect(makeTheme(false).escapes('a\\u{1B}b')).toBe('a\\u{1B}b')
  })
})
