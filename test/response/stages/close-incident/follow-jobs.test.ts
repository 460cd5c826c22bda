import { describe, expect, it } from 'vitest'
import type { PersistenceArtefact } from '../../../../src/incident/facts/activity-rows.ts'
import { plus } from '../../../../src/incident/values/instant.ts'
import { artefactsIn } from '../../../../src/investigation/persistence/artefacts.ts'
import type { CloudTrailRecord } from '../../../../src/investigation/record.ts'
import { followJobs } from '../../../../src/response/stages/close-incident/follow-jobs.ts'
import { jobAlarms, jobsNotAttributed } from '../../../../src/response/stages/close-incident/job-alarms.ts'
import type { TrailReading } from '../../../../src/response/stages/close-incident/reading.ts'
import { ACCOUNT, type Call, instant, ROLE_ARN, recordOf } from '../../../investigation/analysis/records.ts'
import { examinedLike } from '../../../support/artefacts.ts'

const NOW = instant('2026-03-01T12:30:00Z')
const ROLE = `arn:aws:iam::${ACCOUNT}:role/service/jobs`
const RUN = 'jr_0123456789abcdef0123456789abcdef0123456789abcdef'
const UUID = '0d9c7a1e-4b52-4f0e-9a57-6f2f5f0c1b11'
const arn = (service: string, resource: string): string => `arn:aws:${service}:eu-west-1:${ACCOUNT}:${resource}`

/** A call of the attacker's, so many minutes after noon. */
const did = (minute: number, event: string, request: object, response: object = {}): CloudTrailRecord =>
  recordOf({ event, request, response, at: plus(instant('2026-03-01T12:00:00Z'), minute * 60) })

/** A service takes a role's credentials, which live for an hour. */
const issued = (minute: number, service: string, session: string, scope?: string, call: Call = {}): CloudTrailRecord => {
  const at = plus(instant('2026-03-01T12:00:00Z'), minute * 60)
  const expires = new Date(Date.parse(at) + 3_600_000)
  const expiration = expires.toLocaleString('en-US', { timeZone: 'UTC', dateStyle: 'medium', timeStyle: 'medium' })
  const userIdentity = {
    ...{ type: 'AWSService', invokedBy: `${service}.amazonaws.com` },
    ...(scope ? { inScopeOf: { sourceArn: scope, sourceAccount: ACCOUNT } } : {}),
  }
  return recordOf({
    ...{ at, event: 'sts:AssumeRole', request: { roleArn: ROLE, roleSessionName: session } },
    ...{ response: { credentials: { accessKeyId: 'ASIAJOB0000000000001', expiration } }, more: { userIdentity } },
    ...call,
  })
}

const isBetween = ({ at }: CloudTrailRecord, from: string, until: string = NOW): boolean => at >= from && at <= until

/** CloudTrail with these records, as LookupEvents finds them: an event by its name, an issue by its role. */
const reading = (records: readonly CloudTrailRecord[]): TrailReading => {
  const found = (attribute: string, value: string) =>
    records
      .filter(({ eventName, requested }) => (attribute === 'EventName' ? eventName === value : requested.roleArn === value))
      .toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at))
  return {
    ...{ raw: [], incomplete: [], first: (names) => names },
    lookup: async ({ attribute, value, from }) => found(attribute, value).filter((record) => isBetween(record, from)),
    glimpse: async ({ attribute, value, from, until }) =>
      found(attribute, value).filter((record) => isBetween(record, from, until)),
    callsOf: async (kind, name) => ({ kind, name, calls: [] }),
  }
}

const examinedAs = (standing: 'gone' | 'there') => (artefact: PersistenceArtefact) => ({
  ...examinedLike(standing, artefact),
  at: NOW,
})

interface Followed {
  readonly alarms: readonly string[]
  readonly others: readonly string[]
  readonly incomplete: readonly string[]
}

/** What the last look says of what the attacker did, with what else CloudTrail shows. */
const follow = async (
  attackers: readonly CloudTrailRecord[],
  others: readonly CloudTrailRecord[],
  standing: 'gone' | 'there' = 'there',
): Promise<Followed> => {
  const trail = reading([...attackers, ...others])
  const subject = { accountId: ACCOUNT, partition: 'aws', role: { name: 'web-app', arn: ROLE_ARN } }
  const asked = { reading: trail, examined: examinedAs(standing), now: NOW, subject: subject as never }
  const jobs = (await followJobs(artefactsIn(attackers), asked)).map((job) => ({ job, owner: 'attacker' as const }))
  return { alarms: jobAlarms(jobs), others: jobsNotAttributed(jobs), incomplete: trail.incomplete }
}

const STATE_MACHINE = arn('states', 'stateMachine:helper')
const EXECUTION = arn('states', `execution:helper:${UUID}`)
const STACK = arn('cloudformation', `stack/helper/${UUID}`)

