import { DescribeInstancesCommand, EC2Client, StopInstancesCommand } from '@aws-sdk/client-ec2'
import { GetRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam'
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { describe, expect, it } from 'vitest'
import { createAwsClock } from '../../src/aws/clock.ts'
import { type AnyClient, headersOf, type Middleware } from '../../src/aws/middleware.ts'
import { openClient } from '../../src/aws/open-clients.ts'
import { configAnswering, ec2Error, fromAws, networkError, queryError } from '../support/aws-connection.ts'
import { DATE, NOON, steppingPassing } from '../support/noon.ts'

const role = () => new GetRoleCommand({ RoleName: 'web-app' })

/** Sets this machine's clock wrong, as the SDK finds out from the Date of an answer. */
const clockIsOff = (client: unknown): void => {
  const mark: Middleware = (next) => async (args) => {
    try {
      return await next(args)
    } catch (error) {
      throw Object.assign(error as object, { $metadata: { ...(error as Marked).$metadata, clockSkewCorrected: true } })
    }
  }
  ;(client as AnyClient).middlewareStack.add(mark, { step: 'deserialize', priority: 'high', name: 'clockIsOff' })
}

interface Marked {
  readonly $metadata?: object
}

describe('the clients', () => {
  it('are opened once a Region, and are other ones in another', () => {
    const { clients } = configAnswering(() => fromAws(''))
    expect(clients('us-east-1')).toBe(clients('us-east-1'))
    expect(clients('us-east-1').iam).not.toBe(clients('eu-central-1').iam)
  })

  it('ask in their Region', async () => {
    const { clients } = configAnswering(() => fromAws(''))
    expect(await clients('eu-central-1').iam.config.region()).toBe('eu-central-1')
  })
})

describe('a read', () => {
  it.each([
    ['the service failed', () => queryError('InternalFailure', 500)],
    ['the connection broke', () => Promise.reject(Object.assign(networkError('ECONNRESET'), { name: 'TimeoutError' }))],
    ['a captive portal answered', () => ({ body: '<html>Sign in</html>' })],
  ])('is tried again when %s', async (_, failing) => {
    const { aws, sent } = configAnswering((attempt) => (attempt === 1 ? failing() : fromAws('')))
    await aws.iam.send(role())
    expect(sent).toHaveLength(2)
  })

  it.each(['AccessDenied', 'NoSuchEntity', 'ValidationError'])('is not tried again when %s is the answer', async (code) => {
    const { aws, sent } = configAnswering(() => queryError(code, 400))
    await expect(aws.iam.send(role())).rejects.toThrow()
    expect(sent).toHaveLength(1)
  })

  it('is not believed when AWS did not give it: an empty page is no empty list', async () => {
    const { aws } = configAnswering(() => ({ body: '' }))
    const asked = aws.ec2.send(new DescribeInstancesCommand({}))
    await expect(asked).rejects.toMatchObject({ name: 'NotFromAws', message: expect.stringContaining('captive portal') })
  })
})

describe('calls from a machine whose clock is off', () => {
  it.each([
    ['a missing thing', () => queryError('NoSuchEntity', 404)],
    ['a refusal', () => queryError('AccessDenied', 403)],
  ])('%s is an answer, and is not asked for again', async (_, answering) => {
    const { aws, sent } = configAnswering(answering)
    clockIsOff(aws.iam)
    await expect(aws.iam.send(role())).rejects.toThrow()
    expect(sent).toHaveLength(1)
  })

  it('a dry run’s answer is one too', async () => {
    const { config, sent } = configAnswering(() => ec2Error('DryRunOperation', 412))
    const ec2 = openClient('ec2', EC2Client, 'us-east-1', config)
    clockIsOff(ec2)
    const asked = ec2.send(new StopInstancesCommand({ InstanceIds: ['i-1'], DryRun: true }))
    await expect(asked).rejects.toMatchObject({ name: 'DryRunOperation' })
    expect(sent).toHaveLength(1)
  })

  it('a failure of the service is tried again', async () => {
    const { aws, sent } = configAnswering((attempt) => (attempt === 1 ? queryError('InternalFailure', 500) : fromAws('')))
    clockIsOff(aws.iam)
    await aws.iam.send(role())
    expect(sent).toHaveLength(2)
  })

  it('a refusal for the clock is tried again: the SDK has set it by then', async () => {
    const { aws, sent } = configAnswering((attempt) => (attempt === 1 ? queryError('RequestExpired', 400) : fromAws('')))
    clockIsOff(aws.iam)
    await aws.iam.send(role())
    expect(sent).toHaveLength(2)
  })
})

describe('the headers of an answer', () => {
  it.each([
    [{ headers: { Date: 'x', 'X-Amzn-RequestId': 'r' } }, { date: 'x', 'x-amzn-requestid': 'r' }],
    [{ headers: { age: 5 } }, { age: '5' }],
    [{ headers: null }, {}],
    [{}, {}],
    [undefined, {}],
    ['text', {}],
  ])('%j are %j', (response, headers) => {
    expect(headersOf(response)).toEqual(headers)
  })
})

describe('a clock on a client', () => {
  const heardBy = async (answers: Parameters<typeof configAnswering>[0]) => {
    const clock = createAwsClock(steppingPassing())
    const { aws } = configAnswering(answers, clock)
    await aws.sts.send(new GetCallerIdentityCommand({})).catch(() => undefined)
    return clock
  }

  it('hears an answer', async () => {
    expect((await heardBy(() => fromAws(''))).now()).toBe(NOON)
  })

  it('hears a refusal too', async () => {
    expect((await heardBy(() => queryError('AccessDenied', 403))).now()).toBe(NOON)
  })

  it('hears nothing in a portal’s page', async () => {
    const clock = await heardBy(() => ({ body: '<html>', headers: { date: DATE } }))
    expect(() => clock.now()).toThrow('AWS has not answered yet')
  })
})

describe('a call is reported after it has ended', () => {
  it('a call that succeeded is reported with its request id', async () => {
    const { aws, recorded } = configAnswering(() => fromAws(''))
    const sending = aws.sts.send(new GetCallerIdentityCommand({}))
    expect(recorded).toEqual([])
    await sending
    expect(recorded).toEqual([{ service: 'sts', operation: 'GetCallerIdentity', outcome: 'ok', requestId: 'request-1' }])
  })

  it('a refused call is reported with the code from AWS, not with the SDK’s name for it', async () => {
    const { aws, recorded } = configAnswering(() => queryError('NoSuchEntity', 404))
    await expect(aws.iam.send(role())).rejects.toMatchObject({ name: 'NoSuchEntityException' })
    expect(recorded).toEqual([{ service: 'iam', operation: 'GetRole', outcome: 'NoSuchEntity' }])
  })

  it('a call without an answer is reported with the error that ended it', async () => {
    const { aws, recorded } = configAnswering(() =>
      Promise.reject(Object.assign(networkError('EPIPE'), { name: 'TimeoutError' })),
    )
    await expect(aws.iam.send(role())).rejects.toThrow()
    expect(recorded).toMatchObject([{ outcome: 'TimeoutError' }])
  })

  it('a call is reported once, however often it was tried', async () => {
    const { aws, recorded, sent } = configAnswering((attempt) => (attempt < 3 ? queryError('InternalFailure', 500) : fromAws('')))
    await aws.iam.send(role())
    expect(sent).toHaveLength(3)
    expect(recorded).toHaveLength(1)
  })

  it('a call that the guard holds back is not reported', async () => {
    const { aws, recorded } = configAnswering(() => fromAws(''))
    const put = new PutRolePolicyCommand({ RoleName: 'web-app', PolicyName: 'p', PolicyDocument: '{}' })
    await expect(aws.iam.send(put)).rejects.toThrow('no intent')
    await expect(aws.ec2.send(new StopInstancesCommand({ InstanceIds: [] }))).rejects.toThrow('no intent')
    expect(recorded).toEqual([])
  })
})
