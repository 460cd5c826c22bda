import { describe, expect, it } from 'vitest'
import { EXIT, endOf, FALSE_ALARM, FINISHED, failed, STOPPED, UNCONFIRMED } from '../../src/cli/exit-code.ts'
import { Failure, type FailureKind } from '../../src/incident/values/failure.ts'

describe('the exit codes, which scripts rely on', () => {
  it.each<[FailureKind, code: number, ending: string]>([
    ['usage', 2, 'failed'],
    ['declined', 3, 'declined'],
    ['identity', 4, 'failed'],
    ['blocked', 5, 'blocked'],
    ['unconfirmed', 6, 'blocked'],
    ['unavailable', 7, 'failed'],
    ['interrupted', 130, 'interrupted'],
  ])('a failure of kind %s ends with %i, as %s', (kind, exitCode, ending) => {
    expect(endOf(failed(new Failure({ kind, what: 'it failed' })))).toEqual({ exitCode, ending })
  })

  it('a command that saw everything it claims ends with 0', () => {
    expect(endOf(FINISHED)).toEqual({ exitCode: 0, ending: 'completed' })
  })

  it('a false alarm that somebody declared ends with 0, and is its own ending', () => {
    expect(endOf(FALSE_ALARM)).toEqual({ exitCode: 0, ending: 'falseAlarm' })
  })

  it('a response that is complete and not confirmed ends with 6', () => {
    expect(endOf(UNCONFIRMED)).toEqual({ exitCode: 6, ending: 'completed' })
  })

  it('a server that is stopped ends with 130', () => {
    expect(endOf(STOPPED)).toEqual({ exitCode: 130, ending: 'interrupted' })
  })

  it('1 is kept for bugs, and no two kinds share a code', () => {
    expect(EXIT.bug).toBe(1)
    expect(new Set(Object.values(EXIT)).size).toBe(Object.keys(EXIT).length)
  })
})
