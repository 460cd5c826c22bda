import type {
  DescribeInstanceAttributeRequest,
  InstanceAttribute,
  InstanceBlockDeviceMappingSpecification,
  ModifyInstanceAttributeRequest,
  ModifyInstanceMetadataOptionsRequest,
  ModifyInstanceMetadataOptionsResult,
} from '@aws-sdk/client-ec2'
import type { Account, Instance } from '../../account/account.ts'
import { ServiceError } from '../../call.ts'
import { groupIdsOf } from '../../instances/network.ts'
import { operation } from '../../service.ts'
import { instanceNamed, onInstances, refuseDryRun } from './found.ts'
import { instanceAnswer } from './instance-shape.ts'
import { securityGroupNamed } from './security-groups.ts'

const attributes: Readonly<Record<string, (account: Account, instance: Instance) => InstanceAttribute>> = {
  disableApiStop: (_, { stopProtection }) => ({ DisableApiStop: { Value: stopProtection } }),
  disableApiTermination: (_, { terminationProtection = false }) => ({
    DisableApiTermination: { Value: terminationProtection },
  }),
  instanceInitiatedShutdownBehavior: (_, { shutdownBehavior = 'stop' }) => ({
    InstanceInitiatedShutdownBehavior: { Value: shutdownBehavior },
  }),
  instanceType: (_, { type }) => ({ InstanceType: { Value: type } }),
  rootDeviceName: () => ({ RootDeviceName: { Value: '/dev/xvda' } }),
  userData: () => ({ UserData: {} }),
  groupSet: (_, instance) => ({ Groups: groupIdsOf(instance).map((GroupId) => ({ GroupId })) }),
  sourceDestCheck: () => ({ SourceDestCheck: { Value: true } }),
  blockDeviceMapping: (account, instance) => ({
    BlockDeviceMappings: instanceAnswer(account, instance).BlockDeviceMappings ?? [],
  }),
}

/** DescribeInstanceAttribute: one attribute a call. */
export const describeInstanceAttribute = operation<DescribeInstanceAttributeRequest, InstanceAttribute>({
  authorize: (account, { InstanceId = '' }) => onInstances(account, 'ec2:DescribeInstanceAttribute', [InstanceId]),
  run: (account, input) => {
    const instance = instanceNamed(account, input.InstanceId)
    const read = Object.hasOwn(attributes, input.Attribute ?? '') ? attributes[input.Attribute ?? ''] : undefined
    if (!read) throw new ServiceError('InvalidParameterValue', `Value (${input.Attribute}) for parameter attribute is invalid.`)
    refuseDryRun(input)
    return { InstanceId: instance.id, ...read(account, instance) }
  },
  writes: false,
})

const keepVolumes = (account: Account, instance: Instance, devices: readonly InstanceBlockDeviceMappingSpecification[]): void => {
  for (const { DeviceName, Ebs } of devices) {
    const volume = instance.volumeIds.map((id) => account.volumes.get(id)).find((entry) => entry?.device === DeviceName)
    if (!volume) {
      throw new ServiceError('InvalidInstanceAttributeValue', `No device is currently mapped at ${DeviceName}`)
    }
    const deleteOnTermination = Ebs?.DeleteOnTermination ?? volume.deleteOnTermination
    account.volumes.set(volume.id, { ...volume, deleteOnTermination })
  }
}

/** `--attribute disableApiStop --value false` and `--no-disable-api-stop` say the same. */
const flagOf = (input: ModifyInstanceAttributeRequest, attribute: string, value: boolean | undefined): boolean | undefined =>
  input.Attribute === attribute ? input.Value === 'true' : value

const apply = (account: Account, instance: Instance, input: ModifyInstanceAttributeRequest): boolean => {
  const stopProtection = flagOf(input, 'disableApiStop', input.DisableApiStop?.Value)
  const terminationProtection = flagOf(input, 'disableApiTermination', input.DisableApiTermination?.Value)
  const shutdown = input.InstanceInitiatedShutdownBehavior?.Value
  if (stopProtection !== undefined) instance.stopProtection = stopProtection
  if (terminationProtection !== undefined) instance.terminationProtection = terminationProtection
  if (shutdown === 'stop' || shutdown === 'terminate') instance.shutdownBehavior = shutdown
  keepVolumes(account, instance, input.BlockDeviceMappings ?? [])
  if (input.Groups !== undefined) instance.securityGroupIds = input.Groups.map((id) => securityGroupNamed(account, id).id)
  const asked = [stopProtection, terminationProtection, shutdown, input.BlockDeviceMappings, input.Groups]
  return asked.some((given) => given !== undefined)
}

/** ModifyInstanceAttribute: protections, shutdown behaviour, security groups, and whether volumes outlive the instance. */
export const modifyInstanceAttribute = operation<ModifyInstanceAttributeRequest, object>({
  authorize: (account, { InstanceId = '' }) => onInstances(account, 'ec2:ModifyInstanceAttribute', [InstanceId]),
  run: (account, input) => {
    const instance = instanceNamed(account, input.InstanceId)
    refuseDryRun(input)
    if (!apply(account, instance, input)) {
      throw new ServiceError('InvalidParameterCombination', 'No attributes specified that the simulated account can modify.')
    }
    return {}
  },
  writes: true,
})

/** ModifyInstanceMetadataOptions, in force at once. */
export const modifyInstanceMetadataOptions = operation<ModifyInstanceMetadataOptionsRequest, ModifyInstanceMetadataOptionsResult>(
  {
    authorize: (account, { InstanceId = '' }) => onInstances(account, 'ec2:ModifyInstanceMetadataOptions', [InstanceId]),
    run: (account, input) => {
      const instance = instanceNamed(account, input.InstanceId)
      refuseDryRun(input)
      instance.httpTokens = input.HttpTokens ?? instance.httpTokens
      instance.hopLimit = input.HttpPutResponseHopLimit ?? instance.hopLimit
      if (input.HttpEndpoint !== undefined) instance.metadataEnabled = input.HttpEndpoint === 'enabled'
      if (input.HttpProtocolIpv6 !== undefined) instance.metadataIpv6 = input.HttpProtocolIpv6
      if (input.InstanceMetadataTags !== undefined) instance.instanceMetadataTags = input.InstanceMetadataTags
      const { MetadataOptions } = instanceAnswer(account, instance)
      return { InstanceId: instance.id, InstanceMetadataOptions: { ...MetadataOptions, State: 'pending' } }
    },
    writes: true,
  },
)
