import { describe, expect, it } from 'vitest'
import { apiCalls } from '../../src/aws/calls.ts'
import { stages } from '../../src/cli/incident-run/stages.ts'
import { rawLine } from '../../src/incident/values/show.ts'
import { flatten } from '../../src/terminal/flatten.ts'
import { buildQuick, changesIn, READS_OF_OTHERS } from '../laws/whole-run.ts'
import { huntReads, leaveEverything } from '../support/leave-everything.ts'
import { withOwnDocument } from '../support/own-document.ts'
import { type MemoryRan, runInMemory } from '../support/run-in-memory.ts'
import { breaks } from './kinds.ts'

const ofRunbook = new Set(['respond', ...stages.map(({ id }) => id)])

/** Reads of the runbook; Spot requests and another account's graph do not occur in the standard case. */
const reads = apiCalls
  .filter(({ access, operation }) => access === 'read' && !/^(DescribeSpot|ListInvitations|GetMembers)/.test(operation))
  .filter((call) => call.stages.some((id) => ofRunbook.has(id)))
  .map((call) => `${call.service}:${call.operation}`)
  .filter((read) => !READS_OF_OTHERS.includes(read))

/** Reads without which a response is still one: it says what is missing. */
const OPTIONAL: Readonly<Record<string, RegExp>> = {
  'autoscaling:DescribeAutoScalingInstances': /./,
  'cloudtrail:LookupEvents': /CloudTrail in us-east-1 could not be read: cloudtrail:LookupEvents is denied/,
  'detective:ListGraphs': /detective:ListGraphs is denied.*CloudTrail’s answers stand without it/,
  'detective:ListInvestigations': /detective:ListInvestigations is denied.*CloudTrail’s answers stand without it/,
  'detective:GetInvestigation': /investigation \d+ stands.*detective:GetInvestigation is denied.*CloudTrail’s answers stand/,
  'detective:ListIndicators': /incomplete: indicators: .*detective:ListIndicators is denied/,
  'ec2:DescribeAddresses': /Elastic IPs in us-east-1: not known: ec2:DescribeAddresses is denied/,
  'ec2:DescribeNatGateways': /addresses of NAT gateways in us-east-1: not known: ec2:DescribeNatGateways is denied/,
  'ec2:DescribeRegions': /the enabled Regions are not known: ec2:DescribeRegions is denied/,
  'ec2:DescribeInstanceTypes': /whether \S+ has instance-store volumes is not known: ec2:DescribeInstanceTypes is denied/,
  'elasticloadbalancing:DescribeTargetGroups':
    /send requests to \S+ is not known: elasticloadbalancing:DescribeTargetGroups is denied/,
  'elasticloadbalancing:DescribeTargetHealth':
    /is a target of every target group is not known: elasticloadbalancing:DescribeTargetHealth is denied/,
  'ec2:DescribeVolumes': /with which KMS keys the volumes of \S+ are encrypted is not known: ec2:DescribeVolumes is denied/,
  'ec2:GetConsoleOutput': /ir-cred cannot read the console output/,
  'guardduty:ListFindings': /incomplete: GuardDuty in us-east-1: guardduty:ListFindings is denied/,
  'ec2:DescribeInstanceAttribute': /Whether \S+ has stop protection is not known: ec2:DescribeInstanceAttribute is denied/,
  'iam:GetRole': /its path is not known: iam:GetRole is denied/,
  'iam:GetInstanceProfile': /whether \S+ holds role web-app is not known: iam:GetInstanceProfile is denied/,
  'iam:ListInstanceProfilesForRole': /which other instances use the role is not known: iam:ListInstanceProfilesForRole is denied/,
  'iam:ListRolePolicies': /how much room is left for another policy is not known: iam:ListRolePolicies is denied/,
  'iam:SimulatePrincipalPolicy':
    /is not known: iam:SimulatePrincipalPolicy is denied[\s\S]*not available: iam:SimulatePrincipalPolicy is denied/,
  'ssm:GetServiceSetting': /whether Default Host Management is on is not known: ssm:GetServiceSetting is denied/,
  'ec2:CreateSnapshots?DryRun': /snapshots: denied/,
  'ssm:DescribeDocument': /whether your account has document \S+ is not known: ssm:DescribeDocument is denied/,
  'ssm:GetDocument': /what document \S+ runs is not known: ssm:GetDocument is denied/,
  'ssm:DescribeInstanceInformation': /whether SSM can ask \S+ is not known: ssm:DescribeInstanceInformation is denied/,
  'ssm:ListCommands': /could not be asked: what became of the command is not known: ssm:ListCommands is denied/,
  'ssm:GetCommandInvocation': /could not be asked: what the instance answered is not known: ssm:GetCommandInvocation is denied/,
}

/** Reads that decide whether the restart may be begun: denied, it is left out, and what is stolen is denied all the same. */
const PREFLIGHT = ['ec2:StopInstances?DryRun', 'ec2:StartInstances?DryRun']

const needed = reads.filter((read) => !(read in OPTIONAL || PREFLIGHT.includes(read) || huntReads.includes(read)))

