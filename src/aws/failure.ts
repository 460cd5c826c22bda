import { type AwsErrorMeaning, isExpiredOrClock, meaningOfAwsError } from '../incident/values/aws-error-codes.ts'
import { Failure, type FailureDetails, type FailureKind } from '../incident/values/failure.ts'

interface AwsErrorShape {
  readonly name: string
  readonly Code?: string
  readonly message: string
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string }
  /** STS accepted the same credentials after a refusal that may mean that they have ended. */
  readonly credentialsHold?: true
}

const shapeOf = (error: unknown): AwsErrorShape =>
  error instanceof Error ? (error as AwsErrorShape) : { name: 'Error', message: String(error) }

/** The error's code in AWS's own spelling, without the suffix that the SDK adds. */
export const codeOf = (error: unknown): string => {
  const { name, Code } = shapeOf(error)
  return Code ?? name
}

export const requestIdOf = (error: unknown): string | undefined => shapeOf(error).$metadata?.requestId

/** What an error of an AWS call means. Errors of the connection, and whatever is no error of AWS, are `unavailable`. */
export const errorMeaningOf = (error: unknown): AwsErrorMeaning => {
  const { message, $metadata, credentialsHold } = shapeOf(error)
  if (credentialsHold) return 'clock'
  return meaningOfAwsError(codeOf(error), $metadata?.httpStatusCode, message)
}

export const isNotFound = (error: unknown): boolean => errorMeaningOf(error) === 'not-found'
export const isDenied = (error: unknown): boolean => errorMeaningOf(error) === 'denied'

const REFUSALS = new Set<AwsErrorMeaning>(['denied', 'not-found', 'invalid', 'conflict', 'wrong-state', 'capacity'])

/** Whether AWS refused the request itself: an answer, and no trouble with credentials, clock, rate or connection. */
export const isRefusal = (error: unknown): boolean => REFUSALS.has(errorMeaningOf(error))

/**
 * Why a read failed that the run can do without, as the end of a sentence. Undefined for what concerns the whole run: the
 * responder's own credentials, an interruption, a bug. A clock that is wrong ends the run at the first call that it needs.
 */
export const unreadReason = (error: unknown): string | undefined => {
  if (error instanceof Failure && error.kind === 'unavailable') return 'answers without it'
  if (!isAwsError(error) || (error as Error).name === 'AbortError') return undefined
  if (isDenied(error)) return 'is denied'
  if (isRefusal(error))
    return `answers ${codeOf(error)
      .replace(/[^\w.]/g, '?')
      .slice(0, 80)}`
  const meaning = errorMeaningOf(error)
  if (meaning === 'throttled') return 'is throttled'
  if (meaning === 'clock')
    return shapeOf(error).credentialsHold
      ? `answers ${codeOf(error)}, and STS accepts your credentials`
      : 'is refused because of the clock'
  return meaning === 'unavailable' ? 'gets no answer' : undefined
}

/** How a run ends that such an error stops: its kind, the reason in words where AWS's own need any, and the remedy. */
interface Verdict {
  readonly kind: FailureKind
  readonly reason?: string
  readonly remedy: string
}

const SIGN_IN = 'sign in again (for SSO: aws sso login)'

const VERDICTS: Readonly<Record<AwsErrorMeaning, Verdict>> = {
  expired: { kind: 'identity', reason: 'your credentials have ended', remedy: `${SIGN_IN}, then continue` },
  unrecognized: {
    kind: 'identity',
    reason: 'AWS does not know these credentials',
    remedy: `${SIGN_IN}, or set the access key again, then continue`,
  },
  'wrong-secret': {
    kind: 'identity',
    reason: 'the secret access key does not belong to the access key id',
    remedy: `set both again, or ${SIGN_IN}, then continue`,
  },
  denied: {
    kind: 'identity',
    remedy: 'give the responder the missing permission (`ir-cred policy` prints what is needed), then continue',
  },
  clock: {
    kind: 'unavailable',
    reason: 'the time of the request is too far from AWS’s',
    remedy: 'set this machine’s clock, then continue',
  },
  throttled: { kind: 'unavailable', remedy: 'wait a minute, then continue' },
  conflict: { kind: 'unavailable', remedy: 'wait until the other change has ended, then continue' },
  'wrong-state': { kind: 'blocked', remedy: 'look at the resource in the console; once its state allows the call, continue' },
  capacity: { kind: 'unavailable', remedy: 'wait until AWS has capacity again, then continue' },
  'not-found': { kind: 'blocked', remedy: 'check the account and the Region' },
  invalid: { kind: 'blocked', remedy: 'read the reason above; if it is not yours to change, report it to the project' },
  unavailable: { kind: 'unavailable', remedy: 'check the network, proxy and endpoint, then continue' },
}