/** What the attacker does, the issue that follows, the command that stops it, and the call that has stopped it. */
const SERVICES: readonly (readonly [
  what: string,
  attackers: readonly CloudTrailRecord[],
  issue: CloudTrailRecord,
  command: string,
  end: CloudTrailRecord,
])[] = [
  [
    'a CodeBuild project',
    [did(0, 'codebuild:CreateProject', { name: 'helper', serviceRole: ROLE })],
    issued(2, 'codebuild', `AWSCodeBuild-${UUID}`, arn('codebuild', 'project/helper')),
    'aws codebuild list-builds-for-project --project-name helper',
    did(5, 'codebuild:DeleteProject', { name: 'helper' }),
  ],
  [
    'a Glue job run',
    [
      did(0, 'glue:CreateJob', { name: 'helper', role: 'jobs-of-glue' }),
      did(1, 'glue:StartJobRun', { jobName: 'helper' }, { jobRunId: RUN }),
    ],
    issued(2, 'glue', 'GlueJobRunnerSession', undefined, {
      request: { roleArn: `arn:aws:iam::${ACCOUNT}:role/service-role/jobs-of-glue`, roleSessionName: 'GlueJobRunnerSession' },
    }),
    `aws glue batch-stop-job-run --job-name helper --job-run-ids ${RUN} --region eu-west-1`,
    did(5, 'glue:BatchStopJobRun', { jobName: 'helper', jobRunIds: [RUN] }),
  ],
  [
    'an execution of Step Functions',
    [
      did(0, 'states:CreateStateMachine', { name: 'helper', roleArn: ROLE }, { stateMachineArn: STATE_MACHINE }),
      did(1, 'states:StartExecution', { stateMachineArn: STATE_MACHINE }, { executionArn: EXECUTION }),
    ],
    issued(2, 'states', 'hfGtJyyYFHXPJFwBpmmdNcpnGKFfcOMZ'),
    `aws stepfunctions stop-execution --execution-arn ${EXECUTION} --region eu-west-1`,
    did(5, 'states:StopExecution', { executionArn: EXECUTION }),
  ],
  [
    'a SageMaker training job',
    [did(0, 'sagemaker:CreateTrainingJob', { trainingJobName: 'helper', roleArn: ROLE })],
    issued(2, 'sagemaker', 'SageMaker'),
    'aws sagemaker stop-training-job --training-job-name helper --region eu-west-1',
    did(5, 'sagemaker:StopTrainingJob', { trainingJobName: 'helper' }),
  ],
  [
    'a CloudFormation stack',
    [did(0, 'cloudformation:CreateStack', { stackName: 'helper', roleARN: ROLE }, { stackId: STACK })],
    issued(1, 'cloudformation', 'AWSCloudFormation'),
    `aws cloudformation delete-stack --stack-name ${STACK} --region eu-west-1`,
    did(5, 'cloudformation:DeleteStack', { stackName: 'helper' }),
  ],
  [
    'an automation of Systems Manager, whose parameters CloudTrail hides',
    [did(0, 'ssm:StartAutomationExecution', { documentName: 'helper' }, { automationExecutionId: UUID })],
    issued(2, 'ssm', `Automation-${UUID}`),
    `aws ssm stop-automation-execution --automation-execution-id ${UUID} --region eu-west-1`,
    did(5, 'ssm:StopAutomationExecution', { automationExecutionId: UUID }),
  ],
]

describe('what AWS issued to a job of the attacker', () => {
  it.each(SERVICES)('is an alarm that names the role and the command that stops it: %s', async (_, attackers, issue, command) => {
    const { alarms, others } = await follow(attackers, [issue])
    expect(others).toEqual([])
    expect(alarms).toEqual([expect.stringContaining(command)])
    expect(alarms[0]).toContain(`got credentials of ${issue.requested.roleArn}`)
    expect(alarms[0]).toContain('aws iam put-role-policy --role-name jobs')
  })

  it.each(SERVICES)(
    'is no alarm once somebody has ended it, and what it got is said: %s',
    async (_, attackers, issue, __, end) => {
      const { alarms, others } = await follow(attackers, [issue, end])
      expect(alarms).toEqual([])
      expect(others).toEqual([expect.stringContaining(`${end.eventName} ended it at 2026-03-01T12:05:00Z`)])
    },
  )

  it.each(SERVICES)('is an alarm again where it was issued after the end: %s', async (_, attackers, issue, __, end) => {
    const later = { ...issue, at: plus(issue.at, 600), eventId: 'later' }
    const { alarms } = await follow(attackers, [issue, end, later])
    expect(alarms).toHaveLength(1)
  })

  it.each(SERVICES)('is nothing once it has expired: %s', async (_, attackers, issue) => {
    const request = { roleArn: issue.requested.roleArn, roleSessionName: issue.requested.roleSessionName }
    const response = { credentials: { accessKeyId: 'ASIAJOB0000000000001', expiration: 'Mar 1, 2026, 12:20:00 PM' } }
    const { alarms, others } = await follow(attackers, [{ ...issue, request, response }])
    expect([alarms, others]).toEqual([[], []])
  })

  it.each(SERVICES)('is no alarm without any issue: %s', async (_, attackers) => {
    expect(await follow(attackers, [])).toMatchObject({ alarms: [], others: [] })
  })

  it('is no alarm when the hunt has seen that what the attacker made is gone', async () => {
    const [, attackers, issue] = SERVICES[3] ?? []
    const { alarms, others } = await follow(attackers ?? [], issue ? [issue] : [], 'gone')
    expect(alarms).toEqual([])
    expect(others.join()).toContain('somebody ended it')
  })

  it.each<[string, readonly string[]]>([
    ['another service', ['lambda', 'helper']],
    ['EC2', ['ec2', 'i-0abc1234def567890']],
  ])('is not what %s took of the same role', async (_, [service = '', session = '']) => {
    const [, attackers] = SERVICES[3] ?? []
    expect(await follow(attackers ?? [], [issued(2, service, session)])).toMatchObject({ alarms: [], others: [] })
  })
})

