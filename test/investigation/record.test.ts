import { describe, expect, it } from 'vitest'
import { outcomeOf, plainRecord, readRecord } from '../../src/investigation/read-record.ts'
import { documentOf, identity, issueOf, KEY, ROLE_ID, read, recordOf, SESSION_TOKEN, SUBJECT_INSTANCE } from './records.ts'

describe('a record', () => {
  it('is narrowed to who called what, when, from where, and how it ended', () => {
    expect(read(documentOf({ eventID: 'event-1' }))).toMatchObject({
      eventId: 'event-1',
      at: '2026-11-25T01:12:40Z',
      eventName: 'ListBuckets',
      eventSource: 's3.amazonaws.com',
      region: 'us-east-1',
      outcome: 'ok',
      explicitDeny: false,
      accessKeyId: KEY,
      principalId: `${ROLE_ID}:${SUBJECT_INSTANCE}`,
      roleArn: 'arn:aws:iam::111122223333:role/service/web-app',
      issuedAt: '2026-11-25T01:07:00Z',
      delivery: '2.0',
      source: { untrusted: '198.51.100.23' },
      userAgent: { untrusted: 'aws-cli/1.18.69' },
      requested: {},
    })
  })

  it('has what its call asked for once it is read, the same each time and in a copy', () => {
    const record = read(
      documentOf({ eventName: 'CreateUser', readOnly: false, requestParameters: { userName: 'x', password: 'y' } }),
    )
    const copy = plainRecord(record)
    expect(record.request).toEqual({ userName: 'x', password: '' })
    expect(record.request).toBe(record.request)
    expect(structuredClone(copy)).toEqual(copy)
    expect(copy.request).toBe(record.request)
    expect(JSON.stringify(copy)).not.toContain('"y"')
  })

  it.each([
    ['no time', { eventTime: undefined }],
    ['a time that does not exist', { eventTime: '2026-02-30T00:00:00Z' }],
    ['no name', { eventName: undefined }],
    ['an empty name', { eventName: '' }],
    ['a name that is no text', { eventName: 5 }],
  ])('a document with %s is no record', (_, parts) => {
    expect(readRecord(documentOf(parts))).toBeUndefined()
  })

  it('needs nothing but a time and a name', () => {
    const record = read({ eventTime: '2026-11-25T01:12:40Z', eventName: 'ListBuckets' })
    expect(record).toMatchObject({
      eventSource: 'unknown',
      region: 'unknown',
      outcome: 'ok',
      source: { untrusted: 'unknown' },
      userAgent: { untrusted: 'unknown' },
    })
    for (const absent of ['accessKeyId', 'principalId', 'roleArn', 'issuedAt', 'delivery', 'invokedBy', 'errorCode'] as const) {
      expect(record[absent]).toBeUndefined()
      expect(plainRecord(record)).not.toHaveProperty(absent)
    }
  })

  it.each(['readOnly', 'managementEvent', 'eventCategory'])('is read although its %s is something to choke on', (member) => {
    expect(read(documentOf({ [member]: { toString: null } })).eventName).toBe('ListBuckets')
    expect(read(documentOf({ [member]: 'constructor' })).category).toBe('management')
  })
})

describe('whose call it was', () => {
  it.each([
    ['1.0', '1.0'],
    ['2.0', '2.0'],
    ['3.0', undefined],
    ['', undefined],
    [undefined, undefined],
    [{ valueOf: null, toString: null }, undefined],
  ])('ec2RoleDelivery %j is delivery %j', (ec2RoleDelivery, delivery) => {
    const session = { ...(identity.sessionContext as object), ec2RoleDelivery }
    expect(recordOf({ userIdentity: { ...identity, sessionContext: session } }).delivery).toBe(delivery)
  })

  it('a service’s own call has its name, and no key', () => {
    const record = read(issueOf('ASIAXCSEC6TNNEWKEYQ7'))
    expect(record.invokedBy).toBe('ec2.amazonaws.com')
    expect(record.accessKeyId).toBeUndefined()
    expect(record.source).toEqual({ untrusted: 'ec2.amazonaws.com' })
  })

  it('a user’s call has no role and no time of issue', () => {
    const record = recordOf({ userIdentity: { type: 'IAMUser', userName: 'alice', accessKeyId: 'AKIAIOSFODNN7EXAMPLE' } })
    expect(record.accessKeyId).toBe('AKIAIOSFODNN7EXAMPLE')
    expect([record.roleArn, record.issuedAt]).toEqual([undefined, undefined])
  })
})

describe('the outcome of a call', () => {
  it.each([
    [undefined, 'ok'],
    ['AccessDenied', 'denied'],
    ['AccessDeniedException', 'denied'],
    ['KMS.AccessDeniedException', 'denied'],
    ['Client.UnauthorizedOperation', 'denied'],
    ['UnauthorizedException', 'denied'],
    ['NotAuthorizedException', 'denied'],
    ['ForbiddenException', 'denied'],
    ['AuthorizationErrorException', 'denied'],
    ['ThrottlingException', 'throttled'],
    ['Client.RequestLimitExceeded', 'throttled'],
    ['TooManyRequestsException', 'throttled'],
    ['SlowDown', 'throttled'],
    ['NoSuchEntityException', 'failed'],
    ['Client.InvalidInstanceID.NotFound', 'failed'],
    ['ValidationException', 'failed'],
    ['Client.DryRunOperation', 'dry-run'],
    ['DryRunOperation', 'dry-run'],
    ['VpceAccessDenied', 'denied'],
  ])('%s is %s', (errorCode, outcome) => {
    expect(outcomeOf(errorCode)).toBe(outcome)
    expect(recordOf({ errorCode })).toMatchObject({ outcome, ...(errorCode ? { errorCode } : {}) })
  })

  it.each([
    ['User: x is not authorized to perform: s3:ListAllMyBuckets with an explicit deny in an identity-based policy', true],
    ['You are not authorized. … with an Explicit Deny', true],
    ['not authorized to perform: s3:ListBucket with an explicit deny in a service control policy', false],
    ['not authorized to perform: s3:ListBucket with an explicit deny in a permissions boundary', false],
    ['User: x is not authorized to perform: iam:ListUsers because no identity-based policy allows the action', false],
    [undefined, false],
  ])('is an explicit deny when the message says so: %s', (errorMessage, explicit) => {
    expect(recordOf({ errorCode: 'AccessDenied', errorMessage }).explicitDeny).toBe(explicit)
  })
})

describe('credentials in a record', () => {
  it('are known by the id that was handed out', () => {
    expect(read(issueOf('ASIAXCSEC6TNNEWKEYQ7'))).toMatchObject({
      issuedAccessKeyId: 'ASIAXCSEC6TNNEWKEYQ7',
      requested: { roleArn: 'arn:aws:iam::111122223333:role/service/web-app', roleSessionName: SUBJECT_INSTANCE },
    })
  })

  it('are never read: no token is left of it anywhere', () => {
    expect(JSON.stringify(issueOf('ASIAXCSEC6TNNEWKEYQ7'))).toContain(SESSION_TOKEN)
    expect(JSON.stringify(plainRecord(read(issueOf('ASIAXCSEC6TNNEWKEYQ7'))))).not.toContain(SESSION_TOKEN.slice(0, 20))
  })
})
