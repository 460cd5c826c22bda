import type { Remedy } from '../../incident/facts/activity-rows.ts'
import { REGION } from '../../incident/values/region.ts'
import { shellWord } from '../../incident/values/shell-word.ts'

/** Something that a call destroyed. */
export interface Destroyed {
  /** `s3:DeleteObject`, without a date. */
  readonly event: string
  readonly store: string
  readonly item?: string
  /** As in `Touched`. */
  readonly detail?: string
  readonly region: string
}

/** What a command may hold as it stands; other names are left to the responder. */
const PLAIN = /^[\w+=,.@:/!()*' -]{1,1024}$/

/** How to have something back that a call destroyed, as far as AWS keeps anything of it. */
export const wayBackOf = (destroyed: Destroyed): Remedy => {
  const way = WAYS[destroyed.event]
  if (way === undefined)
    return { sentence: 'ir-cred knows no way back. Look for backups (aws backup list-recovery-points-by-resource).' }
  return way(destroyed)
}

const none = (sentence: string) => (): Remedy => ({ sentence })

/** A command for the store in its Region; the sentence alone where a name cannot stand in a command. */
const commandFor =
  (command: (store: string, item: string) => string, note: string) =>
  ({ store, item = '', region }: Destroyed): Remedy =>
    isCommandName(store) && (item === '' || isCommandName(item)) && REGION.test(region)
      ? { command: `${command(shellWord(store), shellWord(item))} --region ${region}`, note }
      : { sentence: note }

const isCommandName = (name: string): boolean => PLAIN.test(name) && !name.startsWith('-')

const S3_OBJECT = (destroyed: Destroyed): Remedy =>
  destroyed.detail === 'one version'
    ? { sentence: 'The call named a version, which is lost. Look for a replica, a backup or another version of the object.' }
    : commandFor(
        (bucket, key) => `aws s3api list-object-versions --bucket ${bucket}${key === "''" ? '' : ` --prefix ${key}`}`,
        'If versioning was on, a delete marker hides the object: delete the marker, and the version before it is the object again. Without versioning the object is lost, unless a replica or a backup has it.',
      )(destroyed)

const DATABASE =
  (kind: 'instance' | 'cluster') =>
  (destroyed: Destroyed): Remedy => {
    const { detail = '', region } = destroyed
    const snapshot = /^final snapshot (.+)$/.exec(detail)?.[1]
    if (snapshot !== undefined && isCommandName(snapshot) && isCommandName(destroyed.store) && REGION.test(region))
      return {
        command:
          kind === 'instance'
            ? `aws rds restore-db-instance-from-db-snapshot --db-instance-identifier ${shellWord(destroyed.store)} --db-snapshot-identifier ${shellWord(snapshot)} --region ${region}`
            : `aws rds restore-db-cluster-from-snapshot --db-cluster-identifier ${shellWord(destroyed.store)} --snapshot-identifier ${shellWord(snapshot)} --engine ENGINE --region ${region}`,
        note: 'The call took a final snapshot. Look first whether it was deleted afterwards.',
      }
    const lost = detail === 'no final snapshot' ? 'The call took no final snapshot. ' : ''
    return commandFor(
      (name) =>
        kind === 'instance'
          ? `aws rds describe-db-instance-automated-backups --db-instance-identifier ${name}`
          : `aws rds describe-db-cluster-automated-backups --db-cluster-identifier ${name}`,
      `${lost}Retained automated backups, manual snapshots and AWS Backup may still have the data: restore to a point in time before the call.`,
    )(destroyed)
  }

const KMS_ENABLE = commandFor((key) => `aws kms enable-key --key-id ${key}`, 'The key is disabled, not deleted: enable it again.')

/** By event. Sources are the user guides of the services, under "Restoring" or "Deleting". */
const WAYS: Readonly<Record<string, (destroyed: Destroyed) => Remedy>> = {
  's3:DeleteObject': S3_OBJECT,
  's3:DeleteObjects': S3_OBJECT,
  's3:DeleteBucket': none(
    'A deleted bucket cannot be restored, and anybody may take its name: create it again at once. Its objects were deleted before; replicas and AWS Backup may have them.',
  ),
  'secretsmanager:DeleteSecret': (destroyed) =>
    destroyed.detail === 'no recovery window'
      ? { sentence: 'The call asked for no recovery window: the secret is lost. Create it again with a new value.' }
      : commandFor(
          (secret) => `aws secretsmanager restore-secret --secret-id ${secret}`,
          'The secret can be restored during its recovery window of 7 to 30 days.',
        )(destroyed),
  'ssm:DeleteParameter': none('A deleted parameter cannot be restored: create it again, with a new value.'),
  'ssm:DeleteParameters': none('Deleted parameters cannot be restored: create them again, with new values.'),
  'kms:ScheduleKeyDeletion': commandFor(
    (key) => `aws kms cancel-key-deletion --key-id ${key}`,
    'The deletion can be cancelled during the waiting period of 7 to 30 days. Enable the key afterwards (aws kms enable-key).',
  ),
  'kms:DisableKey': KMS_ENABLE,
  'kms:DeleteImportedKeyMaterial': none('Import the same key material into the same key again (aws kms import-key-material).'),
  'ec2:DeleteSnapshot': commandFor(
    (snapshot) => `aws ec2 restore-snapshot-from-recycle-bin --snapshot-id ${snapshot}`,
    'This works only where a retention rule of Recycle Bin covered the snapshot (aws ec2 list-snapshots-in-recycle-bin). Otherwise it is lost, unless a copy is in another Region or account.',
  ),
  'ec2:DeregisterImage': commandFor(
    (image) => `aws ec2 restore-image-from-recycle-bin --image-id ${image}`,
    'This works only where a retention rule of Recycle Bin covered the image (aws ec2 list-images-in-recycle-bin). Otherwise register a new image from its snapshots.',
  ),
  'ec2:DeleteVolume': none(
    'A deleted volume cannot be restored, unless Recycle Bin covered it: create a new one from a snapshot.',
  ),
  'ec2:TerminateInstances': none(
    'A terminated instance cannot be restored. Volumes without DeleteOnTermination remain; start a new instance from an image or a snapshot.',
  ),
  'rds:DeleteDBInstance': DATABASE('instance'),
  'rds:DeleteDBCluster': DATABASE('cluster'),
  'rds:DeleteDBSnapshot': none('A deleted manual snapshot is lost, unless a copy or AWS Backup has it.'),
  'rds:DeleteDBClusterSnapshot': none('A deleted manual snapshot is lost, unless a copy or AWS Backup has it.'),
  'rds:DeleteDBInstanceAutomatedBackup': none('Deleted automated backups are lost. Manual snapshots and AWS Backup remain.'),
  'rds:DeleteDBClusterAutomatedBackup': none('Deleted automated backups are lost. Manual snapshots and AWS Backup remain.'),
  'redshift:DeleteCluster': none(
    'Restore the cluster from its final or another manual snapshot (aws redshift restore-from-cluster-snapshot).',
  ),
  'dynamodb:DeleteTable': commandFor(
    (table) => `aws dynamodb list-backups --table-name ${table} --backup-type ALL`,
    'With point-in-time recovery on, DynamoDB keeps a system backup for 35 days: restore the table from it (aws dynamodb restore-table-from-backup).',
  ),
  'dynamodb:DeleteItem': commandFor(
    (table) => `aws dynamodb describe-continuous-backups --table-name ${table}`,
    'With point-in-time recovery on, restore the table as it was before the call (aws dynamodb restore-table-to-point-in-time).',
  ),
  'lambda:DeleteFunction': none('A deleted function cannot be restored: deploy it again from its source.'),
  'ecr:BatchDeleteImage': none('A deleted image cannot be restored: push it again. Replicas in other Regions may have it.'),
  'logs:DeleteLogGroup': none('A deleted log group cannot be restored. Exports to S3 and subscriptions may have its events.'),
  'logs:DeleteLogStream': none('A deleted log stream cannot be restored. Exports to S3 and subscriptions may have its events.'),
  'sqs:PurgeQueue': none('Purged messages are lost.'),
  'sqs:DeleteQueue': none('A deleted queue and its messages are lost: create it again.'),
  'elasticfilesystem:DeleteFileSystem': none('A deleted file system is lost, unless AWS Backup or a replica has it.'),
  'backup:DeleteRecoveryPoint': none('A deleted recovery point is lost, unless it was copied to another vault.'),
}
