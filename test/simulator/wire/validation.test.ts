import { describe, expect, it } from 'vitest'
import { ServiceError, type ServiceName } from '../../../src/simulator/call.ts'
import constraints from '../../../src/simulator/wire/constraints.json' with { type: 'json' }
import type { Shape } from '../../../src/simulator/wire/schema.ts'
import { serviceLoader, WIRE_SERVICES } from '../../../src/simulator/wire/services.ts'
import { validate } from '../../../src/simulator/wire/validation.ts'
import type { Constraint, Shapes } from '../../../src/simulator/wire/violations.ts'

const refusal = (service: ServiceName, operation: string, input: object): readonly [string, string] | undefined => {
  try {
    validate(service, operation, { ...input })
    return undefined
  } catch (error) {
    if (error instanceof ServiceError) return [error.code, error.message]
    throw error
  }
}

const POLICY = { RoleName: 'web', PolicyName: 'p', PolicyDocument: '{}' }
const FINDINGS = { DetectorId: 'd1', FindingIds: ['f1'] }
const INVESTIGATION = {
  GraphArn: 'arn:aws:detective:us-east-1:111122223333:graph:0123456789abcdef0123456789abcdef',
  InvestigationId: '000000000000000000001',
}

describe('an input that the service would take passes', () => {
  it.each([
    ['iam', 'PutRolePolicy', POLICY],
    ['iam', 'PutRolePolicy', { ...POLICY, PolicyDocument: '{\n\t"Statement": []\r\n}' }],
    ['guardduty', 'GetFindings', FINDINGS],
    ['guardduty', 'ListDetectors', {}],
    ['ec2', 'DescribeInstances', {}],
    ['ec2', 'StopInstances', { InstanceIds: ['i-1'] }],
    [
      'ssm',
      'SendCommand',
      { DocumentName: 'AWS-RunShellScript', InstanceIds: ['i-0123456789abcdef0'], Parameters: { commands: [''] } },
    ],
    ['ssm', 'GetCommandInvocation', { CommandId: 'c'.repeat(36), InstanceId: 'i-0123456789abcdef0' }],
    ['detective', 'GetInvestigation', INVESTIGATION],
    ['sts', 'GetCallerIdentity', {}],
    ['sts', 'AssumeRole', { RoleArn: 'arn:aws:iam::111122223333:role/é', RoleSessionName: 'a=b,c.d@e-f' }],
    ['autoscaling', 'DescribeAutoScalingGroups', { AutoScalingGroupNames: ['blue 😀'] }],
    ['cloudtrail', 'LookupEvents', { MaxResults: 50 }],
  ] as const)('%s %s', (service, operation, input) => {
    expect(refusal(service, operation, input)).toBeUndefined()
  })
})

