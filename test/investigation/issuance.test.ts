import { describe, expect, it } from 'vitest'
import { issuancesTo } from '../../src/investigation/issuance.ts'
import { type Document, documentOf, identity, issueOf, read, SUBJECT_INSTANCE } from './records.ts'

const NEW = 'ASIAXCSEC6TNNEWKEYQ7'

const issued = (...documents: readonly Document[]) => issuancesTo(SUBJECT_INSTANCE, documents.map(read))

describe('credentials were issued to an instance', () => {
  it('credentials are issued to an instance when EC2 itself assumes the role for it', () => {
    expect(issued(issueOf(NEW))).toEqual([{ accessKeyId: NEW, at: '2026-11-25T01:12:40Z' }])
  })

  it('each time it did', () => {
    expect(issued(issueOf(NEW), documentOf(), issueOf('ASIAXCSEC6TNAGAIN000')).map(({ accessKeyId }) => accessKeyId)).toEqual([
      NEW,
      'ASIAXCSEC6TNAGAIN000',
    ])
  })
})

describe('credentials were not issued to an instance', () => {
  const asked = { roleArn: 'arn:aws:iam::111122223333:role/service/web-app', roleSessionName: SUBJECT_INSTANCE }

  it.each<[string, Document]>([
    ['when they were issued to another one', issueOf(NEW, 'i-0aa1b2c3d4e5f6071')],
    ['when it was refused', issueOf(NEW, SUBJECT_INSTANCE, { errorCode: 'AccessDenied' })],
    ['when the record names no key', issueOf(NEW, SUBJECT_INSTANCE, { responseElements: null })],
    ['when somebody took the instance’s id as session name', issueOf(NEW, SUBJECT_INSTANCE, { userIdentity: identity })],
    [
      'when a service did so on somebody’s behalf, and so with his key',
      issueOf(NEW, SUBJECT_INSTANCE, { userIdentity: { ...identity, invokedBy: 'ec2.amazonaws.com' } }),
    ],
    [
      'when another service did',
      issueOf(NEW, SUBJECT_INSTANCE, { userIdentity: { type: 'AWSService', invokedBy: 'lambda.amazonaws.com' } }),
    ],
    [
      'when only address and agent claim to be EC2',
      issueOf(NEW, SUBJECT_INSTANCE, { userIdentity: { type: 'AssumedRole' }, sourceIPAddress: 'ec2.amazonaws.com' }),
    ],
    [
      'when a service’s name merely looks like EC2’s',
      issueOf(NEW, SUBJECT_INSTANCE, { userIdentity: { type: 'AWSService', invokedBy: 'ec2.amazonaws.com.evil.example' } }),
    ],
    ['when another API of that name was called', issueOf(NEW, SUBJECT_INSTANCE, { eventSource: 'example.amazonaws.com' })],
    ['when another way of assuming was used', issueOf(NEW, SUBJECT_INSTANCE, { eventName: 'AssumeRoleWithWebIdentity' })],
    [
      'when the id stands elsewhere in the request',
      issueOf(NEW, 'other', { requestParameters: { ...asked, roleSessionName: 'x' } }),
    ],
  ])('%s', (_, document) => {
    expect(issued(document)).toEqual([])
  })
})
