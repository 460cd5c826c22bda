import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail'
import { DescribeInstanceInformationCommand, SSMClient } from '@aws-sdk/client-ssm'
import { beforeEach, describe, expect, it } from 'vitest'
import { mockClient } from '../../../support/mock-client.ts'
import 'aws-sdk-client-mock-vitest/extend'
import { type Instant, plus } from '../../../../src/incident/values/instant.ts'
import { agentPing, lastPing } from '../../../../src/response/stages/verify-rotation/agent.ts'
import { otherSources } from '../../../../src/response/stages/verify-rotation/corroboration.ts'
import type { Answer } from '../../../../src/response/stages/verify-rotation/script.ts'
import { issueOf } from '../../../investigation/records.ts'
import { NOON } from '../../../support/noon.ts'
import { blastRadiusLike, CUTOFF, NEW_KEY, restartedIncident, STARTED } from '../../../support/rotation.ts'
import { awsError, contextsOf, subjectLike } from '../../../support/stage-context.ts'

const ssm = mockClient(SSMClient)
const cloudtrail = mockClient(CloudTrailClient)
const { contextLike, lentContext } = contextsOf({ ssm: SSMClient, cloudtrail: CloudTrailClient })
const subject = subjectLike()
const { restart } = restartedIncident().facts

const answer: Answer = {
  wellFormed: true,
  roleName: 'web-app',
  accessKeyId: NEW_KEY,
  lastUpdated: '2026-11-25T11:59:40Z',
  expiration: '2026-11-25T18:30:00Z',
}

/** The agent as Systems Manager shows it. */
const agent = (at: Instant | undefined, PingStatus = 'Online', InstanceId = subject.instanceId) => ({
  InstanceInformationList: [{ InstanceId, PingStatus, ...(at ? { LastPingDateTime: new Date(at) } : {}) } as never],
})

/** CloudTrail's record of EC2's issue of the new key, at a moment. */
const issued = (at: Instant, accessKeyId = NEW_KEY) => ({
  Events: [{ CloudTrailEvent: JSON.stringify(issueOf(accessKeyId, subject.instanceId, { eventTime: at })) }],
})

const corroborationOf = async (incident: ReturnType<typeof restartedIncident>, given: Answer, context = contextLike()) =>
  (await otherSources(incident, given, context)).corroboration

beforeEach(() => {
  ssm.reset()
  cloudtrail.reset()
  ssm.on(DescribeInstanceInformationCommand).resolves({ InstanceInformationList: [] })
  cloudtrail.on(LookupEventsCommand).resolves({ Events: [] })
})

describe('a ping of the SSM agent', () => {
  it.each<[string, ReturnType<typeof agent>, Instant | undefined]>([
    ['counts after the start', agent(NOON), NOON],
    ['is stale before the start', agent(plus(STARTED, -1)), undefined],
    ['is stale in the second of the start', agent(STARTED), undefined],
    ['does not count when the connection was lost since', agent(NOON, 'ConnectionLost'), undefined],
    ['does not count without a time', agent(undefined), undefined],
    ['does not count from another instance', agent(NOON, 'Online', 'i-2'), undefined],
  ])('%s', async (_, information, at) => {
    ssm.on(DescribeInstanceInformationCommand).resolves(information)
    expect(await lastPing(subject, restart, contextLike())).toBe(at)
  })

  it('is waited for, and progress says why it is late', async () => {
    ssm
      .on(DescribeInstanceInformationCommand)
      .resolvesOnce(agent(CUTOFF))
      .resolvesOnce({})
      .resolves(agent(plus(NOON, 20)))
    const { context, progress } = lentContext()
    expect(await agentPing(restartedIncident(), context)).toBe(plus(NOON, 20))
    expect(progress).toHaveLength(2)
    expect(progress[1]).toMatch(/the revocation cut off the SSM agent.*waiting 1 s$/)
  })

  it.each([
    ['online', 'online', 1_800],
    ['lost', 'online', 1_800],
    ['lost', undefined, 300],
    ['unknown', undefined, 300],
    ['not-managed', undefined, 0],
    ['not-managed', 'not-managed', 0],
  ] as const)(
    'is waited for as long as fits an agent that is %s (in an earlier run: %s): %i seconds',
    async (state, before, seconds) => {
      const context = contextLike()
      const blastRadius = blastRadiusLike({}, { ssm: { state } })
      const earlier = before ? { blastRadius: blastRadiusLike({}, { ssm: { state: before } }) } : {}
      expect(await agentPing(restartedIncident({ earlier }, { blastRadius }), context)).toBe('silent')
      expect(context.now()).toBe(plus(NOON, seconds))
    },
  )

  it('is not waited for where Systems Manager does not say whether it came', async () => {
    ssm.on(DescribeInstanceInformationCommand).rejects(awsError('AccessDeniedException'))
    const context = contextLike()
    expect(await agentPing(restartedIncident(), context)).toBe('unread')
    expect(context.now()).toBe(NOON)
  })
})

