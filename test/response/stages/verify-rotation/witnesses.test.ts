import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail'
import { DescribeInstanceInformationCommand, SSMClient } from '@aws-sdk/client-ssm'
import { beforeEach, describe, expect, it } from 'vitest'
import { mockClient } from '../../../support/mock-client.ts'
import 'aws-sdk-client-mock-vitest/extend'
import { type Instant, plus } from '../../../../src/incident/values/instant.ts'
import { agentHeard, lastPing } from '../../../../src/response/stages/verify-rotation/agent.ts'
import { witnesses } from '../../../../src/response/stages/verify-rotation/corroboration.ts'
import type { Answer } from '../../../../src/response/stages/verify-rotation/script.ts'
import { issueOf } from '../../../investigation/records.ts'
import { NOON } from '../../../support/noon.ts'
import { blastRadiusLike, CUTOFF, NEW_KEY, restartedIncident, STARTED } from '../../../support/rotation.ts'
import { contextsOf, subjectLike } from '../../../support/stage-context.ts'

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

beforeEach(() => {
  ssm.reset()
  cloudtrail.reset()
  ssm.on(DescribeInstanceInformationCommand).resolves({ InstanceInformationList: [] })
  cloudtrail.on(LookupEventsCommand).resolves({ Events: [] })
})

describe('the agent', () => {
  it.each<[string, ReturnType<typeof agent>, Instant | undefined]>([
    ['after the start is heard', agent(NOON), NOON],
    ['before the start is stale', agent(plus(STARTED, -1)), undefined],
    ['in the moment of the start is stale', agent(STARTED), undefined],
    ['after the start, and lost since, is not heard', agent(NOON, 'ConnectionLost'), undefined],
    ['at no known time is not heard', agent(undefined), undefined],
    ['of another instance is not heard', agent(NOON, 'Online', 'i-2'), undefined],
  ])('%s', async (_, information, at) => {
    ssm.on(DescribeInstanceInformationCommand).resolves(information)
    expect(await lastPing(subject, restart, contextLike())).toBe(at)
  })

  it('is waited for, and it is said why it is away', async () => {
    ssm
      .on(DescribeInstanceInformationCommand)
      .resolvesOnce(agent(CUTOFF))
      .resolvesOnce({})
      .resolves(agent(plus(NOON, 20)))
    const { context, progress } = lentContext()
    expect(await agentHeard(subject, restart, context)).toBe(plus(NOON, 20))
    expect(progress).toHaveLength(2)
    expect(progress[1]).toMatch(/cut off by the revocation.*waiting 10 s$/)
  })

  it('is given up after half an hour', async () => {
    const context = contextLike()
    expect(await agentHeard(subject, restart, context)).toBeUndefined()
    expect(context.now()).toBe(plus(NOON, 1_800))
  })
})

describe('the agent is a witness', () => {
  const kinds = async (incident = restartedIncident()) =>
    (await witnesses(incident, answer, contextLike())).map(({ kind }) => kind)

  beforeEach(() => void ssm.on(DescribeInstanceInformationCommand).resolves(agent(NOON)))

  it('when it was heard after the start, while the deny stood', async () => {
    expect(await witnesses(restartedIncident(), answer, contextLike())).toEqual([
      { kind: 'agent', at: NOON, says: expect.stringContaining('under role web-app while the deny stood') },
    ])
  })

  it('and not when it was heard before the cut-off only', async () => {
    ssm.on(DescribeInstanceInformationCommand).resolves(agent(plus(CUTOFF, -5)))
    const started = { ...restart, launchTime: plus(CUTOFF, -10) }
    expect(await kinds(restartedIncident({}, { restart: started }))).toEqual([])
  })

  it.each(['service-role/AWSSystemsManagerDefaultEC2InstanceManagementRole', 'unknown'])(
    'and not when it may have spoken as Default Host Management (%s)',
    async (defaultHostManagement) => {
      expect(await kinds(restartedIncident({}, { blastRadius: blastRadiusLike({}, { defaultHostManagement }) }))).toEqual([])
    },
  )

  it('whatever the instance answered', async () => {
    const silent: Answer = { wellFormed: false, why: 'x' }
    expect((await witnesses(restartedIncident(), silent, contextLike())).map(({ kind }) => kind)).toEqual(['agent'])
    expect(cloudtrail).not.toHaveReceivedAnyCommand()
  })
})

describe('CloudTrail is a witness', () => {
  const seen = (proofWait = 0) => witnesses(restartedIncident(), answer, contextLike({ proofWait }))
  const asked = (AttributeValue: string) => ({ LookupAttributes: [{ AttributeKey: 'ResourceName' as const, AttributeValue }] })

  it('when EC2 was issued the reported key after the cut-off', async () => {
    cloudtrail.on(LookupEventsCommand, asked(NEW_KEY)).resolves(issued(STARTED))
    expect(await seen()).toEqual([
      { kind: 'cloudtrail', at: STARTED, says: expect.stringContaining(`EC2 was issued ${NEW_KEY}`) },
    ])
    expect(cloudtrail).toHaveReceivedCommandTimes(LookupEventsCommand, 1)
  })

  it('when that is found by the instance only', async () => {
    cloudtrail.on(LookupEventsCommand, asked(subject.instanceId)).resolves(issued(STARTED))
    expect((await seen()).map(({ kind }) => kind)).toEqual(['cloudtrail'])
  })

  it('and at the cut-off too: sessions issued then are not denied', async () => {
    cloudtrail.on(LookupEventsCommand).resolves(issued(CUTOFF))
    expect(await seen()).toHaveLength(1)
  })

  it.each([
    ['another key', issued(STARTED, 'ASIAXCSEC6TNOTHER000')],
    ['the key, but before the cut-off', issued(plus(CUTOFF, -1))],
    ['nothing', { Events: [] }],
  ])('and not when it shows the issue of %s', async (_, events) => {
    cloudtrail.on(LookupEventsCommand).resolves(events)
    expect(await seen()).toEqual([])
  })

  it('after a wait, when proof is to be waited for', async () => {
    cloudtrail.on(LookupEventsCommand).resolvesOnce({ Events: [] }).resolvesOnce({ Events: [] }).resolves(issued(STARTED))
    const { context, progress } = lentContext({ proofWait: 600 })
    expect(await witnesses(restartedIncident(), answer, context)).toHaveLength(1)
    expect(progress.join()).toContain('waiting for CloudTrail')
    expect(context.now()).toBe(plus(NOON, 20))
  })

  it('never, when the wait is over without proof', async () => {
    const context = contextLike({ proofWait: 600 })
    expect(await witnesses(restartedIncident(), answer, context)).toEqual([])
    expect(context.now()).toBe(plus(NOON, 600))
  })

  it('never, once it shows that the key is older than the cut-off: that is not waited out', async () => {
    cloudtrail.on(LookupEventsCommand).resolves(issued(plus(CUTOFF, -1)))
    const context = contextLike({ proofWait: 600 })
    expect(await witnesses(restartedIncident(), answer, context)).toEqual([])
    expect(context.now()).toBe(NOON)
  })
})
