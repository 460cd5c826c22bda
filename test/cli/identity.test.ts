import { describe, expect, it } from 'vitest'
import { identify } from '../../src/cli/identity.ts'
import { type Answer, edgeAnswering, fromAws, queryError } from '../support/aws-edge.ts'
import { refusalOfAsync } from '../support/refusal.ts'

const identity = (inner: string): Answer =>
  fromAws(
    `<GetCallerIdentityResponse><GetCallerIdentityResult>${inner}</GetCallerIdentityResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></GetCallerIdentityResponse>`,
  )

const ARN = 'arn:aws-cn:sts::111122223333:assumed-role/ir-responder/alice'
const WHOLE = identity(`<Account>111122223333</Account><Arn>${ARN}</Arn><UserId>AROAEXAMPLE:alice</UserId>`)

const ask = (answer: Answer) => identify(edgeAnswering(() => answer).aws)

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
