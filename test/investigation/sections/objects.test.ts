import { describe, expect, it } from 'vitest'
import { investigationBlocks } from '../../../src/investigation/sections/sections.ts'
import { blockText } from '../../support/block-text.ts'
import { activityFrom, investigationOf } from '../activity-builder.ts'
import { type Document, documentOf, identity } from '../records.ts'

const shownOf = async (documents: readonly Document[], parts: Parameters<typeof activityFrom>[1] = {}): Promise<string> => {
  const words = blockText(investigationBlocks(await activityFrom(documents, parts)))
  return words.slice(words.indexOf('Objects (CloudTrail)'), words.indexOf('Persistence (CloudTrail)'))
}

const call = (event: string, requestParameters: object, parts: Document = {}): Document => {
  const [service, eventName] = event.split(':')
  return documentOf({ eventSource: `${service}.amazonaws.com`, eventName, requestParameters, ...parts })
}

const DATA = { eventCategory: 'Data', managementEvent: false }
const refused = { errorCode: 'AccessDenied', errorMessage: 'Access Denied' }

describe('objects that were touched', () => {
  it('a bucket and the key that was read from it are named, with the bytes of the record', async () => {
    const more = { ...DATA, additionalEventData: { bytesTransferredIn: 0, bytesTransferredOut: 1500 } }
    const words = await shownOf([call('s3:GetObject', { bucketName: 'payroll', key: '2026/all.csv' }, more)])
    expect(words).toContain('bucket payroll: read once (1.5 kB); data read: yes, 1.5 kB')
    expect(words).toContain('2026/all.csv: read once (1.5 kB)')
  })

  it('a record without parameters names its object by the ARN of its resource', async () => {
    const resources = [{ type: 'AWS::S3::Object', ARN: 'arn:aws:s3:::payroll/2026/all.csv' }]
    const { objects } = await investigationOf([documentOf({ eventName: 'GetObject', ...DATA, resources })])
    expect(objects.rows.slice()).toMatchObject([
      { store: { untrusted: 'payroll' }, items: [{ item: { untrusted: '2026/all.csv' }, read: 1 }] },
    ])
  })

  it.each([
    ['secretsmanager:GetSecretValue', { secretId: 'prod/db' }, 'secret prod/db: read once'],
    ['ssm:GetParameter', { name: '/prod/db', withDecryption: true }, 'parameter /prod/db: read once'],
    ['ssm:GetParameters', { names: ['/a', '/b'] }, '2 parameters (/a, /b): read 2 times'],
    ['kms:Decrypt', { keyId: 'arn:aws:kms:us-east-1:111122223333:key/k-1' }, 'KMS key k-1: used for data once'],
    ['ec2:CreateSnapshot', { volumeId: 'vol-1' }, 'volume vol-1: changed once'],
    ['ec2:ModifySnapshotAttribute', { snapshotId: 'snap-1' }, 'snapshot snap-1: changed once'],
    ['ebs:GetSnapshotBlock', { snapshotId: 'snap-1' }, 'snapshot snap-1: read once'],
    ['rds:ModifyDBInstance', { dBInstanceIdentifier: 'prod' }, 'database prod: changed once'],
    ['rds:CreateDBSnapshot', { dBInstanceIdentifier: 'prod', dBSnapshotIdentifier: 's' }, 'database snapshot s: changed once'],
    ['dynamodb:Scan', { tableName: 'orders' }, 'table orders: read once'],
    ['lambda:GetFunction20150331v2', { functionName: 'job' }, 'function job: read once'],
    ['ec2:GetPasswordData', { instanceId: 'i-1' }, 'instance i-1: read once'],
    ['ec2:DescribeInstanceAttribute', { instanceId: 'i-1', attribute: 'userData' }, 'instance i-1: read once'],
    ['ec2:DescribeInstanceAttribute', { instanceId: 'i-1', attribute: 'kernel' }, 'instance i-1: described once'],
    ['ec2:StopInstances', { instancesSet: { items: [{ instanceId: 'i-1' }] } }, 'instance i-1: changed once'],
  ])('%s of %j', async (event, request, line) => {
    expect(await shownOf([call(event, request)])).toContain(line)
  })

  it('equal things done to many objects are one line that counts all of them', async () => {
    const words = await shownOf(Array.from({ length: 40 }, (_, index) => call('ssm:GetParameter', { name: `/p/${index}` })))
    expect(words).toContain('40 objects touched: 40 parameters.')
    expect(words).toContain('and 35 more): read 40 times')
  })

  it('what a fact does not list counts in the line of its equals, and what it does not list of the destroyed is said', async () => {
    const words = await shownOf([
      ...Array.from({ length: 300 }, (_, index) => call('secretsmanager:DeleteSecret', { secretId: `gone-${index}` })),
      ...Array.from({ length: 250 }, (_, index) => call('ssm:GetParameter', { name: `/p/${index}` })),
    ])
    expect(words).toContain('550 objects touched')
    expect(words).toMatch(/300 secrets \(.* and 295 more\): deleted 300 times/)
    expect(words).toContain('250 parameters: read 250 times')
    expect(words).toContain('300 calls destroyed something')
    expect(words).toContain('100 more calls destroyed something that is not listed here.')
  })

  it('what was destroyed and what was read stands before what was only described', async () => {
    const words = await shownOf([
      ...Array.from({ length: 60 }, (_, index) => call('ec2:DescribeInstanceAttribute', { instanceId: `i-${index}` })),
      ...Array.from({ length: 60 }, (_, index) => call('s3:GetBucketAcl', { bucketName: `b-${index}` })),
      call('secretsmanager:GetSecretValue', { secretId: 'prod/db' }),
      call('rds:DeleteDBInstance', { dBInstanceIdentifier: 'prod', skipFinalSnapshot: true }),
    ])
    expect(words.indexOf('database prod: deleted')).toBeLessThan(words.indexOf('secret prod/db: read'))
    expect(words.indexOf('secret prod/db: read')).toBeLessThan(words.indexOf('instances ('))
  })

  it('objects of chained sessions are counted, each record once', async () => {
    const chained = { kind: 'session', value: 'i-08faaaafb15777f5a' } as const
    const { objects } = await investigationOf([call('s3:GetObject', { bucketName: 'b', key: 'k' }, DATA)], {
      chainedSessions: [chained],
    })
    expect(objects.rows.slice()).toMatchObject([{ read: 1 }])
  })

  it('an object of more than one account or Region is one bucket, and a parameter one of each Region', async () => {
    const { objects } = await investigationOf([
      call('s3:GetObject', { bucketName: 'b', key: 'k' }),
      call('s3:GetObject', { bucketName: 'b', key: 'k' }, { awsRegion: 'eu-west-1' }),
      call('ssm:GetParameter', { name: '/a' }),
      call('ssm:GetParameter', { name: '/a' }, { awsRegion: 'eu-west-1' }),
    ])
    expect([...objects.rows].map(({ kind, read }) => [kind, read])).toEqual([
      ['parameter', 1],
      ['parameter', 1],
      ['bucket', 2],
    ])
  })
})

