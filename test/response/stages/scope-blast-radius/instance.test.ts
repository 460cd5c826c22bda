import { AutoScalingClient, DescribeAutoScalingInstancesCommand } from '@aws-sdk/client-auto-scaling'
import {
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  DescribeSpotInstanceRequestsCommand,
  EC2Client,
  type Instance,
} from '@aws-sdk/client-ec2'
import { beforeEach, describe, expect, it } from 'vitest'
import { mockClient } from '../../../support/mock-client.ts'
import 'aws-sdk-client-mock-vitest/extend'
import type { InstanceDescription } from '../../../../src/incident/facts/facts.ts'
import { stopHazard } from '../../../../src/response/guards.ts'
import { instanceDescription as describeIt } from '../../../../src/response/stages/scope-blast-radius/instance.ts'
import { awsError, contextsOf, subjectLike } from '../../../support/stage-context.ts'

const ec2 = mockClient(EC2Client)
const autoscaling = mockClient(AutoScalingClient)
const { contextLike } = contextsOf({ ec2: EC2Client, autoscaling: AutoScalingClient })

const subject = subjectLike()

/** Ways in which a read fails, and what is then said of it. */
const FAILURES = [
  ['UnauthorizedOperation', 403, 'is denied'],
  ['InternalFailure', 500, 'gets no answer'],
  ['RequestLimitExceeded', 503, 'is throttled'],
  ['NotFromAws', 500, 'gets no answer'],
] as const
const InstanceId = subject.instanceId

const instance = (parts: Partial<Instance> = {}): Instance => ({
  InstanceId,
  State: { Name: 'running' },
  LaunchTime: new Date('2026-11-01T09:00:00Z'),
  RootDeviceType: 'ebs',
  ...parts,
})

beforeEach(() => {
  ec2.reset()
  autoscaling.reset()
  ec2.on(DescribeInstanceAttributeCommand).resolves({ DisableApiStop: { Value: false } })
  autoscaling.on(DescribeAutoScalingInstancesCommand).resolves({ AutoScalingInstances: [] })
})

/** The instance as it is described when EC2 shows it like this. */
const described = async (parts: Partial<Instance> = {}): Promise<InstanceDescription> => {
  ec2.on(DescribeInstancesCommand).resolves({ Reservations: [{ Instances: [instance(parts)] }] })
  const description = await describeIt(subject, contextLike())
  if ('status' in description) throw new Error(description.why)
  return description
}

describe('the description of an instance', () => {
  it('shows that a plain instance can be stopped and started', async () => {
    expect(await described()).toEqual({
      id: InstanceId,
      region: 'us-east-1',
      state: 'running',
      launchTime: '2026-11-01T09:00:00Z',
      platform: 'linux',
      rootDeviceType: 'ebs',
      stopProtection: false,
      hasElasticIp: false,
      metadataEnabled: true,
      hibernation: false,
      volumes: [],
    })
  })

  it.each([
    ['windows', 'windows'],
    ['Windows', 'windows'],
    [undefined, 'linux'],
  ])('gives Platform %s as %s', async (Platform, platform) => {
    expect((await described({ Platform } as Partial<Instance>)).platform).toBe(platform)
  })

  it('names an instance-store root', async () => {
    expect((await described({ RootDeviceType: 'instance-store' })).rootDeviceType).toBe('instance-store')
  })

  it('lists the EBS volumes with their devices, and nothing else', async () => {
    const BlockDeviceMappings = [
      { DeviceName: '/dev/xvda', Ebs: { VolumeId: 'vol-1', DeleteOnTermination: true } },
      { DeviceName: '/dev/sdf', Ebs: { VolumeId: 'vol-2' } },
      { DeviceName: '/dev/sdg' },
    ]
    expect((await described({ BlockDeviceMappings })).volumes).toEqual([
      { id: 'vol-1', device: '/dev/xvda', deleteOnTermination: true },
      { id: 'vol-2', device: '/dev/sdf', deleteOnTermination: false },
    ])
  })

  it('holds name, addresses, profile and metadata options', async () => {
    const seen = await described({
      Tags: [{ Key: 'Name', Value: 'web-1' }],
      PublicIpAddress: '203.0.113.20',
      PrivateIpAddress: '10.0.1.20',
      IamInstanceProfile: { Arn: 'arn:aws:iam::111122223333:instance-profile/web' },
      MetadataOptions: { HttpTokens: 'required', HttpEndpoint: 'disabled' },
      HibernationOptions: { Configured: true },
    })
    expect(seen).toMatchObject({
      name: { untrusted: 'web-1' },
      publicIp: '203.0.113.20',
      privateIp: '10.0.1.20',
      profileArn: 'arn:aws:iam::111122223333:instance-profile/web',
      httpTokens: 'required',
      metadataEnabled: false,
      hibernation: true,
    })
  })

  it.each([
    ['amazon', false],
    ['111122223333', true],
  ])('says whether an address owned by %s stays: %s', async (IpOwnerId, hasElasticIp) => {
    const NetworkInterfaces = [{}, { Association: { PublicIp: '203.0.113.20', IpOwnerId } }]
    expect((await described({ NetworkInterfaces })).hasElasticIp).toBe(hasElasticIp)
  })

  it('names the service that manages it', async () => {
    expect((await described({ Operator: { Managed: true, Principal: 'eks.amazonaws.com' } })).managedBy).toEqual({
      untrusted: 'eks.amazonaws.com',
    })
    expect((await described({ Operator: { Managed: true } })).managedBy).toEqual({ untrusted: 'an AWS service' })
    expect(await described({ Operator: { Managed: false } })).not.toHaveProperty('managedBy')
  })

  it('names stop protection', async () => {
    ec2.on(DescribeInstanceAttributeCommand).resolves({ DisableApiStop: { Value: true } })
    expect((await described()).stopProtection).toBe(true)
    expect(ec2).toHaveReceivedCommandWith(DescribeInstanceAttributeCommand, { InstanceId, Attribute: 'disableApiStop' })
  })

  it.each(FAILURES)('says that stop protection is not known when EC2 answers %s', async (code, status, why) => {
    ec2.on(DescribeInstanceAttributeCommand).rejects(awsError(code, status))
    const { stopProtection, unread } = await described()
    expect(stopProtection).toBe(false)
    expect(unread).toEqual([`whether ${InstanceId} has stop protection is not known: ec2:DescribeInstanceAttribute ${why}`])
  })
})

