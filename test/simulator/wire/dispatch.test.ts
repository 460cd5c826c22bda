import { describe, expect, it } from 'vitest'
import { ServiceError, type ServiceName } from '../../../src/simulator/call.ts'
import { createDispatcher } from '../../../src/simulator/wire/dispatch.ts'
import type { WireRequest } from '../../../src/simulator/wire/message.ts'
import { CREDENTIALS, form, NOON, recordingDispatcher, refusalIn, requestFor, target } from './wire-builders.ts'

const GET_ROLE = requestFor('iam', form('Action=GetRole&RoleName=web'))

const refused = async (service: ServiceName | string, changes: Partial<WireRequest>) => {
  const { dispatch, calls } = recordingDispatcher()
  const refusal = refusalIn(await dispatch(requestFor(service, changes)))
  expect(calls).toEqual([])
  return refusal
}

describe('a call reaches the account', () => {
  it('a call says who calls, from where, with what and as which request', async () => {
    const { dispatch, calls } = recordingDispatcher({}, { newRequestId: () => 'request-1' })
    const headers = { 'user-agent': 'aws-cli/2', 'x-amz-security-token': 'token' }
    await dispatch(requestFor('sts', { ...form('Action=GetCallerIdentity&Version=2011-06-15'), headers }))
    expect(calls).toEqual([
      {
        service: 'sts',
        operation: 'GetCallerIdentity',
        input: {},
        accessKeyId: CREDENTIALS.accessKeyId,
        sessionToken: 'token',
        region: 'us-east-1',
        sourceIp: '198.51.100.7',
        userAgent: 'aws-cli/2',
        requestId: 'request-1',
      },
    ])
  })

  it('a call is named by the last dot segment of X-Amz-Target, whatever stands before it', async () => {
    const { dispatch, calls } = recordingDispatcher()
    const headers = { 'x-amz-target': 'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents' }
    await dispatch(requestFor('cloudtrail', { headers, body: Buffer.from('{}') }))
    expect(calls[0]?.operation).toBe('LookupEvents')
  })

  it('a list that was sent empty arrives as an empty list', async () => {
    const { dispatch, calls } = recordingDispatcher()
    await dispatch(requestFor('autoscaling', form('Action=DescribeAutoScalingGroups&AutoScalingGroupNames=&MaxRecords=')))
    await dispatch(requestFor('autoscaling', form('Action=DescribeAutoScalingGroups&AutoScalingGroupNames=')))
    expect(calls.map(({ input }) => input)).toEqual([{ AutoScalingGroupNames: [] }])
  })

  it('members that the operation does not have do not arrive', async () => {
    const { dispatch, calls } = recordingDispatcher()
    const body = '{"__type":"x","Extra":1,"CommandId":"c","__proto__":{"InstanceId":"i"}}'
    await dispatch(requestFor('ssm', target('ListCommands', body)))
    expect(calls[0]?.input).toEqual({ CommandId: 'c' })
  })
})

describe('the headers of every answer', () => {
  it.each([
    ['an answer', GET_ROLE],
    ['a refusal', requestFor('iam', form('Action=Nothing'))],
    ['a refusal for no service', requestFor('sqs')],
  ])('the virtual time, the request id and the pace are in every answer: %s', async (_, request) => {
    const { dispatch } = recordingDispatcher({}, { pace: 60, newRequestId: () => 'request-1' })
    expect((await dispatch(request)).headers).toMatchObject({
      date: 'Sun, 01 Mar 2026 12:00:00 GMT',
      'x-amzn-requestid': 'request-1',
      'x-simulated-pace': '60',
    })
  })

  it('the pace is 0 where time only moves when somebody waits', async () => {
    expect((await recordingDispatcher().dispatch(GET_ROLE)).headers['x-simulated-pace']).toBe('0')
  })
})

describe('what the account throws', () => {
  const throwing = (error: unknown, bugs: unknown[] = []) =>
    createDispatcher({ now: () => NOON, answer: () => Promise.reject(error), onBug: (bug) => bugs.push(bug) })

  it('a ServiceError is written in the protocol, and its text cannot break out of it', async () => {
    const error = new ServiceError('NoSuchEntity', 'No role <b> & "c"', 404)
    const response = await throwing(error)(GET_ROLE)
    expect(refusalIn(response)).toEqual([404, 'NoSuchEntity'])
    expect(response.body).toContain('<Type>Sender</Type><Code>NoSuchEntity</Code><Message>No role &lt;b&gt; &amp;')
  })

  it('any other error is an InternalFailure that shows nothing, and a bug for the listener', async () => {
    const bugs: unknown[] = []
    const bug = new Error('state of the account')
    const response = await throwing(bug, bugs)(GET_ROLE)
    expect(refusalIn(response)).toEqual([500, 'InternalFailure'])
    expect(response.body).not.toContain('state of the account')
    expect(bugs).toEqual([bug])
  })

  it('an output that cannot be written is a bug too', async () => {
    const bugs: unknown[] = []
    const output = { Role: { CreateDate: {} } }
    const dispatch = createDispatcher({ now: () => NOON, answer: async () => output, onBug: (bug) => bugs.push(bug) })
    expect(refusalIn(await dispatch(GET_ROLE))).toEqual([500, 'InternalFailure'])
    expect(bugs).toHaveLength(1)
  })
})

