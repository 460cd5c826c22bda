import { CreateSnapshotsCommand, StartInstancesCommand, StopInstancesCommand } from '@aws-sdk/client-ec2'
import { GetRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam'
import { SendCommandCommand } from '@aws-sdk/client-ssm'
import { describe, expect, it } from 'vitest'
import { sendOnce, setClockByRead } from '../../src/aws/send-once.ts'
import { rawText } from '../../src/incident/values/untrusted.ts'
import {
  type Answering,
  configAnswering,
  ec2Error,
  fromAws,
  jsonError,
  networkError,
  queryError,
} from '../support/aws-connection.ts'

const signal = new AbortController().signal
const HEAD = '0123456789abcdef'
const put = () => new PutRolePolicyCommand({ RoleName: 'web-app', PolicyName: 'p', PolicyDocument: '{}' })
const stop = () => new StopInstancesCommand({ InstanceIds: ['i-08faaaafb15777f5a'] })
const run = () => new SendCommandCommand({ DocumentName: 'AWS-RunShellScript', InstanceIds: ['i-08faaaafb15777f5a'] })

/** Sends a policy once to a service that answers like this. */
const putTo = async (answering: Answering, abort: AbortSignal = signal) => {
  const { aws, writeGate, sent } = configAnswering(answering)
  const { sending, error } = await sendOnce(aws.iam, put(), { writeGate, abortSignal: abort, journalHead: HEAD })
  return { sending, error, attempts: sent.length }
}

const throwing =
  (error: Error): Answering =>
  () =>
    Promise.reject(error)

describe('a write is sent once', () => {
  it.each([
    ['accepted', () => fromAws('')],
    ['lost on the way there', throwing(networkError('ECONNREFUSED'))],
    ['lost on the way back', throwing(networkError('ECONNRESET'))],
    ['timed out', throwing(Object.assign(new Error('Request timed out'), { name: 'TimeoutError' }))],
    ['answered by a 500', () => queryError('InternalFailure', 500)],
    ['answered by a 503', () => queryError('ServiceUnavailable', 503)],
    ['throttled', () => queryError('Throttling', 400)],
    ['refused', () => queryError('AccessDenied', 403)],
    ['refused for the clock', () => queryError('RequestExpired', 400)],
  ] satisfies [string, Answering][])('a write is sent once when it is %s', async (_, answering) => {
    expect((await putTo(answering)).attempts).toBe(1)
  })

  it('a read by the same client is sent again', async () => {
    const { aws, sent } = configAnswering((attempt) => (attempt < 3 ? queryError('ServiceUnavailable', 503) : fromAws('')))
    await aws.iam.send(new GetRoleCommand({ RoleName: 'web-app' }))
    expect(sent).toHaveLength(3)
  })

  it('a write that is aborted before it is sent is never sent', async () => {
    const { sending, attempts } = await putTo(() => fromAws(''), AbortSignal.abort())
    expect(attempts).toBe(0)
    expect(sending.outcome).toBe('unknown')
  })
})

describe('a write is accepted', () => {
  it('a write is accepted when AWS says so, and keeps the request id', async () => {
    expect((await putTo(() => fromAws(''))).sending).toEqual({ outcome: 'accepted', requestId: 'request-1' })
  })

  it('an accepted write gives the answer of AWS', async () => {
    const { aws, writeGate } = configAnswering(() =>
      fromAws('<R><instancesSet><item><instanceId>i-1</instanceId></item></instancesSet></R>'),
    )
    const { output } = await sendOnce(aws.ec2, new StartInstancesCommand({ InstanceIds: ['i-1'] }), {
      writeGate,
      abortSignal: signal,
      journalHead: HEAD,
    })
    expect(output).toMatchObject({ StartingInstances: [{ InstanceId: 'i-1' }] })
  })
})

describe('nobody knows what became of a write', () => {
  const html = { 'content-type': 'text/html; charset=utf-8' }
  it.each([
    ['a page of a captive portal', () => ({ body: '<html>Sign in</html>', headers: html }), 'HTTP 200, text/html'],
    ['nothing', () => ({}), 'HTTP 200, no content type'],
    ['an answer with another’s id', () => ({ headers: { 'x-request-id': 'proxy' } }), 'HTTP 200, no content type'],
    ['a proxy’s refusal', () => ({ status: 403, body: '<html>Blocked<br></html>', headers: html }), 'HTTP 403, text/html'],
    ['a proxy’s refusal without a word', () => ({ status: 407 }), 'HTTP 407, no content type'],
    ['a gateway’s error page', () => ({ status: 502, body: '<html><hr></html>', headers: html }), 'HTTP 502, text/html'],
    ['a content type that is none', () => ({ headers: { 'content-type': '\u001b[2J' } }), 'HTTP 200, no content type'],
  ] satisfies [string, Answering, string][])(
    'the outcome of a write that was answered by %s is unknown: the answer is not AWS’s',
    async (_, answering, answer) => {
      const { sending } = await putTo(answering)
      expect(sending).toEqual({
        outcome: 'unknown',
        why: `the answer to iam:PutRolePolicy (${answer}) carries no AWS request id; a proxy or a captive portal may have given it`,
      })
    },
  )

  it('the outcome of a write whose answer is cut off is unknown', async () => {
    const { sending } = await putTo(() => fromAws('<PutRolePolicyResponse><Respon'))
    expect(sending).toEqual({
      outcome: 'unknown',
      why: 'the answer to iam:PutRolePolicy (HTTP 200, no content type, request request-1) cannot be read; it was cut off, or a proxy changed it',
    })
  })

  it.each([
    ['the connection broke', throwing(networkError('ECONNRESET')), 'Error: the answer was lost'],
    ['it took too long', throwing(Object.assign(new Error('x'), { name: 'TimeoutError' })), 'TimeoutError: the answer was lost'],
    ['the service failed', () => queryError('InternalFailure', 500), 'InternalFailure: the answer was lost'],
    ['the service was not there', () => queryError('ServiceUnavailable', 503), 'ServiceUnavailable: the answer was lost'],
  ] satisfies [string, Answering, string][])('the outcome of a write is unknown when %s', async (_, answering, why) => {
    expect((await putTo(answering)).sending).toEqual({ outcome: 'unknown', why })
  })

  it('the outcome of a write is unknown when it is aborted before its answer arrives', async () => {
    const controller = new AbortController()
    const { sending, attempts } = await putTo(() => {
      controller.abort()
      return Promise.reject(Object.assign(new Error('aborted'), { name: 'AbortError' }))
    }, controller.signal)
    expect(attempts).toBe(1)
    expect(sending).toEqual({ outcome: 'unknown', why: 'AbortError: the answer was lost' })
  })
})

describe('a write was not applied', () => {
  it.each([
    ['AccessDenied', 403],
    ['Throttling', 400],
    ['NoSuchEntity', 404],
    ['MalformedPolicyDocument', 400],
    ['LimitExceeded', 409],
    ['RequestExpired', 400],
    ['SignatureDoesNotMatch', 403],
    ['ExpiredToken', 403],
    ['InvalidClientTokenId', 403],
  ])('a write that IAM refused as %s was not applied', async (code, status) => {
    const { sending, error } = await putTo(() => queryError(code, status, 'because'))
    expect(sending).toMatchObject({ outcome: 'refused', code, requestId: 'request-1' })
    expect(sending.outcome === 'refused' && rawText(sending.message)).toBe('because')
    expect(error).toBeInstanceOf(Error)
  })

  it.each([
    ['UnauthorizedOperation', 403],
    ['RequestLimitExceeded', 503],
    ['IncorrectInstanceState', 400],
    ['InsufficientInstanceCapacity', 500],
    ['OperationNotPermitted', 400],
  ])('a write that EC2 refused as %s was not applied', async (code, status) => {
    const { aws, writeGate, sent } = configAnswering(() => ec2Error(code, status))
    const { sending } = await sendOnce(aws.ec2, stop(), { writeGate, abortSignal: signal, journalHead: HEAD })
    expect(sending).toMatchObject({ outcome: 'refused', code })
    expect(sent).toHaveLength(1)
  })

  it.each([
    ['InvalidInstanceId', 400],
    ['ThrottlingException', 400],
    ['AccessDeniedException', 400],
  ])('a write that Systems Manager refused as %s was not applied', async (code, status) => {
    const { aws, writeGate } = configAnswering(() => jsonError(code, status))
    expect((await sendOnce(aws.ssm, run(), { writeGate, abortSignal: signal, journalHead: HEAD })).sending).toMatchObject({
      outcome: 'refused',
      code,
    })
  })

  it('a write for which there are no credentials any more is refused', async () => {
    const expired = Object.assign(new Error('Token is expired'), { name: 'CredentialsProviderError' })
    const { sending } = await putTo(throwing(expired))
    expect(sending).toMatchObject({ outcome: 'refused', code: 'CredentialsProviderError' })
  })
})

describe('the user agent of a write', () => {
  const agents = (sent: readonly { readonly userAgent: string }[]) =>
    sent.map(({ userAgent }) => userAgent.match(/journal\/\S+/g))

  it('says which head the journal had, beside ir-cred and its version', async () => {
    const { aws, writeGate, sent } = configAnswering(() => fromAws(''))
    await sendOnce(aws.iam, put(), { writeGate, abortSignal: signal, journalHead: HEAD })
    expect(sent[0]?.userAgent).toContain('ir-cred/0.0.0')
    expect(agents(sent)).toEqual([[`journal/${HEAD}`]])
  })

  it('says the newer head alone when the same command is sent again', async () => {
    const { aws, writeGate, sent } = configAnswering((attempt) => (attempt === 1 ? queryError('Throttling', 400) : fromAws('')))
    const command = put()
    for (const journalHead of [HEAD, 'fedcba9876543210'])
      await sendOnce(aws.iam, command, { writeGate, abortSignal: signal, journalHead })
    expect(agents(sent)).toEqual([[`journal/${HEAD}`], ['journal/fedcba9876543210']])
  })

  it('is the write’s alone: a read of the same client does not say it', async () => {
    const { aws, writeGate, sent } = configAnswering(() => fromAws(''))
    await sendOnce(aws.iam, put(), { writeGate, abortSignal: signal, journalHead: HEAD })
    await aws.iam.send(new GetRoleCommand({ RoleName: 'web-app' }))
    expect(agents(sent)).toEqual([[`journal/${HEAD}`], null])
  })
})

it('the gate is opened for this command only: an equal one made later is refused', async () => {
  const { aws, writeGate, sent } = configAnswering(() => fromAws(''))
  const snapshots = () => new CreateSnapshotsCommand({ InstanceSpecification: { InstanceId: 'i-1' } })
  await sendOnce(aws.ec2, snapshots(), { writeGate, abortSignal: signal, journalHead: HEAD })
  await expect(aws.ec2.send(snapshots())).rejects.toThrow('no intent was written for it')
  expect(sent).toHaveLength(1)
})

describe('the clock of a client', () => {
  it('is set by a read of STS: the next write is signed with the time of its Date header', async () => {
    const { aws, writeGate, sent } = configAnswering(() => fromAws(''))
    await setClockByRead(aws.sts)
    await sendOnce(aws.iam, put(), { writeGate, abortSignal: signal, journalHead: HEAD })
    expect(sent.map(({ body }) => /Action=(\w+)/.exec(body)?.[1])).toEqual(['GetCallerIdentity', 'PutRolePolicy'])
    expect(sent.at(-1)?.signedAt).toMatch(/^20261125T120[01]\d\dZ$/)
  })

  it('stays as it is when the read fails, which is thrown', async () => {
    const { aws } = configAnswering(() => queryError('AccessDenied', 403))
    await expect(setClockByRead(aws.sts)).rejects.toThrow('no')
  })
})
