import { DescribeInstancesCommand, StopInstancesCommand } from '@aws-sdk/client-ec2'
import { describe, expect, it } from 'vitest'
import { errorMeaningOf, failureOf, unreadReason } from '../../src/aws/failure.ts'
import { type Answer, configAnswering, ec2Error, fromAws, queryError } from '../support/aws-connection.ts'

/** EC2 refuses every call as RequestExpired, and STS answers as it is told. */
const whereStsAnswers = (answer: () => Answer | Promise<Answer>) => {
  const wire = configAnswering((attempt) =>
    /GetCallerIdentity/.test(wire.sent[attempt - 1]?.body ?? '') ? answer() : ec2Error('RequestExpired', 400),
  )
  return wire
}

const accepted = (): Answer =>
  fromAws(
    '<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>',
  )

const refusalWhere = async (answer: () => Answer | Promise<Answer>): Promise<unknown> =>
  whereStsAnswers(answer)
    .aws.ec2.send(new DescribeInstancesCommand({}))
    .catch((error: unknown) => error)

describe('a read that EC2 refuses as RequestExpired', () => {
  it('is a read that failed where STS accepts the same credentials', async () => {
    const error = await refusalWhere(accepted)
    expect(errorMeaningOf(error)).toBe('clock')
    expect(unreadReason(error)).toBe('answers RequestExpired, and STS accepts your credentials')
    expect(failureOf(error, 'look at the instance')).toMatchObject({
      kind: 'unavailable',
      why: 'STS accepts your credentials, and this service takes the time of the request for too far from its own (RequestExpired: no)',
    })
  })

  it.each([
    ['ExpiredToken', 'expired', 'identity', 'your credentials have ended (ExpiredToken: no)'],
    ['InvalidClientTokenId', 'unrecognized', 'identity', 'AWS does not know these credentials (InvalidClientTokenId: no)'],
    ['RequestTimeTooSkewed', 'clock', 'unavailable', 'the time of the request is too far from AWS’s (RequestTimeTooSkewed: no)'],
  ])('ends the run with the reason that STS gives, where STS refuses them as %s', async (code, meaning, kind, why) => {
    const error = await refusalWhere(() => queryError(code, 403))
    expect(errorMeaningOf(error)).toBe(meaning)
    expect(failureOf(error, 'look at the instance')).toMatchObject({ kind, why })
  })

  it('stays either of both where STS gives no answer', async () => {
    const error = await refusalWhere(() => queryError('InternalFailure', 500))
    expect(unreadReason(error)).toBeUndefined()
    expect(failureOf(error, 'look at the instance')).toMatchObject({
      kind: 'identity',
      why: 'your credentials have ended, or the time of the request is too far from AWS’s (RequestExpired: no)',
    })
  })
})

describe('a write that EC2 refuses as RequestExpired', () => {
  it('asks nothing more before its outcome is on record', async () => {
    const { aws, writeGate, sent } = whereStsAnswers(accepted)
    const stop = new StopInstancesCommand({ InstanceIds: ['i-08faaaafb15777f5a'] })
    writeGate.open(stop.input)
    await expect(aws.ec2.send(stop)).rejects.toMatchObject({ name: 'RequestExpired' })
    expect(sent.filter(({ body }) => /GetCallerIdentity/.test(body))).toEqual([])
  })
})

describe('a read that EC2 refuses for another reason', () => {
  it('asks STS nothing', async () => {
    const { aws, sent } = configAnswering(() => ec2Error('UnauthorizedOperation', 403))
    await expect(aws.ec2.send(new DescribeInstancesCommand({}))).rejects.toMatchObject({ name: 'UnauthorizedOperation' })
    expect(sent).toHaveLength(1)
  })
})