describe('a Spot instance', () => {
  it.each(['one-time', 'persistent'] as const)('names its %s request', async (Type) => {
    ec2.on(DescribeSpotInstanceRequestsCommand).resolves({ SpotInstanceRequests: [{ Type }] })
    const seen = await described({ InstanceLifecycle: 'spot', SpotInstanceRequestId: 'sir-1' })
    expect(seen).toMatchObject({ lifecycle: 'spot', spotRequestType: Type })
    expect(ec2).toHaveReceivedCommandWith(DescribeSpotInstanceRequestsCommand, { SpotInstanceRequestIds: ['sir-1'] })
  })

  it('has an unknown kind when its request is gone', async () => {
    ec2.on(DescribeSpotInstanceRequestsCommand).resolves({ SpotInstanceRequests: [] })
    const seen = await described({ InstanceLifecycle: 'spot', SpotInstanceRequestId: 'sir-1' })
    expect(seen.lifecycle).toBe('spot')
    expect(seen).not.toHaveProperty('spotRequestType')
  })

  it.each(FAILURES)(
    'is not called one-time when its request answers %s: that is not known, and said',
    async (code, status, why) => {
      ec2.on(DescribeSpotInstanceRequestsCommand).rejects(awsError(code, status))
      const seen = await described({ InstanceLifecycle: 'spot', SpotInstanceRequestId: 'sir-1' })
      expect(stopHazard(seen)).toBeUndefined()
      expect(seen.unread).toEqual([
        `whether the Spot request of ${InstanceId} is persistent is not known: ec2:DescribeSpotInstanceRequests ${why}`,
      ])
    },
  )

  it('is not asked about without a request, and neither is a scheduled one', async () => {
    expect((await described({ InstanceLifecycle: 'spot' })).lifecycle).toBe('spot')
    expect((await described({ InstanceLifecycle: 'scheduled', SpotInstanceRequestId: 'sir-1' })).lifecycle).toBe('scheduled')
    expect(ec2).not.toHaveReceivedCommand(DescribeSpotInstanceRequestsCommand)
  })
})

describe('a member of an Auto Scaling group', () => {
  const group = (LifecycleState: string) => ({
    AutoScalingInstances: [{ AutoScalingGroupName: 'web', LifecycleState } as never],
  })
  const Tags = [{ Key: 'aws:autoscaling:groupName', Value: 'web' }]

  it('is a member while Auto Scaling says so', async () => {
    autoscaling.on(DescribeAutoScalingInstancesCommand).resolves(group('InService'))
    expect((await described()).autoScalingGroup).toEqual({ untrusted: 'web' })
    expect(autoscaling).toHaveReceivedCommandWith(DescribeAutoScalingInstancesCommand, { InstanceIds: [InstanceId] })
  })

  it('can be stopped in Standby, where the group leaves it alone', async () => {
    autoscaling.on(DescribeAutoScalingInstancesCommand).resolves(group('Standby'))
    expect(await described({ Tags })).not.toHaveProperty('autoScalingGroup')
  })

  it('is still a member on its way into Standby', async () => {
    autoscaling.on(DescribeAutoScalingInstancesCommand).resolves(group('EnteringStandby'))
    expect((await described()).autoScalingGroup).toEqual({ untrusted: 'web' })
  })

  it.each(FAILURES)(
    'is known by its tag when Auto Scaling answers %s, and without a tag not known',
    async (code, status, why) => {
      autoscaling.on(DescribeAutoScalingInstancesCommand).rejects(awsError(code, status))
      const tagged = await described({ Tags })
      expect(tagged.autoScalingGroup).toEqual({ untrusted: 'web' })
      expect(tagged).not.toHaveProperty('unread')
      const untagged = await described()
      expect(untagged).not.toHaveProperty('autoScalingGroup')
      expect(untagged.unread).toEqual([
        `whether ${InstanceId} is in an Auto Scaling group is not known: autoscaling:DescribeAutoScalingInstances ${why}`,
      ])
    },
  )
})

describe('an instance that EC2 does not have', () => {
  it.each([
    ['unknown to EC2', () => ec2.on(DescribeInstancesCommand).rejects(awsError('InvalidInstanceID.NotFound'))],
    ['not in the answer', () => ec2.on(DescribeInstancesCommand).resolves({ Reservations: [] })],
    ['another one', () => ec2.on(DescribeInstancesCommand).resolves({ Reservations: [{ Instances: [{ InstanceId: 'i-2' }] }] })],
  ])('leaves the stage out, with a remedy, and holds nothing else up (%s)', async (_, answer) => {
    answer()
    const seen = await describeIt(subject, contextLike())
    expect(seen).toMatchObject({
      status: 'blocked',
      leavesOut: true,
      why: `EC2 does not show instance ${InstanceId} any more`,
    })
    expect('remedy' in seen && seen.remedy).toContain('--region')
  })
})
