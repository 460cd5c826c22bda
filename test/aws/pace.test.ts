import { DescribeTrailsCommand, LookupEventsCommand } from '@aws-sdk/client-cloudtrail'
import { describe, expect, it } from 'vitest'
import { secondsBetween } from '../../src/incident/values/instant.ts'
import { type Answer, configAnswering, fromAws, jsonError } from '../support/aws-connection.ts'
import { NOON, noonClock, steppingPassing } from '../support/noon.ts'

const nothing = (): Answer => fromAws('{"Events":[]}', 200, { date: 'none' })
const throttled = (): Answer => ({
  ...jsonError('ThrottlingException', 400),
  headers: { 'x-amzn-errortype': 'ThrottlingException' },
})

/** A client config whose time only passes while somebody waits; and when each request left it, in seconds. */
const paced = (signal = new AbortController().signal, answering: (sent: number) => Answer = nothing) => {
  const passing = steppingPassing()
  const clock = noonClock(passing)
  const left: number[] = []
  const answer = (sent: number): Answer => {
    left.push(secondsBetween(NOON, clock.now()))
    return answering(sent)
  }
  return { ...configAnswering(answer, clock, signal), passing, left }
}

const look = () => new LookupEventsCommand({})

describe('lookups in CloudTrail', () => {
  it('leave half a second of AWS’s time apart: 2 in a second are allowed', async () => {
    const { aws, left } = paced()
    for (let i = 0; i < 4; i += 1) await aws.cloudtrail.send(look())
    expect(left).toEqual([0, 0.5, 1, 1.5])
  })

  it('do so too when they are asked at once', async () => {
    const { aws, left } = paced()
    await Promise.all([aws.cloudtrail.send(look()), aws.cloudtrail.send(look()), aws.cloudtrail.send(look())])
    expect(left).toEqual([0, 0.5, 1])
  })

  it('wait for nothing after a pause', async () => {
    const { aws, passing } = paced()
    await aws.cloudtrail.send(look())
    passing.run(60_000)
    await aws.cloudtrail.send(look())
    expect(passing.waits).toEqual([])
  })

  it('have their pace in each Region', async () => {
    const { clients, passing } = paced()
    await clients('us-east-1').cloudtrail.send(look())
    await clients('eu-central-1').cloudtrail.send(look())
    expect(passing.waits).toEqual([])
    await clients('us-east-1').cloudtrail.send(look())
    expect(passing.waits).toEqual([0.5])
  })

  it('pause longer after each refusal, the retries of the SDK too: somebody else uses the same budget', async () => {
    const { aws, left } = paced(undefined, (sent) => (sent < 3 ? throttled() : nothing()))
    await aws.cloudtrail.send(look())
    expect(left).toEqual([0, 1, 3])
  })

  it('keep their usual pace again after a success', async () => {
    const { aws, left } = paced(undefined, (sent) => (sent === 1 ? throttled() : nothing()))
    await aws.cloudtrail.send(look())
    await aws.cloudtrail.send(look())
    expect(left).toEqual([0, 1, 1.5])
  })

  it('end their wait when the run is aborted', async () => {
    const controller = new AbortController()
    const { aws, sent } = paced(controller.signal)
    await aws.cloudtrail.send(look())
    controller.abort(new Error('Ctrl-C'))
    await expect(aws.cloudtrail.send(look())).rejects.toThrow()
    expect(sent).toHaveLength(1)
  })

  it('are the only calls that wait', async () => {
    const { aws, passing } = paced()
    await aws.cloudtrail.send(look())
    await expect(aws.cloudtrail.send(new DescribeTrailsCommand({}))).rejects.toThrow('is not in the table')
    expect(passing.waits).toEqual([])
  })
})