describe('the order of refusals', () => {
  const invalid = requestFor('iam', form('Action=GetRole&RoleName=not+a+name'))

  it('a caller who is denied hears that, not what is wrong with the input', async () => {
    const denied = new ServiceError('AccessDenied', 'Not you', 403)
    const dispatch = createDispatcher({ now: () => NOON, answer: () => Promise.reject(denied) })
    expect(refusalIn(await dispatch(invalid))).toEqual([403, 'AccessDenied'])
  })

  it('a caller who is allowed hears what is wrong with the input', async () => {
    const dispatch = createDispatcher({
      now: () => NOON,
      answer: async (_, check) => {
        check()
        return {}
      },
    })
    expect(refusalIn(await dispatch(invalid))).toEqual([400, 'ValidationError'])
  })

  it('nobody is asked when the signature is wrong', async () => {
    const authenticate = () => {
      throw new ServiceError('SignatureDoesNotMatch', 'no', 403)
    }
    const { dispatch, calls } = recordingDispatcher({}, { authenticate })
    expect(refusalIn(await dispatch(GET_ROLE))).toEqual([403, 'SignatureDoesNotMatch'])
    expect(calls).toEqual([])
  })
})

describe('an operation that is not served', () => {
  it.each([
    ['iam', form('Action=UploadServerCertificate'), 400, 'InvalidAction'],
    ['ec2', form('Action=CreateVpc'), 400, 'InvalidAction'],
    ['ssm', target('PutParameter', '{}'), 400, 'UnknownOperationException'],
    ['guardduty', { method: 'DELETE', path: '/detector/d1' }, 404, 'UnknownOperationException'],
    ['guardduty', { method: 'GET', path: '/detector//findings' }, 404, 'UnknownOperationException'],
    ['guardduty', { method: 'POST', path: '/detector//findings' }, 404, 'UnknownOperationException'],
    ['s3', { method: 'GET', path: '/bucket' }, 400, 'NotImplemented'],
    ['secretsmanager', target('ListSecrets', '{}'), 404, 'UnknownOperationException'],
    ['constructor', form('Action=GetRole'), 404, 'UnknownOperationException'],
  ] as const)('an operation of %s that is not served is refused in its own way', async (service, changes, status, code) => {
    expect(await refused(service, changes)).toEqual([status, code])
  })
})

describe('a malformed request is refused and never crashes anything', () => {
  it.each([
    ['ssm', 'JSON that ends early', target('SendCommand', '{"DocumentName":"A'), 'SerializationException'],
    ['ssm', 'JSON that is no object', target('SendCommand', '[]'), 'SerializationException'],
    ['ssm', 'JSON null', target('SendCommand', 'null'), 'SerializationException'],
    ['ssm', 'a string for a number', target('SendCommand', '{"TimeoutSeconds":"sixty"}'), 'SerializationException'],
    ['ssm', 'a number for a string', target('SendCommand', '{"DocumentName":1}'), 'SerializationException'],
    ['ssm', 'an object for a list', target('SendCommand', '{"InstanceIds":{"0":"i"}}'), 'SerializationException'],
    ['ssm', 'a list with null in it', target('SendCommand', '{"InstanceIds":[null]}'), 'SerializationException'],
    ['ssm', 'a map with a wrong value', target('SendCommand', '{"Parameters":{"commands":"x"}}'), 'SerializationException'],
    ['ssm', 'no target', { body: Buffer.from('{}') }, 'SerializationException'],
    [
      'ssm',
      'bytes that are no text',
      { ...target('SendCommand', ''), body: Buffer.from([0xff, 0xfe, 0x00]) },
      'SerializationException',
    ],
    ['cloudtrail', 'a date in words', target('LookupEvents', '{"StartTime":"yesterday"}'), 'SerializationException'],
    [
      'detective',
      'a date without a zone',
      { path: '/investigations/startInvestigation', body: Buffer.from('{"ScopeStartTime":"2026-03-01"}') },
      'SerializationException',
    ],
    [
      'guardduty',
      'a label that is not percent-encoding',
      { method: 'GET', path: '/detector/%E0%A4%A' },
      'SerializationException',
    ],
    [
      'guardduty',
      'a query parameter that is no number',
      { method: 'GET', path: '/detector', query: [['maxResults', 'many']] as const },
      'SerializationException',
    ],
    ['iam', 'no body', form(''), 'MalformedInput'],
    ['iam', 'no Action', form('RoleName=web'), 'MalformedInput'],
    ['iam', 'a number in words', form('Action=ListRoles&MaxItems=many'), 'MalformedInput'],
    ['iam', 'a list that is not numbered', form('Action=SimulatePrincipalPolicy&ActionNames.member.x=a'), 'MalformedInput'],
    ['iam', 'a name that is nested without end', form(`Action=ListRoles&${'a.'.repeat(50_000)}a=1`), 'MalformedInput'],
    ['ec2', 'a boolean in words', form('Action=StopInstances&DryRun=perhaps'), 'InvalidParameterValue'],
    [
      'ec2',
      'base64 that is none',
      form('Action=ModifyInstanceAttribute&InstanceId=i-1&UserData.Value=%%%'),
      'InvalidParameterValue',
    ],
  ] as const)('%s: %s', async (service, _, changes, code) => {
    expect(await refused(service, changes)).toEqual([400, code])
  })
})

describe('a request without a signature', () => {
  it('is refused in the words of the service whose host it names', async () => {
    expect(await refused('detective', { headers: { authorization: '', host: 'api.detective.us-east-1.amazonaws.com' } })).toEqual(
      [403, 'MissingAuthenticationTokenException'],
    )
  })

  it('is refused when it names none', async () => {
    expect(await refused('iam', { headers: { authorization: '', host: '127.0.0.1:1' } })).toEqual([
      403,
      'MissingAuthenticationToken',
    ])
  })
})
