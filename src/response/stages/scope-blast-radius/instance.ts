import { DescribeAutoScalingInstancesCommand } from '@aws-sdk/client-auto-scaling'
import {
  CreateSnapshotsCommand,
  DescribeInstanceAttributeCommand,
  DescribeSpotInstanceRequestsCommand,
  type Instance,
  StartInstancesCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2'
import { codeOf, isDenied, isRefusal, unreadReason } from '../../../aws/failure.ts'
import type { BlastRadius, InstanceDescription, Permission } from '../../../incident/facts/facts.ts'
import type { InstanceRoleSession } from '../../../incident/facts/subject.ts'
import { given } from '../../../incident/values/given.ts'
import { instantOf } from '../../../incident/values/instant.ts'
import { untrusted } from '../../../incident/values/untrusted.ts'
import { type Blocked, type Context, leftOut } from '../../stage.ts'
import { describeInstance } from '../identify-subject/resources.ts'
import { readOr, type Unread } from '../optional-read.ts'

/**
 * The instance as it is, with everything that decides whether it can be stopped and started ("Stop and start your instance").
 * What of that could not be read, it says in `unread`; only without the description itself nothing can go on.
 */
export const instanceDescription = async (
  { instanceId, region, missing }: InstanceRoleSession,
  context: Context,
): Promise<InstanceDescription | Blocked> => {
  const instance = await describedNow(instanceId, region, context)
  if (instance === undefined) return leftOut(missing ?? `EC2 does not show instance ${instanceId} any more`, WITHOUT_INSTANCE)
  if ('status' in instance) return instance
  const { PublicIpAddress, PrivateIpAddress, MetadataOptions } = instance
  const unread: Unread = []
  const hazards = {
    stopProtection: await stopProtection(instanceId, region, context, unread),
    ...(await group(instanceId, region, instance, context, unread)),
    ...(await spot(instance, region, context, unread)),
  }
  return {
    id: instanceId,
    region,
    state: instance.State?.Name ?? 'unknown',
    launchTime: instantOf(instance.LaunchTime ?? new Date(0)),
    platform: instance.Platform?.toLowerCase() === 'windows' ? 'windows' : 'linux',
    rootDeviceType: instance.RootDeviceType ?? 'unknown',
    hasElasticIp: hasElasticIp(instance),
    metadataEnabled: MetadataOptions?.HttpEndpoint !== 'disabled',
    hibernation: instance.HibernationOptions?.Configured === true,
    volumes: volumesOf(instance),
    ...named(instance),
    ...hazards,
    ...given({
      unread: unread.length > 0 ? unread : undefined,
      type: instance.InstanceType || undefined,
      publicIp: PublicIpAddress || undefined,
      privateIp: PrivateIpAddress || undefined,
      vpcId: instance.VpcId || undefined,
      httpTokens: MetadataOptions?.HttpTokens ? MetadataOptions.HttpTokens : undefined,
      profileArn: instance.IamInstanceProfile?.Arn ? instance.IamInstanceProfile.Arn : undefined,
    }),
  }
}

/** The instance now; undefined where EC2 does not know it, and why the stage is left out where EC2 cannot be asked. */
const describedNow = async (instanceId: string, region: string, context: Context): Promise<Instance | Blocked | undefined> => {
  try {
    return await describeInstance(context, region, instanceId)
  } catch (error) {
    const why = unreadReason(error)
    if (why === undefined) throw error
    const [remedy, kind] = isDenied(error)
      ? (['get the permission (`ir-cred policy` prints it), then continue', 'identity'] as const)
      : (['continue later', 'unavailable'] as const)
    return leftOut(`instance ${instanceId} is not known: ec2:DescribeInstances ${why} (${codeOf(error)})`, remedy, kind)
  }
}

const WITHOUT_INSTANCE =
  'the deny does not need it: what holds the key stays refused; if the instance is in another Region, name the Region with --region, and if EC2 could not be asked, continue later'

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

const stopProtection = async (InstanceId: string, region: string, context: Context, unread: Unread): Promise<boolean> => {
  const asked = {
    what: `whether ${InstanceId} has stop protection`,
    operation: 'ec2:DescribeInstanceAttribute',
    otherwise: undefined,
  }
  const answer = await readOr(unread, asked, () =>
    context.aws(region).ec2.send(new DescribeInstanceAttributeCommand({ InstanceId, Attribute: 'disableApiStop' })),
  )
  return answer?.DisableApiStop?.Value === true
}

/** The group's name from Auto Scaling, or from the tag that Auto Scaling puts on its members when it cannot be asked. */
const group = async (instanceId: string, region: string, { Tags }: Instance, context: Context, unread: Unread) => {
  const tagged = Tags?.find(({ Key }) => Key === 'aws:autoscaling:groupName')?.Value
  const asked = {
    what: `whether ${instanceId} is in an Auto Scaling group`,
    operation: 'autoscaling:DescribeAutoScalingInstances',
    otherwise: undefined,
  }
  // The tag answers it as well: then nothing is unknown.
  const answer = await readOr(tagged ? [] : unread, asked, () =>
    context.aws(region).autoscaling.send(new DescribeAutoScalingInstancesCommand({ InstanceIds: [instanceId] })),
  )
  const [member] = answer?.AutoScalingInstances ?? []
  if (member?.LifecycleState === 'Standby') return {}
  const name = member?.AutoScalingGroupName ?? tagged
  return name ? { autoScalingGroup: untrusted(name) } : {}
}

const spot = async (instance: Instance, region: string, context: Context, unread: Unread) => {
  const { InstanceId, InstanceLifecycle, SpotInstanceRequestId } = instance
  if (!InstanceLifecycle) return {}
  if (InstanceLifecycle !== 'spot' || !SpotInstanceRequestId) return { lifecycle: InstanceLifecycle }
  const asked = {
    what: `whether the Spot request of ${InstanceId} is persistent`,
    operation: 'ec2:DescribeSpotInstanceRequests',
    otherwise: 'unread' as const,
  }
  const answer = await readOr(unread, asked, () =>
    context.aws(region).ec2.send(new DescribeSpotInstanceRequestsCommand({ SpotInstanceRequestIds: [SpotInstanceRequestId] })),
  )
  const type = answer === 'unread' ? answer : answer.SpotInstanceRequests?.[0]?.Type
  return { lifecycle: 'spot', ...given({ spotRequestType: type }) }
}

/** What EC2 permits the responder: the answers of its DryRun calls, which change nothing. */
export const permissions = async (
  { instanceId, region }: InstanceRoleSession,
  context: Context,
  unread: Unread,
): Promise<BlastRadius['permitted']> => {
  const { ec2 } = context.aws(region)
  const one = { InstanceIds: [instanceId], DryRun: true }
  const may = (what: string, operation: string, ask: () => Promise<unknown>) =>
    readOr(unread, { what: `whether you may ${what} ${instanceId}`, operation, otherwise: 'unknown' as const }, () =>
      permission(ask),
    )
  return {
    stop: await may('stop', 'ec2:StopInstances (DryRun)', () => ec2.send(new StopInstancesCommand(one))),
    start: await may('start', 'ec2:StartInstances (DryRun)', () => ec2.send(new StartInstancesCommand(one))),
    snapshots: await may('take snapshots of', 'ec2:CreateSnapshots (DryRun)', () =>
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
    if (isRefusal(error)) return 'unknown'
    throw error
  }
}
