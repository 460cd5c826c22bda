import { describe, expect, it } from 'vitest'
import { rawLine } from '../../src/incident/values/show.ts'
import type { Fault, WireResponse } from '../../src/simulator/wire/message.ts'
import { flatten } from '../../src/terminal/flatten.ts'
import { buildQuick, changesIn, EACH_ONCE } from '../laws/whole-run.ts'
import { type MemoryRan, runInMemory } from '../support/run-in-memory.ts'
import { answers } from './kinds.ts'
import type { Asked } from './operation.ts'

/** An answer that says that there is more, and where. */
const withToken = (response: WireResponse, { operation }: Asked, token: string): WireResponse => {
  if (response.status !== 200) return response
  const body = response.body
  if (operation.startsWith('iam:')) {
    const truncated = body.replace(
      /<IsTruncated>false<\/IsTruncated>/,
      `<IsTruncated>true</IsTruncated><Marker>${token}</Marker>`,
    )
    return { ...response, body: truncated }
  }
  if (operation.startsWith('ec2:')) {
    const bare = body.replace(/<nextToken>.*?<\/nextToken>/, '')
    return { ...response, body: bare.replace(/<\/(\w+Response)>$/, `<nextToken>${token}</nextToken></$1>`) }
  }
  const name = operation.startsWith('guardduty:') ? 'nextToken' : 'NextToken'
  return { ...response, body: JSON.stringify({ ...JSON.parse(body), [name]: token }) }
}

/** The service forgets what it was asked for: each page is the first one, and names these tokens in turn. */
const forgetful = (operation: string, tokens: readonly string[], asked: string[]): Fault =>
  answers(operation, async (what, next) => {
    if (!isPaged(what)) return next()
    const token = tokens[asked.length % tokens.length] ?? ''
    asked.push(token)
    return withToken(await next(), what, token)
  })

/** One instance by its id is never paged. */
const isPaged = ({ operation, input }: Asked): boolean => operation !== 'ec2:DescribeInstances' || 'Filters' in input

/** The account itself knows no such token: every page is asked for without one. */
const withoutToken =
  (fault: Fault): Fault =>
  (request, next) =>
    fault(request, (again) => next({ ...again, body: Buffer.from(stripped(Buffer.from(again.body).toString('utf8'))) }))

const stripped = (body: string): string =>
  body.replace(/&(NextToken|Marker)=[^&]*/, '').replace(/,?"(NextToken|nextToken)":"[^"]*"/, '')

const said = ({ events, result }: MemoryRan): string =>
  [
    ...events.flatMap((event) => {
      if (event.type === 'described') return flatten(event.blocks, { line: rawLine, own: (text) => text })
      return event.type === 'progress' ? [event.text] : []
    }),
    ...result.unproven,
    result.failure?.what ?? '',
  ].join('\n')

const run = async (operation: string, tokens: readonly string[]) => {
  const asked: string[] = []
  const built = await buildQuick()
  const ran = await runInMemory({ built, fault: withoutToken(forgetful(operation, tokens, asked)), proofWait: 0 })
  return { built, ran, asked }
}

describe('a repeated page token', () => {
  it.each([
    ['cloudtrail:LookupEvents', /CloudTrail in us-east-1.*repeated a page token/],
    ['detective:ListIndicators', /incomplete: indicators: the service repeated a page token/],
    [
      'guardduty:ListFindings',
      /incomplete: GuardDuty in us-east-1: the list of findings is incomplete: the service repeated a page token/,
    ],
    ['ec2:DescribeInstances', /list of instances in us-east-1 on the role is incomplete/],
    ['iam:ListInstanceProfilesForRole', /list of instance profiles on the role is incomplete/],
    [
      'ec2:DescribeNatGateways',
      /NAT gateways in us-east-1: not all known: ec2:DescribeNatGateways: the service repeated a page token/,
    ],
  ])('ends the list of %s, which may be incomplete, and the run says so', async (operation, says) => {
    const { ran, asked } = await run(operation, ['again'])
    expect(ran.result.exitCode).toBe(0)
    expect(said(ran)).toMatch(says)
    expect(asked.length).toBeGreaterThan(1)
    // The trace looks up every session of the role, each in every Region until its token comes again.
    expect(asked.length).toBeLessThan(operation === 'cloudtrail:LookupEvents' ? 250 : 40)
  })

  it.each([
    ['ec2:DescribeSnapshots', 'CreateSnapshots', /snapshots of this incident is incomplete/],
    ['detective:ListInvestigations', 'StartInvestigation', /investigations of the role is incomplete/],
  ])('stops the run in the list of %s, so that whether %s is needed is not guessed', async (operation, change, says) => {
    const { built, ran } = await run(operation, ['again'])
    expect(ran.result.exitCode).toBe(7)
    expect(said(ran)).toMatch(says)
    expect(changesIn(built)[change]).toBeUndefined()
  })

  it('holds the run not up in the list of ssm:ListCommands, and the command is not sent again', async () => {
    const { built, ran } = await run('ssm:ListCommands', ['again'])
    expect(ran.result).toMatchObject({ ending: 'completed', exitCode: 0 })
    expect(said(ran)).toMatch(/the instance itself could not be asked: what became of the command is not known: ssm:ListCommands/)
    expect(changesIn(built)).toEqual(EACH_ONCE)
  })

  it('is seen in a circle of several tokens too', async () => {
    const { ran, asked } = await run('cloudtrail:LookupEvents', ['a', 'b', 'c'])
    expect(said(ran)).toMatch(/repeated a page token/)
    expect(asked.length).toBeLessThan(350)
  })
})
