import { codeOf, isAwsError, problemOf } from '../../../aws/failure.ts'

/**
 * Why a page could not be had, and what follows: the Region cannot be read at all; the page may be had later; its token is
 * refused; or ir-cred has a mistake.
 */
export interface Trouble {
  readonly kind: 'region' | 'later' | 'token' | 'bug'
  /** A clause. */
  readonly why: string
  readonly error: unknown
}

export const troubleOf = (error: unknown): Trouble => {
  if (!isAwsError(error) || !(error instanceof Error)) return { kind: 'bug', why: 'a mistake in ir-cred', error }
  const code = codeOf(error)
  if (/^InvalidNextToken/.test(code)) return { kind: 'token', why: 'CloudTrail takes its own page tokens no more', error }
  const problem = problemOf(error)
  if (problem === 'denied') return { kind: 'region', why: 'cloudtrail:LookupEvents is denied', error }
  const isPassing = problem === 'throttled' || problem === 'unreachable' || problem === 'skewed'
  return { kind: isPassing ? 'later' : 'region', why: `${code}: ${error.message}`.slice(0, 200), error }
}
