import { expect } from 'vitest'
import type { Failure } from '../../src/incident/values/failure.ts'

/** The Failure that work ends with; the test fails when it does not. */
export const failureOf = (work: Promise<unknown>): Promise<Failure> =>
  work.then(
    () => expect.fail('it was not refused'),
    (error: Failure) => error,
  )
