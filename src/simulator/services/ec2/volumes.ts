import type { DescribeVolumesRequest, DescribeVolumesResult, Volume as VolumeAnswer } from '@aws-sdk/client-ec2'
import { given } from '../../../incident/values/given.ts'
import type { Account, EbsVolume } from '../../account/account.ts'
import { ServiceError } from '../../call.ts'
import { operation } from '../../service.ts'
import { type FilterFields, filtered } from './filters.ts'
import { ec2Page, ec2TagList, refuseDryRun } from './found.ts'

const fields: FilterFields<EbsVolume> = {
  'attachment.device': ({ device }) => [device],
  'attachment.delete-on-termination': ({ deleteOnTermination }) => [String(deleteOnTermination)],
  'attachment.instance-id': ({ instanceId }) => [instanceId],
  'attachment.status': () => ['attached'],
  encrypted: ({ encrypted }) => [String(encrypted)],
  size: ({ sizeGiB }) => [sizeGiB],
  status: () => ['in-use'],
  'volume-id': ({ id }) => [id],
}

const zoneOf = (account: Account, { instanceId }: EbsVolume): string =>
  account.instances.get(instanceId)?.availabilityZone ?? `${account.region}a`

const volumeAnswer = (account: Account, volume: EbsVolume): VolumeAnswer => ({
  VolumeId: volume.id,
  Size: volume.sizeGiB,
  VolumeType: 'gp3',
  State: 'in-use',
  AvailabilityZone: zoneOf(account, volume),
  Encrypted: volume.encrypted,
  ...given({ KmsKeyId: volume.kmsKeyId }),
  Attachments: [
    {
      InstanceId: volume.instanceId,
      VolumeId: volume.id,
      Device: volume.device,
      State: 'attached',
      DeleteOnTermination: volume.deleteOnTermination,
    },
  ],
  Tags: ec2TagList(volume.tags),
})

/** The volumes asked for. Throws InvalidVolume.NotFound. */
export const volumesNamed = (account: Account, ids: readonly string[]): EbsVolume[] =>
  ids.map((id) => {
    const volume = account.volumes.get(id)
    if (!volume) throw new ServiceError('InvalidVolume.NotFound', `The volume '${id}' does not exist.`)
    return volume
  })

/** DescribeVolumes. */
export const describeVolumes = operation<DescribeVolumesRequest, DescribeVolumesResult>({
  run: (account, input) => {
    const { VolumeIds = [], Filters } = input
    const asked = VolumeIds.length > 0 ? volumesNamed(account, VolumeIds) : [...account.volumes.values()]
    const volumes = filtered(asked, Filters, fields, ({ tags = {} }) => tags)
    refuseDryRun(input)
    const { items, end } = ec2Page(account, volumes, ({ id }) => id, input)
    return { Volumes: items.map((volume) => volumeAnswer(account, volume)), ...end }
  },
  writes: false,
})
