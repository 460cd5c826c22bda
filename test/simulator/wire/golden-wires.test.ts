import { describe, expect, it } from 'vitest'
import type { WireRequest } from '../../../src/simulator/wire/message.ts'
import { parseQuery } from '../../../src/simulator/wire/message.ts'
import { verifySignature } from '../../../src/simulator/wire/signature.ts'
import { validate } from '../../../src/simulator/wire/validation.ts'
import golden from './golden-wires.json' with { type: 'json' }
import { recordingDispatcher } from './wire-builders.ts'

/** What boto3 was asked to send (golden-wires.record.py), in the SDK's shape. */
const INPUTS: Readonly<Record<string, object>> = {
  ListDetectors: { MaxResults: 5, NextToken: 'a b+c/d==' },
  GetDetector: { DetectorId: '12 ab/é~*' },
  ListFindings: {
    DetectorId: '12abc34d567e8fa901bc2d34e56789f0',
    FindingCriteria: {
      Criterion: {
        'resource.accessKeyDetails.accessKeyId': { Equals: ['ASIA1', 'ASIA2'] },
        severity: { GreaterThanOrEqual: 4 },
      },
    },
    SortCriteria: { AttributeName: 'updatedAt', OrderBy: 'DESC' },
  },
  PutRolePolicy: {
    RoleName: 'web-app',
    PolicyName: 'AWSRevokeOlderSessions',
    PolicyDocument: '{"Version": "2012-10-17", "é": "a+b&c=d"}',
  },
  SimulatePrincipalPolicy: {
    PolicySourceArn: 'arn:aws:iam::111122223333:role/web-app',
    ActionNames: ['s3:GetObject', 'ec2:StopInstances'],
    ContextEntries: [
      { ContextKeyName: 'aws:TokenIssueTime', ContextKeyValues: ['2026-03-01T12:00:00Z'], ContextKeyType: 'date' },
    ],
  },
  GetCallerIdentity: {},
  AssumeRole: {
    RoleArn: 'arn:aws:iam::111122223333:role/responder',
    RoleSessionName: 'ir-cred',
    DurationSeconds: 900,
    Tags: [{ Key: 'case', Value: '1' }],
  },
  DescribeInstances: {
    Filters: [{ Name: 'iam-instance-profile.arn', Values: ['arn:aws:iam::111122223333:instance-profile/web*'] }],
    MaxResults: 5,
  },
  CreateSnapshots: {
    InstanceSpecification: { InstanceId: 'i-0123456789abcdef0', ExcludeBootVolume: false },
    TagSpecifications: [{ ResourceType: 'snapshot', Tags: [{ Key: 'incident', Value: 'ü 1' }] }],
  },
  StopInstances: { InstanceIds: ['i-0123456789abcdef0', 'i-0123456789abcdef1'], DryRun: true },
  SendCommand: {
    DocumentName: 'AWS-RunShellScript',
    InstanceIds: ['i-0123456789abcdef0'],
    Parameters: { commands: ["echo 'é'", 'exit 0'] },
    TimeoutSeconds: 60,
    Comment: 'ir-cred 1',
  },
  StartInvestigation: {
    GraphArn: 'arn:aws:detective:us-east-1:111122223333:graph:0123456789abcdef0123456789abcdef',
    EntityArn: 'arn:aws:iam::111122223333:role/web-app',
    ScopeStartTime: new Date('2026-03-01T12:00:00Z'),
    ScopeEndTime: new Date('2026-03-01T13:00:00Z'),
  },
  LookupEvents: {
    LookupAttributes: [{ AttributeKey: 'AccessKeyId', AttributeValue: 'ASIA1' }],
    StartTime: new Date('2026-03-01T12:00:00Z'),
    MaxResults: 50,
  },
  DescribeAccount: { AccountId: '111122223333' },
  DescribeAutoScalingInstances: { InstanceIds: ['i-0123456789abcdef0'] },
}

type GoldenWire = (typeof golden.wires)[number]

const sent = ({ method, target, headers, body }: GoldenWire): WireRequest => {
  const [path = '', search = ''] = target.split('?')
  const known = Object.entries(headers).filter((header): header is [string, string] => header[1] !== undefined)
  return {
    method,
    path,
    query: parseQuery(search),
    headers: Object.fromEntries(known),
    body: Buffer.from(body),
    sourceIp: '127.0.0.1',
  }
}

const secretOf = (accessKeyId: string) => (accessKeyId === golden.credentials.accessKeyId ? golden.credentials : undefined)

describe.each(golden.wires)('$service $operation as boto3 sends it', (wire) => {
  it('is decoded to what boto3 was asked to send', async () => {
    const { dispatch, calls } = recordingDispatcher()
    await dispatch(sent(wire))
    expect(calls[0]).toMatchObject({
      service: wire.service,
      operation: wire.operation,
      accessKeyId: golden.credentials.accessKeyId,
    })
    expect(calls[0]?.input).toEqual(INPUTS[wire.operation])
  })

  it('carries a signature that is accepted, and not with one byte changed', () => {
    const verify = verifySignature(secretOf)
    const request = sent(wire)
    const service = wire.service as Parameters<typeof verify>[1]
    expect(() => verify(request, service)).not.toThrow()
    expect(() => verify({ ...request, body: Buffer.from(`${wire.body} `) }, service)).toThrow()
    expect(() => verify({ ...request, path: `${request.path}x` }, service)).toThrow()
  })
})

it('what boto3 sends in everyday use satisfies the constraints', () => {
  for (const { service, operation } of golden.wires.filter((wire) => wire.operation !== 'GetDetector')) {
    const check = () => validate(service as Parameters<typeof validate>[0], operation, { ...INPUTS[operation] })
    expect(check, operation).not.toThrow()
  }
})