describe('the workload’s own use of a role', () => {
  const created = did(0, 'glue:CreateJob', { name: 'helper', role: ROLE })
  const updated = did(0, 'codebuild:UpdateProject', { name: 'site' }, { project: { name: 'site', serviceRole: ROLE } })
  const started = (project: string) =>
    did(3, 'codebuild:StartBuild', { projectName: project }, { build: { id: `${project}:${UUID}`, projectName: project } })
  const build = issued(4, 'codebuild', `AWSCodeBuild-${UUID}`)

  it('may be what was issued where the service took the role before, so it is listed and no alarm', async () => {
    const { alarms, others } = await follow(
      [created],
      [issued(-600, 'glue', 'GlueJobRunnerSession'), issued(2, 'glue', 'GlueJobRunnerSession')],
    )
    expect(alarms).toEqual([])
    expect(others).toEqual([expect.stringContaining('the job may be the workload’s')])
  })

  it('is nothing where the issue is for another job', async () => {
    const other = issued(2, 'glue', 'GlueJobRunnerSession', arn('glue', 'job/nightly'))
    expect(await follow([created], [other])).toMatchObject({ alarms: [], others: [] })
  })

  it('is nothing where the build is of another project', async () => {
    expect(await follow([updated], [started('docs'), build])).toMatchObject({ alarms: [], others: [] })
  })

  it('is an alarm where the build is of a project that the attacker changed, whoever started it', async () => {
    const { alarms } = await follow([updated], [started('site'), build])
    expect(alarms).toEqual([expect.stringContaining(`aws codebuild stop-build --id site:${UUID} --region eu-west-1`)])
  })

  it('is listed where nothing shows whose build it is', async () => {
    const { alarms, others } = await follow([updated], [build])
    expect([alarms, others]).toEqual([[], [expect.stringContaining('may be the workload’s')]])
  })
})

describe('a job whose event names no role', () => {
  const start = did(0, 'glue:StartJobRun', { jobName: 'nightly' }, { jobRunId: RUN })

  it('has the role of the event that made the job, within the 90 days of event history', async () => {
    const made = recordOf({ event: 'glue:CreateJob', at: '2026-01-10T00:00:00Z', request: { name: 'nightly', role: ROLE } })
    const { alarms } = await follow([start], [made, issued(2, 'glue', 'GlueJobRunnerSession')])
    expect(alarms).toEqual([expect.stringContaining(`--job-run-ids ${RUN}`)])
  })

  it('has the role of an issue whose scope names the job', async () => {
    const { alarms } = await follow([start], [issued(2, 'glue', 'GlueJobRunnerSession', arn('glue', 'job/nightly'))])
    expect(alarms).toHaveLength(1)
  })

  it('is said to be not followed where no record names it', async () => {
    const { alarms, incomplete } = await follow([start], [])
    expect(alarms).toEqual([])
    expect(incomplete).toEqual([expect.stringMatching(/^StartJobRun at .* names no role, .* was not followed$/)])
  })

  it('a stack that was created without a role has none', async () => {
    const stack = did(0, 'cloudformation:CreateStack', { stackName: 'helper' }, { stackId: STACK })
    expect((await follow([stack], [])).incomplete).toEqual([])
  })
})

it('so many jobs are followed, and the others are counted', async () => {
  const jobs = Array.from({ length: 33 }, (_, index) =>
    did(0, 'sagemaker:CreateTrainingJob', { trainingJobName: `job-${index}`, roleArn: ROLE }),
  )
  expect((await follow(jobs, [])).incomplete).toEqual(['3 more jobs under a passed role were not followed'])
})
