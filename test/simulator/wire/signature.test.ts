import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam'
import { describe, expect, it } from 'vitest'
import type { ServiceName } from '../../../src/simulator/call.ts'
import { inProcessHandler } from '../../../src/simulator/wire/in-process.ts'
import type { Fault, WireRequest } from '../../../src/simulator/wire/message.ts'
import { type Secret, verifySignature } from '../../../src/simulator/wire/signature.ts'
import { CREDENTIALS, recordingDispatcher, refusalIn, requestFor, secretOf } from './wire-builders.ts'

const OUTPUT = { Role: { Path: '/', RoleName: 'web', RoleId: 'AROA1', Arn: 'arn', CreateDate: new Date(0) } }

/** Asks for a role with these credentials, at an account that knows CREDENTIALS only. */
const getRole = async (credentials: Secret & { accessKeyId: string }, fault?: Fault) => {
  const { dispatch, calls } = recordingDispatcher(OUTPUT, { authenticate: verifySignature(secretOf) })
  const requestHandler = inProcessHandler(dispatch, fault ? { fault } : {})
  const client = new IAMClient({ region: 'us-east-1', credentials, maxAttempts: 1, requestHandler })
  const refused = await client.send(new GetRoleCommand({ RoleName: 'web' })).then(
    () => undefined,
    (error: Error) => error.name,
  )
  return { refused, reached: calls.length }
}

const changed =
  (change: (request: WireRequest) => WireRequest): Fault =>
  (request, next) =>
    next(change(request))

describe('a request is let through', () => {
  it('a request that is signed with the secret and token of its key is let through', async () => {
    expect(await getRole(CREDENTIALS)).toEqual({ refused: undefined, reached: 1 })
  })

  it('a request of any date is let through: the account may run on another clock', async () => {
    const { dispatch } = recordingDispatcher(OUTPUT, { authenticate: verifySignature(secretOf) })
    const client = new IAMClient({
      region: 'us-east-1',
      credentials: CREDENTIALS,
      systemClockOffset: 40 * 24 * 3600 * 1000,
      requestHandler: inProcessHandler(dispatch),
    })
    expect(await client.send(new GetRoleCommand({ RoleName: 'web' }))).toMatchObject(OUTPUT)
  })
})

describe('a request is refused before anything sees it', () => {
  it('a request with a wrong secret is refused', async () => {
    const refusal = await getRole({ ...CREDENTIALS, secretAccessKey: 'another' })
    expect(refusal).toEqual({ refused: 'SignatureDoesNotMatch', reached: 0 })
  })

  it('a request with an unknown key is refused', async () => {
    expect(await getRole({ ...CREDENTIALS, accessKeyId: 'ASIAUNKNOWN' })).toEqual({ refused: 'InvalidClientTokenId', reached: 0 })
  })

  it.each([
    ['is another', { ...CREDENTIALS, sessionToken: 'another' }],
    ['is missing', { accessKeyId: CREDENTIALS.accessKeyId, secretAccessKey: CREDENTIALS.secretAccessKey }],
  ])('a request is refused when its session token %s', async (_, credentials) => {
    expect(await getRole(credentials)).toEqual({ refused: 'InvalidClientTokenId', reached: 0 })
  })

  it.each([
    ['body', (request: WireRequest) => ({ ...request, body: Buffer.from('Action=GetRole&RoleName=other') })],
    ['method', (request: WireRequest) => ({ ...request, method: 'PUT' })],
    ['path', (request: WireRequest) => ({ ...request, path: '/other' })],
    ['query', (request: WireRequest) => ({ ...request, query: [['a', 'b'] as const] })],
    ['host', (request: WireRequest) => ({ ...request, headers: { ...request.headers, host: 'example.com' } })],
    [
      'date',
      (request: WireRequest) => {
        const date = request.headers['x-amz-date'] ?? ''
        return { ...request, headers: { ...request.headers, 'x-amz-date': date.replace(/\d\dZ$/, '61Z') } }
      },
    ],
  ] as const)('a request is refused when its %s was changed on the way', async (_, change) => {
    expect(await getRole(CREDENTIALS, changed(change))).toEqual({ refused: 'SignatureDoesNotMatch', reached: 0 })
  })
})

describe('every service refuses in its own words', () => {
  const verify = verifySignature(secretOf)
  const refused = async (service: ServiceName, headers: Record<string, string>, known = true) => {
    const authenticate = known ? verify : verifySignature(() => undefined)
    const { dispatch } = recordingDispatcher({}, { authenticate })
    return refusalIn(await dispatch(requestFor(service, { headers })))
  }
  const dated = { 'x-amz-date': '20260301T120000Z', 'x-amz-security-token': CREDENTIALS.sessionToken }

  it.each([
    ['iam', 403, 'InvalidClientTokenId'],
    ['sts', 403, 'InvalidClientTokenId'],
    ['autoscaling', 403, 'InvalidClientTokenId'],
    ['ec2', 401, 'AuthFailure'],
    ['guardduty', 403, 'UnrecognizedClientException'],
    ['detective', 403, 'UnrecognizedClientException'],
    ['ssm', 400, 'UnrecognizedClientException'],
    ['cloudtrail', 400, 'UnrecognizedClientException'],
  ] as const)('%s, an unknown key: %i %s', async (service, status, code) => {
    expect(await refused(service, dated, false)).toEqual([status, code])
  })

  it.each([
    ['iam', 403, 'SignatureDoesNotMatch'],
    ['ec2', 401, 'AuthFailure'],
    ['guardduty', 403, 'InvalidSignatureException'],
    ['ssm', 400, 'InvalidSignatureException'],
  ] as const)('%s, a wrong secret: %i %s', async (service, status, code) => {
    expect(await refused(service, dated)).toEqual([status, code])
  })

  it.each([
    ['iam', 403, 'MissingAuthenticationToken'],
    ['ec2', 403, 'MissingAuthenticationToken'],
    ['detective', 403, 'MissingAuthenticationTokenException'],
    ['ssm', 400, 'MissingAuthenticationTokenException'],
  ] as const)('%s, no signature: %i %s', async (service, status, code) => {
    expect(await refused(service, { authorization: '' })).toEqual([status, code])
  })

  it.each([
    ['a header of another scheme', { ...dated, authorization: 'Basic aWFtOmlhbQ==' }],
    [
      'a header without its parts',
      { ...dated, authorization: 'AWS4-HMAC-SHA256 Credential=A/20260301/us-east-1/iam/aws4_request' },
    ],
    ['no date', { 'x-amz-security-token': CREDENTIALS.sessionToken }],
    ['a date of another day than the scope', { ...dated, 'x-amz-date': '20260302T120000Z' }],
  ])('iam, %s: 400 IncompleteSignature', async (_, headers) => {
    expect(await refused('iam', headers)).toEqual([400, 'IncompleteSignature'])
  })
})
