import type {
  DeleteSnapshotRequest,
  DescribeImageAttributeRequest,
  DescribeSnapshotAttributeRequest,
  DescribeSnapshotAttributeResult,
  ImageAttribute,
  LaunchPermission,
  ModifyImageAttributeRequest,
  ModifySnapshotAttributeRequest,
} from '@aws-sdk/client-ec2'
import { given } from '../../../incident/values/given.ts'
import type { Account } from '../../account/account.ts'
import { imageArn, snapshotArn } from '../../account/arns.ts'
import { ServiceError } from '../../call.ts'
import { operation } from '../../service.ts'
import { refuseDryRun } from './found.ts'
import { imageNamed } from './images.ts'
import { snapshotsNamed } from './snapshots.ts'

/** Who something is to be shared with, and who not any more. */
interface Change {
  readonly add: readonly string[]
  readonly remove: readonly string[]
}

const refuseAttribute = ({ Attribute }: { readonly Attribute?: string | undefined }, known: string): void => {
  if (Attribute === undefined || Attribute === known) return
  throw new ServiceError('InvalidParameterValue', `The simulated account knows the attribute ${known} only, not ${Attribute}.`)
}

const namesOf = (permissions: readonly Pick<LaunchPermission, 'UserId' | 'Group'>[] = []): readonly string[] =>
  permissions.flatMap(({ UserId, Group }) => [UserId ?? [], Group ?? []].flat())

/** The older way to ask: an operation, and lists of accounts and groups. */
const plainChange = (type: string | undefined, names: readonly string[]): Change => ({
  add: type === 'add' ? names : [],
  remove: type === 'remove' ? names : [],
})

const share = (account: Account, id: string, asked: readonly Change[]): void => {
  const add = asked.flatMap((change) => change.add)
  const remove = asked.flatMap((change) => change.remove)
  const wrong = [...add, ...remove].find((name) => !/^(\d{12}|all)$/.test(name))
  if (wrong !== undefined) throw new ServiceError('InvalidUserID.Malformed', `Invalid user ID: ${wrong}`)
  const names = new Set([...(account.shares.get(id) ?? []), ...add].filter((name) => !remove.includes(name)))
  if (names.size > 0) account.shares.set(id, names)
  else account.shares.delete(id)
}

/** As EC2 lists who something is shared with. */
const permissionsOf = (account: Account, id: string) =>
  [...(account.shares.get(id) ?? [])].map((name) => (name === 'all' ? { Group: 'all' as const } : { UserId: name }))

interface ListWritten {
  readonly items: readonly { readonly userId?: string; readonly group?: string }[]
}

const itemsOf = (names: readonly string[]): ListWritten => ({
  items: names.map((name) => (name === 'all' ? { group: name } : { userId: name })),
})

/** CloudTrail's shape of a change of permissions. */
const writtenChange = (changes: readonly Change[]) => {
  const add = changes.flatMap((change) => change.add)
  const remove = changes.flatMap((change) => change.remove)
  return given({ add: add.length > 0 ? itemsOf(add) : undefined, remove: remove.length > 0 ? itemsOf(remove) : undefined })
}

const snapshotChanges = (input: ModifySnapshotAttributeRequest): readonly Change[] => [
  { add: namesOf(input.CreateVolumePermission?.Add), remove: namesOf(input.CreateVolumePermission?.Remove) },
  plainChange(input.OperationType, [...(input.UserIds ?? []), ...(input.GroupNames ?? [])]),
]

/** ModifySnapshotAttribute: shares a snapshot with other accounts or everybody, or no longer. */
export const modifySnapshotAttribute = operation<ModifySnapshotAttributeRequest, object>({
  authorize: (account, { SnapshotId = '*' }) => [
    { action: 'ec2:ModifySnapshotAttribute', resource: snapshotArn(account, SnapshotId) },
  ],
  run: (account, input) => {
    refuseAttribute(input, 'createVolumePermission')
    snapshotsNamed(account, [input.SnapshotId ?? ''])
    refuseDryRun(input)
    share(account, input.SnapshotId ?? '', snapshotChanges(input))
    return {}
  },
  writes: true,
  written: (input) => ({
    request: {
      snapshotId: input.SnapshotId,
      createVolumePermission: writtenChange(snapshotChanges(input)),
      attributeType: 'CREATE_VOLUME_PERMISSION',
    },
    response: { _return: true },
  }),
})

/** DescribeSnapshotAttribute: who a snapshot is shared with. */
export const describeSnapshotAttribute = operation<DescribeSnapshotAttributeRequest, DescribeSnapshotAttributeResult>({
  authorize: (account, { SnapshotId = '*' }) => [
    { action: 'ec2:DescribeSnapshotAttribute', resource: snapshotArn(account, SnapshotId) },
  ],
  run: (account, input) => {
    const { SnapshotId = '' } = input
    refuseAttribute(input, 'createVolumePermission')
    snapshotsNamed(account, [SnapshotId])
    refuseDryRun(input)
    return { SnapshotId, CreateVolumePermissions: permissionsOf(account, SnapshotId) }
  },
  writes: false,
})

/** DeleteSnapshot. */
export const deleteSnapshot = operation<DeleteSnapshotRequest, object>({
  authorize: (account, { SnapshotId = '*' }) => [{ action: 'ec2:DeleteSnapshot', resource: snapshotArn(account, SnapshotId) }],
  run: (account, input) => {
    const [snapshot] = snapshotsNamed(account, [input.SnapshotId ?? ''])
    refuseDryRun(input)
    if (snapshot) {
      account.snapshots.delete(snapshot.id)
      account.shares.delete(snapshot.id)
    }
    return {}
  },
  writes: true,
})

const imageChanges = (input: ModifyImageAttributeRequest): readonly Change[] => [
  { add: namesOf(input.LaunchPermission?.Add), remove: namesOf(input.LaunchPermission?.Remove) },
  plainChange(input.OperationType, [...(input.UserIds ?? []), ...(input.UserGroups ?? [])]),
]

/** ModifyImageAttribute, as far as it shares an image. */
export const modifyImageAttribute = operation<ModifyImageAttributeRequest, object>({
  authorize: (account, { ImageId = '*' }) => [{ action: 'ec2:ModifyImageAttribute', resource: imageArn(account, ImageId) }],
  run: (account, input) => {
    refuseAttribute(input, 'launchPermission')
    imageNamed(account, input.ImageId)
    refuseDryRun(input)
    share(account, input.ImageId ?? '', imageChanges(input))
    return {}
  },
  writes: true,
  written: (input) => ({
    request: {
      imageId: input.ImageId,
      launchPermission: writtenChange(imageChanges(input)),
      attributeType: 'launchPermission',
    },
    response: { _return: true },
  }),
})

/** DescribeImageAttribute: who an image is shared with. */
export const describeImageAttribute = operation<DescribeImageAttributeRequest, ImageAttribute>({
  authorize: (account, { ImageId = '*' }) => [{ action: 'ec2:DescribeImageAttribute', resource: imageArn(account, ImageId) }],
  run: (account, input) => {
    const { ImageId = '' } = input
    refuseAttribute(input, 'launchPermission')
    imageNamed(account, ImageId)
    refuseDryRun(input)
    return { ImageId, LaunchPermissions: permissionsOf(account, ImageId) }
  },
  writes: false,
})
