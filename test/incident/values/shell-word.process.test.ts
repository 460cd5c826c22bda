import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shellWord } from '../../../src/incident/values/shell-word.ts'

describe('a text as a word of a shell', () => {
  it.skipIf(process.platform === 'win32')('is that same text to the shell, whatever it holds', () => {
    const texts = [
      'plain',
      "it's",
      '$(id)',
      'a b',
      '=x',
      '*',
      '\\',
      '"',
      ...fc.sample(fc.string({ minLength: 1 }), { seed: 1, numRuns: 10 }),
    ]
    const usable = texts.filter((text) => !text.includes('\0') && !/\p{Surrogate}/u.test(text))
    const said = execFileSync('sh', ['-c', `printf '%s\\0' ${usable.map(shellWord).join(' ')}`], { encoding: 'utf8' })
    expect(said.split('\0').slice(0, -1)).toEqual(usable)
  })

  it('is unquoted where no character is special to a shell', () => {
    expect(shellWord('arn:aws:iam::111122223333:role/ops/web-app_1')).toBe('arn:aws:iam::111122223333:role/ops/web-app_1')
  })

  it.each(['', '=ls', '~', 'a=b', '-x y'])('is quoted where a character is special to a shell: %j', (text) => {
    expect(shellWord(text)).toBe(`'${text}'`)
  })
})
