import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2'
import { GetRolePolicyCommand, IAMClient } from '@aws-sdk/client-iam'
import { beforeEach, describe, expect, it } from 'vitest'
import { mockClient } from '../../support/mock-client.ts'
import 'aws-sdk-client-mock-vitest/extend'
import { emptyIncident, type Incident, type Intent } from '../../../src/incident/incident.ts'
import type { Instant } from '../../../src/incident/values/instant.ts'
import { describeReality } from '../../../src/response/stages/current-state.ts'
import { revocationDocument } from '../../../src/response/stages/revoke-sessions/policy.ts'
import { blockText } from '../../support/block-text.ts'
import { NOON } from '../../support/noon.ts'
import { awsError, contextsOf, subjectLike } from '../../support/stage-context.ts'

const ec2 = mockClient(EC2Client)
const iam = mockClient(IAMClient)
const { contextLike } = contextsOf({ ec2: EC2Client, iam: IAMClient })
const CUTOFF = '2026-11-25T11:50:30Z' as Instant
const InstanceId = 'i-08faaaafb15777f5a'

const policy = (text: string) =>
  iam.on(GetRolePolicyCommand).resolves({ RoleName: 'web-app', PolicyName: 'p', PolicyDocument: encodeURIComponent(text) })

const instance = (Name: 'stopped' | 'running') =>
  ec2.on(DescribeInstancesCommand).resolves({
    Reservations: [{ Instances: [{ InstanceId, State: { Name }, LaunchTime: new Date('2026-11-01T09:00:00Z') }] }],
  })

beforeEach(() => {
  ec2.reset()
  iam.reset()
  policy(revocationDocument(CUTOFF))
  instance('stopped')
})

const intent = (parts: Partial<Intent> = {}): Intent => {
  const effect = { operation: 'ec2:StartInstances', resource: `instance/${InstanceId}`, sentence: 'start it' }
  return { stage: 'restart-instance', nonce: 'n', effect, at: NOON, planned: {}, ...parts }
}

const said = async (parts: Partial<Incident> = {}): Promise<string> =>
  blockText(await describeReality({ ...emptyIncident, facts: { subject: subjectLike() }, ...parts }, contextLike()))

describe('a resumed run says how things stand', () => {
  it('on the role and with the instance', async () => {
    const text = await said()
    expect(text).toContain(`role: AWSRevokeOlderSessions denies sessions issued before ${CUTOFF}`)
    expect(text).toContain(`instance: ${InstanceId} is stopped, launched 2026-11-01T09:00:00Z`)
  })

  it('when the deny is not there', async () => {
    iam.on(GetRolePolicyCommand).rejects(awsError('NoSuchEntityException', 404))
    expect(await said()).toContain('AWSRevokeOlderSessions is not there: older sessions are not denied')
  })

  it('when the policy means something else', async () => {
    policy('{}')
    expect(await said()).toContain('is there and denies no session by its issue time')
  })

  it('when the instance is gone', async () => {
    ec2.on(DescribeInstancesCommand).rejects(awsError('InvalidInstanceID.NotFound'))
    expect(await said()).toContain(`${InstanceId} is not there any more`)
  })

  it('with the changes of which nobody knows what became of them, and no others', async () => {
    const intents = [
      intent(),
      intent({ outcome: 'unknown', effect: { operation: 'iam:PutRolePolicy', resource: 'role', sentence: 'deny' } }),
      intent({ outcome: 'accepted', effect: { operation: 'ec2:StopInstances', resource: 'done', sentence: 'stop' } }),
      intent({ outcome: 'refused', effect: { operation: 'ssm:SendCommand', resource: 'refused', sentence: 'run' } }),
    ]
    const text = await said({ intents })
    expect(text).toContain(`ec2:StartInstances on instance/${InstanceId}, ${NOON}`)
    expect(text).toContain('iam:PutRolePolicy on role')
    expect(text).not.toMatch(/done|refused/)
    expect(await said()).not.toContain('nobody knows what became of it')
  })

  it('before anything was identified: that nothing was changed, and AWS is not asked', async () => {
    expect(await said({ facts: {} })).toBe('Nothing has been identified yet, and nothing was changed.')
    expect(iam).not.toHaveReceivedAnyCommand()
    expect(ec2).not.toHaveReceivedAnyCommand()
  })

  it('only when it could be read', async () => {
    iam.on(GetRolePolicyCommand).rejects(awsError('AccessDenied', 403))
    await expect(said()).rejects.toThrow('AccessDenied')
  })
})