describe('whether data was read', () => {
  const answer = async (...documents: readonly Document[]) =>
    (await investigationOf(documents)).objects.rows.slice(0, 1)[0]?.dataRead

  it('is answered by the records of reads, successful or refused', async () => {
    expect(await answer(call('s3:GetObject', { bucketName: 'b', key: 'k' }, DATA))).toBe('yes')
    expect(await answer(call('s3:GetObject', { bucketName: 'b', key: 'k' }, { ...DATA, ...refused }))).toBe('refused')
  })

  it('is not known of a bucket without data events', async () => {
    expect(await answer(call('s3:GetBucketAcl', { bucketName: 'b' }))).toBe('data events not recorded')
    expect(await shownOf([call('s3:GetBucketAcl', { bucketName: 'b' })])).toContain('data events are not recorded there')
  })

  it('is not in the records of a bucket whose data events are there', async () => {
    expect(await answer(call('s3:PutObject', { bucketName: 'b', key: 'k' }, DATA))).toBe('not in the records')
  })

  it('is never denied of a database: its own connection is not recorded', async () => {
    expect(await answer(call('rds:ModifyDBInstance', { dBInstanceIdentifier: 'prod' }))).toBe('not recorded by CloudTrail')
  })

  it('no call that names an object is said as what the records hold', async () => {
    expect(await shownOf([documentOf()])).toContain('The records hold no call that names a bucket')
  })
})

