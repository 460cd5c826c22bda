import type { Instant } from '../../src/incident/values/instant.ts'
import { readRecord } from '../../src/investigation/read-record.ts'
import type { CloudTrailRecord } from '../../src/investigation/record.ts'

/** A CloudTrail record as a JSON document. */
export type Document = Readonly<Record<string, unknown>>

export const KEY = 'ASIAXCSEC6TNGZ6EZUUO'
export const SIBLING = 'ASIAXCSEC6TN3WQJ5KVD'
export const SUBJECT_INSTANCE = 'i-08faaaafb15777f5a'
export const ROLE_ID = 'AROAXCSEC6TNB2WZPQ7LK'
export const SESSION_TOKEN = `IQoJb3JpZ2luX2Vj${'Ab1/'.repeat(70)}`

export const identity: Document = {
  type: 'AssumedRole',
  principalId: `${ROLE_ID}:${SUBJECT_INSTANCE}`,
  arn: `arn:aws:sts::111122223333:assumed-role/web-app/${SUBJECT_INSTANCE}`,
  accountId: '111122223333',
  accessKeyId: KEY,
  sessionContext: {
    sessionIssuer: { type: 'Role', arn: 'arn:aws:iam::111122223333:role/service/web-app', userName: 'web-app' },
    attributes: { creationDate: '2026-11-25T01:07:00Z', mfaAuthenticated: 'false' },
    ec2RoleDelivery: '2.0',
  },
}

let made = 0

/** A call with the stolen key; its event id is new each time unless it is given. */
export const documentOf = (parts: Document = {}): Document => {
  made += 1
  return {
    eventVersion: '1.09',
    userIdentity: identity,
    eventTime: '2026-11-25T01:12:40Z',
    eventSource: 's3.amazonaws.com',
    eventName: 'ListBuckets',
    awsRegion: 'us-east-1',
    sourceIPAddress: '198.51.100.23',
    userAgent: 'aws-cli/1.18.69',
    requestParameters: null,
    responseElements: null,
    eventID: `event-${made}`,
    readOnly: true,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: '111122223333',
    eventCategory: 'Management',
    ...parts,
  }
}

/** EC2's own issue of credentials to an instance, as CloudTrail records it. */
export const issueOf = (accessKeyId: string, instanceId = SUBJECT_INSTANCE, parts: Document = {}): Document =>
  documentOf({
    userIdentity: { type: 'AWSService', invokedBy: 'ec2.amazonaws.com' },
    eventSource: 'sts.amazonaws.com',
    eventName: 'AssumeRole',
    sourceIPAddress: 'ec2.amazonaws.com',
    userAgent: 'ec2.amazonaws.com',
    requestParameters: { roleArn: 'arn:aws:iam::111122223333:role/service/web-app', roleSessionName: instanceId },
    responseElements: { credentials: { accessKeyId, sessionToken: SESSION_TOKEN, expiration: 'Nov 25, 2026, 8:00:00 AM' } },
    ...parts,
  })

/** The record that is read from a document. Throws when there is none in it. */
export const read = (document: unknown): CloudTrailRecord => {
  const record = readRecord(document)
  if (!record) throw new Error('the document is no record')
  return record
}

export const recordOf = (parts: Document = {}): CloudTrailRecord => read(documentOf(parts))

/** So many seconds after the theft began. */
export const after = (seconds: number): Instant =>
  new Date(Date.parse('2026-11-25T01:12:40Z') + seconds * 1000).toISOString() as Instant
