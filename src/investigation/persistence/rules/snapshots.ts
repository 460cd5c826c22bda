import type { PersistenceArtefact } from '../../../incident/facts/activity-rows.ts'
import { allOrSome, changed, gone, type LookResult, liveLook, type PersistenceRule, there, unread } from '../rule.ts'

const adds = (list: unknown): boolean => typeof list === 'object' && list !== null && 'add' in list

const snapshots = (word: 'snapshot' | 'snapshots') =>
  liveLook('ec2:DescribeSnapshots', [word], async (_, { reads }, { names }) => {
    const ids = names[word] ?? []
    const { items, incomplete } = await reads.describeSnapshots(ids)
    return incomplete === undefined ? allOrSome('snapshot', items.length, ids.length) : unread(incomplete)
  })

interface Permission {
  readonly UserId?: string | undefined
  readonly Group?: string | undefined
  readonly OrganizationArn?: string | undefined
  readonly OrganizationalUnitArn?: string | undefined
}

/** Those in the record that a snapshot or an image is still shared with. */
const shareStanding = (permissions: readonly Permission[], named: readonly string[]): LookResult => {
  const shared = permissions.flatMap((permission) =>
    [permission.UserId, permission.Group, permission.OrganizationArn, permission.OrganizationalUnitArn].filter(
      (name) => name !== undefined,
    ),
  )
  const still = named.filter((name) => shared.includes(name))
  if (named.length === 0)
    return shared.length > 0 ? changed(`it is shared with ${shared.length}`) : gone('it is shared with nobody')
  if (still.length === 0) return gone(shared.length === 0 ? 'it is shared with nobody' : 'it is shared with none of them')
  const observed = `it is shared with ${still.map((name) => (name === 'all' ? 'everybody' : name)).join(', ')}`
  return still.length === named.length ? there(observed) : changed(observed)
}

const namesOf = ({ names }: PersistenceArtefact, ...words: readonly string[]): readonly string[] =>
  words.flatMap((word) => names[word] ?? [])

/** Snapshots and images of EC2: copies of disks, and who they are shared with. */
export const SNAPSHOT_RULES: readonly PersistenceRule[] = [
  {
    events: ['ec2:ModifySnapshotAttribute'],
    technique: 'T1537',
    left: 'snapshot {snapshot} shared with {snapshotAccounts} {snapshotGroups}',
    remedy: [
      'aws ec2 modify-snapshot-attribute --snapshot-id {snapshot} --attribute createVolumePermission --operation-type remove --user-ids {snapshotAccounts}',
      'aws ec2 modify-snapshot-attribute --snapshot-id {snapshot} --attribute createVolumePermission --operation-type remove --group-names {snapshotGroups}',
    ],
    undo: ['DeleteSnapshot'],
    when: ({ createVolumePermission }) => adds(createVolumePermission),
    look: liveLook('ec2:DescribeSnapshotAttribute', ['snapshot'], async ({ snapshot }, { reads }, artefact) =>
      shareStanding(await reads.describeSnapshotPermissions(snapshot), namesOf(artefact, 'snapshotAccounts', 'snapshotGroups')),
    ),
  },
  {
    events: ['ec2:ModifyImageAttribute'],
    technique: 'T1537',
    left: 'image {image} shared with {imageAccounts} {imageGroups}',
    remedy: [
      'aws ec2 modify-image-attribute --image-id {image} --attribute launchPermission --operation-type remove --user-ids {imageAccounts}',
      'aws ec2 modify-image-attribute --image-id {image} --attribute launchPermission --operation-type remove --user-groups {imageGroups}',
    ],
    undo: ['DeregisterImage'],
    when: ({ launchPermission }) => adds(launchPermission),
    look: liveLook('ec2:DescribeImageAttribute', ['image'], async ({ image }, { reads }, artefact) =>
      shareStanding(await reads.describeImagePermissions(image), namesOf(artefact, 'imageAccounts', 'imageGroups')),
    ),
  },
  {
    events: ['ec2:CreateSnapshot'],
    technique: 'T1578.001',
    left: 'snapshot {snapshot}',
    remedy: 'aws ec2 delete-snapshot --snapshot-id {snapshot}',
    note: 'It may be evidence of what was copied.',
    undo: ['DeleteSnapshot'],
    look: snapshots('snapshot'),
  },
  {
    events: ['ec2:CreateSnapshots'],
    technique: 'T1578.001',
    left: 'snapshots {snapshots}',
    remedy: 'Delete them (aws ec2 delete-snapshot), unless they are evidence of what was copied.',
    look: snapshots('snapshots'),
  },
  {
    events: ['ec2:CopySnapshot'],
    technique: 'T1578.001',
    left: 'snapshot {snapshot}',
    remedy: 'aws ec2 delete-snapshot --snapshot-id {snapshot}',
    note: 'It may be evidence of what was copied.',
    undo: ['DeleteSnapshot'],
  },
  {
    events: ['ec2:CreateInstanceExportTask', 'ec2:ExportImage', 'ec2:CreateStoreImageTask'],
    technique: 'T1537',
    left: 'instance or image exported to S3',
    remedy: 'Cancel the export while it runs (aws ec2 cancel-export-task), and find out who owns the bucket.',
  },
  {
    events: ['ec2:CreateImage'],
    technique: 'T1578.001',
    left: 'image {image}',
    remedy: 'aws ec2 deregister-image --image-id {image}',
    note: 'Delete its snapshots as well.',
    undo: ['DeregisterImage'],
    look: liveLook('ec2:DescribeImages', ['image'], async ({ image }, { reads }) =>
      allOrSome('image', (await reads.describeImages(image)).length, 1),
    ),
  },
]
