import { DescribeAutoScalingInstancesCommand } from '@aws-sdk/client-auto-scaling'
import { DescribeInstanceAttributeCommand, DescribeSpotInstanceRequestsCommand, type Instance } from '@aws-sdk/client-ec2'
import { isDenied } from '../../../aws/failure.ts'
import type { InstanceDescription } from '../../../incident/facts/facts.ts'
import type { Subject } from '../../../incident/facts/subject.ts'
import { instantOf } from '../../../incident/values/instant.ts'
import { untrusted } from '../../../incident/values/untrusted.ts'
import { type Assessment, blocked, type Context } from '../../stage.ts'
import { describeInstance } from '../identify-subject/resources.ts'

type Stopped = Assessment<never> & { status: 'blocked' }

/** The instance as it is, with everything that decides whether it can be stopped and started ("Stop and start your instance"). */
export const describe = async ({ instanceId, region }: Subject, context: Context): Promise<InstanceDescription | Stopped> => {
  const instance = await describeInstance(context, region, instanceId)
  if (!instance) {
    return blocked(
      `instance ${instanceId} is gone`,
      'its sessions live on until they expire: in IAM, open the role and choose Revoke sessions',
    ) as Stopped
  }
  const { PublicIpAddress, PrivateIpAddress, MetadataOptions } = instance
  return {
    id: instanceId,
    region,
    state: instance.State?.Name ?? 'unknown',
    launchTime: instantOf(instance.LaunchTime ?? new Date(0)),
    platform: instance.Platform?.toLowerCase() === 'windows' ? 'windows' : 'linux',
    rootDeviceType: instance.RootDeviceType ?? 'unknown',
    stopProtection: await stopProtection(instanceId, region, context),
    hasElasticIp: hasElasticIp(instance),
    metadataEnabled: MetadataOptions?.HttpEndpoint !== 'disabled',
    hibernation: instance.HibernationOptions?.Configured === true,
    volumes: volumesOf(instance),
    ...named(instance),
    ...(await group(instanceId, region, instance, context)),
    ...(await spot(instance, region, context)),
    ...(PublicIpAddress ? { publicIp: PublicIpAddress } : {}),
    ...(PrivateIpAddress ? { privateIp: PrivateIpAddress } : {}),
    ...(MetadataOptions?.HttpTokens ? { httpTokens: MetadataOptions.HttpTokens } : {}),
    ...(instance.IamInstanceProfile?.Arn ? { profileArn: instance.IamInstanceProfile.Arn } : {}),
  }
}

const named = ({ Tags, Operator }: Instance) => {
  const name = Tags?.find(({ Key }) => Key === 'Name')?.Value
  return {
    ...(name ? { name: untrusted(name) } : {}),
    ...(Operator?.Managed ? { managedBy: untrusted(Operator.Principal ?? 'an AWS service') } : {}),
  }
}

/** An Elastic IP is owned by the account; an address of Amazon's pool is given back at the stop. */
const hasElasticIp = ({ NetworkInterfaces }: Instance): boolean =>
  NetworkInterfaces?.some(({ Association }) => Association?.PublicIp && Association.IpOwnerId !== 'amazon') ?? false

const volumesOf = ({ BlockDeviceMappings }: Instance): InstanceDescription['volumes'] =>
  (BlockDeviceMappings ?? []).flatMap(({ DeviceName, Ebs }) =>
    Ebs?.VolumeId
      ? [{ id: Ebs.VolumeId, device: DeviceName ?? 'unknown', deleteOnTermination: Ebs.DeleteOnTermination === true }]
      : [],
  )

const stopProtection = async (InstanceId: string, region: string, context: Context): Promise<boolean> => {
  const answer = await context
    .aws(region)
    .ec2.send(new DescribeInstanceAttributeCommand({ InstanceId, Attribute: 'disableApiStop' }))
  return answer.DisableApiStop?.Value === true
}

/** The group's name from Auto Scaling, or from the tag that Auto Scaling puts on its members when we may not ask. */
const group = async (instanceId: string, region: string, { Tags }: Instance, context: Context) => {
  const tagged = Tags?.find(({ Key }) => Key === 'aws:autoscaling:groupName')?.Value
  try {
    const answer = await context
      .aws(region)
      .autoscaling.send(new DescribeAutoScalingInstancesCommand({ InstanceIds: [instanceId] }))
    const [member] = answer.AutoScalingInstances ?? []
    if (member?.LifecycleState === 'Standby') return {}
    const name = member?.AutoScalingGroupName ?? tagged
    return name ? { autoScalingGroup: untrusted(name) } : {}
  } catch (error) {
    if (!isDenied(error)) throw error
    return tagged ? { autoScalingGroup: untrusted(tagged) } : {}
  }
}

const spot = async ({ InstanceLifecycle, SpotInstanceRequestId }: Instance, region: string, context: Context) => {
  if (!InstanceLifecycle) return {}
  if (InstanceLifecycle !== 'spot' || !SpotInstanceRequestId) return { lifecycle: InstanceLifecycle }
  const answer = await context
    .aws(region)
    .ec2.send(new DescribeSpotInstanceRequestsCommand({ SpotInstanceRequestIds: [SpotInstanceRequestId] }))
  const type = answer.SpotInstanceRequests?.[0]?.Type
  return { lifecycle: 'spot', ...(type ? { spotRequestType: type } : {}) }
}
