/**
 * What AWS's error codes mean to whoever made the call. Reads, writes, the query engines and the analysis of CloudTrail records
 * all ask this table, and nothing else in ir-cred knows a code by such a meaning.
 *
 * Sources: "Common Errors" (IAM API Reference and AWS STS API Reference), "Error codes for the Amazon EC2 API", "Error Responses"
 * (Amazon S3 API Reference), "Common Error Types" (AWS Systems Manager API Reference), "Troubleshoot AWS Signature Version 4".
 */

/** What an error of an AWS call means. */
export type AwsErrorMeaning =
  /** The caller's credentials have ended. */
  | 'expired'
  /** AWS does not know the caller's key or session token: wrong, inactive or deleted. */
  | 'unrecognized'
  /** The signature does not match: the secret does not belong to the key. */
  | 'wrong-secret'
  /** The caller may not do this. */
  | 'denied'
  /** The request's time is too far from AWS's. */
  | 'clock'
  /** Too many requests. */
  | 'throttled'
  /** Another change of the same thing is under way; the same call succeeds later. */
  | 'conflict'
  /** The resource is in a state that does not allow the call, such as `pending`. */
  | 'wrong-state'
  /** AWS has no free capacity for it. */
  | 'capacity'
  /** What is named does not exist. */
  | 'not-found'
  /** AWS refused the request as it stands. */
  | 'invalid'
  /** AWS or the connection to it failed, so it is unknown whether the call was applied; and any code that is not known. */
  | 'unavailable'

/** Whether AWS refused the caller's credentials or clock, and so has not judged the call itself. */
export const isOfCaller = (meaning: AwsErrorMeaning | undefined): boolean =>
  meaning === 'expired' || meaning === 'unrecognized' || meaning === 'wrong-secret' || meaning === 'clock'

/** Codes without the `Client.` and `Server.` of EC2's records, and without the `Exception` that many services append. */
const CODES: Readonly<Partial<Record<AwsErrorMeaning, string>>> = {
  expired: 'ExpiredToken RequestExpired TokenRefreshRequired CredentialsProviderError TokenProviderError',
  unrecognized: `InvalidClientTokenId UnrecognizedClient AuthFailure InvalidAccessKeyId InvalidToken InvalidIdentityToken
    MissingAuthenticationToken`,
  'wrong-secret': 'SignatureDoesNotMatch InvalidSignature IncompleteSignature',
  denied: 'AccessDenied UnauthorizedOperation AuthorizationError NotAuthorized Forbidden',
  clock: 'RequestTimeTooSkewed RequestInTheFuture',
  throttled: `Throttling Throttled RequestThrottled EC2Throttled TooManyRequests RequestLimitExceeded SlowDown
    BandwidthLimitExceeded PriorRequestNotComplete ProvisionedThroughputExceeded SnapshotCreationPerVolumeRateExceeded`,
  conflict: `ConcurrentModification ConcurrentSnapshotLimitExceeded Conflict EntityTemporarilyUnmodifiable OperationAborted
    ResourceConflict ResourceInUse TooManyUpdates TransactionInProgress`,
  'wrong-state': 'IncorrectState IncorrectInstanceState InvalidInstanceId',
}

const BY_CODE: ReadonlyMap<string, AwsErrorMeaning> = new Map(
  Object.entries(CODES).flatMap(([meaning, codes]) =>
    codes.split(/\s+/).map((code) => [code, meaning as AwsErrorMeaning] as const),
  ),
)

