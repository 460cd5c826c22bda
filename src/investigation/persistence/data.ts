import type { Json } from '../record-parameters.ts'
import { artefact, type PersistenceRule } from './artefact.ts'

const PUBLIC_ACCESS_BLOCK = 'BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true'

const adds = (list: unknown): boolean => typeof list === 'object' && list !== null && 'add' in list

const hasValuesToAdd = ({ valuesToAdd }: Json): boolean => Array.isArray(valuesToAdd) && valuesToAdd.length > 0

const isSuspended = (value: unknown): boolean => JSON.stringify(value ?? '').includes('Suspended')

/** Data shared with others, opened, copied, encrypted or about to be destroyed. */
export const DATA: readonly PersistenceRule[] = [
  artefact(
    'ec2:ModifySnapshotAttribute',
    'T1537',
    'snapshot {snapshot} shared with {snapshotAccounts} {snapshotGroups}',
    [
      'aws ec2 modify-snapshot-attribute --snapshot-id {snapshot} --attribute createVolumePermission --operation-type remove --user-ids {snapshotAccounts}',
      'aws ec2 modify-snapshot-attribute --snapshot-id {snapshot} --attribute createVolumePermission --operation-type remove --group-names {snapshotGroups}',
    ],
    { undo: 'DeleteSnapshot', when: ({ createVolumePermission }) => adds(createVolumePermission) },
  ),
  artefact(
    'ec2:ModifyImageAttribute',
    'T1537',
    'image {image} shared with {imageAccounts} {imageGroups}',
    [
      'aws ec2 modify-image-attribute --image-id {image} --attribute launchPermission --operation-type remove --user-ids {imageAccounts}',
      'aws ec2 modify-image-attribute --image-id {image} --attribute launchPermission --operation-type remove --user-groups {imageGroups}',
    ],
    { undo: 'DeregisterImage', when: ({ launchPermission }) => adds(launchPermission) },
  ),
  artefact('ec2:CreateSnapshot', 'T1578.001', 'snapshot {snapshot}', 'aws ec2 delete-snapshot --snapshot-id {snapshot}', {
    undo: 'DeleteSnapshot',
    note: 'It may be evidence of what was copied.',
  }),
  artefact(
    'ec2:CreateSnapshots',
    'T1578.001',
    'snapshots {snapshots}',
    'Delete them (aws ec2 delete-snapshot), unless they are evidence of what was copied.',
  ),
  artefact('ec2:CopySnapshot', 'T1578.001', 'snapshot {snapshot}', 'aws ec2 delete-snapshot --snapshot-id {snapshot}', {
    undo: 'DeleteSnapshot',
    note: 'It may be evidence of what was copied.',
  }),
  ...['CreateInstanceExportTask', 'ExportImage', 'CreateStoreImageTask'].map((name) =>
    artefact(
      `ec2:${name}`,
      'T1537',
      'an instance or image exported to S3',
      'Cancel the export while it runs (aws ec2 cancel-export-task), and find out whose bucket it went to.',
    ),
  ),
  artefact('ec2:CreateImage', 'T1578.001', 'image {image}', 'aws ec2 deregister-image --image-id {image}', {
    undo: 'DeregisterImage',
    note: 'Its snapshots are deleted as well.',
  }),
  artefact(
    'rds:ModifyDBSnapshotAttribute',
    'T1537',
    'database snapshot {dbSnapshot} shared with {dbAccounts}',
    'aws rds modify-db-snapshot-attribute --db-snapshot-identifier {dbSnapshot} --attribute-name restore --values-to-remove {dbAccounts}',
    { undo: 'DeleteDBSnapshot', when: hasValuesToAdd },
  ),
  artefact(
    'rds:ModifyDBClusterSnapshotAttribute',
    'T1537',
    'cluster snapshot {dbClusterSnapshot} shared with {dbAccounts}',
    'aws rds modify-db-cluster-snapshot-attribute --db-cluster-snapshot-identifier {dbClusterSnapshot} --attribute-name restore --values-to-remove {dbAccounts}',
    { undo: 'DeleteDBClusterSnapshot', when: hasValuesToAdd },
  ),
  artefact(
    'rds:CreateDBSnapshot',
    'T1578.001',
    'database snapshot {dbSnapshot}',
    'aws rds delete-db-snapshot --db-snapshot-identifier {dbSnapshot}',
    { undo: 'DeleteDBSnapshot' },
  ),
  artefact(
    'rds:StartExportTask',
    'T1537',
    'export {exportTask} of a database to S3',
    'aws rds cancel-export-task --export-task-identifier {exportTask}',
    { undo: 'CancelExportTask' },
  ),
  artefact(
    'rds:RestoreDBInstanceFromDBSnapshot',
    'T1578.002',
    'database {dbInstance}, restored from a snapshot',
    'aws rds delete-db-instance --db-instance-identifier {dbInstance} --skip-final-snapshot',
    { undo: 'DeleteDBInstance' },
  ),
  artefact(
    'rds:CreateDBClusterSnapshot',
    'T1578.001',
    'cluster snapshot {dbClusterSnapshot}',
    'aws rds delete-db-cluster-snapshot --db-cluster-snapshot-identifier {dbClusterSnapshot}',
    { undo: 'DeleteDBClusterSnapshot' },
  ),
  ...['Instance', 'Cluster'].map((kind) =>
    artefact(
      `rds:ModifyDB${kind}`,
      'T1098.001',
      `another master password of database {db${kind}}, or the database made public`,
      `Change the master password again, and take the public address away (aws rds modify-db-${kind.toLowerCase()}).`,
      { when: (request) => 'masterUserPassword' in request || String(request.publiclyAccessible) === 'true' },
    ),
  ),
  ...['PutBucketPolicy', 'DeleteBucketPolicy', 'PutObjectAcl'].map((name) =>
    artefact(
      `s3:${name}`,
      'T1537',
      'other rights on bucket {bucket} or an object in it',
      'Write the former policy or access list back (aws s3api put-bucket-policy, put-object-acl), and look into who used it.',
    ),
  ),
  artefact(
    's3:PutBucketAcl',
    'T1537',
    'another access list of bucket {bucket}',
    'aws s3api put-bucket-acl --bucket {bucket} --acl private',
    { note: 'If the bucket had grants before, they are written back instead.' },
  ),
  artefact(
    's3:PutBucketReplication',
    'T1537',
    'bucket {bucket} copied to another one from now on',
    'aws s3api delete-bucket-replication --bucket {bucket}',
    { undo: 'DeleteBucketReplication' },
  ),
  ...['DeleteBucketPublicAccessBlock', 'PutBucketPublicAccessBlock'].map((name) =>
    artefact(
      `s3:${name}`,
      'T1562.001',
      'another setting of what blocks public access to bucket {bucket}',
      `aws s3api put-public-access-block --bucket {bucket} --public-access-block-configuration ${PUBLIC_ACCESS_BLOCK}`,
    ),
  ),
  ...['DeleteAccountPublicAccessBlock', 'PutAccountPublicAccessBlock'].map((name) =>
    artefact(
      `s3:${name}`,
      'T1562.001',
      'another setting of what blocks public access to all buckets of account {account}',
      `aws s3control put-public-access-block --account-id {account} --public-access-block-configuration ${PUBLIC_ACCESS_BLOCK}`,
    ),
  ),
  ...['PutBucketLifecycle', 'PutBucketLifecycleConfiguration'].map((name) =>
    artefact(
      `s3:${name}`,
      'T1485',
      'other lifecycle rules on bucket {bucket}: objects may be deleted soon',
      'Write the former rules back at once (aws s3api get-bucket-lifecycle-configuration, put-bucket-lifecycle-configuration).',
    ),
  ),
  artefact(
    's3:PutBucketVersioning',
    'T1485',
    'bucket {bucket} without versions from now on',
    'aws s3api put-bucket-versioning --bucket {bucket} --versioning-configuration Status=Enabled',
    { when: ({ VersioningConfiguration }) => isSuspended(VersioningConfiguration) },
  ),
  artefact(
    's3:PutBucketNotification',
    'T1546',
    'other notifications of bucket {bucket}',
    'Write the former notifications back (aws s3api put-bucket-notification-configuration).',
  ),
  artefact(
    'kms:PutKeyPolicy',
    'T1098.003',
    'another policy of key {kmsKey}',
    'Write the former key policy back (aws kms put-key-policy).',
  ),
  artefact(
    'kms:CreateGrant',
    'T1098.003',
    'grant {grant} on key {kmsKey}',
    'aws kms revoke-grant --key-id {kmsKey} --grant-id {grant}',
    { undo: ['RevokeGrant', 'RetireGrant'] },
  ),
  artefact('kms:ScheduleKeyDeletion', 'T1485', 'key {kmsKey}, to be deleted', 'aws kms cancel-key-deletion --key-id {kmsKey}', {
    undo: 'CancelKeyDeletion',
    note: 'The key is enabled again afterwards (aws kms enable-key).',
  }),
  artefact('kms:DisableKey', 'T1485', 'key {kmsKey}, disabled', 'aws kms enable-key --key-id {kmsKey}', {
    undo: 'EnableKey',
  }),
  artefact(
    'secretsmanager:DeleteSecret',
    'T1485',
    'secret {secret}, to be deleted',
    'aws secretsmanager restore-secret --secret-id {secret}',
    { undo: 'RestoreSecret', note: 'One that was deleted without recovery is gone.' },
  ),
  artefact(
    'secretsmanager:GetSecretValue',
    'T1555.006',
    'secret {secret}, known to the attacker',
    'aws secretsmanager rotate-secret --secret-id {secret}',
    { note: 'Where no rotation is set up, the secret is changed by hand where it is used.' },
  ),
  artefact(
    'secretsmanager:BatchGetSecretValue',
    'T1555.006',
    'several secrets, known to the attacker',
    'Rotate every secret that the caller may read (aws secretsmanager list-secrets, rotate-secret).',
  ),
  artefact(
    'secretsmanager:PutResourcePolicy',
    'T1098.003',
    'another policy of secret {secret}',
    'aws secretsmanager delete-resource-policy --secret-id {secret}',
    { undo: 'DeleteResourcePolicy', note: 'If the secret had a policy before, its text is written back instead.' },
  ),
  artefact(
    'ecr:SetRepositoryPolicy',
    'T1537',
    'another policy of repository {repository}',
    'aws ecr delete-repository-policy --repository-name {repository}',
    { undo: 'DeleteRepositoryPolicy' },
  ),
  ...['PutRegistryPolicy', 'PutReplicationConfiguration'].map((name) =>
    artefact(
      `ecr:${name}`,
      'T1537',
      'images of this account open to another one, or copied to it',
      'Put the former setting back (aws ecr describe-registry, get-registry-policy).',
    ),
  ),
  artefact(
    'ram:AssociateResourceShare',
    'T1537',
    'more resources in a share, or more who share them',
    'Take them out again (aws ram get-resource-share-associations, disassociate-resource-share).',
  ),
  artefact(
    'ram:CreateResourceShare',
    'T1537',
    'resource share {share}',
    'aws ram delete-resource-share --resource-share-arn {share}',
    { undo: 'DeleteResourceShare' },
  ),
]
