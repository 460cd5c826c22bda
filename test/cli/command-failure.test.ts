import { describe, expect, it } from 'vitest'
import { foreseenFailure } from '../../src/cli/command-failure.ts'
import { Failure } from '../../src/incident/values/failure.ts'

const abort = Object.assign(new Error('Request aborted'), { name: 'AbortError' })
const running = new AbortController().signal
const interruption = new Failure({ kind: 'interrupted', what: 'interrupted' })
const interrupted = AbortSignal.abort(interruption)

describe('a failure is foreseen', () => {
  it('a Failure is foreseen, whether the run was interrupted or not', () => {
    const failure = new Failure({ kind: 'blocked', what: 'no' })
    expect(foreseenFailure(failure, running)).toBe(failure)
    expect(foreseenFailure(failure, interrupted)).toBe(failure)
  })

  it.each([
    ['the reason itself', interruption],
    ['a call that was given up', abort],
    ['what a call that was given up was taken for', new Failure({ kind: 'unavailable', what: 'no answer', cause: abort })],
  ])('an interrupted run fails with its interruption: %s', (_, error) => {
    expect(foreseenFailure(error, interrupted)).toBe(interruption)
  })

  it('an abort for any reason is an interruption', () => {
    expect(foreseenFailure(abort, AbortSignal.abort())).toMatchObject({ kind: 'interrupted' })
  })

  it.each([new TypeError('x is not a function'), abort, undefined, 'text'])(
    'without an interruption, no other error is foreseen: %s',
    (error) => {
      expect(foreseenFailure(error, running)).toBeUndefined()
    },
  )

  it('a mistake after an interruption is not foreseen', () => {
    expect(foreseenFailure(new TypeError('x is not a function'), interrupted)).toBeUndefined()
  })
})
