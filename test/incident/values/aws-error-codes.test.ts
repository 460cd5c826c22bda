import { describe, expect, it } from 'vitest'
import { mayBeClock, meaningOfAwsError, waitAfter } from '../../../src/incident/values/aws-error-codes.ts'

const EXPIRED = 'Signature expired: 20261125T020000Z is now earlier than 20261125T021500Z (20261125T023000Z - 15 min.)'
const NOT_YET = 'Signature not yet current: 20261125T040000Z is still later than 20261125T031500Z'
const WRONG_SECRET =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.'

describe('an error code means', () => {
  it.each([
    ['expired', ['ExpiredToken', 'ExpiredTokenException', 'RequestExpired', 'TokenRefreshRequired', 'CredentialsProviderError']],
    ['unrecognized', ['InvalidClientTokenId', 'UnrecognizedClientException', 'AuthFailure', 'InvalidAccessKeyId']],
    ['wrong-secret', ['SignatureDoesNotMatch', 'InvalidSignatureException']],
    [
      'denied',
      ['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation', 'Client.UnauthorizedOperation', 'AllAccessDisabled'],
    ],
    ['denied', ['KMS.AccessDeniedException', 'VpceAccessDenied', 'InsufficientPrivilegesException', 'ForbiddenException']],
    ['clock', ['RequestTimeTooSkewed', 'RequestInTheFuture']],
    ['throttled', ['Throttling', 'ThrottlingException', 'RequestLimitExceeded', 'TooManyRequestsException', 'SlowDown']],
    ['throttled', ['SnapshotCreationPerVolumeRateExceeded', 'CallRateLimitExceededException']],
    ['conflict', ['ConcurrentModification', 'ConcurrentModificationException', 'ConcurrentSnapshotLimitExceeded']],
    ['conflict', ['ResourceInUseException', 'OperationAborted', 'EntityTemporarilyUnmodifiable']],
    ['wrong-state', ['IncorrectState', 'IncorrectInstanceState', 'IncorrectSpotRequestState', 'InvalidInstanceId']],
    ['capacity', ['InsufficientInstanceCapacity', 'InsufficientHostCapacity', 'Server.InsufficientInstanceCapacity']],
    ['not-found', ['NoSuchEntity', 'NoSuchBucket', 'InvalidInstanceID.NotFound', 'InvocationDoesNotExist']],
    ['invalid', ['ValidationException', 'MalformedPolicyDocument', 'InvalidInstanceID.Malformed', 'EntityAlreadyExists']],
    ['invalid', ['InvalidNextTokenException', 'AuthorizationHeaderMalformed']],
    ['unavailable', ['InternalFailure', 'ServiceUnavailable', 'TimeoutError', 'LimitExceeded', 'Failure', '']],
  ] as const)('%s: %s', (meaning, codes) => {
    for (const code of codes) expect(meaningOfAwsError(code), code).toBe(meaning)
  })

  it.each(['SignatureDoesNotMatch', 'InvalidSignatureException'])(
    'the message of %s says whether the clock or the secret is wrong',
    (code) => {
      expect(meaningOfAwsError(code, 403, EXPIRED)).toBe('clock')
      expect(meaningOfAwsError(code, 403, NOT_YET)).toBe('clock')
      expect(meaningOfAwsError(code, 403, WRONG_SECRET)).toBe('wrong-secret')
    },
  )

  it.each([
    ['a refusal when the status is a 4xx', 'LimitExceeded', 409, 'invalid'],
    ['too many requests when the status is 429', 'Whatever', 429, 'throttled'],
    ['nothing known when the status is a 5xx', 'Whatever', 503, 'unavailable'],
    ['nothing known when a server fails, whatever its code looks like', 'InvalidState.NotFound', 500, 'unavailable'],
    ['a decision of AWS when it has no capacity, though the status is a 500', 'InsufficientInstanceCapacity', 500, 'capacity'],
    ['a decision of AWS when it throttles with a 503', 'SomethingThrottledException', 503, 'throttled'],
  ] as const)('%s', (_, code, status, meaning) => {
    expect(meaningOfAwsError(code, status)).toBe(meaning)
  })
})

describe('setting the clock may help', () => {
  it.each([
    ['RequestTimeTooSkewed', '', true],
    ['RequestExpired', 'Request has expired.', true],
    ['SignatureDoesNotMatch', EXPIRED, true],
    ['SignatureDoesNotMatch', WRONG_SECRET, false],
    ['ExpiredToken', 'The security token included in the request is expired', false],
  ])('setting the clock after %s, "%s" may help: %s', (code, message, may) => {
    expect(mayBeClock(code, message)).toBe(may)
  })
})

describe('waiting helps', () => {
  it.each([
    ['SnapshotCreationPerVolumeRateExceeded', { waitsFor: 'the next snapshot of the same volume to be allowed', leastPause: 15 }],
    ['ConcurrentSnapshotLimitExceeded', { waitsFor: 'a pending snapshot to be completed' }],
    ['ConcurrentModification', { waitsFor: 'another change of the same resource to end' }],
    ['InvalidInstanceId', { waitsFor: 'the instance to be registered with Systems Manager' }],
    ['IncorrectInstanceState', { waitsFor: 'the instance to reach a state that allows it' }],
    ['IncorrectState', { waitsFor: 'the resource to reach a state that allows it' }],
    ['Throttling', { waitsFor: 'AWS to take more requests of this kind' }],
    ['InsufficientInstanceCapacity', { waitsFor: 'AWS to have free capacity' }],
  ])('waiting helps after %s', (code, wait) => {
    expect(waitAfter(code, meaningOfAwsError(code))).toEqual(wait)
  })

  it.each(['AccessDenied', 'ExpiredToken', 'NoSuchEntity', 'ValidationError', 'InternalFailure'])(
    'waiting does not help after %s',
    (code) => {
      expect(waitAfter(code, meaningOfAwsError(code))).toBeUndefined()
    },
  )
})
