import { describe, expect, it } from 'vitest'
import { apiCalls } from '../../src/aws/calls.ts'
import { stages } from '../../src/cli/incident-run/stages.ts'
import { buildQuick, changesIn, EACH_ONCE, READS_OF_OTHERS } from '../laws/whole-run.ts'
import { huntReads, leaveEverything } from '../support/leave-everything.ts'
import { runInMemory } from '../support/run-in-memory.ts'
import { breaks, type Kind } from './kinds.ts'

const ofStages = new Set(stages.map(({ id }) => id))

/** Reads of the stages in the standard case, in which there are no other Regions and no Spot requests. */
const reads = apiCalls
  .filter(
    ({ access, operation }) => access === 'read' && !/^(DescribeRegions|DescribeSpot|ListInvitations|GetMembers)/.test(operation),
  )
  .filter((call) => call.stages.some((id) => ofStages.has(id)))
  .map((call) => `${call.service}:${call.operation}`)
  .filter((read) => !READS_OF_OTHERS.includes(read))

/** Reads of the account's own addresses: a response is one without them. */
const OF_OWN_ADDRESSES = ['ec2:DescribeAddresses', 'ec2:DescribeNatGateways']

const always = (kind: Kind, operation: string) => breaks(kind, { operation, times: 10_000 })

describe('a read that fails once', () => {
  it.each(['throttled', 'a 500', 'connection lost before', 'connection lost after', 'empty 200', 'HTML 200'] as const)(
    'is sent again, and the run ends as without the failure: %s',
    async (kind) => {
      for (const operation of ['guardduty:GetFindings', 'iam:GetRole', 'ec2:DescribeInstances', 'ssm:ListCommands']) {
        const built = await buildQuick()
        const { result } = await runInMemory({ built, fault: breaks(kind, { operation }), proofWait: 0 })
        expect(result.exitCode, operation).toBe(0)
        expect(changesIn(built), operation).toEqual(EACH_ONCE)
      }
    },
  )
})

describe('a read of the account’s own addresses', () => {
  it.each(OF_OWN_ADDRESSES)('is "not known" where the run can do without it: %s', async (operation) => {
    const { result } = await runInMemory({ built: await buildQuick(), fault: always('empty 200', operation), proofWait: 0 })
    expect(result).toMatchObject({ exitCode: 0, ending: 'completed' })
    expect(result.incident.facts.subject?.addressGaps).toContainEqual(
      expect.stringContaining(`not known: ${operation} gets no answer`),
    )
  })
})

/** Reads that only say what the response will hit: it goes on without them, and says what it does not know. */
const SCOPING = [
  'autoscaling:DescribeAutoScalingInstances',
  'ec2:CreateSnapshots?DryRun',
  'ec2:DescribeInstanceAttribute',
  'ec2:DescribeInstanceTypes',
  'ec2:DescribeVolumes',
  'ec2:StartInstances?DryRun',
  'ec2:StopInstances?DryRun',
  'elasticloadbalancing:DescribeTargetGroups',
  'elasticloadbalancing:DescribeTargetHealth',
  'iam:ListInstanceProfilesForRole',
  'iam:ListRolePolicies',
  'iam:SimulatePrincipalPolicy',
  'ssm:GetServiceSetting',
]

describe('a read that only says what the response will hit', () => {
  it.each(SCOPING)('ends nothing, however it fails, and the run says that it is not known: %s', async (operation) => {
    for (const kind of ['a 500', 'throttled', 'empty 200', 'HTML 200', 'truncated 200', 'clock skew'] as const) {
      const built = await buildQuick()
      // Without the service setting only CloudTrail proves the rotation, which it shows after minutes.
      const proofWait = operation.startsWith('ssm') ? 1200 : 0
      const { result } = await runInMemory({ built, fault: always(kind, operation), proofWait })
      expect(result, kind).toMatchObject({ ending: 'completed', exitCode: 0 })
      expect(changesIn(built), kind).toEqual(EACH_ONCE)
      expect(result.incident.facts.blastRadius?.remarks, kind).toContainEqual(
        expect.stringMatching(new RegExp(`is not known: ${operation.split('?')[0]}`)),
      )
    }
  })
})

