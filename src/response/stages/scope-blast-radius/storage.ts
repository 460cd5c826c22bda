import { type _InstanceType, DescribeInstanceTypesCommand, DescribeVolumesCommand } from '@aws-sdk/client-ec2'
import { DescribeKeyCommand } from '@aws-sdk/client-kms'
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
  const kmsKeys = [...new Set((described?.Volumes ?? []).flatMap(({ KmsKeyId }) => (KmsKeyId ? [KmsKeyId] : [])))]
  return {
    kmsKeys,
    ...(await managersOf(kmsKeys, region, context, unread)),
    ...given({ instanceStoreGb: ofType?.InstanceTypes?.[0]?.InstanceStorageInfo?.TotalSizeInGB }),
  }
}

/** Whose keys these are: only a key of yours needs a grant for the start ("KMS key types", `KeyManager`). */
const managersOf = async (
  keys: readonly string[],
  region: string,
  context: Context,
  unread: Unread,
): Promise<Pick<NonNullable<BlastRadius['storage']>, 'customerKeys' | 'awsKeys'>> => {
  if (keys.length === 0) return {}
  const asked = (key: string) => ({ what: `who manages KMS key ${key}`, operation: 'kms:DescribeKey', otherwise: undefined })
  const managers = await Promise.all(
    keys.map((KeyId) => readOr(unread, asked(KeyId), () => context.aws(region).kms.send(new DescribeKeyCommand({ KeyId })))),
  )
  const of = (manager: 'AWS' | 'CUSTOMER') => keys.filter((_, index) => managers[index]?.KeyMetadata?.KeyManager === manager)
  return { customerKeys: of('CUSTOMER'), awsKeys: of('AWS') }
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
  const { instanceStoreGb, kmsKeys, customerKeys = [], awsKeys = [] } = storage
  const unknown = kmsKeys.filter((key) => !customerKeys.includes(key) && !awsKeys.includes(key))
  return [
    ...(instanceStoreGb
      ? [
          warning(
            `${id} (${type}) may have instance-store volumes, up to ${instanceStoreGb} GB: the stop destroys what is on them. Copy it first.`,
          ),
        ]
      : []),
    ...(customerKeys.length > 0
      ? [
          warning(
            `Its volumes are encrypted with ${customerKeys.join(', ')}, which you manage (KMS): whoever starts the instance needs kms:CreateGrant on it: without it the instance falls back to stopped.`,
          ),
        ]
      : []),
    ...(unknown.length > 0
      ? [
          warning(
            `Its volumes are encrypted with ${unknown.join(', ')}, and who manages the key is not known. Where it is a key of yours and not AWS’s own (aws/ebs), whoever starts the instance needs ` +
              'kms:CreateGrant on it: without it the instance falls back to stopped.',
          ),
        ]
      : []),
  ]
}
