import { DescribeAutoScalingInstancesCommand } from '@aws-sdk/client-auto-scaling'
import {
  CreateSnapshotsCommand,
  DescribeInstanceAttributeCommand,
  DescribeSpotInstanceRequestsCommand,
  type Instance,
  StartInstancesCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2'
import { codeOf, errorMeaningOf, isDenied, isRefusal } from '../../../aws/failure.ts'
import type { BlastRadius, InstanceDescription, Permission } from '../../../incident/facts/facts.ts'
import type { InstanceRoleSession } from '../../../incident/facts/subject.ts'
import { given } from '../../../incident/values/given.ts'
import { instantOf } from '../../../incident/values/instant.ts'
import { untrusted } from '../../../incident/values/untrusted.ts'
import { type Blocked, blocked, type Context } from '../../stage.ts'
import { describeInstance } from '../identify-subject/resources.ts'

/** The instance as it is, with everything that decides whether it can be stopped and started ("Stop and start your instance"). */
export const instanceDescription = async (
  { instanceId, region }: InstanceRoleSession,
  context: Context,
): Promise<InstanceDescription | Blocked> => {
  const instance = await describeInstance(context, region, instanceId)
  if (!instance) {
    return blocked(
      `EC2 does not show instance ${instanceId} any more`,
      'its credentials work until they expire: in IAM, open the role and choose Revoke sessions',
    )
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
    ...given({
      publicIp: PublicIpAddress || undefined,
      privateIp: PrivateIpAddress || undefined,
      httpTokens: MetadataOptions?.HttpTokens ? MetadataOptions.HttpTokens : undefined,
      profileArn: instance.IamInstanceProfile?.Arn ? instance.IamInstanceProfile.Arn : undefined,
    }),
  }
}

const named = ({ Tags, Operator }: Instance) => {
  const name = Tags?.find(({ Key }) => Key === 'Name')?.Value
  return {
    ...given({
      name: name ? untrusted(name) : undefined,
      managedBy: Operator?.Managed ? untrusted(Operator.Principal ?? 'an AWS service') : undefined,
    }),
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
  return { lifecycle: 'spot', ...given({ spotRequestType: type }) }
}

/** What EC2 permits the responder: the answers of its DryRun calls, which change nothing. */
export const permissions = async (
  { instanceId, region }: InstanceRoleSession,
  context: Context,
): Promise<BlastRadius['permitted']> => {
  const { ec2 } = context.aws(region)
  const one = { InstanceIds: [instanceId], DryRun: true }
  return {
    stop: await permission(() => ec2.send(new StopInstancesCommand(one))),
    start: await permission(() => ec2.send(new StartInstancesCommand(one))),
    snapshots: await permission(() =>
      ec2.send(new CreateSnapshotsCommand({ InstanceSpecification: { InstanceId: instanceId }, DryRun: true })),
    ),
  }
}

const WOULD_HAVE_SUCCEEDED = 'DryRunOperation'

/** EC2's error says whether the call would have succeeded or is denied; any other refusal leaves that unknown. */
const permission = async (ask: () => Promise<unknown>): Promise<Permission> => {
  try {
    await ask()
    return 'unknown'
  } catch (error) {
    if (codeOf(error) === WOULD_HAVE_SUCCEEDED) return 'permitted'
    if (isDenied(error)) return 'denied'
    if (isRefusal(error) || errorMeaningOf(error) === 'clock') return 'unknown'
    throw error
  }
}