describe('what was destroyed comes with its way back', () => {
  it.each([
    ['s3:DeleteObject', { bucketName: 'b', key: 'k' }, 'aws s3api list-object-versions --bucket b --prefix k --region us-east-1'],
    ['s3:DeleteObject', { bucketName: 'b', key: 'k', versionId: 'v' }, 'The call named a version, which is lost.'],
    ['s3:DeleteObjects', { bucketName: 'b' }, 'aws s3api list-object-versions --bucket b --region us-east-1'],
    ['secretsmanager:DeleteSecret', { secretId: 's' }, 'aws secretsmanager restore-secret --secret-id s --region us-east-1'],
    ['secretsmanager:DeleteSecret', { secretId: 's', forceDeleteWithoutRecovery: true }, 'the secret is lost'],
    ['kms:ScheduleKeyDeletion', { keyId: 'k' }, 'aws kms cancel-key-deletion --key-id k --region us-east-1'],
    ['kms:DisableKey', { keyId: 'k' }, 'aws kms enable-key --key-id k --region us-east-1'],
    ['ec2:DeleteSnapshot', { snapshotId: 'snap-1' }, 'aws ec2 restore-snapshot-from-recycle-bin --snapshot-id snap-1'],
    ['ec2:DeregisterImage', { imageId: 'ami-1' }, 'aws ec2 restore-image-from-recycle-bin --image-id ami-1'],
    ['rds:DeleteDBInstance', { dBInstanceIdentifier: 'p', skipFinalSnapshot: true }, 'The call took no final snapshot.'],
    [
      'rds:DeleteDBInstance',
      { dBInstanceIdentifier: 'p', skipFinalSnapshot: false, finalDBSnapshotIdentifier: 'last' },
      'aws rds restore-db-instance-from-db-snapshot --db-instance-identifier p --db-snapshot-identifier last',
    ],
    ['dynamodb:DeleteTable', { tableName: 't' }, 'aws dynamodb list-backups --table-name t --backup-type ALL'],
    ['ssm:DeleteParameter', { name: '/a' }, 'A deleted parameter cannot be restored'],
    ['ec2:TerminateInstances', { instancesSet: { items: [{ instanceId: 'i-1' }] } }, 'A terminated instance cannot be restored.'],
  ])('%s of %j', async (event, request, way) => {
    const words = await shownOf([call(event, request)])
    expect(words).toContain('1 call destroyed something.')
    expect(words).toContain(way)
  })

  it('a name that would be an option or a second command is in no command', async () => {
    const words = await shownOf([
      call('secretsmanager:DeleteSecret', { secretId: '--help' }),
      call('secretsmanager:DeleteSecret', { secretId: 'a$(id)"b' }),
    ])
    expect(words).toContain('The secret can be restored during its recovery window')
    expect(words).not.toContain('restore-secret --secret-id')
  })

  it('a refused deletion, and a dry run, destroyed nothing', async () => {
    const instances = { instancesSet: { items: [{ instanceId: 'i-1' }] } }
    const words = await shownOf([
      call('ec2:TerminateInstances', instances, { errorCode: 'Client.UnauthorizedOperation' }),
      call('ec2:TerminateInstances', instances, { errorCode: 'Client.DryRunOperation' }),
    ])
    expect(words).not.toContain('destroyed')
    expect(words).toContain('instance i-1: failed once, 1 dry run that would have succeeded')
  })

  it('what the session restored afterwards needs no way back', async () => {
    const words = await shownOf([
      call('secretsmanager:DeleteSecret', { secretId: 's' }),
      call('secretsmanager:RestoreSecret', { secretId: 's' }, { eventTime: '2026-11-25T02:12:40Z' }),
    ])
    expect(words).toContain('restored afterwards')
    expect(words).not.toContain('aws secretsmanager')
  })
})

describe('calls that failed', () => {
  const failures = async (...documents: readonly Document[]): Promise<string> => {
    const words = blockText(investigationBlocks(await activityFrom(documents)))
    return words.slice(words.indexOf('When (CloudTrail)'), words.indexOf('Newly observed (CloudTrail)'))
  }

  it('a dry run is shown as a call that would have succeeded', async () => {
    const words = await failures(
      documentOf({ eventSource: 'ec2.amazonaws.com', eventName: 'RunInstances', errorCode: 'Client.DryRunOperation' }),
    )
    expect(words).toContain('1: 0 succeeded, 0 denied, 1 dry run that would have succeeded, 0 failed otherwise')
    expect(words).toContain('would have succeeded')
  })

  it('dead and expired keys are a class of their own', async () => {
    const words = await failures(documentOf({ errorCode: 'ExpiredToken' }), documentOf({ errorCode: 'InvalidClientTokenId' }))
    expect(words).toContain('by class: 2 credentials')
  })

  it('refusals of one API by different policies are kept apart', async () => {
    const deny = (end: string) => documentOf({ errorCode: 'AccessDenied', errorMessage: `not authorized ${end}` })
    const words = await failures(
      deny('with an explicit deny in a service control policy'),
      deny('because no session policy allows the s3:ListAllMyBuckets action'),
    )
    expect(words).toContain('explicit deny in a service control policy (SCP)')
    expect(words).toContain('no session policy allows it')
  })

  it('the roles that were refused are named', async () => {
    const words = await failures(
      documentOf({
        ...{ eventSource: 'sts.amazonaws.com', eventName: 'AssumeRole', userIdentity: identity, errorCode: 'AccessDenied' },
        errorMessage: 'is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111122223333:role/admin',
      }),
    )
    expect(words).toContain('Roles that it was refused:')
    expect(words).toContain('arn:aws:iam::111122223333:role/admin, 1 call')
  })
})
