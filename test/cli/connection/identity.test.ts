import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openClients } from '../../../src/aws/open-clients.ts'
import { createWriteGate } from '../../../src/aws/read-only.ts'
import { identify } from '../../../src/cli/connection/identity.ts'
import { Failure } from '../../../src/incident/values/failure.ts'
import { type Answer, configAnswering, fromAws, queryError } from '../../support/aws-connection.ts'
import { noonClock } from '../../support/noon.ts'
import { refusalOfAsync } from '../../support/refusal.ts'

const identity = (inner: string): Answer =>
  fromAws(
    `<GetCallerIdentityResponse><GetCallerIdentityResult>${inner}</GetCallerIdentityResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></GetCallerIdentityResponse>`,
  )

const ARN = 'arn:aws-cn:sts::111122223333:assumed-role/ir-responder/alice'
const WHOLE = identity(`<Account>111122223333</Account><Arn>${ARN}</Arn><UserId>AROAEXAMPLE:alice</UserId>`)

const { signal } = new AbortController()
const ask = (answer: Answer) => identify(configAnswering(() => answer).aws, signal)

/** The clients of a run whose every call goes to somebody that takes it and says nothing. */
const silently = async (run: AbortSignal) => {
  const server = createServer((request) => void request.resume())
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return openClients({
    credentials: { accessKeyId: 'ASIAEXAMPLEEXAMPLE00', secretAccessKey: 'x' },
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    clock: noonClock(),
    writeGate: createWriteGate(),
    onCall: () => {},
    signal: run,
    version: '0.0.0',
  })('us-east-1')
}

describe('an other end that takes the call and says nothing', () => {
  it('is given up for good, and not tried for a minute', async () => {
    const begun = performance.now()
    expect(await refusalOfAsync(identify(await silently(signal), signal, 400))).toMatchObject({
      kind: 'unavailable',
      why: expect.stringContaining('STS has not answered'),
      remedy: expect.stringContaining('--endpoint-url'),
    })
    expect(performance.now() - begun).toBeLessThan(3_000)
  })

  it('does not hold up Ctrl-C', async () => {
    const run = new AbortController()
    const reason = new Failure({ kind: 'interrupted', what: 'interrupted' })
    const asked = identify(await silently(run.signal), run.signal)
    setTimeout(() => run.abort(reason), 100)
    await expect(asked).rejects.toBe(reason)
  })
})

describe('who responds', () => {
  it('is what AWS says', async () => {
    expect(await ask(WHOLE)).toEqual({ accountId: '111122223333', partition: 'aws-cn', arn: ARN, userId: 'AROAEXAMPLE:alice' })
  })

  it('is not known from an answer that names no account', async () => {
    const refusal = await refusalOfAsync(ask(identity(`<Arn>${ARN}</Arn>`)))
    expect(refusal).toMatchObject({ kind: 'unavailable' })
  })

  it.each([
    ['InvalidClientTokenId', 'The security token included in the request is invalid.', 'identity'],
    ['ExpiredToken', 'The security token included in the request is expired', 'identity'],
    ['AccessDenied', 'not authorized', 'identity'],
    ['SignatureDoesNotMatch', 'The request signature we calculated does not match the signature you provided.', 'identity'],
    ['SignatureDoesNotMatch', 'Signature expired: 20261125T020000Z is now earlier than 20261125T030000Z', 'unavailable'],
    ['SignatureDoesNotMatch', 'Signature not yet current: 20261125T040000Z is still later than 20261125T030000Z', 'unavailable'],
  ])('%s, "%s", is a matter of %s', async (code, message, kind) => {
    const refusal = await refusalOfAsync(ask(queryError(code, 403, message)))
    expect(refusal).toMatchObject({ kind })
    expect(refusal?.what).toBe('could not find out who responds (sts:GetCallerIdentity)')
    expect(refusal?.why).toContain(code)
    expect(refusal?.remedy).toBeTruthy()
  })
})