const said = ({ events }: MemoryRan): string =>
  events
    .flatMap((event) => {
      if (event.type === 'described') return flatten(event.blocks, { line: rawLine, own: (text) => text })
      if (event.type === 'notApplicable') return [event.why]
      return event.type === 'progress' || event.type === 'note' ? [event.text] : []
    })
    .join('\n')

/** What the attacker has left and the trace shows, whatever the hunt can see: it is an alarm, and containment is not confirmed. */
const LEFT_BEHIND = [
  expect.stringContaining('A KEY OF THE ATTACKER IS IN USE'),
  expect.stringContaining('A CHAINED SESSION IS ALIVE'),
]

const always = (operation: string) => breaks('denied', { operation, times: 10_000 })

describe('a read that is denied', () => {
  it.each(Object.entries(OPTIONAL))('lets the run go on, which says what it could not see: %s', async (operation, says) => {
    const built = await buildQuick()
    if (operation === 'ssm:GetDocument') withOwnDocument(built)
    const ran = await runInMemory({
      built,
      fault: always(operation),
      proofWait: operation.startsWith('ssm') ? 1200 : 0,
    })
    expect(ran.result).toMatchObject({ ending: 'completed', exitCode: 0 })
    expect(said(ran)).toMatch(says)
  })

  it.each(huntReads)('lets the run go on with an unknown artefact: %s', async (operation) => {
    const built = leaveEverything(await buildQuick('left-behind'))
    const ran = await runInMemory({ built, fault: always(operation), proofWait: 0 })
    expect(ran.result).toMatchObject({ ending: 'completed', exitCode: 6, alarms: LEFT_BEHIND })
    expect(said(ran)).toContain(`${operation} is denied`)
    expect(ran.result.unproven).toContainEqual(expect.stringMatching(/^that the attacker has no way back/))
  })

  it.each(needed)('ends the run with exit 4 and the remedy when it is needed: %s', async (operation) => {
    const built = await buildQuick()
    const fault = always(operation)
    if (operation === 'sts:GetCallerIdentity') {
      const refused = runInMemory({ built, fault })
      await expect(refused).rejects.toMatchObject({ kind: 'identity', remedy: expect.stringMatching(/permission/) })
      return
    }
    const { result } = await runInMemory({ built, fault, proofWait: 0 })
    expect(result.exitCode).toBe(4)
    expect(result.failure?.why).toMatch(/AccessDenied|UnauthorizedOperation/)
    expect(result.failure?.remedy).toMatch(/permission/)
  })

  it.each(PREFLIGHT)(
    'leaves the restart out, and the run ends with exit 4, when it shows that the restart is not permitted: %s',
    async (operation) => {
      const built = await buildQuick()
      const { result } = await runInMemory({ built, fault: always(operation), proofWait: 0 })
      expect(result).toMatchObject({ exitCode: 4, failure: { why: expect.stringMatching(/may not (stop|start)/) } })
      expect(changesIn(built)).toMatchObject({ PutRolePolicy: 1 })
      expect(changesIn(built)).not.toHaveProperty('StopInstances')
    },
  )

  it('leaves the SSM agent as the only corroboration, and the rest unproven, when it is of SimulatePrincipalPolicy and CloudTrail', async () => {
    const { result } = await runInMemory({ built: await buildQuick(), fault: always('cloudtrail:LookupEvents') })
    expect(result.exitCode).toBe(0)
    expect(result.unproven.join('\n')).toMatch(/the SSM agent shows only that the credentials are new[\s\S]*could not be read/)
  })

  it('leaves the rotation unproven, with exit 6, when it is of the service setting and CloudTrail shows nothing', async () => {
    const fault = always('ssm:GetServiceSetting')
    const { result } = await runInMemory({ built: await buildQuick(), fault, proofWait: 0 })
    expect(result).toMatchObject({ exitCode: 6, incident: { facts: { rotation: { verdict: 'rotated-unproven' } } } })
  })
})

describe('a refused start of a Detective investigation', () => {
  it.each([
    ['denied', /detective:StartInvestigation is denied \(AccessDeniedException.*ir-cred policy/],
    ['throttled', /AWS refused detective:StartInvestigation.*TooManyRequests|Throttl/],
  ] as const)('leaves the stage out with the remedy, and the run ends as without it: %s', async (kind, why) => {
    const fault = breaks(kind, { operation: 'detective:StartInvestigation', times: 10_000 })
    const { result, journal } = await runInMemory({ built: await buildQuick(), fault, proofWait: 0 })
    expect(result).toMatchObject({ ending: 'completed', exitCode: 0 })
    const left = journal.find((entry) => entry.type === 'notApplicable' && entry.stage === 'investigate-session')
    expect(left).toMatchObject({ why: expect.stringMatching(why) })
    expect(left).toMatchObject({ why: expect.stringMatching(/CloudTrail’s answers stand without it.*Remedy: /) })
    expect(journal.filter((entry) => entry.type === 'sent' && entry.outcome === 'refused')).not.toEqual([])
  })

  it('is made after all when the permission is given and the incident is continued', async () => {
    const built = await buildQuick()
    const first = await runInMemory({ built, fault: always('detective:StartInvestigation'), proofWait: 0 })
    const { result } = await runInMemory({ built, journal: [...first.journal], proofWait: 0 })
    expect(result.incident.facts.investigation).toMatchObject({ status: 'SUCCESSFUL', reused: false })
  })
})
