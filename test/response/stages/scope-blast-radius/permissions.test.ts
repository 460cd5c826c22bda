import { CreateSnapshotsCommand, EC2Client, StartInstancesCommand, StopInstancesCommand } from '@aws-sdk/client-ec2'
import { beforeEach, describe, expect, it } from 'vitest'
import { mockClient } from '../../../support/mock-client.ts'
import 'aws-sdk-client-mock-vitest/extend'
import { permissions } from '../../../../src/response/stages/scope-blast-radius/instance.ts'
import { awsError, contextsOf, subjectLike } from '../../../support/stage-context.ts'

const ec2 = mockClient(EC2Client)
const { contextLike } = contextsOf({ ec2: EC2Client })
const subject = subjectLike()

beforeEach(() => {
  ec2.reset()
  ec2.onAnyCommand().rejects(awsError('DryRunOperation', 412))
})

const permitted = (unread: string[] = []) => permissions(subject, contextLike(), unread)

describe('the responder’s permissions on the instance', () => {
  it('are asked of EC2 by a dry run of each operation', async () => {
    expect(await permitted()).toEqual({ stop: 'permitted', start: 'permitted', snapshots: 'permitted' })
    const one = { InstanceIds: [subject.instanceId], DryRun: true }
    expect(ec2).toHaveReceivedCommandExactlyOnceWith(StopInstancesCommand, one)
    expect(ec2).toHaveReceivedCommandExactlyOnceWith(StartInstancesCommand, one)
    expect(ec2).toHaveReceivedCommandExactlyOnceWith(CreateSnapshotsCommand, {
      InstanceSpecification: { InstanceId: subject.instanceId },
      DryRun: true,
    })
  })

  it.each([
    ['DryRunOperation', 412, 'permitted'],
    ['UnauthorizedOperation', 403, 'denied'],
    ['Client.UnauthorizedOperation', 403, 'denied'],
    ['IncorrectInstanceState', 400, 'unknown'],
    ['UnsupportedOperation', 400, 'unknown'],
    ['OperationNotPermitted', 400, 'unknown'],
    ['InvalidInstanceID.NotFound', 400, 'unknown'],
  ])('follow from %s: %s', async (code, status, permission) => {
    ec2.on(StopInstancesCommand).rejects(awsError(code, status))
    expect(await permitted()).toEqual({ stop: permission, start: 'permitted', snapshots: 'permitted' })
  })

  it('are unknown when a dry run is answered as if it had been carried out', async () => {
    ec2.on(StopInstancesCommand).resolves({})
    expect((await permitted()).stop).toBe('unknown')
  })

  it.each([
    ['RequestLimitExceeded', 503, 'is throttled'],
    ['InternalError', 500, 'gets no answer'],
  ])('are unknown, which is said, when EC2 does not answer the dry run: %s', async (code, status, why) => {
    ec2.on(StartInstancesCommand).rejects(awsError(code, status))
    const unread: string[] = []
    expect(await permitted(unread)).toEqual({ stop: 'permitted', start: 'unknown', snapshots: 'permitted' })
    expect(unread).toEqual([`whether you may start ${subject.instanceId} is not known: ec2:StartInstances (DryRun) ${why}`])
  })

  it('do not follow from the responder’s own credentials being refused, which ends the assessment', async () => {
    ec2.on(StartInstancesCommand).rejects(awsError('AuthFailure', 401))
    await expect(permitted()).rejects.toThrow('AuthFailure')
  })
})
