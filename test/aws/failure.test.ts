import { DescribeInstancesCommand } from '@aws-sdk/client-ec2'
import { ListFindingsCommand } from '@aws-sdk/client-guardduty'
import { GetRoleCommand } from '@aws-sdk/client-iam'
import { GetCommandInvocationCommand } from '@aws-sdk/client-ssm'
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { describe, expect, it } from 'vitest'
import { codeOf, failureOf, isAwsError, isDenied, isMissing, problemOf, requestIdOf } from '../../src/aws/failure.ts'
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
    ['iam', 'NoSuchEntity', 404, 'missing'],
    ['iam', 'Throttling', 400, 'throttled'],
    ['iam', 'InvalidClientTokenId', 403, 'expired'],
    ['iam', 'ExpiredToken', 403, 'expired'],
    ['iam', 'SignatureDoesNotMatch', 403, 'skewed'],
    ['iam', 'MalformedPolicyDocument', 400, 'rejected'],
    ['iam', 'NotAuthorized', 400, 'denied'],
    ['sts', 'ExpiredTokenException', 400, 'expired'],
    ['sts', 'RegionDisabledException', 403, 'rejected'],
    ['ec2', 'UnauthorizedOperation', 403, 'denied'],
    ['ec2', 'AuthFailure', 401, 'expired'],
    ['ec2', 'RequestExpired', 400, 'skewed'],
    ['ec2', 'RequestLimitExceeded', 503, 'throttled'],
    ['ec2', 'InvalidInstanceID.NotFound', 400, 'missing'],
    ['ec2', 'InvalidInstanceID.Malformed', 400, 'rejected'],
    ['ec2', 'DryRunOperation', 412, 'rejected'],
    ['ec2', 'InsufficientInstanceCapacity', 500, 'rejected'],
    ['ssm', 'AccessDeniedException', 400, 'denied'],
    ['ssm', 'ThrottlingException', 400, 'throttled'],
    ['ssm', 'InvocationDoesNotExist', 400, 'missing'],
    ['ssm', 'ServiceSettingNotFound', 400, 'missing'],
    ['ssm', 'InvalidInstanceId', 400, 'rejected'],
    ['ssm', 'UnrecognizedClientException', 400, 'expired'],
    ['guardduty', 'AccessDeniedException', 403, 'denied'],
    ['guardduty', 'BadRequestException', 400, 'rejected'],
    ['guardduty', 'TooManyRequestsException', 429, 'throttled'],
  ] as const)('%s: %s, HTTP %d, is %s', async (service, code, status, problem) => {
    const error = await errorOf(service, code, status)
    expect(problemOf(error)).toBe(problem)
    expect(codeOf(error)).toBe(code)
    expect(requestIdOf(error)).toBe('request-1')
    expect(isAwsError(error)).toBe(true)
  })

  it('by its code although the SDK gave it another name', async () => {
    const error = await errorOf('iam', 'NoSuchEntity', 404)
    expect(error).toMatchObject({ name: 'NoSuchEntityException', Code: 'NoSuchEntity' })
    expect(isMissing(error)).toBe(true)
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
    expect(problemOf(error)).toBe('unreachable')
    expect(isAwsError(error)).toBe(true)
  })

  it.each([500, 502, 503, 504])('is HTTP %d', async (httpStatusCode) => {
    expect(problemOf(named('ServiceUnavailable', { $metadata: { httpStatusCode } }))).toBe('unreachable')
  })

  it('is an answer that AWS did not give', async () => {
    const error = await errorMadeOf('iam', { body: '<html>' })
    expect(problemOf(error)).toBe('unreachable')
    expect(isAwsError(error)).toBe(true)
  })
})

describe('an error of the machine’s own', () => {
  it('is of the sign-in when there are no credentials', () => {
    expect(problemOf(named('CredentialsProviderError'))).toBe('expired')
    expect(isAwsError(named('CredentialsProviderError'))).toBe(true)
  })

  it.each([new TypeError('x is not a function'), networkError('ERR_INVALID_ARG_TYPE'), 'text', undefined, null])(
    'is a mistake in ir-cred: %s',
    (error) => {
      expect(isAwsError(error)).toBe(false)
      expect(problemOf(error)).toBe('unreachable')
    },
  )
})

describe('an AWS error that nobody handled', () => {
  it.each([
    ['AccessDenied', 'identity', /permission/],
    ['ExpiredToken', 'identity', /sign in again/],
    ['Throttling', 'unavailable', /wait a minute/],
    ['NoSuchEntity', 'blocked', /account and the Region/],
    ['RequestExpired', 'unavailable', /clock/],
    ['ValidationError', 'blocked', /reason above/],
    ['TimeoutError', 'unavailable', /network/],
  ])('%s ends as %s, with a remedy', (name, kind, remedy) => {
    const error = named(name, { $metadata: name === 'TimeoutError' ? {} : { httpStatusCode: 400 } })
    const failure = failureOf(error, 'read the role')
    expect(failure).toMatchObject({ kind, what: 'could not read the role', why: `${name}: x`, cause: error })
    expect(failure.remedy).toMatch(remedy)
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
  expect(problemOf(error)).toBe('rejected')
})
