import type { Json } from '../../record-parameters.ts'
import { editedDocument, type PersistenceRule } from '../rule.ts'

const PUBLIC_ACCESS_BLOCK = 'BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true'

const hasValuesToAdd = ({ valuesToAdd }: Json): boolean => Array.isArray(valuesToAdd) && valuesToAdd.length > 0

const isSuspended = (value: unknown): boolean => JSON.stringify(value ?? '').includes('Suspended')

const modifiedDatabase = (kind: 'Instance' | 'Cluster'): PersistenceRule => ({
  events: [`rds:ModifyDB${kind}`],
  technique: 'T1098.001',
  left: `master password or public access of database {db${kind}}, changed`,
  remedy: `Change the master password again, and remove the public address (aws rds modify-db-${kind.toLowerCase()}).`,
  when: (request) => 'masterUserPassword' in request || String(request.publiclyAccessible) === 'true',
})

/** Data shared with others, opened, copied, encrypted or about to be destroyed. */
export const DATA_RULES: readonly PersistenceRule[] = [
  {
    events: ['rds:ModifyDBSnapshotAttribute'],
    technique: 'T1537',
    left: 'database snapshot {dbSnapshot} shared with {dbAccounts}',
    remedy:
      'aws rds modify-db-snapshot-attribute --db-snapshot-identifier {dbSnapshot} --attribute-name restore --values-to-remove {dbAccounts}',
    undo: ['DeleteDBSnapshot'],
    when: hasValuesToAdd,
  },
  {
    events: ['rds:ModifyDBClusterSnapshotAttribute'],
    technique: 'T1537',
    left: 'cluster snapshot {dbClusterSnapshot} shared with {dbAccounts}',
    remedy:
      'aws rds modify-db-cluster-snapshot-attribute --db-cluster-snapshot-identifier {dbClusterSnapshot} --attribute-name restore --values-to-remove {dbAccounts}',
    undo: ['DeleteDBClusterSnapshot'],
    when: hasValuesToAdd,
  },
  {
    events: ['rds:CreateDBSnapshot'],
    technique: 'T1578.001',
    left: 'database snapshot {dbSnapshot}',
    remedy: 'aws rds delete-db-snapshot --db-snapshot-identifier {dbSnapshot}',
    undo: ['DeleteDBSnapshot'],
  },
  {
    events: ['rds:StartExportTask'],
    technique: 'T1537',
    left: 'export {exportTask} of a database to S3',
    remedy: 'aws rds cancel-export-task --export-task-identifier {exportTask}',
    undo: ['CancelExportTask'],
  },
  {
    events: ['rds:RestoreDBInstanceFromDBSnapshot'],
    technique: 'T1578.002',
    left: 'database {dbInstance}, restored from a snapshot',
    remedy: 'aws rds delete-db-instance --db-instance-identifier {dbInstance} --skip-final-snapshot',
    undo: ['DeleteDBInstance'],
  },
  {
    events: ['rds:CreateDBClusterSnapshot'],
    technique: 'T1578.001',
    left: 'cluster snapshot {dbClusterSnapshot}',
    remedy: 'aws rds delete-db-cluster-snapshot --db-cluster-snapshot-identifier {dbClusterSnapshot}',
    undo: ['DeleteDBClusterSnapshot'],
  },
  modifiedDatabase('Instance'),
  modifiedDatabase('Cluster'),
  {
    events: ['s3:PutBucketPolicy'],
    technique: 'T1537',
    left: 'policy of bucket {bucket}, changed',
    remedy: editedDocument(
      'aws s3api get-bucket-policy --bucket {bucket} --query Policy --output text',
      'bucket-policy.json',
      'aws s3api put-bucket-policy --bucket {bucket} --policy',
    ),
    note: 'In the editor, remove what the changed policy lets in; without a former policy use aws s3api delete-bucket-policy instead. Find out who used the changed one.',
    undo: ['DeleteBucketPolicy'],
  },
  {
    events: ['s3:DeleteBucketPolicy'],
    technique: 'T1537',
    gravity: 'defence',
    left: 'policy of bucket {bucket}, deleted',
    remedy: 'aws s3api put-bucket-policy --bucket {bucket} --policy file://bucket-policy.json',
    note: 'Write the former policy into bucket-policy.json first: AWS Config or the bucket’s template has it. What it denied is allowed now.',
    undo: ['PutBucketPolicy'],
  },
  {
    events: ['s3:PutObjectAcl'],
    technique: 'T1537',
    left: 'access list of object {object} in bucket {bucket}, changed',
    remedy: 'Restore the former access list (aws s3api put-object-acl), and find out who used the changed one.',
  },
  {
    events: ['s3:PutBucketAcl'],
    technique: 'T1537',
    left: 'access list of bucket {bucket}, changed',
    remedy: 'aws s3api put-bucket-acl --bucket {bucket} --acl private',
    note: 'If the bucket had grants before, write them back instead.',
  },
  {
    events: ['s3:PutBucketReplication'],
    technique: 'T1537',
    left: 'replication of bucket {bucket} to another bucket',
    remedy: 'aws s3api delete-bucket-replication --bucket {bucket}',
    undo: ['DeleteBucketReplication'],
  },
  {
    events: ['s3:DeleteBucketPublicAccessBlock', 's3:PutBucketPublicAccessBlock'],
    technique: 'T1562.001',
    danger: 'defence',
    gravity: 'exposure',
    left: 'block public access settings of bucket {bucket}, changed',
    remedy: `aws s3api put-public-access-block --bucket {bucket} --public-access-block-configuration ${PUBLIC_ACCESS_BLOCK}`,
  },
  {
    events: ['s3:DeleteAccountPublicAccessBlock', 's3:PutAccountPublicAccessBlock'],
    technique: 'T1562.001',
    danger: 'defence',
    gravity: 'exposure',
    left: 'block public access settings of account {account}, changed',
    remedy: `aws s3control put-public-access-block --account-id {account} --public-access-block-configuration ${PUBLIC_ACCESS_BLOCK}`,
  },
  {
    events: ['s3:PutBucketLifecycle', 's3:PutBucketLifecycleConfiguration'],
    technique: 'T1485',
    left: 'lifecycle rules of bucket {bucket}, changed: objects may be deleted soon',
    remedy:
      'Restore the former rules at once (aws s3api get-bucket-lifecycle-configuration, put-bucket-lifecycle-configuration).',
  },
  {
    events: ['s3:PutBucketVersioning'],
    technique: 'T1485',
    left: 'versioning of bucket {bucket}, suspended',
    remedy: 'aws s3api put-bucket-versioning --bucket {bucket} --versioning-configuration Status=Enabled',
    when: ({ VersioningConfiguration }) => isSuspended(VersioningConfiguration),
  },
  {
    events: ['s3:PutBucketNotification'],
    technique: 'T1546',
    left: 'notifications of bucket {bucket}, changed',
    remedy: 'Restore the former notifications (aws s3api put-bucket-notification-configuration).',
  },
  {
    events: ['kms:PutKeyPolicy'],
    technique: 'T1098.003',
    danger: 'permission',
    left: 'policy of key {kmsKey}, changed',
    remedy: editedDocument(
      'aws kms get-key-policy --key-id {kmsKey} --policy-name default --query Policy --output text',
      'key-policy.json',
      'aws kms put-key-policy --key-id {kmsKey} --policy-name default --policy',
    ),
    note: 'In the editor, remove what the changed policy lets in, and leave the statement that lets the account manage the key.',
  },
  {
    events: ['kms:CreateGrant'],
    technique: 'T1098.003',
    danger: 'permission',
    left: 'grant {grant} on key {kmsKey}',
    remedy: 'aws kms revoke-grant --key-id {kmsKey} --grant-id {grant}',
    undo: ['RevokeGrant', 'RetireGrant'],
  },
  {
    events: ['kms:ScheduleKeyDeletion'],
    technique: 'T1485',
    left: 'key {kmsKey}, scheduled for deletion',
    remedy: 'aws kms cancel-key-deletion --key-id {kmsKey}',
    note: 'Enable the key afterwards (aws kms enable-key).',
    undo: ['CancelKeyDeletion'],
  },
  {
    events: ['kms:DisableKey'],
    technique: 'T1485',
    left: 'key {kmsKey}, disabled',
    remedy: 'aws kms enable-key --key-id {kmsKey}',
    undo: ['EnableKey'],
  },
  {
    events: ['secretsmanager:DeleteSecret'],
    technique: 'T1485',
    left: 'secret {secret}, scheduled for deletion',
    remedy: 'aws secretsmanager restore-secret --secret-id {secret}',
    note: 'A secret that was deleted without a recovery window is lost.',
    undo: ['RestoreSecret'],
  },
  {
    events: ['secretsmanager:GetSecretValue'],
    technique: 'T1555.006',
    left: 'secret {secret}, known to the attacker',
    remedy: 'aws secretsmanager rotate-secret --secret-id {secret}',
    note: 'If the secret has no rotation, change it by hand where it is used.',
  },
  {
    events: ['secretsmanager:BatchGetSecretValue'],
    technique: 'T1555.006',
    left: 'several secrets, known to the attacker',
    remedy: 'Rotate every secret that the caller may read (aws secretsmanager list-secrets, rotate-secret).',
  },
  {
    events: ['secretsmanager:PutResourcePolicy'],
    technique: 'T1098.003',
    left: 'policy of secret {secret}, changed',
    remedy: 'aws secretsmanager delete-resource-policy --secret-id {secret}',
    note: 'If the secret had a policy before, write its text back instead.',
    undo: ['DeleteResourcePolicy'],
  },
  {
    events: ['ecr:SetRepositoryPolicy'],
    technique: 'T1537',
    left: 'policy of repository {repository}, changed',
    remedy: 'aws ecr delete-repository-policy --repository-name {repository}',
    undo: ['DeleteRepositoryPolicy'],
  },
  {
    events: ['ecr:PutRegistryPolicy', 'ecr:PutReplicationConfiguration'],
    technique: 'T1537',
    left: 'registry policy or replication of the account’s images, changed',
    remedy: 'Restore the former setting (aws ecr describe-registry, get-registry-policy).',
  },
  {
    events: ['ram:AssociateResourceShare'],
    technique: 'T1537',
    left: 'resources or principals added to a resource share',
    remedy: 'Remove them again (aws ram get-resource-share-associations, disassociate-resource-share).',
  },
  {
    events: ['ram:CreateResourceShare'],
    technique: 'T1537',
    left: 'resource share {share}',
    remedy: 'aws ram delete-resource-share --resource-share-arn {share}',
    undo: ['DeleteResourceShare'],
  },
]
