import { DescribeInstancesCommand } from '@aws-sdk/client-ec2'
import { ListFindingsCommand } from '@aws-sdk/client-guardduty'
import { GetRoleCommand } from '@aws-sdk/client-iam'
import { GetCommandInvocationCommand } from '@aws-sdk/client-ssm'
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { describe, expect, it } from 'vitest'
import {
  codeOf,
  errorMeaningOf,
  failureOf,
  isAwsError,
  isDenied,
  isNotFound,
  isRefusal,
  requestIdOf,
} from '../../src/aws/failure.ts'
import { sendOnce } from '../../src/aws/send-once.ts'
import { Failure } from '../../src/incident/values/failure.ts'
import {
  type Answer,
  configAnswering,
  ec2Error,
  fromAws,
  jsonError,
  networkError,
  queryError,
} from '../support/aws-connection.ts'

type Config = ReturnType<typeof configAnswering>
type Service = 'iam' | 'sts' | 'ec2' | 'ssm' | 'guardduty'

/** Something to ask of each service: the client and the command. */
const ASK: Readonly<Record<Service, (config: Config) => readonly [client: object, command: object]>> = {
  iam: ({ aws }) => [aws.iam, new GetRoleCommand({ RoleName: 'web-app' })],
  sts: ({ aws }) => [aws.sts, new GetCallerIdentityCommand({})],
  ec2: ({ aws }) => [aws.ec2, new DescribeInstancesCommand({})],
  ssm: ({ aws }) => [aws.ssm, new GetCommandInvocationCommand({ CommandId: 'c'.repeat(36), InstanceId: 'i-1' })],
  guardduty: ({ aws }) => [aws.guardduty, new ListFindingsCommand({ DetectorId: 'd' })],
}

const WRITES = { iam: queryError, sts: queryError, ec2: ec2Error, ssm: jsonError, guardduty: jsonError } as const

/** The error that the SDK makes of a service's answer, without trying again. */
const errorMadeOf = async (service: Service, answer: Answer): Promise<unknown> => {
  const config = configAnswering(() => answer)
  const [client, command] = ASK[service](config)
  return (
    await sendOnce(client, command, {
      writeGate: config.writeGate,
      abortSignal: new AbortController().signal,
      journalHead: '0123456789abcdef',
    })
  ).error
}

const errorOf = (service: Service, code: string, status: number): Promise<unknown> =>
  errorMadeOf(service, WRITES[service](code, status))

const named = (name: string, more: object = {}): Error => Object.assign(new Error('x'), { name, ...more })

describe('an error of a service is understood', () => {
  it.each([
    ['iam', 'AccessDenied', 403, 'denied'],
    ['iam', 'NoSuchEntity', 404, 'not-found'],
    ['iam', 'Throttling', 400, 'throttled'],
    ['iam', 'InvalidClientTokenId', 403, 'unrecognized'],
    ['iam', 'ExpiredToken', 403, 'expired'],
    ['iam', 'SignatureDoesNotMatch', 403, 'wrong-secret'],
    ['iam', 'RequestTimeTooSkewed', 403, 'clock'],
    ['iam', 'ConcurrentModification', 409, 'conflict'],
    ['iam', 'MalformedPolicyDocument', 400, 'invalid'],
    ['iam', 'NotAuthorized', 400, 'denied'],
    ['sts', 'ExpiredTokenException', 400, 'expired'],
    ['sts', 'RegionDisabledException', 403, 'invalid'],
    ['ec2', 'UnauthorizedOperation', 403, 'denied'],
    ['ec2', 'AuthFailure', 401, 'unrecognized'],
    ['ec2', 'RequestExpired', 400, 'expired'],
    ['ec2', 'RequestLimitExceeded', 503, 'throttled'],
    ['ec2', 'InvalidInstanceID.NotFound', 400, 'not-found'],
    ['ec2', 'InvalidInstanceID.Malformed', 400, 'invalid'],
    ['ec2', 'DryRunOperation', 412, 'invalid'],
    ['ec2', 'InsufficientInstanceCapacity', 500, 'capacity'],
    ['ec2', 'IncorrectInstanceState', 400, 'wrong-state'],
    ['ec2', 'SnapshotCreationPerVolumeRateExceeded', 400, 'throttled'],
    ['ssm', 'AccessDeniedException', 400, 'denied'],
    ['ssm', 'ThrottlingException', 400, 'throttled'],
    ['ssm', 'InvocationDoesNotExist', 400, 'not-found'],
    ['ssm', 'ServiceSettingNotFound', 400, 'not-found'],
    ['ssm', 'InvalidInstanceId', 400, 'wrong-state'],
    ['ssm', 'UnrecognizedClientException', 400, 'unrecognized'],
    ['guardduty', 'AccessDeniedException', 403, 'denied'],
    ['guardduty', 'BadRequestException', 400, 'invalid'],
    ['guardduty', 'TooManyRequestsException', 429, 'throttled'],
  ] as const)('%s: %s, HTTP %d, is %s', async (service, code, status, problem) => {
    const error = await errorOf(service, code, status)
    expect(errorMeaningOf(error)).toBe(problem)
    expect(codeOf(error)).toBe(code)
    expect(requestIdOf(error)).toBe('request-1')
    expect(isAwsError(error)).toBe(true)
  })

  it('an error is understood by its code, although the SDK gives it another name', async () => {
    const error = await errorOf('iam', 'NoSuchEntity', 404)
    expect(error).toMatchObject({ name: 'NoSuchEntityException', Code: 'NoSuchEntity' })
    expect(isNotFound(error)).toBe(true)
    expect(isDenied(error)).toBe(false)
  })
})