describe('the SSM agent corroborates the rotation', () => {
  const kinds = async (incident = restartedIncident()) => (await corroborationOf(incident, answer)).map(({ kind }) => kind)

  beforeEach(() => void ssm.on(DescribeInstanceInformationCommand).resolves(agent(NOON)))

  it('the SSM agent corroborates the rotation when it calls after the start, while the deny stands', async () => {
    expect(await corroborationOf(restartedIncident(), answer)).toEqual([
      { kind: 'agent', at: NOON, says: expect.stringContaining('under role web-app while the deny stood') },
    ])
  })

  it('the SSM agent does not corroborate the rotation when it called only before the cut-off', async () => {
    ssm.on(DescribeInstanceInformationCommand).resolves(agent(plus(CUTOFF, -5)))
    const started = { ...restart, launchTime: plus(CUTOFF, -10) }
    expect(await kinds(restartedIncident({}, { restart: started }))).toEqual([])
  })

  it.each(['service-role/AWSSystemsManagerDefaultEC2InstanceManagementRole', 'unknown'])(
    'the SSM agent does not corroborate the rotation when it may use the credentials of Default Host Management (%s)',
    async (defaultHostManagement) => {
      expect(await kinds(restartedIncident({}, { blastRadius: blastRadiusLike({}, { defaultHostManagement }) }))).toEqual([])
    },
  )

  it('the SSM agent corroborates the rotation even when the instance’s answer is not well-formed', async () => {
    const silent: Answer = { wellFormed: false, why: 'x' }
    expect((await corroborationOf(restartedIncident(), silent)).map(({ kind }) => kind)).toEqual(['agent'])
    expect(cloudtrail).not.toHaveReceivedAnyCommand()
  })
})

describe('CloudTrail corroborates the rotation', () => {
  const seen = (proofWait = 0) => corroborationOf(restartedIncident(), answer, contextLike({ proofWait }))
  const asked = (AttributeValue: string) => ({ LookupAttributes: [{ AttributeKey: 'ResourceName' as const, AttributeValue }] })

  it('CloudTrail corroborates the rotation when it shows that the reported key was issued to EC2 after the cut-off', async () => {
    cloudtrail.on(LookupEventsCommand, asked(NEW_KEY)).resolves(issued(STARTED))
    expect(await seen()).toEqual([
      { kind: 'cloudtrail', at: STARTED, says: expect.stringContaining(`${NEW_KEY} was issued to ${subject.instanceId}`) },
    ])
    expect(cloudtrail).toHaveReceivedCommandTimes(LookupEventsCommand, 1)
  })

  it('CloudTrail corroborates the rotation when the record is found by the instance id only', async () => {
    cloudtrail.on(LookupEventsCommand, asked(subject.instanceId)).resolves(issued(STARTED))
    expect((await seen()).map(({ kind }) => kind)).toEqual(['cloudtrail'])
  })

  it('a key issued at the cut-off counts too, since sessions issued then are not denied', async () => {
    cloudtrail.on(LookupEventsCommand).resolves(issued(CUTOFF))
    expect(await seen()).toHaveLength(1)
  })

  it.each([
    ['another key', issued(STARTED, 'ASIAXCSEC6TNOTHER000')],
    ['the key, but before the cut-off', issued(plus(CUTOFF, -1))],
    ['nothing', { Events: [] }],
  ])('CloudTrail does not corroborate the rotation when it shows the issue of %s', async (_, events) => {
    cloudtrail.on(LookupEventsCommand).resolves(events)
    expect(await seen()).toEqual([])
  })

  it('CloudTrail corroborates the rotation after a wait when there is a proof wait', async () => {
    cloudtrail.on(LookupEventsCommand).resolvesOnce({ Events: [] }).resolvesOnce({ Events: [] }).resolves(issued(STARTED))
    const { context, progress } = lentContext({ proofWait: 600 })
    expect(await corroborationOf(restartedIncident(), answer, context)).toHaveLength(1)
    expect(progress.join()).toContain('waiting until CloudTrail')
    expect(context.now()).toBe(plus(NOON, 20))
  })

  it('CloudTrail does not corroborate the rotation when the proof wait ends without a record', async () => {
    const context = contextLike({ proofWait: 600 })
    expect(await corroborationOf(restartedIncident(), answer, context)).toEqual([])
    expect(context.now()).toBe(plus(NOON, 600))
  })

  it('the wait ends without corroboration once CloudTrail shows that the key is older than the cut-off', async () => {
    cloudtrail.on(LookupEventsCommand).resolves(issued(plus(CUTOFF, -1)))
    const context = contextLike({ proofWait: 600 })
    expect(await corroborationOf(restartedIncident(), answer, context)).toEqual([])
    expect(context.now()).toBe(NOON)
  })
})
