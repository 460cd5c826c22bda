import type {
  CreateSnapshotRequest,
  CreateSnapshotsRequest,
  CreateSnapshotsResult,
  DescribeSnapshotsRequest,
  DescribeSnapshotsResult,
  Snapshot as SnapshotAnswer,
  SnapshotInfo,
  SnapshotState,
} from '@aws-sdk/client-ec2'
import { SECOND_MS } from '../../../incident/values/duration.ts'
import { given } from '../../../incident/values/given.ts'
import type { Account, EbsVolume, Snapshot } from '../../account/account.ts'
import { ec2Arn, snapshotArn } from '../../account/arns.ts'
import { timeIn } from '../../agenda.ts'
import { ServiceError } from '../../call.ts'
import { between, hexFrom } from '../../random.ts'
import { type Authorization, operation } from '../../service.ts'
import { type FilterFields, filtered } from './filters.ts'
import { ec2Page, ec2TagList, instanceNamed, onInstances, refuseDryRun, tagContext } from './found.ts'
import { volumesNamed } from './volumes.ts'

/** "Create Amazon EBS snapshots": ConcurrentSnapshotLimitExceeded beyond five pending ones a volume. */
const MOST_PENDING = 5

const stateOf = (account: Account, { completesAt }: Snapshot): SnapshotState =>
  timeIn(account) >= completesAt ? 'completed' : 'pending'

const progressOf = (account: Account, { startedAt, completesAt }: Snapshot): string => {
  const share = (timeIn(account) - startedAt) / Math.max(1, completesAt - startedAt)
  return `${Math.floor(Math.min(1, Math.max(0, share)) * 100)}%`
}

const snapshotAnswer = (account: Account, snapshot: Snapshot) => ({
  SnapshotId: snapshot.id,
  VolumeId: snapshot.volumeId,
  VolumeSize: snapshot.sizeGiB,
  State: stateOf(account, snapshot),
  Progress: progressOf(account, snapshot),
  StartTime: new Date(snapshot.startedAt),
  OwnerId: account.id,
  Description: snapshot.description,
  Encrypted: snapshot.encrypted ?? false,
  Tags: ec2TagList(snapshot.tags),
})

const fieldsFor = (account: Account): FilterFields<Snapshot> => ({
  description: ({ description }) => [description],
  encrypted: ({ encrypted = false }) => [String(encrypted)],
  'owner-id': () => [account.id],
  progress: (snapshot) => [progressOf(account, snapshot)],
  'snapshot-id': ({ id }) => [id],
  status: (snapshot) => [stateOf(account, snapshot)],
  'volume-id': ({ volumeId }) => [volumeId],
  'volume-size': ({ sizeGiB }) => [sizeGiB],
})

/** The snapshots asked for. Throws InvalidSnapshot.NotFound. */
export const snapshotsNamed = (account: Account, ids: readonly string[]): Snapshot[] =>
  ids.map((id) => {
    const snapshot = account.snapshots.get(id)
    if (!snapshot) throw new ServiceError('InvalidSnapshot.NotFound', `The snapshot '${id}' does not exist.`)
    return snapshot
  })

/** DescribeSnapshots: the account's own; nobody else's are simulated. */
export const describeSnapshots = operation<DescribeSnapshotsRequest, DescribeSnapshotsResult>({
  run: (account, input) => {
    const { SnapshotIds = [], OwnerIds = ['self'], Filters } = input
    const isOwner = OwnerIds.some((owner) => owner === 'self' || owner === account.id)
    const all = isOwner ? [...account.snapshots.values()] : []
    const asked = SnapshotIds.length > 0 ? snapshotsNamed(account, SnapshotIds) : all
    const snapshots = filtered(asked, Filters, fieldsFor(account), ({ tags }) => tags)
    refuseDryRun(input)
    const { items, end } = ec2Page(account, snapshots, ({ id }) => id, input)
    const answer = (snapshot: Snapshot) => ({
      ...snapshotAnswer(account, snapshot),
      ...given({ KmsKeyId: snapshot.kmsKeyId }),
    })
    return { Snapshots: items.map(answer), ...end }
  },
  writes: false,
})

const volumesMeant = (account: Account, { InstanceSpecification }: CreateSnapshotsRequest): EbsVolume[] => {
  const { InstanceId, ExcludeBootVolume, ExcludeDataVolumeIds = [] } = InstanceSpecification ?? { InstanceId: undefined }
  const volumes = instanceNamed(account, InstanceId).volumeIds.flatMap((id) => account.volumes.get(id) ?? [])
  const [boot] = volumes
  return volumes.filter((volume) => !ExcludeDataVolumeIds.includes(volume.id) && !(ExcludeBootVolume === true && volume === boot))
}

const tagsAsked = ({ TagSpecifications = [] }: Pick<CreateSnapshotsRequest, 'TagSpecifications'>): Record<string, string> =>
  Object.fromEntries(
    TagSpecifications.filter(({ ResourceType }) => ResourceType === 'snapshot').flatMap(({ Tags = [] }) =>
      Tags.map(({ Key = '', Value = '' }): [string, string] => [Key, Value]),
    ),
  )

