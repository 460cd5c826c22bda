import { describe, expect, it } from 'vitest'
import { stages } from '../../src/cli/incident-run/stages.ts'
import type { Stage } from '../../src/response/stage.ts'
import type { Cell } from './cell.ts'
import { KINDS } from './fault-kinds.ts'
import { cellsOf, expectAsSpecified, nameOf } from './matrix.ts'

/** A cell of each kind, and each change once. All of them: `npm run faults` (docs/suites.md). */
const SOME = [
  'iam:GetRole × html',
  'iam:GetRolePolicy × garbage',
  'iam:PutRolePolicy × after, once',
  'iam:PutRolePolicy × stale, once',
  'guardduty:GetFindings × denied',
  'guardduty:ListFindings × empty',
  'autoscaling:DescribeAutoScalingInstances × skew',
  'ec2:DescribeSnapshots × 500',
  'ec2:DescribeAddresses × drip',
  'ec2:CreateSnapshots × hang, once',
  'ec2:StopInstances × truncated, once',
  'ec2:StartInstances × throttle, once',
  'ssm:SendCommand × denied, for good',
  'detective:ListInvestigations × repeated page',
  'detective:StartInvestigation × before, for good',
]

const cellNamed = (name: string): Cell => {
  const [operation = ''] = name.split(' × ')
  const cell = cellsOf(operation).find((one) => nameOf(one) === name)
  if (!cell) throw new Error(`there is no cell ${name}`)
  return cell
}

/** A stage whose read-back is cut out: what was sent is taken for done. */
const believing = (stage: Stage): Stage => {
  let believed: Awaited<ReturnType<Stage['assess']>> | undefined
  let isSent = false
  return {
    ...stage,
    assess: async (incident, context) => {
      if (isSent && believed) return believed
      const assessment = await stage.assess(incident, context)
      if (assessment.status === 'needed') believed = { status: 'established', fact: assessment.expected }
      return assessment
    },
    act: async (incident, context, needed) => {
      await stage.act?.(incident, context, needed)
      isSent = true
    },
  }
}

describe('an operation of a response that fails', () => {
  it('does so here in every way', () => {
    const kinds = SOME.map((name) => cellNamed(name).kind)
    expect(KINDS.filter((kind) => !kinds.includes(kind))).toEqual([])
  })

  it.concurrent.each(SOME)('gives no false success, no second change, and the exit code that is specified: %s', async (name) => {
    await expectAsSpecified(cellNamed(name))
  })
})

describe('an engine that takes what was sent for done, without reading it back', () => {
  it.concurrent.each(['revoke-sessions', 'preserve-evidence'])('fails the same check: %s', async (id) => {
    const naive = stages.map((stage) => (stage.id === id ? believing(stage) : stage))
    const change = id === 'revoke-sessions' ? 'iam:PutRolePolicy' : 'ec2:CreateSnapshots'
    await expect(expectAsSpecified(cellNamed(`${change} × before, once`), naive)).rejects.toMatchObject({
      actual: { sent: ['unknown'] },
    })
  })
})
