import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { untrusted } from '../../../src/incident/values/untrusted.ts'
import { plainRecord, readRecord } from '../../../src/investigation/read-record.ts'
import { ACCOUNT, documentOf, ROLE_ARN, recordOf, STOLEN } from './records.ts'

const CANARY = 'CANARY-SECRET-CANARY-SECRET'

describe('a CloudTrail record tells who called, what, from where, and how it ended', () => {
  it('a role’s session', () => {
    expect(recordOf()).toMatchObject({
      principalKind: 'AssumedRole',
      sessionName: 'i-0abc1234def567890',
      roleName: 'web-app',
      roleArn: ROLE_ARN,
      accountId: ACCOUNT,
      accessKeyId: STOLEN,
      issuedAt: '2026-03-01T06:00:00Z',
      delivery: '2.0',
      recipientAccountId: ACCOUNT,
      category: 'management',
    })
  })

  it('a user keeps the name, and is no role', () => {
    const userIdentity = { type: 'IAMUser', arn: `arn:aws:iam::${ACCOUNT}:user/eve`, userName: 'eve', accountId: 111122223333 }
    const record = readRecord({ ...documentOf(), userIdentity })
    expect(record).toMatchObject({ principalKind: 'IAMUser', userName: 'eve', accountId: ACCOUNT })
    expect(record?.roleName).toBeUndefined()
  })

  it('a federated user is told by the user who made it', () => {
    const sessionIssuer = { type: 'IAMUser', arn: `arn:aws:iam::${ACCOUNT}:user/eve`, userName: 'eve' }
    const userIdentity = {
      type: 'FederatedUser',
      arn: `arn:aws:sts::${ACCOUNT}:federated-user/x`,
      sessionContext: { sessionIssuer },
    }
    const record = readRecord({ ...documentOf(), userIdentity })
    expect(record).toMatchObject({ sessionName: 'x', userName: 'eve' })
    expect(record?.roleName).toBeUndefined()
  })

  it.each([
    [{ eventCategory: 'Data' }, 'data'],
    [{ eventCategory: undefined, managementEvent: 'false' }, 'data'],
    [{ eventCategory: undefined, managementEvent: undefined, eventName: 'GetObject' }, 'data'],
    [{ eventCategory: undefined, managementEvent: undefined, eventName: 'GetBucketAcl' }, 'management'],
    [{ eventCategory: 'NetworkActivity' }, 'network'],
  ])('%o is of category %s', (members, category) => {
    expect(readRecord({ ...documentOf(), ...members })?.category).toBe(category)
  })

  it.each([
    ['AccessDenied', 'denied'],
    ['Client.UnauthorizedOperation', 'denied'],
    ['InsufficientPrivilegesException', 'denied'],
    ['AllAccessDisabled', 'denied'],
    ['ThrottlingException', 'throttled'],
    ['ProvisionedThroughputExceededException', 'throttled'],
    ['Client.RequestLimitExceeded', 'throttled'],
    ['CallRateLimitExceededException', 'throttled'],
    ['LimitExceededException', 'failed'],
    ['Client.DryRunOperation', 'dry-run'],
    ['NoSuchBucket', 'failed'],
    ['', 'ok'],
  ])('error code "%s" means %s', (errorCode, outcome) => {
    expect(readRecord({ ...documentOf(), errorCode })?.outcome).toBe(outcome)
  })

  it.each(['ConsoleLogin', 'SwitchRole', 'PasswordUpdated', 'ExternalIdPDirectoryLogin'])(
    'a refused %s has failed, though it carries no error code',
    (eventName) => {
      const signIn = { ...documentOf(), eventSource: 'signin.amazonaws.com', eventName }
      expect(readRecord({ ...signIn, responseElements: { [eventName]: 'Failure' } })?.outcome).toBe('failed')
      expect(readRecord({ ...signIn, responseElements: { [eventName]: 'Success' } })?.outcome).toBe('ok')
    },
  )
})

describe('a refused AssumeRole without parameters', () => {
  const arn = 'arn:aws:iam::111122223333:role/deploy'
  const refused = {
    ...{ ...documentOf(), eventSource: 'sts.amazonaws.com', eventName: 'AssumeRole', errorCode: 'AccessDenied' },
    errorMessage: `User: arn:aws:iam::111122223333:user/x is not authorized to perform: sts:AssumeRole on resource: ${arn}`,
  }

  it('has the role that the message names in its request', () => {
    expect(readRecord({ ...refused, requestParameters: null })?.request).toEqual({ roleArn: arn })
  })

  it('keeps the role that its parameters name', () => {
    const requestParameters = { roleArn: `${arn}-2`, roleSessionName: 'x' }
    expect(readRecord({ ...refused, requestParameters })?.request).toEqual(requestParameters)
  })
})

