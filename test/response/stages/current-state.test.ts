import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2'
import { GetRolePolicyCommand, IAMClient } from '@aws-sdk/client-iam'
import { beforeEach, describe, expect, it } from 'vitest'
import { mockClient } from '../../support/mock-client.ts'
import 'aws-sdk-client-mock-vitest/extend'
import { emptyIncident, type Incident, type Intent } from '../../../src/incident/incident.ts'
import { revocationDocument } from '../../../src/incident/revocation-document.ts'
import type { Instant } from '../../../src/incident/values/instant.ts'
import { currentStateBlocks } from '../../../src/response/stages/current-state.ts'
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
  blockText(await currentStateBlocks({ ...emptyIncident, facts: { subject: subjectLike() }, ...parts }, contextLike()))

describe('the current state that a resumed run shows', () => {
  it('names the cut-off on the role and the state of the instance', async () => {
    const text = await said()
    expect(text).toContain(`role: AWSRevokeOlderSessions denies sessions issued before ${CUTOFF}`)
    expect(text).toContain(`instance: ${InstanceId} is stopped, launched 2026-11-01T09:00:00Z`)
  })

  it('says that the deny is absent', async () => {
    iam.on(GetRolePolicyCommand).rejects(awsError('NoSuchEntityException', 404))
    expect(await said()).toContain('there is no AWSRevokeOlderSessions: older sessions are not denied')
  })

  it('says that a policy of another meaning denies no session', async () => {
    policy('{}')
    expect(await said()).toContain('exists and denies no session by its issue time')
  })

  it('says that EC2 has no such instance any more', async () => {
    ec2.on(DescribeInstancesCommand).rejects(awsError('InvalidInstanceID.NotFound'))
    expect(await said()).toContain(`EC2 has no ${InstanceId} any more`)
  })

  it('lists the changes with an unknown outcome, and no others', async () => {
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
    expect(await said()).not.toContain('an unknown outcome')
  })

  it('says, without asking AWS, that nothing was changed before the subject is identified', async () => {
    expect(await said({ facts: {} })).toBe('The subject is not identified yet, and nothing was changed.')
    expect(iam).not.toHaveReceivedAnyCommand()
    expect(ec2).not.toHaveReceivedAnyCommand()
  })

  it('is not made up when AWS cannot be read', async () => {
    iam.on(GetRolePolicyCommand).rejects(awsError('AccessDenied', 403))
    await expect(said()).rejects.toThrow('AccessDenied')
  })
})
