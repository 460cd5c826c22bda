import { expect } from 'vitest'
import { Failure } from '../../../src/incident/values/failure.ts'

/** The Failure of kind 'usage' that an attempt ends in; anything else it throws, or its success, fails the test. */
export const refusedUsage = (attempt: () => unknown): Failure => {
  try {
    attempt()
  } catch (error) {
    expect(error).toBeInstanceOf(Failure)
    const failure = error as Failure
    expect(failure.kind).toBe('usage')
    return failure
  }
  throw new Error('nothing was refused')
}
