import { codeOf, errorMeaningOf, isAwsError } from '../../../aws/failure.ts'

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

const TOKEN_REFUSED = 'InvalidNextToken'

export const troubleOf = (error: unknown): Trouble => {
  if (!isAwsError(error) || !(error instanceof Error)) return { kind: 'bug', why: 'a mistake in ir-cred', error }
  const code = codeOf(error)
  if (code.startsWith(TOKEN_REFUSED)) return { kind: 'token', why: 'CloudTrail takes its own page tokens no more', error }
  const meaning = errorMeaningOf(error)
  if (meaning === 'denied') return { kind: 'region', why: 'cloudtrail:LookupEvents is denied', error }
  const isPassing = meaning === 'throttled' || meaning === 'unavailable' || meaning === 'clock'
  return { kind: isPassing ? 'later' : 'region', why: `${code}: ${error.message}`.slice(0, 200), error }
}
