import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail'
import { DescribeInstanceInformationCommand, SSMClient } from '@aws-sdk/client-ssm'
import { beforeEach, describe, expect, it } from 'vitest'
import { type Instant, plus } from '../../../../src/incident/values/instant.ts'
import { issueOrPing, provenByIssue } from '../../../../src/response/stages/verify-rotation/issue-record.ts'
import { issueOf } from '../../../investigation/records.ts'
import { mockClient } from '../../../support/mock-client.ts'
import { NOON } from '../../../support/noon.ts'
import { CUTOFF, NEW_KEY, restartedIncident, STARTED } from '../../../support/rotation.ts'
import { awsError, contextsOf, subjectLike } from '../../../support/stage-context.ts'

const ssm = mockClient(SSMClient)
const cloudtrail = mockClient(CloudTrailClient)
const { contextLike } = contextsOf({ ssm: SSMClient, cloudtrail: CloudTrailClient })
const { instanceId, role } = subjectLike()

beforeEach(() => {
  ssm.reset()
  cloudtrail.reset()
  ssm.on(DescribeInstanceInformationCommand).resolves({ InstanceInformationList: [] })
  cloudtrail.on(LookupEventsCommand).resolves({ Events: [] })
})

const events = (...records: readonly object[]) => ({
  Events: records.map((record) => ({ CloudTrailEvent: JSON.stringify(record) })),
})

const issue = (at: Instant, { roleArn = role.arn, to = instanceId } = {}) =>
  issueOf(NEW_KEY, to, { eventTime: at, requestParameters: { roleArn, roleSessionName: to } })

const seen = (...records: readonly object[]) => {
  cloudtrail.on(LookupEventsCommand).resolves(events(...records))
  return provenByIssue(restartedIncident(), contextLike())
}

describe('CloudTrail’s record of an issue', () => {
  it('proves the rotation when EC2 issued credentials of the role to the instance after its start and the cut-off', async () => {
    expect(await seen(issue(plus(STARTED, 5)))).toMatchObject({
      issue: { accessKeyId: NEW_KEY, at: plus(STARTED, 5) },
      says: expect.stringContaining(`${NEW_KEY} was issued to ${instanceId}`),
    })
    expect(await seen(issue(STARTED))).toHaveProperty('issue')
  })

  it.each([
    ['before the cut-off', issue(plus(CUTOFF, -1))],
    ['after the cut-off, and before the start', issue(plus(CUTOFF, 1))],
    ['to another instance', issue(NOON, { to: 'i-0aa1b2c3d4e5f6071' })],
    ['for another role', issue(NOON, { roleArn: 'arn:aws:iam::111122223333:role/admin' })],
    [
      'by somebody who named his session after the instance',
      { ...issue(NOON), userIdentity: { type: 'IAMUser', accessKeyId: 'AKIAXCSEC6TN00000000' } },
    ],
  ])('proves nothing when it was made %s', async (_, record) => {
    expect(await seen(record)).not.toHaveProperty('issue')
  })

  it('is waited for 15 minutes, and what was seen until then is said', async () => {
    const context = contextLike()
    expect(await issueOrPing(restartedIncident(), context, false)).toEqual({
      says: 'CloudTrail shows no new issue to it yet',
      isFinal: false,
    })
    expect(context.now()).toBe(plus(NOON, 900))
  })

  it('ends the wait when it comes', async () => {
    cloudtrail
      .on(LookupEventsCommand, { LookupAttributes: [{ AttributeKey: 'ResourceName', AttributeValue: instanceId }] })
      .resolvesOnce({ Events: [] })
      .resolvesOnce({ Events: [] })
      .resolves(events(issue(NOON)))
    const context = contextLike()
    expect(await issueOrPing(restartedIncident(), context, false)).toHaveProperty('issue')
    expect(context.now()).toBe(plus(NOON, 20))
  })

  it('is not waited for where it can no longer come: CloudTrail is denied, or shows calls from 15 minutes past the start', async () => {
    const context = contextLike()
    cloudtrail.on(LookupEventsCommand).rejects(awsError('AccessDeniedException'))
    expect(await issueOrPing(restartedIncident(), context, false)).toMatchObject({
      says: 'CloudTrail in us-east-1 could not be read: cloudtrail:LookupEvents is denied',
    })
    cloudtrail.reset()
    cloudtrail.on(LookupEventsCommand).resolves({ Events: [] })
    const ours = { AttributeKey: 'AccessKeyId' as const, AttributeValue: 'ASIARESPONDER0000000' }
    const late = { ...issue(plus(STARTED, 900)), eventName: 'DescribeInstances', eventSource: 'ec2.amazonaws.com' }
    cloudtrail.on(LookupEventsCommand, { LookupAttributes: [ours] }).resolves(events(late))
    expect(await issueOrPing(restartedIncident(), context, false)).toMatchObject({ isFinal: true })
    expect(context.now()).toBe(NOON)
  })

  it('gives way to the agent when that calls first, where the instance was not asked yet', async () => {
    const called = { InstanceId: instanceId, PingStatus: 'Online' as const, LastPingDateTime: new Date(NOON) }
    ssm.on(DescribeInstanceInformationCommand).resolves({ InstanceInformationList: [called] })
    expect(await issueOrPing(restartedIncident(), contextLike(), true)).toBe('ping')
    expect(await issueOrPing(restartedIncident(), contextLike(), false)).not.toBe('ping')
  })
})