describe('an error of which nobody knows whether the call arrived', () => {
  it.each([
    ['a connection refused', networkError('ECONNREFUSED')],
    ['a connection cut', networkError('ECONNRESET')],
    ['a name that is not found', networkError('ENOTFOUND')],
    ['a name server that is not there', networkError('EAI_AGAIN')],
    ['a certificate of somebody else', networkError('SELF_SIGNED_CERT_IN_CHAIN')],
    ['a certificate that cannot be verified', networkError('UNABLE_TO_VERIFY_LEAF_SIGNATURE')],
    ['no TLS at the other end', networkError('ERR_SSL_WRONG_VERSION_NUMBER')],
    ['a time-out', named('TimeoutError')],
    ['an abort', named('AbortError')],
  ])('is %s', (_, error) => {
    expect(errorMeaningOf(error)).toBe('unavailable')
    expect(isAwsError(error)).toBe(true)
  })

  it.each([500, 502, 503, 504])('is HTTP %d', async (httpStatusCode) => {
    expect(errorMeaningOf(named('ServiceUnavailable', { $metadata: { httpStatusCode } }))).toBe('unavailable')
  })

  it('is an answer that AWS did not give', async () => {
    const error = await errorMadeOf('iam', { body: '<html>' })
    expect(errorMeaningOf(error)).toBe('unavailable')
    expect(isAwsError(error)).toBe(true)
  })
})

describe('an error of the machine’s own', () => {
  it('is of the sign-in when there are no credentials', () => {
    expect(errorMeaningOf(named('CredentialsProviderError'))).toBe('expired')
    expect(isAwsError(named('CredentialsProviderError'))).toBe(true)
  })

  it.each([new TypeError('x is not a function'), networkError('ERR_INVALID_ARG_TYPE'), 'text', undefined, null])(
    'is a mistake in ir-cred: %s',
    (error) => {
      expect(isAwsError(error)).toBe(false)
      expect(errorMeaningOf(error)).toBe('unavailable')
    },
  )
})

const SIGN_IN = 'sign in again (for SSO: aws sso login)'
const CONSOLE = 'look at the resource in the console; once its state allows the call, continue'

describe('an AWS error that nobody handled', () => {
  it.each([
    [
      'AccessDenied',
      'identity',
      'give the responder the missing permission (`ir-cred policy` prints what is needed), then continue',
    ],
    ['Throttling', 'unavailable', 'wait a minute, then continue'],
    ['ConcurrentModification', 'unavailable', 'wait until the other change has ended, then continue'],
    ['IncorrectInstanceState', 'blocked', CONSOLE],
    ['InsufficientHostCapacity', 'unavailable', 'wait until AWS has capacity again, then continue'],
    ['NoSuchEntity', 'blocked', 'check the account and the Region'],
    ['ValidationError', 'blocked', 'read the reason above; if it is not yours to change, report it to the project'],
    ['TimeoutError', 'unavailable', 'check the network, proxy and endpoint, then continue'],
  ])('%s ends as %s, with AWS’s reason and a remedy', (name, kind, remedy) => {
    const error = named(name, { $metadata: name === 'TimeoutError' ? {} : { httpStatusCode: 400 } })
    const failure = failureOf(error, 'read the role')
    expect(failure).toMatchObject({ kind, what: 'could not read the role', why: `${name}: x`, remedy, cause: error })
    expect(failure.meaning).toBe(errorMeaningOf(error))
  })

  it.each([
    ['ExpiredToken', 'identity', 'your credentials have ended', `${SIGN_IN}, then continue`],
    [
      'RequestExpired',
      'identity',
      'your credentials have ended, or the time of the request is too far from AWS’s',
      `${SIGN_IN}; if the credentials are still good, set this machine’s clock; then continue`,
    ],
    [
      'InvalidClientTokenId',
      'identity',
      'AWS does not know these credentials',
      `${SIGN_IN}, or set the access key again, then continue`,
    ],
    [
      'SignatureDoesNotMatch',
      'identity',
      'the secret access key does not belong to the access key id',
      `set both again, or ${SIGN_IN}, then continue`,
    ],
    [
      'RequestTimeTooSkewed',
      'unavailable',
      'the time of the request is too far from AWS’s',
      'set this machine’s clock, then continue',
    ],
  ])('%s ends as %s, with the reason in words and a remedy', (name, kind, reason, remedy) => {
    const failure = failureOf(named(name, { $metadata: { httpStatusCode: 403 } }), 'read the role')
    expect(failure).toMatchObject({ kind, why: `${reason} (${name}: x)`, remedy })
  })

  it.each([
    ['AccessDenied', true],
    ['NoSuchEntity', true],
    ['ConcurrentModification', true],
    ['ExpiredToken', false],
    ['RequestTimeTooSkewed', false],
    ['Throttling', false],
    ['InternalFailure', false],
  ])('%s is AWS’s answer to the request itself: %s', (name, answered) => {
    expect(isRefusal(named(name, { $metadata: { httpStatusCode: name === 'InternalFailure' ? 500 : 400 } }))).toBe(answered)
  })

  it('is told in at most 400 characters', () => {
    expect(failureOf(named('E', { message: 'x'.repeat(9_999) }), 'read').why).toHaveLength(400)
  })

  it('is left alone when it is a Failure already', () => {
    const failure = new Failure({ kind: 'blocked', what: 'x' })
    expect(failureOf(failure, 'read')).toBe(failure)
  })

  it('may be thrown by anything', () => {
    expect(failureOf('text', 'read').why).toBe('Error: text')
  })
})

it('an answer without an error code is a failure all the same', async () => {
  const error = await errorMadeOf('ssm', fromAws('{}', 400))
  expect(errorMeaningOf(error)).toBe('invalid')
})
