import { describe, expect, it } from 'vitest'
import { EXIT, endingOf, exitCodeOf } from '../../src/cli/exit-code.ts'
import type { FailureKind } from '../../src/incident/values/failure.ts'

describe('the exit codes, which scripts rely on', () => {
  it.each<[FailureKind, code: number, ending: string]>([
    ['usage', 2, 'failed'],
    ['declined', 3, 'declined'],
    ['identity', 4, 'failed'],
    ['blocked', 5, 'blocked'],
    ['unconfirmed', 6, 'blocked'],
    ['unavailable', 7, 'failed'],
    ['interrupted', 130, 'interrupted'],
  ])('%s is %i, %s', (kind, code, ending) => {
    expect(exitCodeOf(kind)).toBe(code)
    expect(endingOf(kind)).toBe(ending)
  })

  it('0 is kept for an end at which everything claimed was seen, 1 for bugs', () => {
    expect(EXIT).toMatchObject({ finished: 0, bug: 1 })
    expect(new Set(Object.values(EXIT)).size).toBe(Object.keys(EXIT).length)
  })
})