describe('a record is read in whatever it travels', () => {
  const record = documentOf({ id: 'an-id' })

  it.each([
    ['as EventBridge sends it', { version: '0', 'detail-type': 'AWS API Call via CloudTrail', detail: record }],
    ['as LookupEvents answers it', { EventId: 'an-id', EventTime: 1772366400, CloudTrailEvent: JSON.stringify(record) }],
    ['as a search engine stores it', { ...record, eventTime: undefined, '@timestamp': '2026-03-01T12:00:00.000Z' }],
    ['with its time in milliseconds', { ...record, eventTime: undefined, '@timestamp': 1772366400000 }],
    ['with its time in seconds, as text', { ...record, eventTime: '1772366400' }],
    ['as a table writes its time', { ...record, eventTime: '2026-03-01 12:00:00.000' }],
    ['with its flags as text', { ...record, readOnly: 'false', managementEvent: 'true' }],
  ])('%s', (_, document) => {
    expect(readRecord(document)).toMatchObject({ eventId: 'an-id', at: '2026-03-01T12:00:00Z', accessKeyId: STOLEN })
  })

  it('a user agent that is a list is one text', () => {
    expect(readRecord({ ...record, userAgent: ['a', 'b'] })?.userAgent).toEqual(untrusted('a, b'))
  })

  it('records without an id are told apart by what they hold', () => {
    const withoutId = (eventName: string) => readRecord({ ...record, eventID: undefined, eventName })?.eventId
    expect(withoutId('A')).toBe(withoutId('A'))
    expect(withoutId('A')).not.toBe(withoutId('B'))
  })

  it.each([[null], ['text'], [7], [[]], [{}], [{ eventName: 'A' }], [{ CloudTrailEvent: '{' }], [{ eventTime: '2026-03-01' }]])(
    '%o is no record',
    (document) => {
      expect(readRecord(document)).toBeUndefined()
    },
  )

  it('nothing that JSON can hold makes the reader fail', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...Object.keys(record)), fc.jsonValue()), (members) => {
        const made = readRecord({ ...record, ...members })
        if (made) plainRecord(made)
      }),
    )
  })
})

describe('parameters are kept of calls that write or hand out credentials, and never a secret with them', () => {
  const credentials = { accessKeyId: 'ASIACHILD00000000001', secretAccessKey: CANARY, sessionToken: CANARY, expiration: 'later' }

  it('a token is gone when it has been read, its key id stays', () => {
    const record = recordOf({ event: 'sts:AssumeRole', response: { credentials }, more: { readOnly: true } })
    expect(record.response).toEqual({ credentials: { ...credentials, secretAccessKey: '', sessionToken: '' } })
    expect(JSON.stringify(plainRecord(record))).not.toContain('CANARY')
  })

  it.each([
    [{ password: CANARY }],
    [{ nested: [{ SecretString: CANARY }] }],
    [{ 'x-amz-security-token': CANARY }],
    [{ script: `export AWS_SESSION_TOKEN=${CANARY}` }],
    [{ document: JSON.stringify({ secretAccessKey: CANARY }) }],
    [{ 'X-Amz-Signature': CANARY, userData: CANARY, privateKey: CANARY, keyMaterial: CANARY }],
  ])('no secret survives in %o', (request) => {
    const record = recordOf({ event: 'iam:CreateUser', request: { ...request, userName: 'eve' }, more: { readOnly: false } })
    expect(JSON.stringify(plainRecord(record))).not.toContain('CANARY')
    expect(record.request).toMatchObject({ userName: 'eve' })
  })

  it('a secret is found by its form, too', () => {
    const token = `IQoJb3JpZ2luX2VjE${'aB3'.repeat(60)}`
    expect(JSON.stringify(recordOf({ event: 'ssm:PutParameter', request: { value: token } }))).not.toContain(token)
  })

  it('the name of a secret is none', () => {
    const record = recordOf({
      event: 'secretsmanager:GetSecretValue',
      request: { secretId: 'prod/db' },
      more: { readOnly: true },
    })
    expect(record.request).toEqual({ secretId: 'prod/db' })
  })

  it('a read keeps no parameters', () => {
    const record = recordOf({ event: 's3:GetBucketAcl', request: { bucketName: 'b' }, more: { readOnly: true } })
    expect(record.request).toBeUndefined()
    expect(recordOf({ event: 'ec2:DescribeInstances', request: {} }).request).toBeUndefined()
  })

  it('a parameter cannot change the object that holds it', () => {
    const request = JSON.parse('{"__proto__":{"polluted":true},"userName":"eve"}')
    expect(recordOf({ event: 'iam:CreateUser', request }).request).toEqual({ userName: 'eve' })
  })
})
