import { describe, expect, it } from 'vitest'
import type { Fault } from '../../src/simulator/wire/message.ts'
import { askedBy } from '../faults/operation.ts'
import { runInMemory } from '../support/run-in-memory.ts'
import { buildQuick, changesIn, EACH_ONCE } from './whole-run.ts'

/** A service control policy denies everything in one Region. */
const deniedIn =
  (region: string): Fault =>
  async (request, next) => {
    if (!request.headers.authorization?.includes(`/${region}/`)) return next(request)
    const { operation } = await askedBy(request)
    if (operation.startsWith('iam:')) return next(request)
    const message = 'not authorized, with an explicit deny in a service control policy'
    const headers = { 'content-type': 'application/json', 'x-amzn-errortype': 'AccessDeniedException', 'x-amzn-requestid': 'r' }
    return operation.startsWith('ec2:') ||
      operation.startsWith('autoscaling:') ||
      operation.startsWith('elasticloadbalancing:') ||
      operation.startsWith('sts:')
      ? {
          status: 403,
          headers: { ...headers, 'content-type': 'text/xml' },
          body: `<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>${message}</Message></Error></Errors><RequestID>r</RequestID></Response>`,
        }
      : { status: 403, headers, body: JSON.stringify({ message }) }
  }

describe('a whole response', () => {
  it.each([
    'us-gov-west-1',
    'us-gov-east-1',
    'cn-north-1',
    'cn-northwest-1',
    'eusc-de-east-1',
    'us-iso-east-1',
    'ap-southeast-2',
  ])('in %s goes to its end with the names of its own partition', async (region) => {
    const built = await buildQuick('custom-threat-list', {}, region)
    const { result, journal } = await runInMemory({ built })
    expect(result).toMatchObject({ exitCode: 0, incident: { facts: { rotation: { verdict: 'rotated' } } } })
    expect(changesIn(built)).toEqual(EACH_ONCE)
    const { partition } = built.account
    const written = new Set(JSON.stringify(journal).match(/arn:aws[a-z-]*:/g))
    expect([...written]).toEqual([`arn:${partition}:`])
  })

  it('reads every Region that is enabled in the account', async () => {
    const regions = new Set<string>()
    const watch: Fault = async (request, next) => {
      const { operation } = await askedBy(request)
      if (operation === 'cloudtrail:LookupEvents')
        regions.add(/\/\d{8}\/([a-z0-9-]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? '')
      return next(request)
    }
    await runInMemory({ built: await buildQuick(), fault: watch })
    expect([...regions].sort()).toEqual(['eu-west-1', 'us-east-1', 'us-west-2'])
  })

  it('that one Region refuses goes to its end, and names the Region where the answer is used', async () => {
    const built = await buildQuick()
    const { result } = await runInMemory({ built, fault: deniedIn('eu-west-1') })
    expect(result.exitCode).toBe(0)
    expect(changesIn(built)).toEqual(EACH_ONCE)
    const { facts } = result.incident
    expect(facts.closure?.unproven.join('; ')).toContain('eu-west-1')
    expect(facts.activity?.incomplete.join('; ')).toContain('eu-west-1')
    expect(facts.blastRadius?.remarks.join('; ')).toContain('eu-west-1')
    expect(facts.finding?.incomplete?.join('; ')).toContain('eu-west-1')
  })
})
