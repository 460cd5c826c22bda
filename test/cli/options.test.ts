import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkStages, collect, collectRegions, numberFor, parseDuration, parsePace, printable } from '../../src/cli/options.ts'
import { refusalOf } from '../support/refusal.ts'

describe('a pace', () => {
  it.each([
    ['fast', 60],
    ['real', 1],
    ['10', 10],
    ['2.5x', 2.5],
    ['60', 60],
  ])('%j is %d times real time', (text, pace) => {
    expect(parsePace(text)).toBe(pace)
  })

  it.each(['', '0', '0.5', '61', 'slow', '-1', '1e1', '10s', 'Infinity'])('%j is refused', (text) => {
    expect(refusalOf(() => parsePace(text))).toMatchObject({ kind: 'usage', remedy: expect.stringContaining('--pace 10') })
  })
})

describe('a duration', () => {
  it.each([
    ['0', 0],
    ['90', 90],
    ['90s', 90],
    ['15m', 900],
    ['15min', 900],
    ['2h', 7200],
    ['3d', 259_200],
    [' 5 m ', 300],
  ])('%j is %i seconds', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds)
  })

  it.each(['', 's', '-5m', '1.5h', '5 weeks', '1e3', '12345678', 'PT5M', '５m', '5m5s', 'Infinity'])('%j is refused', (text) => {
    expect(refusalOf(() => parseDuration(text))).toMatchObject({ kind: 'usage', remedy: 'write it as 90s, 15m or 2h' })
  })

  it('is a whole number of seconds, never negative, for whatever is typed; or it is refused', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\d{0,9} ?(s|m|h|d|min)?$/)), (text) => {
        const refusal = refusalOf(() => {
          const seconds = parseDuration(text)
          expect(Number.isSafeInteger(seconds)).toBe(true)
          expect(seconds).toBeGreaterThanOrEqual(0)
        })
        expect(refusal === undefined || refusal.kind === 'usage').toBe(true)
      }),
    )
  })
})

describe('a number', () => {
  const port = numberFor('--port', { least: 0, most: 65_535, example: '4599', whole: true })
  const severity = numberFor('--min-severity', { least: 0, most: 10, example: '4' })

  it.each([
    ['0', 0],
    ['4599', 4599],
    ['65535', 65_535],
  ])('%s is a port', (text, number) => expect(port(text)).toBe(number))

  it.each([
    ['0', 0],
    ['8.9', 8.9],
    ['10', 10],
  ])('%s is a severity', (text, number) => expect(severity(text)).toBe(number))

  it.each(['', ' ', 'http', '-1', '65536', '1.5', '1e3', '0x10', 'NaN', 'Infinity', '99999999999'])('%j is no port', (text) => {
    expect(refusalOf(() => port(text))).toMatchObject({ kind: 'usage', remedy: 'write it as --port 4599' })
  })

  it.each(['high', '-1', '10.1', '11', '.5'])('%j is no severity', (text) => {
    expect(refusalOf(() => severity(text))?.what).toBe(`--min-severity "${text}" is not a number from 0 to 10`)
  })
})

describe('a list', () => {
  it('grows by what is given again, and by commas', () => {
    expect(collect('c, d', collect('a,b'))).toEqual(['a', 'b', 'c', 'd'])
  })

  it.each(['', ',', ' , ,'])('%j adds nothing', (text) => expect(collect(text, ['a'])).toEqual(['a']))

  it('never holds an empty word or one with space around it', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const word of collect(text)) expect(word.trim()).toBe(word)
        expect(collect(text)).not.toContain('')
      }),
    )
  })
})

describe('a Region', () => {
  it.each(['us-east-1', 'eu-central-2', 'ap-southeast-4', 'us-gov-west-1', 'cn-north-1', 'us-iso-east-1', 'mx-central-1'])(
    '%s is one by its form',
    (name) => expect(collectRegions(name)).toEqual([name]),
  )

  it.each(['Frankfurt', 'US-EAST-1', 'us-east-1a', 'us_east_1', 'us-east 1', 'us-east-1\n1', 'eu-central-١', 'evil.com/#'])(
    '%j is refused',
    (name) => expect(refusalOf(() => collectRegions(name, ['us-east-1']))?.kind).toBe('usage'),
  )

  it('is read without the space around it, and several stand beside each other', () =>
    expect(collectRegions('eu-west-1, us-west-2 ', ['us-east-1'])).toEqual(['us-east-1', 'eu-west-1', 'us-west-2']))
})

describe('stages', () => {
  const known = ['revoke-sessions', 'restart-instance']

  it('stages that exist pass', () =>
    expect(refusalOf(() => checkStages([...known, 'revoke-sessions'], known, '--skip'))).toBeUndefined())

  it.each(['revoke', 'Revoke-Sessions', 'revoke_sessions', '__proto__', ''])(
    '%j is none, and the refusal names those that are',
    (id) => {
      expect(refusalOf(() => checkStages(['restart-instance', id], known, '--skip'))).toMatchObject({
        kind: 'usage',
        what: `--skip names no stage: "${id}"`,
        remedy: 'the stages are revoke-sessions, restart-instance',
      })
    },
  )
})

describe('what somebody typed', () => {
  it('is shown as it is where it is plain', () => expect(printable('us-east-1 (Virginia)')).toBe('us-east-1 (Virginia)'))

  it('is shown in printable ASCII of limited length, with no signs beside it but those that note what was changed or cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        expect(printable(text)).toMatch(/^[ -~␊␠×]{0,800}…?$/u)
      }),
    )
  })

  it('keeps apart what only looks alike', () => {
    expect(printable('аdmin')).not.toBe(printable('admin'))
    expect(printable('\u001b[31m')).toBe('\\u{1B}[31m')
  })
})
