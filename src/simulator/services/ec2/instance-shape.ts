import type {
  Instance as InstanceAnswer,
  InstanceBlockDeviceMapping,
  InstanceNetworkInterface,
  Reservation,
} from '@aws-sdk/client-ec2'
import { given } from '../../../incident/values/given.ts'
import type { Account, Instance } from '../../account/account.ts'
import { profileArn } from '../../account/arns.ts'
import { groupIdsOf } from '../../instances/network.ts'
import { ec2TagList, STATE_CODES } from './found.ts'
import { namedGroups } from './security-groups.ts'

/** Identifiers of things that the account keeps no record of follow from the instance's. */
const companionId = (prefix: string, { id }: Instance): string => `${prefix}-${id.slice('i-'.length)}`

export const reservationId = (instance: Instance): string => companionId('r', instance)

export const associationId = (instance: Instance): string => companionId('iip-assoc', instance)

export const spotRequestId = (instance: Instance): string => `sir-${instance.id.slice(-8)}`

/** The profile as EC2 answers it. */
export const profileOf = (account: Account, { profileName }: Instance): { Arn: string; Id: string } | undefined => {
  const profile = profileName === undefined ? undefined : account.instanceProfiles.get(profileName)
  return profile && { Arn: profileArn(account, profile.name), Id: profile.id }
}

/** Tags with the one that Auto Scaling puts onto its members. */
export const instanceTagsOf = ({ tags, autoScalingGroup }: Instance): Readonly<Record<string, string>> =>
  autoScalingGroup === undefined ? tags : { 'aws:autoscaling:groupName': autoScalingGroup, ...tags }

const exists = ({ state }: Instance): boolean => state !== 'terminated'

const blockDevices = (account: Account, instance: Instance): InstanceBlockDeviceMapping[] =>
  instance.volumeIds.flatMap((id) => {
    const volume = account.volumes.get(id)
    if (!volume) return []
    const { device, deleteOnTermination } = volume
    return [{ DeviceName: device, Ebs: { VolumeId: id, Status: 'attached', DeleteOnTermination: deleteOnTermination } }]
  })

const networkInterface = (account: Account, instance: Instance): InstanceNetworkInterface => {
  const { publicIp, elasticIp, privateIp, vpcId, subnetId } = instance
  const association =
    publicIp === undefined ? {} : { Association: { PublicIp: publicIp, IpOwnerId: elasticIp ? account.id : 'amazon' } }
  return {
    NetworkInterfaceId: companionId('eni', instance),
    Status: 'in-use',
    InterfaceType: 'interface',
    OwnerId: account.id,
    PrivateIpAddress: privateIp,
    PrivateIpAddresses: [{ Primary: true, PrivateIpAddress: privateIp, ...association }],
    VpcId: vpcId,
    SubnetId: subnetId,
    Groups: namedGroups(account, groupIdsOf(instance)),
    ...association,
  }
}

const network = (account: Account, instance: Instance): Partial<InstanceAnswer> => {
  const { privateIp, publicIp, vpcId, subnetId } = instance
  return {
    PrivateIpAddress: privateIp,
    PrivateDnsName: `ip-${privateIp.replaceAll('.', '-')}.${account.region}.compute.internal`,
    ...given({ PublicIpAddress: publicIp }),
    VpcId: vpcId,
    SubnetId: subnetId,
    SecurityGroups: namedGroups(account, groupIdsOf(instance)),
    NetworkInterfaces: [networkInterface(account, instance)],
  }
}

const metadataOptions = ({
  httpTokens,
  hopLimit,
  metadataEnabled,
  metadataIpv6 = 'disabled',
  instanceMetadataTags = 'disabled',
}: Instance): InstanceAnswer['MetadataOptions'] => ({
  State: 'applied',
  HttpTokens: httpTokens,
  HttpPutResponseHopLimit: hopLimit,
  HttpEndpoint: metadataEnabled ? 'enabled' : 'disabled',
  HttpProtocolIpv6: metadataIpv6,
  InstanceMetadataTags: instanceMetadataTags,
})

const stateOf = ({ state, stateReason, transitionReason = '' }: Instance): Partial<InstanceAnswer> => ({
  State: { Code: STATE_CODES[state], Name: state },
  StateTransitionReason: transitionReason,
  ...given({ StateReason: stateReason ? { Code: stateReason.code, Message: stateReason.message } : undefined }),
})

/** An instance as DescribeInstances answers it. */
export const instanceAnswer = (account: Account, instance: Instance): InstanceAnswer => {
  const profile = profileOf(account, instance)
  return {
    InstanceId: instance.id,
    InstanceType: instance.type as 't3.micro',
    ImageId: instance.imageId,
    LaunchTime: new Date(instance.launchTime),
    ...stateOf(instance),
    Placement: { AvailabilityZone: instance.availabilityZone, Tenancy: 'default', GroupName: '' },
    ...(instance.platform === 'windows'
      ? { Platform: 'Windows' as const, PlatformDetails: 'Windows' }
      : { PlatformDetails: 'Linux/UNIX' }),
    Architecture: 'x86_64',
    Hypervisor: 'xen',
    VirtualizationType: 'hvm',
    RootDeviceType: instance.rootDeviceType,
    RootDeviceName: '/dev/xvda',
    ...(instance.lifecycle === 'spot'
      ? { InstanceLifecycle: 'spot' as const, SpotInstanceRequestId: spotRequestId(instance) }
      : {}),
    ...given({ IamInstanceProfile: profile && exists(instance) ? profile : undefined }),
    ...(exists(instance) ? network(account, instance) : {}),
    BlockDeviceMappings: exists(instance) ? blockDevices(account, instance) : [],
    MetadataOptions: metadataOptions(instance),
    HibernationOptions: { Configured: instance.hibernation === true },
    Monitoring: { State: 'disabled' },
    Tags: ec2TagList(instanceTagsOf(instance)),
  }
}

/** Each instance in a reservation of its own. */
export const reservationAnswer = (account: Account, instance: Instance): Reservation => ({
  ReservationId: reservationId(instance),
  OwnerId: account.id,
  Groups: [],
  Instances: [instanceAnswer(account, instance)],
})
