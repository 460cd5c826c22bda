import { type _InstanceType, DescribeInstanceTypesCommand, DescribeVolumesCommand } from '@aws-sdk/client-ec2'
import type { BlastRadius, InstanceDescription, InstanceRadius } from '../../../incident/facts/facts.ts'
import { type Block, warning } from '../../../incident/values/block.ts'
import { given } from '../../../incident/values/given.ts'
import type { Context } from '../../stage.ts'
import { readOr, type Unread } from '../optional-read.ts'

/**
 * What a stop loses, and what a start needs, of the instance's storage: instance-store volumes of its type ("Instance store temporary
 * block storage for EC2 instances"), and the KMS keys of its EBS volumes ("How Amazon EBS encryption works").
 */
export const storageOf = async (
  { id, region, type, volumes }: InstanceDescription,
  context: Context,
  unread: Unread,
): Promise<NonNullable<BlastRadius['storage']>> => {
  const { ec2 } = context.aws(region)
  const keys = {
    what: `with which KMS keys the volumes of ${id} are encrypted`,
    operation: 'ec2:DescribeVolumes',
    otherwise: undefined,
  }
  const VolumeIds = volumes.map((volume) => volume.id)
  const described =
    VolumeIds.length === 0 ? undefined : await readOr(unread, keys, () => ec2.send(new DescribeVolumesCommand({ VolumeIds })))
  const store = { what: `whether ${id} has instance-store volumes`, operation: 'ec2:DescribeInstanceTypes', otherwise: undefined }
  const ofType =
    type === undefined
      ? undefined
      : await readOr(unread, store, () => ec2.send(new DescribeInstanceTypesCommand({ InstanceTypes: [type as _InstanceType] })))
  return {
    kmsKeys: [...new Set((described?.Volumes ?? []).flatMap(({ KmsKeyId }) => (KmsKeyId ? [KmsKeyId] : [])))],
    ...given({ instanceStoreGb: ofType?.InstanceTypes?.[0]?.InstanceStorageInfo?.TotalSizeInGB }),
  }
}

/**
 * Why the stop needs a consent of its own: what is on instance-store volumes is gone for good, and no snapshot has it. Undefined where the
 * instance's type has none.
 */
export const lostWithTheStop = ({ storage, instance }: BlastRadius): string | undefined =>
  storage?.instanceStoreGb && instance
    ? `the stop destroys what is on the instance-store volumes of ${instance.id}, up to ${storage.instanceStoreGb} GB`
    : undefined

/** What of that the responder has to know before the stop. */
export const storageWarnings = ({ storage, instance: { id, type } }: InstanceRadius): readonly Block[] => {
  if (!storage) return []
  const { instanceStoreGb, kmsKeys } = storage
  return [
    ...(instanceStoreGb
      ? [
          warning(
            `${id} (${type}) may have instance-store volumes, up to ${instanceStoreGb} GB: the stop destroys what is on them. Copy it first.`,
          ),
        ]
      : []),
    ...(kmsKeys.length > 0
      ? [
          warning(
            `Its volumes are encrypted with ${kmsKeys.join(', ')}. Where that is a key of yours and not AWS’s own (aws/ebs), whoever starts the instance needs ` +
              'kms:CreateGrant on it: without it the instance falls back to stopped.',
          ),
        ]
      : []),
  ]
}
