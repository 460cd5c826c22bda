import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { apiCalls, enrichmentCalls, findCall } from '../../src/aws/calls.ts'
import { closingCalls } from '../../src/aws/closing-calls.ts'
import { furtherReads } from '../../src/aws/further-reads.ts'
import { isServiceName } from '../../src/simulator/wire/services.ts'

const nameOf = ({ service, operation }: { readonly service: string; readonly operation: string }) => `${service}:${operation}`

const STAGES = readdirSync('src/response/stages')
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.replace('.ts', ''))
const USERS = new Set([...STAGES, 'respond', 'doctor', 'investigate', 'audit'])
const tables = [...apiCalls, ...furtherReads, ...closingCalls, ...enrichmentCalls]

describe.each(tables.map((call) => [nameOf(call), call] as const))('%s', (_, call) => {
  it('names a service and an operation as they are signed and sent', () => {
    expect(call.service).toMatch(/^[a-z0-9-]+$/)
    expect(call.operation).toMatch(/^[A-Z][A-Za-z]+(\?DryRun)?$/)
  })

  it('names IAM actions, its own first', () => {
    for (const action of call.actions) expect(action).toMatch(/^[a-z0-9-]+:[A-Z][A-Za-z]+$/)
    expect(call.actions[0]).toBe(`${call.service}:${call.operation.replace('?DryRun', '')}`)
  })

  it('names a resource without an account of its own', () => {
    expect(call.resource).toMatch(/^(\*|arn:PARTITION:[a-z0-9-]+:(REGION)?:(ACCOUNT)?:[\w*:/-]+)$/)
  })

  it('is used by something that there is', () => {
    expect(call.stages.filter((user) => !USERS.has(user))).toEqual([])
    expect(new Set(call.stages).size).toBe(call.stages.length)
  })

  it('says why, in words', () => {
    expect(call.why).toMatch(/^\S.{6,100}\S$/)
    expect(call.why).not.toMatch(/\.$/)
  })

  it('reads when its name reads, and when it is a dry run', () => {
    // The Service Authorization Reference calls it a read: the account is as before.
    const reads = /^(Get|List|Describe|Lookup|Simulate|GenerateCredentialReport$)|\?DryRun$/.test(call.operation)
    expect(call.access).toBe(reads ? 'read' : 'write')
  })
})

describe('the table of calls', () => {
  it('has one row a call', () => {
    expect(new Set(tables.map(nameOf)).size).toBe(tables.length)
  })

  it('knows only services that can be simulated', () => {
    expect(tables.filter(({ service }) => !isServiceName(service)).map(nameOf)).toEqual([])
  })

  it('writes little: these and no other', () => {
    expect(tables.filter(({ access }) => access === 'write').map(nameOf)).toEqual([
      'iam:PutRolePolicy',
      'iam:PutUserPolicy',
      'iam:CreatePolicy',
      'iam:AttachRolePolicy',
      'iam:UpdateAccessKey',
      'iam:UpdateAssumeRolePolicy',
      'iam:DeleteLoginProfile',
      'ec2:ModifyInstanceMetadataOptions',
      'ec2:CreateSnapshots',
      'ec2:StopInstances',
      'ec2:StartInstances',
      'ssm:SendCommand',
      'detective:StartInvestigation',
      'lambda:UpdateFunctionConfiguration',
      'ecs:UpdateService',
      'rolesanywhere:DisableProfile',
      'rolesanywhere:EnableProfile',
      'eks:DeletePodIdentityAssociation',
      'eks:CreatePodIdentityAssociation',
      'cognito-identity:UpdateIdentityPool',
      'lambda:UpdateFunctionUrlConfig',
      'lambda:RemovePermission',
      'lambda:AddPermission',
      'lambda:PublishVersion',
      'lambda:UpdateAlias',
    ])
  })
})

describe('a call is found', () => {
  it('a call is found by its service and operation', () => {
    expect(findCall('iam', 'GetRole')?.operation).toBe('GetRole')
    expect(findCall('iam', 'DeleteRole')).toBeUndefined()
    expect(findCall('ec2', 'GetRole')).toBeUndefined()
    expect(findCall('', '')).toBeUndefined()
  })

  it('a call is a dry run only if the flag is true', () => {
    expect(findCall('ec2', 'StopInstances', { DryRun: true })).toMatchObject({ access: 'read' })
    for (const DryRun of [false, undefined, 'true', 1, null]) {
      expect(findCall('ec2', 'StopInstances', { DryRun })).toMatchObject({ access: 'write' })
    }
    for (const input of [undefined, null, 'DryRun', []]) {
      expect(findCall('ec2', 'StopInstances', input)).toMatchObject({ access: 'write' })
    }
  })

  it('an operation without a dry run is not found as one', () => {
    expect(findCall('ec2', 'DescribeInstances', { DryRun: true })).toBeUndefined()
    expect(findCall('ec2', 'StopInstances?DryRun?DryRun')).toBeUndefined()
  })
})
