import { Failure, type FailureKind } from '../incident/values/failure.ts'

/**
 * What an error of an AWS call means for the thing that was asked:
 * denied, expired (the responder's own credentials), throttled, missing, skewed (the clock), rejected (any other 4xx), or
 * unreachable (nobody knows whether it arrived).
 */
export type AwsProblem = 'denied' | 'expired' | 'throttled' | 'missing' | 'skewed' | 'rejected' | 'unreachable'

const DENIED =
  /^(AccessDenied|AccessDeniedException|UnauthorizedOperation|Client\.UnauthorizedOperation|AuthorizationError|NotAuthorized)$/
const EXPIRED =
  /^(ExpiredToken|ExpiredTokenException|InvalidClientTokenId|UnrecognizedClientException|CredentialsProviderError|AuthFailure|TokenRefreshRequired)$/
const THROTTLED =
  /Throttl|TooManyRequests|RequestLimitExceeded|SlowDown|BandwidthLimitExceeded|PriorRequestNotComplete|ProvisionedThroughputExceeded/
const MISSING = /NoSuchEntity|NotFound|InvalidInstanceID\.NotFound|DoesNotExist|ServiceSettingNotFound/
/** EC2 answers these with a 500 although they are decisions ("Error codes for the Amazon EC2 API", server errors): nothing was started. */
const NO_CAPACITY = /^Insufficient\w*Capacity/
const SKEWED = /^(RequestExpired|RequestInTheFuture|RequestTimeTooSkewed|InvalidSignatureException|SignatureDoesNotMatch)$/

interface AwsErrorShape {
  readonly name: string
  readonly Code?: string
  readonly message: string
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string }
}

const shapeOf = (error: unknown): AwsErrorShape =>
  error instanceof Error ? (error as AwsErrorShape) : { name: 'Error', message: String(error) }

/** The error's code in AWS's own spelling, without the suffix that the SDK adds. */
export const codeOf = (error: unknown): string => {
  const { name, Code } = shapeOf(error)
  return Code ?? name
}

export const requestIdOf = (error: unknown): string | undefined => shapeOf(error).$metadata?.requestId

export const problemOf = (error: unknown): AwsProblem => {
  const { name, $metadata } = shapeOf(error)
  const code = codeOf(error)
  if (DENIED.test(code) || DENIED.test(name)) return 'denied'
  if (SKEWED.test(code) || SKEWED.test(name)) return 'skewed'
  if (EXPIRED.test(code) || EXPIRED.test(name)) return 'expired'
  if (THROTTLED.test(code) || THROTTLED.test(name)) return 'throttled'
  if (MISSING.test(code) || MISSING.test(name)) return 'missing'
  if (NO_CAPACITY.test(code)) return 'rejected'
  const status = $metadata?.httpStatusCode ?? 0
  return status >= 400 && status < 500 ? 'rejected' : 'unreachable'
}

export const isMissing = (error: unknown): boolean => problemOf(error) === 'missing'
export const isDenied = (error: unknown): boolean => problemOf(error) === 'denied'

const KIND: Readonly<Record<AwsProblem, FailureKind>> = {
  denied: 'identity',
  expired: 'identity',
  throttled: 'unavailable',
  missing: 'blocked',
  skewed: 'unavailable',
  rejected: 'blocked',
  unreachable: 'unavailable',
}

const REMEDY: Readonly<Record<AwsProblem, string>> = {
  denied: 'give the responder the missing permission (`ir-cred policy` prints what is needed), then continue',
  expired: 'sign in again (for SSO: aws sso login), then continue',
  throttled: 'wait a minute, then continue',
  missing: 'check the account and the Region',
  skewed: 'set this machine’s clock, then continue',
  rejected: 'read the reason above; if it is not yours to change, report it to the project',
  unreachable: 'check the network, proxy and endpoint, then continue',
}

/** The Failure for an AWS error that nobody handled; a Failure passes through unchanged. `doing` completes "could not …". */
export const failureOf = (error: unknown, doing: string): Failure => {
  if (error instanceof Failure) return error
  const problem = problemOf(error)
  const { message } = shapeOf(error)
  return new Failure({
    kind: KIND[problem],
    what: `could not ${doing}`,
    why: `${codeOf(error)}: ${message}`.slice(0, 400),
    remedy: REMEDY[problem],
    cause: error,
  })
}

/** Node's codes for a connection, a name or a certificate that failed. Its ERR_… are mistakes, but for those of TLS. */
const WAY = /^E[A-Z]+$|^EAI_|CERT|TLS|SSL|LEAF_SIGNATURE/

/** Whether an error comes from an AWS call or the way to it, and not from a mistake in ir-cred. */
export const isAwsError = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false
  if ('$metadata' in error || '$fault' in error) return true
  const code = 'code' in error ? String(error.code) : ''
  return /^(TimeoutError|CredentialsProviderError|AbortError)$/.test(error.name) || WAY.test(code)
}

/** An answer that lacks what it is for: a failed read, never "there is none". */
export const emptyAnswer = (operation: string, what: string): Failure =>
  new Failure({
    kind: 'unavailable',
    what: `${operation} answered without ${what}`,
    remedy: 'check the network, proxy and endpoint, then continue',
  })
