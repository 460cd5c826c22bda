import { describe, expect, test } from 'vitest'
import { type Call, ServiceError } from '../../../src/simulator/call.ts'
import { recordCall, recordIssue, uuidFrom } from '../../../src/simulator/records/record.ts'
import { addRole, happened, NOW, quietAccount, sessionOf } from '../../support/trail.ts'

const call = (service: Call['service'], operation: string, input: Call['input'] = {}): Call => ({
  service,
  operation,
  input,
  accessKeyId: '',
  region: 'eu-west-1',
  sourceIp: '198.51.100.23',
  userAgent: 'aws-cli/2',
  requestId: 'request-1',
})

const withInstanceSession = () => {
  const { account, auditor } = quietAccount()
  addRole(account, 'web-app', undefined, '/service/')
  const session = sessionOf(account, 'web-app', 'i-08faaaafb15777f5a', NOW - 3_600_500)
  return { account, auditor, credential: { ...session, ec2RoleDelivery: '2.0' as const } }
}

describe('the record of a call', () => {
  test('names session, issuer with its path, issue time in whole seconds and how the metadata service delivered it', () => {
    const { account, credential } = withInstanceSession()
    const document = recordCall(account, { call: call('s3' as never, 'ListBuckets'), credential, writes: false }).document()
    expect(document).toMatchObject({
      eventVersion: '1.09',
      eventTime: '2026-11-25T02:00:00Z',
      eventType: 'AwsApiCall',
      eventCategory: 'Management',
      managementEvent: true,
      recipientAccountId: '111122223333',
      sourceIPAddress: '198.51.100.23',
      userAgent: 'aws-cli/2',
      requestID: 'request-1',
      readOnly: true,
      responseElements: null,
      userIdentity: {
        type: 'AssumedRole',
        principalId: expect.stringMatching(/^AROAWEBAPP.*:i-08faaaafb15777f5a$/),
        arn: 'arn:aws:sts::111122223333:assumed-role/web-app/i-08faaaafb15777f5a',
        accessKeyId: credential.accessKeyId,
        sessionContext: {
          attributes: { creationDate: '2026-11-25T00:59:59Z', mfaAuthenticated: 'false' },
          sessionIssuer: { arn: 'arn:aws:iam::111122223333:role/service/web-app', userName: 'web-app', type: 'Role' },
          ec2RoleDelivery: '2.0',
        },
      },
      tlsDetails: { tlsVersion: 'TLSv1.3' },
    })
  })

  test('spells parameters in lowerCamelCase and gives what a write answered', () => {
    const { account, auditor } = withInstanceSession()
    const recorded = recordCall(account, {
      call: call('ssm', 'SendCommand', { DocumentName: 'AWS-RunShellScript', InstanceIds: ['i-1'] }),
      credential: auditor,
      writes: true,
      output: { Command: { CommandId: 'c-1', RequestedDateTime: new Date(NOW) } },
    })
    expect(recorded.document()).toMatchObject({
      readOnly: false,
      requestParameters: { documentName: 'AWS-RunShellScript', instanceIds: ['i-1'] },
      responseElements: { command: { commandId: 'c-1', requestedDateTime: 'Nov 25, 2026, 2:00:00 AM' } },
    })
  })

  test('the record of an EC2 call has a set of instances and the client’s error codes', () => {
    const { account, auditor } = withInstanceSession()
    const recorded = recordCall(account, {
      call: call('ec2', 'StopInstances', { InstanceIds: ['i-1'] }),
      credential: auditor,
      writes: true,
      error: new ServiceError('UnauthorizedOperation', 'no'),
    })
    expect(recorded.document()).toMatchObject({
      errorCode: 'Client.UnauthorizedOperation',
      errorMessage: 'no',
      requestParameters: { instancesSet: { items: [{ instanceId: 'i-1' }] } },
      responseElements: null,
    })
  })

  test.each([
    ['iam', 'us-east-1'],
    ['sts', 'eu-west-1'],
    ['ec2', 'eu-west-1'],
  ] as const)('the record of %s called in eu-west-1 is found in %s', (service, region) => {
    const { account, auditor } = withInstanceSession()
    const recorded = recordCall(account, { call: call(service, 'GetThing'), credential: auditor, writes: false })
    expect(recorded.region).toBe(region)
    expect(recorded.document().awsRegion).toBe(region)
  })

  test('the record of a call that issued credentials holds the session token, as in reality, and never the secret', () => {
    const { account, auditor } = withInstanceSession()
    const Credentials = { AccessKeyId: 'ASIA1', SecretAccessKey: 'CANARY', SessionToken: 'token', Expiration: new Date(NOW) }
    const recorded = recordCall(account, {
      call: call('sts', 'AssumeRole'),
      credential: auditor,
      writes: false,
      output: { Credentials },
    })
    expect(recorded.document().responseElements).toEqual({
      credentials: { accessKeyId: 'ASIA1', sessionToken: 'token', expiration: 'Nov 25, 2026, 2:00:00 AM' },
    })
    expect(JSON.stringify(recorded.document())).not.toContain('CANARY')
  })
})

test('a session that EC2 took for an instance is found by the names of key, session and role, and by no caller', () => {
  const { account, credential } = withInstanceSession()
  const recorded = recordIssue(account, credential)
  expect(recorded.accessKeyId).toBeUndefined()
  expect(recorded.username).toBeUndefined()
  expect(recorded.resources.map(({ name }) => name)).toEqual(
    expect.arrayContaining([credential.accessKeyId, 'i-08faaaafb15777f5a', 'arn:aws:iam::111122223333:role/service/web-app']),
  )
  expect(recorded.document()).toMatchObject({
    userIdentity: { type: 'AWSService', invokedBy: 'ec2.amazonaws.com' },
    sourceIPAddress: 'ec2.amazonaws.com',
    requestParameters: { roleSessionName: 'i-08faaaafb15777f5a' },
    responseElements: { credentials: { accessKeyId: credential.accessKeyId, sessionToken: credential.sessionToken } },
    resources: expect.arrayContaining([expect.objectContaining({ type: 'AWS::IAM::Role' })]),
  })
})

test('records are delivered after 80 to 120 percent of the usual delay, each after its own', () => {
  const { account } = quietAccount({ trailDelivery: 300 })
  const delays = Array.from({ length: 200 }, (_, index) => {
    const { at, deliveredAt } = happened(account, index)
    return (deliveredAt - at) / 1000
  })
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(240)
  expect(Math.max(...delays)).toBeLessThanOrEqual(360)
  expect(new Set(delays).size).toBeGreaterThan(190)
})

test('identifiers have the form of a UUID', () => {
  const { account } = quietAccount()
  expect(uuidFrom(account.random)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/)
})
