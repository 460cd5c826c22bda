import type { DescribeInstancesRequest, DescribeInstancesResult } from '@aws-sdk/client-ec2'
import { instantOf } from '../../../incident/values/instant.ts'
import type { Account, Instance } from '../../account/account.ts'
import { ServiceError } from '../../call.ts'
import { operation } from '../../service.ts'
import { type FilterFields, filtered } from './filters.ts'
import { ec2Page, instancesNamed, refuseDryRun, STATE_CODES } from './found.ts'
import { instanceTagsOf, profileOf, reservationAnswer, reservationId, spotRequestId } from './instance-shape.ts'

const fieldsFor = (account: Account): FilterFields<Instance> => ({
  architecture: () => ['x86_64'],
  'availability-zone': ({ availabilityZone }) => [availabilityZone],
  'block-device-mapping.volume-id': ({ volumeIds }) => volumeIds,
  'iam-instance-profile.arn': (instance) => [profileOf(account, instance)?.Arn],
  'iam-instance-profile.id': (instance) => [profileOf(account, instance)?.Id],
  'image-id': ({ imageId }) => [imageId],
  'instance-id': ({ id }) => [id],
  'instance-lifecycle': ({ lifecycle }) => [lifecycle],
  'instance-state-code': ({ state }) => [STATE_CODES[state]],
  'instance-state-name': ({ state }) => [state],
  'instance-type': ({ type }) => [type],
  'ip-address': ({ publicIp }) => [publicIp],
  'launch-time': ({ launchTime }) => [instantOf(new Date(launchTime)).replace('Z', '.000Z')],
  'metadata-options.http-endpoint': ({ metadataEnabled }) => [metadataEnabled ? 'enabled' : 'disabled'],
  'metadata-options.http-put-response-hop-limit': ({ hopLimit }) => [hopLimit],
  'metadata-options.http-tokens': ({ httpTokens }) => [httpTokens],
  'network-interface.addresses.private-ip-address': ({ privateIp }) => [privateIp],
  'network-interface.association.public-ip': ({ publicIp }) => [publicIp],
  'owner-id': () => [account.id],
  platform: ({ platform }) => [platform === 'windows' ? 'windows' : undefined],
  'private-ip-address': ({ privateIp }) => [privateIp],
  reason: ({ transitionReason }) => [transitionReason],
  'reservation-id': (instance) => [reservationId(instance)],
  'root-device-type': ({ rootDeviceType }) => [rootDeviceType],
  'spot-instance-request-id': (instance) => [instance.lifecycle === 'spot' ? spotRequestId(instance) : undefined],
  'state-reason-code': ({ stateReason }) => [stateReason?.code],
  'state-reason-message': ({ stateReason }) => [stateReason?.message],
  'subnet-id': ({ subnetId }) => [subnetId],
  'vpc-id': ({ vpcId }) => [vpcId],
})

const refuseCombination = ({ InstanceIds = [], MaxResults }: DescribeInstancesRequest): void => {
  if (InstanceIds.length === 0 || MaxResults === undefined) return
  const message = 'The parameter instancesSet cannot be used with the parameter maxResults'
  throw new ServiceError('InvalidParameterCombination', message)
}

/** DescribeInstances. Instances asked for by id are not paged. */
export const describeInstances = operation<DescribeInstancesRequest, DescribeInstancesResult>({
  run: (account, input) => {
    refuseCombination(input)
    const { InstanceIds = [], Filters } = input
    const isByIds = InstanceIds.length > 0
    const asked = isByIds ? instancesNamed(account, InstanceIds) : [...account.instances.values()]
    const instances = filtered(asked, Filters, fieldsFor(account), instanceTagsOf)
    refuseDryRun(input)
    const page = isByIds ? { items: instances, end: {} } : ec2Page(account, instances, ({ id }) => id, input)
    return { Reservations: page.items.map((instance) => reservationAnswer(account, instance)), ...page.end }
  },
  writes: false,
})