/** Families of codes: services spell the same thing in hundreds of ways. The first that fits holds. */
const FAMILIES: readonly (readonly [pattern: RegExp, meaning: AwsErrorMeaning])[] = [
  [/Throttl|TooManyRequest|RateLimitError|(?:Rate|Throughput|Bandwidth)(?:Limit)?Exceeded/i, 'throttled'],
  // EC2 answers these with a 500 although they are decisions: nothing was started ("Server error codes").
  [/^Insufficient\w{0,64}Capacity/, 'capacity'],
  [
    /AccessDenied|AccessDisabled|Unauthorized|NotAuthorized|Forbidden|AuthorizationError|Insufficient\w{0,64}(?:Permission|Privilege)/i,
    'denied',
  ],
  [/^Incorrect\w*State$/, 'wrong-state'],
  [/NotFound|NoSuch|NotExist/i, 'not-found'],
  [/Invalid|Malformed|Validation|Missing|Unsupported|BadRequest|AlreadyExists|Incorrect|Mismatch/i, 'invalid'],
]

/** Families that hold for a server error too: AWS has decided not to carry out the call. */
const DECIDED: ReadonlySet<AwsErrorMeaning> = new Set(['throttled', 'capacity'])

/** "Signature expired: … is now earlier than …", "Signature not yet current: … is still later than …". */
const ABOUT_TIME = /signature expired|not yet current|(?:earlier|later) than|\b(?:time|timestamp|clock|skew\w*)\b/i

const stemOf = (code: string): string => code.replace(/^(?:Client|Server)\./, '').replace(/Exception$/, '')

/**
 * The meaning of an error code. Services use one code for a wrong secret and a wrong clock, which only the message tells apart.
 * A code that is in no table gets its meaning from the HTTP status: a 4xx is a refusal. Without a status it is `unavailable`.
 */
export const meaningOfAwsError = (code: string, httpStatus?: number, message = ''): AwsErrorMeaning => {
  const stem = stemOf(code)
  const exact = BY_CODE.get(stem)
  if (exact) return exact === 'wrong-secret' && ABOUT_TIME.test(message) ? 'clock' : exact
  const family = FAMILIES.find(([pattern]) => pattern.test(stem))?.[1]
  const isServerError = httpStatus !== undefined && httpStatus >= 500
  if (family && (!isServerError || DECIDED.has(family))) return family
  if (httpStatus === 429) return 'throttled'
  return httpStatus !== undefined && httpStatus >= 400 && httpStatus < 500 ? 'invalid' : 'unavailable'
}

/** Whether it is EC2's code for expired temporary credentials, or a request whose time stamp is off by more than 15 minutes. */
export const isExpiredOrClock = (code: string): boolean => stemOf(code) === 'RequestExpired'

/** Whether the call may succeed once the clock is set: an error about the clock, and one that may be about it. */
export const mayBeClock = (code: string, message = ''): boolean =>
  isExpiredOrClock(code) || meaningOfAwsError(code, undefined, message) === 'clock'

/** What a call waits for that AWS refuses for now, and the least number of seconds before it is sent again. */
export interface AwsWait {
  readonly waitsFor: string
  readonly leastPause?: number
}

const WAITS: Readonly<Record<string, AwsWait>> = {
  // "Wait at least 15 seconds between concurrent volume snapshots."
  SnapshotCreationPerVolumeRateExceeded: { waitsFor: 'the next snapshot of the same volume to be allowed', leastPause: 15 },
  ConcurrentSnapshotLimitExceeded: { waitsFor: 'a pending snapshot to be completed' },
  IncorrectInstanceState: { waitsFor: 'the instance to reach a state that allows it' },
  InvalidInstanceId: { waitsFor: 'the instance to be registered with Systems Manager' },
}

const WAITS_BY_MEANING: Readonly<Partial<Record<AwsErrorMeaning, AwsWait>>> = {
  throttled: { waitsFor: 'AWS to take more requests of this kind' },
  conflict: { waitsFor: 'another change of the same resource to end' },
  'wrong-state': { waitsFor: 'the resource to reach a state that allows it' },
  capacity: { waitsFor: 'AWS to have free capacity' },
}

/** What a refused call waits for; undefined where waiting does not help. */
export const waitAfter = (code: string, meaning: AwsErrorMeaning): AwsWait | undefined =>
  WAITS[stemOf(code)] ?? WAITS_BY_MEANING[meaning]