/** EC2 has one code for credentials that have ended and for a clock that is wrong. */
const EXPIRED_OR_CLOCK: Verdict = {
  kind: 'identity',
  reason: 'your credentials have ended, or the time of the request is too far from AWS’s',
  remedy: `${SIGN_IN}; if the credentials are still good, set this machine’s clock; then continue`,
}

/** The same code where STS accepted the credentials. */
const NOT_EXPIRED: Verdict = {
  kind: 'unavailable',
  reason: 'STS accepts your credentials, and this service takes the time of the request for too far from its own',
  remedy: 'set this machine’s clock, then continue',
}

const verdictOn = (code: string, meaning: AwsErrorMeaning): Verdict => {
  if (!isExpiredOrClock(code)) return VERDICTS[meaning]
  return meaning === 'expired' ? EXPIRED_OR_CLOCK : NOT_EXPIRED
}

const LONGEST_WHY = 400

/** Kind, reason and remedy of a call that AWS refused with this code and message, for whoever says what was refused. */
export const refusalDetails = (
  { code, message }: { readonly code: string; readonly message: string },
  meaning: AwsErrorMeaning,
): Pick<FailureDetails, 'kind' | 'meaning'> & { readonly why: string; readonly remedy: string } => {
  const { kind, reason, remedy } = verdictOn(code, meaning)
  const own = `${code}: ${message}`
  return { kind, meaning, why: (reason === undefined ? own : `${reason} (${own})`).slice(0, LONGEST_WHY), remedy }
}

/** The Failure for an AWS error that was not handled; a Failure passes through unchanged. `doing` completes "could not …". */
export const failureOf = (error: unknown, doing: string): Failure => {
  if (error instanceof Failure) return error
  const { message } = shapeOf(error)
  const host = unknownHost(error)
  return new Failure({
    what: `could not ${doing}`,
    ...refusalDetails({ code: codeOf(error), message }, errorMeaningOf(error)),
    ...(host === undefined
      ? {}
      : { why: `there is no host ${host}: the Region in it may be misspelled, or this machine cannot resolve names` }),
    cause: error,
  })
}

/** The name that has no address, of an error that says so; undefined for an error of another kind. */
export const unknownHost = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && error.code === 'ENOTFOUND' && 'hostname' in error
    ? String(error.hostname).replace(/[^\w.-]/g, '?')
    : undefined

/** Node's codes for a connection, a name or a certificate that failed. Its ERR_… are mistakes, but for those of TLS. */
const CONNECTION = /^E[A-Z]+$|^EAI_|CERT|TLS|SSL|LEAF_SIGNATURE/

/** Whether an error comes from an AWS call or the connection to AWS, and not from a mistake in ir-cred. */
export const isAwsError = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false
  if ('$metadata' in error || '$fault' in error) return true
  const code = 'code' in error ? String(error.code) : ''
  return /^(?:TimeoutError|AbortError)$/.test(error.name) || errorMeaningOf(error) === 'expired' || CONNECTION.test(code)
}

/** An answer that lacks what it is for: a failed read, never "there is none". */
export const emptyAnswer = (operation: string, what: string): Failure =>
  new Failure({
    kind: 'unavailable',
    what: `${operation} answered without ${what}`,
    remedy: 'check the network, proxy and endpoint, then continue',
  })