describe('an input that the service would refuse is refused, and the member is named', () => {
  it.each([
    ['iam', 'GetRole', {}, 'ValidationError', "Value null at 'roleName' failed to satisfy constraint: Member must not be null"],
    ['iam', 'GetRole', { RoleName: '' }, 'ValidationError', 'length greater than or equal to 1'],
    ['iam', 'GetRole', { RoleName: 'x'.repeat(65) }, 'ValidationError', 'length less than or equal to 64'],
    ['iam', 'GetRole', { RoleName: 'web app' }, 'ValidationError', 'regular expression pattern: [\\w+=,.@-]+'],
    ['iam', 'PutRolePolicy', { ...POLICY, PolicyDocument: '{"a":"日本"}' }, 'ValidationError', "'policyDocument'"],
    [
      'iam',
      'UpdateAccessKey',
      { AccessKeyId: 'A'.repeat(20), Status: 'Off' },
      'ValidationError',
      'enum value set: [Active, Inactive',
    ],
    ['iam', 'ListRoles', { MaxItems: 0 }, 'ValidationError', 'value greater than or equal to 1'],
    ['iam', 'ListRoles', { MaxItems: 1001 }, 'ValidationError', 'value less than or equal to 1000'],
    ['sts', 'AssumeRole', { RoleArn: 'arn:aws:iam::1:role/r' }, 'ValidationError', "'roleSessionName'"],
    [
      'sts',
      'AssumeRole',
      { RoleArn: 'arn:aws:iam::1:role/r', RoleSessionName: 's', DurationSeconds: 10 },
      'ValidationError',
      "'10' at 'durationSeconds'",
    ],
    [
      'sts',
      'AssumeRole',
      { RoleArn: 'arn:aws:iam::1:role/r', RoleSessionName: 's s', Tags: [{ Key: 'a' }] },
      'ValidationError',
      '2 validation errors detected: ',
    ],
    [
      'autoscaling',
      'DescribeAutoScalingInstances',
      { InstanceIds: ['i'.repeat(20)] },
      'ValidationError',
      "'instanceIds.1.member'",
    ],
    ['ssm', 'SendCommand', {}, 'ValidationException', "'documentName'"],
    ['ssm', 'SendCommand', { DocumentName: 'AWS-RunShellScript', TimeoutSeconds: 29 }, 'ValidationException', "'timeoutSeconds'"],
    ['ssm', 'SendCommand', { DocumentName: 'AWS-RunShellScript', Comment: 'x'.repeat(101) }, 'ValidationException', "'comment'"],
    [
      'ssm',
      'SendCommand',
      { DocumentName: 'AWS-RunShellScript', InstanceIds: ['server'] },
      'ValidationException',
      "'instanceIds.1.member'",
    ],
    ['ssm', 'GetCommandInvocation', { CommandId: 'c1', InstanceId: 'i-0123456789abcdef0' }, 'ValidationException', "'commandId'"],
    ['cloudtrail', 'LookupEvents', { MaxResults: 51 }, 'ValidationException', "'maxResults'"],
    [
      'cloudtrail',
      'LookupEvents',
      { LookupAttributes: [{ AttributeKey: 'AccessKeyId' }] },
      'ValidationException',
      "'lookupAttributes.1.member.attributeValue'",
    ],
    [
      'cloudtrail',
      'LookupEvents',
      { LookupAttributes: [{ AttributeKey: 'Key', AttributeValue: 'v' }] },
      'ValidationException',
      'AccessKeyId',
    ],
    [
      'detective',
      'GetInvestigation',
      { ...INVESTIGATION, GraphArn: 'arn:aws:detective:graph' },
      'ValidationException',
      "'graphArn'",
    ],
    ['detective', 'ListGraphs', { MaxResults: 201 }, 'ValidationException', "'maxResults'"],
    ['guardduty', 'GetFindings', { DetectorId: 'd1' }, 'BadRequestException', 'parameter findingIds'],
    [
      'guardduty',
      'GetFindings',
      { ...FINDINGS, FindingIds: Array(51).fill('f') },
      'BadRequestException',
      'length less than or equal to 50',
    ],
    [
      'guardduty',
      'ListFindings',
      { DetectorId: 'd1', SortCriteria: { OrderBy: 'UP' } },
      'BadRequestException',
      'parameter sortCriteria.orderBy',
    ],
    ['ec2', 'StopInstances', {}, 'MissingParameter', 'parameter instanceIds'],
    [
      'ec2',
      'ModifyInstanceAttribute',
      { InstanceId: 'i-1', Attribute: 'colour' },
      'InvalidParameterValue',
      'parameter attribute',
    ],
    ['ec2', 'DescribeNatGateways', { MaxResults: 4 }, 'InvalidParameterValue', "Value ('4') for parameter maxResults"],
  ] as const)('%s %s %o: %s', (service, operation, input, code, part) => {
    const [givenCode, message] = refusal(service, operation, input) ?? []
    expect(givenCode).toBe(code)
    expect(message).toContain(part)
  })

  it('does not repeat a long value in full', () => {
    expect(refusal('iam', 'GetRole', { RoleName: 'x'.repeat(100_000) })?.[1].length).toBeLessThan(300)
  })
})

describe.each(Object.values(WIRE_SERVICES))('the generated constraints of $name', ({ name }) => {
  const { operations, shapes } = constraints.services[name] as unknown as {
    operations: Record<string, string | null>
    shapes: Record<string, Constraint>
  }

  it('cover every served operation: run constraints.generate.py after adding one', async () => {
    const service = await serviceLoader()(name)
    expect(Object.keys(operations).sort()).toEqual([...service.operations.keys()].sort())
  })

  it('name members that the SDK knows', async () => {
    const service = await serviceLoader()(name)
    for (const [operation, shape] of Object.entries(operations)) {
      const input = service.operations.get(operation)?.input
      expect(input && shape ? unknownMembers(shape, input, shapes) : [], operation).toEqual([])
    }
  })

  it('hold patterns that JavaScript reads', () => {
    const patterns = Object.values(shapes).flatMap(({ p }) => p ?? [])
    expect(patterns.filter((pattern) => !isPattern(pattern))).toEqual([])
  })
})

const isPattern = (pattern: string): boolean => {
  const reads = (flags: string) => {
    try {
      return new RegExp(`^(?:${pattern})$`, flags) instanceof RegExp
    } catch {
      return false
    }
  }
  return reads('u') || reads('')
}

const unknownMembers = (name: string, shape: Shape, shapes: Shapes): string[] => {
  const constraint = shapes[name]
  if (constraint?.i && shape.isListSchema()) return unknownMembers(constraint.i, shape.getValueSchema(), shapes)
  if (constraint?.v && shape.isMapSchema()) return unknownMembers(constraint.v, shape.getValueSchema(), shapes)
  if (!shape.isStructSchema()) return []
  const members = new Map(shape.structIterator())
  const named = [...(constraint?.r ?? []), ...Object.keys(constraint?.m ?? {})]
  const below = Object.entries(constraint?.m ?? {}).flatMap(([member, below]) => {
    const found = members.get(member)
    return found && below ? unknownMembers(below, found, shapes) : []
  })
  return [...named.filter((member) => !members.has(member)), ...below]
}