const refuseTooMany = (account: Account, { id }: EbsVolume): void => {
  const pending = [...account.snapshots.values()].filter(
    (snapshot) => snapshot.volumeId === id && stateOf(account, snapshot) === 'pending',
  )
  if (pending.length < MOST_PENDING) return
  const message = `Maximum allowed in-progress snapshots for a single volume exceeded. (${id})`
  throw new ServiceError('ConcurrentSnapshotLimitExceeded', message)
}

type SnapshotInput = Pick<CreateSnapshotsRequest, 'Description' | 'TagSpecifications' | 'CopyTagsFromSource'>

/** A first snapshot copies the whole volume: a minute, and about two seconds a GiB. */
const snapshotOf = (account: Account, volume: EbsVolume, input: SnapshotInput): Snapshot => {
  const startedAt = timeIn(account)
  const { kmsKeyId } = volume
  return {
    id: `snap-0${hexFrom(account.random, 16)}`,
    volumeId: volume.id,
    startedAt,
    completesAt: startedAt + (60 + 2 * volume.sizeGiB) * between(account.random, 0.8, 1.2) * SECOND_MS,
    description: input.Description ?? '',
    tags: { ...(input.CopyTagsFromSource === 'volume' ? volume.tags : {}), ...tagsAsked(input) },
    sizeGiB: volume.sizeGiB,
    encrypted: volume.encrypted,
    ...given({ kmsKeyId }),
  }
}

const taggingAuthorization = (
  account: Account,
  input: SnapshotInput,
  by: 'CreateSnapshot' | 'CreateSnapshots',
): Authorization[] => {
  const tags = Object.entries(tagsAsked(input)).map(([key, value]) => [`aws:RequestTag/${key}`, value])
  if (tags.length === 0) return []
  const context = { 'ec2:CreateAction': by, ...Object.fromEntries(tags) }
  return [{ action: 'ec2:CreateTags', resource: snapshotArn(account, '*'), context }]
}

/** CreateSnapshots: every volume of an instance at one point in time, which is the call's. */
export const createSnapshots = operation<CreateSnapshotsRequest, CreateSnapshotsResult>({
  authorize: (account, input) => {
    const instanceId = input.InstanceSpecification?.InstanceId ?? ''
    const volumes = (account.instances.get(instanceId)?.volumeIds ?? []).map((id) => ({
      action: 'ec2:CreateSnapshots',
      resource: ec2Arn(account, 'volume', id),
      context: tagContext(account.volumes.get(id)?.tags),
    }))
    return [
      ...onInstances(account, 'ec2:CreateSnapshots', [instanceId]),
      ...volumes,
      { action: 'ec2:CreateSnapshots', resource: snapshotArn(account, '*') },
      ...taggingAuthorization(account, input, 'CreateSnapshots'),
    ]
  },
  run: (account, input) => {
    const volumes = volumesMeant(account, input)
    refuseDryRun(input)
    for (const volume of volumes) refuseTooMany(account, volume)
    const snapshots = volumes.map((volume) => snapshotOf(account, volume, input))
    for (const snapshot of snapshots) account.snapshots.set(snapshot.id, snapshot)
    return { Snapshots: snapshots.map((snapshot): SnapshotInfo => snapshotAnswer(account, snapshot)) }
  },
  writes: true,
  resources: (_, __, { Snapshots = [] }) =>
    Snapshots.map(({ SnapshotId = '' }) => ({ type: 'AWS::EC2::Snapshot', name: SnapshotId })),
})

/** CreateSnapshot: of one volume. */
export const createSnapshot = operation<CreateSnapshotRequest, SnapshotAnswer>({
  authorize: (account, input) => {
    const { VolumeId = '' } = input
    return [
      {
        action: 'ec2:CreateSnapshot',
        resource: ec2Arn(account, 'volume', VolumeId),
        context: tagContext(account.volumes.get(VolumeId)?.tags),
      },
      { action: 'ec2:CreateSnapshot', resource: snapshotArn(account, '*') },
      ...taggingAuthorization(account, input, 'CreateSnapshot'),
    ]
  },
  run: (account, input) => {
    const { VolumeId = '', Description = '', TagSpecifications = [] } = input
    const [volume] = volumesNamed(account, [VolumeId])
    if (!volume) throw new ServiceError('InvalidVolume.NotFound', `The volume '${VolumeId}' does not exist.`)
    refuseDryRun(input)
    refuseTooMany(account, volume)
    const snapshot = snapshotOf(account, volume, { Description, TagSpecifications })
    account.snapshots.set(snapshot.id, snapshot)
    return { ...snapshotAnswer(account, snapshot), ...given({ KmsKeyId: snapshot.kmsKeyId }) }
  },
  writes: true,
  resources: (_, __, { SnapshotId = '' }) => [{ type: 'AWS::EC2::Snapshot', name: SnapshotId }],
})