/** Reads of services that a response can do without once it has contained: what they would have shown is said to be missing. */
const LOOKED_UP_ELSEWHERE = /^(?:detective|ssm|cloudtrail):/

describe('a read of a service that a response can do without', () => {
  it.each(reads.filter((read) => LOOKED_UP_ELSEWHERE.test(read) && !SCOPING.includes(read)))(
    'ends nothing when it never gets an answer of AWS, and changes are made once: %s',
    async (operation) => {
      const built = await buildQuick()
      const { result } = await runInMemory({ built, fault: always('HTML 200', operation), proofWait: 0 })
      expect(result.ending).toBe('completed')
      expect(result.incident.facts.closure).toBeDefined()
      for (const times of Object.values(changesIn(built))) expect(times).toBe(1)
    },
  )
})

describe('a live look of the hunt', () => {
  it.each(huntReads)('leaves the artefact unknown when it never gets an answer of AWS: %s', async (operation) => {
    const built = leaveEverything(await buildQuick('left-behind'))
    const { result } = await runInMemory({ built, fault: always('empty 200', operation), proofWait: 0 })
    expect(result).toMatchObject({ ending: 'completed', exitCode: 6 })
    expect(result.unproven).toContainEqual(expect.stringMatching(/^that the attacker has no way back/))
  })
})

describe('an answer that is never AWS’s', () => {
  const optional = [
    ...SCOPING,
    ...OF_OWN_ADDRESSES,
    ...huntReads,
    ...['iam:GetRole', 'ec2:DescribeInstances', 'ec2:DescribeRegions', 'ec2:GetConsoleOutput', 'guardduty:ListFindings'],
  ]
  it.each(optional.slice(-2))('ends nothing where the response can do without it: %s', async (operation) => {
    const { result } = await runInMemory({ built: await buildQuick(), fault: always('empty 200', operation), proofWait: 0 })
    expect(result).toMatchObject({ ending: 'completed', exitCode: 0 })
  })

  it('of the list of snapshots leaves the snapshots and the restart out, and the run reaches its end', async () => {
    const built = await buildQuick()
    const { result } = await runInMemory({ built, fault: always('empty 200', 'ec2:DescribeSnapshots'), proofWait: 0 })
    expect(result).toMatchObject({ ending: 'failed', exitCode: 7, incident: { facts: { closure: expect.anything() } } })
    expect(changesIn(built)).toEqual({ PutRolePolicy: 1, ModifyInstanceMetadataOptions: 1, StartInvestigation: 1 })
  })

  it.each(reads.filter((read) => ![...optional, 'ec2:DescribeSnapshots'].includes(read) && !LOOKED_UP_ELSEWHERE.test(read)))(
    'is a failed read, never "there is none": %s',
    async (operation) => {
      const built = await buildQuick()
      const { result, journal } = await runInMemory({ built, fault: always('empty 200', operation), proofWait: 0 })
      expect(result).toMatchObject({ exitCode: 7, ending: 'failed' })
      expect(result.failure?.why).toContain(
        `the answer to ${operation.replace('?DryRun', '')} (HTTP 200, no content type) carries no AWS request id; a proxy or a captive portal may have given it`,
      )
      expect(journal.filter(({ type }) => type === 'blocked' || type === 'notApplicable')).toEqual([])
      for (const times of Object.values(changesIn(built))) expect(times).toBe(1)
    },
  )

  it.each(['iam:GetRolePolicy', 'guardduty:GetFindings'])(
    '%s: a page in HTML is named with its operation, and that a proxy may have given it',
    async (operation) => {
      const { result } = await runInMemory({ built: await buildQuick(), fault: always('HTML 200', operation), proofWait: 0 })
      expect(result.exitCode).toBe(7)
      expect(result.failure?.why).toContain(`the answer to ${operation} (HTTP 200, text/html) carries no AWS request id`)
    },
  )

  it('ends the run before anything is begun when it is in place of STS', async () => {
    const refused = runInMemory({ built: await buildQuick(), fault: always('HTML 200', 'sts:GetCallerIdentity') })
    await expect(refused).rejects.toMatchObject({ kind: 'unavailable', why: expect.stringMatching(/captive portal/) })
  })
})
