import { describe, expect, it } from 'vitest'
import { rawLine } from '../../src/incident/values/show.ts'
import { flatten } from '../../src/terminal/flatten.ts'
import { buildQuick, changesIn, EACH_ONCE } from '../laws/whole-run.ts'
import { type MemoryRan, runInMemory } from '../support/run-in-memory.ts'
import { repeatedPages } from './paged.ts'

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
  const ran = await runInMemory({ built, fault: repeatedPages(operation, tokens, asked), proofWait: 0 })
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
    ['ec2:DescribeSnapshots', 'CreateSnapshots', 7, /snapshots of this incident is incomplete/],
    ['detective:ListInvestigations', 'StartInvestigation', 0, /investigations of the role is incomplete/],
  ])('leaves the stage out in the list of %s: whether %s is needed is not guessed', async (operation, change, exitCode, says) => {
    const { built, ran } = await run(operation, ['again'])
    expect(ran.result).toMatchObject({ exitCode, incident: { facts: { closure: expect.anything() } } })
    expect(ran.journal).toContainEqual(expect.objectContaining({ why: expect.stringMatching(says) }))
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
    expect(asked.length).toBeLessThan(450)
  })
})
