import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accessKeyOption } from '../../src/cli/access-key-option.ts'
import { runCommandLine } from '../../src/cli/program.ts'
import { KEY } from '../incident/finding/findings.ts'
import { memoryHost } from '../support/host.ts'
import { refusalOf } from '../support/refusal.ts'

describe('an access key id that was typed', () => {
  it('is taken as AWS writes it', () => {
    for (const prefix of ['ASIA', 'AKIA']) expect(accessKeyOption(`${prefix}${KEY.slice(4)}`)).toBe(`${prefix}${KEY.slice(4)}`)
  })

  it('is refused in small letters, or with blanks around it, with the one that was meant', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(
          KEY.toLowerCase(),
          KEY.replace('A', 'a'),
          ` ${KEY}`,
          `${KEY}\n`,
          KEY.slice(0, 19) + KEY[19]?.toLowerCase(),
        ),
        (typed) => {
          fc.pre(typed !== KEY)
          expect(refusalOf(() => accessKeyOption(typed))).toMatchObject({ kind: 'usage', remedy: `did you mean ${KEY}?` })
        },
      ),
    )
  })

  it('is refused with another length, which is said', () => {
    expect(refusalOf(() => accessKeyOption(KEY.slice(0, 19)))).toMatchObject({ remedy: expect.stringContaining('19 characters') })
    expect(refusalOf(() => accessKeyOption(`${KEY}A`))).toMatchObject({ remedy: expect.stringContaining('21 characters') })
  })

  it('is not repeated when it may be a secret', () => {
    const secret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
    const refusal = refusalOf(() => accessKeyOption(secret))
    expect(refusal?.kind).toBe('usage')
    expect(`${refusal?.what} ${refusal?.remedy}`).not.toContain(secret)
  })

  it.each([
    ['respond', '--access-key-id'],
    ['findings', '--access-key-id'],
    ['investigate', '--access-key-id'],
  ])('is refused by %s before AWS is asked, with exit code 2', async (command, option) => {
    for (const typed of [KEY.toLowerCase(), KEY.slice(0, 19), `${KEY}XX`]) {
      const { host, err } = memoryHost({ env: { HOME: '/nowhere' } })
      expect(await runCommandLine(host, [command, option, typed, '--region', 'us-east-1'])).toBe(2)
      expect(err()).toMatch(/did you mean ASIA|characters, and an access key id has 20/)
    }
  })
})
