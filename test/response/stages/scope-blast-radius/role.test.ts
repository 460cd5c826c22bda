import { GetRolePolicyCommand, IAMClient, ListRolePoliciesCommand, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam'
import { GetServiceSettingCommand, SSMClient } from '@aws-sdk/client-ssm'
import { beforeEach, describe, expect, it } from 'vitest'
import { mockClient } from '../../../support/mock-client.ts'
import 'aws-sdk-client-mock-vitest/extend'
import type { InstanceRoleSession } from '../../../../src/incident/facts/subject.ts'
import { untrusted } from '../../../../src/incident/values/untrusted.ts'
import { roleFootprint } from '../../../../src/response/stages/scope-blast-radius/role.ts'
import { awsError, contextsOf, subjectLike } from '../../../support/stage-context.ts'

const iam = mockClient(IAMClient)
const ssm = mockClient(SSMClient)
const { contextLike } = contextsOf({ iam: IAMClient, ssm: SSMClient })

beforeEach(() => {
  iam.reset()
  ssm.reset()
  iam.on(ListRolePoliciesCommand).resolves({ PolicyNames: [] })
  iam.on(SimulatePrincipalPolicyCommand).resolves({ EvaluationResults: [] })
  setting('$None')
})

/** Ways in which a read fails, and what is then said of it. */
const FAILURES = [
  ['AccessDenied', 403, 'is denied'],
  ['ServiceFailure', 500, 'gets no answer'],
  ['Throttling', 400, 'is throttled'],
  ['NotFromAws', 500, 'gets no answer'],
] as const

const setting = (SettingValue: string | undefined): void => {
  ssm.on(GetServiceSettingCommand).resolves({ ServiceSetting: SettingValue === undefined ? {} : { SettingValue } })
}

const footprint = (parts: Partial<InstanceRoleSession> = {}) => roleFootprint(subjectLike(parts), contextLike())

const tagged = (key: string, value: string) =>
  footprint({ role: { ...subjectLike().role, tags: [{ key: untrusted(key), value: untrusted(value) }] } })

const document = (text: string) => ({ PolicyDocument: encodeURIComponent(text), RoleName: 'web-app', PolicyName: 'p' })

describe('the room for one more inline policy', () => {
  it('is measured without white space, over all pages, and without the revocation itself', async () => {
    iam
      .on(ListRolePoliciesCommand)
      .resolves({ PolicyNames: ['one', 'AWSRevokeOlderSessions'], IsTruncated: true, Marker: 'more' })
      .on(ListRolePoliciesCommand, { Marker: 'more' })
      .resolves({ PolicyNames: ['two'], IsTruncated: false })
    iam
      .on(GetRolePolicyCommand, { PolicyName: 'one' })
      .resolves(document('{ "a" :\n\t1 }'))
      .on(GetRolePolicyCommand, { PolicyName: 'two' })
      .resolves(document('{"b":"ü%"}'))
    expect((await footprint()).inlinePolicySize).toBe('{"a":1}'.length + '{"b":"ü%"}'.length)
    expect(iam).toHaveReceivedCommandTimes(GetRolePolicyCommand, 2)
  })

  it('is remarked on when it cannot be measured whole', async () => {
    iam.on(ListRolePoliciesCommand).resolves({ PolicyNames: ['one'], IsTruncated: true, Marker: 'again' })
    iam.on(GetRolePolicyCommand).resolves({ RoleName: 'web-app', PolicyName: 'one' } as never)
    expect((await footprint()).remarks).toEqual([
      'the list of the role’s inline policies is incomplete: the service repeated a page token; there may be less room for another policy',
      'the role’s inline policy one came without its document; there may be less room for another policy',
    ])
  })

  it.each(FAILURES)('is remarked on when the list of policies answers %s (%s)', async (code, status, why) => {
    iam.on(ListRolePoliciesCommand).rejects(awsError(code, status))
    const { inlinePolicySize, remarks } = await footprint()
    expect(inlinePolicySize).toBe(0)
    expect(remarks).toEqual([`how much room is left for another policy is not known: iam:ListRolePolicies ${why}`])
  })

  it('is measured of the policies that can be read, and the others are named', async () => {
    iam.on(ListRolePoliciesCommand).resolves({ PolicyNames: ['one', 'two'], IsTruncated: false })
    iam.on(GetRolePolicyCommand, { PolicyName: 'one' }).resolves(document('{}'))
    iam.on(GetRolePolicyCommand, { PolicyName: 'two' }).rejects(awsError('ServiceFailure', 500))
    const { inlinePolicySize, remarks } = await footprint()
    expect(inlinePolicySize).toBe(2)
    expect(remarks).toEqual(['the size of the role’s inline policy two is not known: iam:GetRolePolicy gets no answer'])
  })

  it('counts a document that is not URL-encoded as it stands', async () => {
    iam.on(ListRolePoliciesCommand).resolves({ PolicyNames: ['one'], IsTruncated: false })
    iam.on(GetRolePolicyCommand).resolves({ PolicyDocument: '%E0%A4%A', RoleName: 'web-app', PolicyName: 'p' })
    expect((await footprint()).inlinePolicySize).toBe(8)
  })
})

describe('the permission to edit IAM', () => {
  const decisions = (...EvalDecision: string[]) =>
    iam.on(SimulatePrincipalPolicyCommand).resolves({
      EvaluationResults: EvalDecision.map((decision) => ({ EvalDecision: decision }) as never),
    })

  it('exists when one of the edits is allowed', async () => {
    decisions('implicitDeny', 'allowed')
    expect((await footprint()).canEditIam).toBe(true)
    expect(iam).toHaveReceivedCommandWith(SimulatePrincipalPolicyCommand, {
      PolicySourceArn: subjectLike().role.arn,
      ResourceArns: [subjectLike().role.arn],
    })
  })

  it('does not exist when none is allowed', async () => {
    decisions('implicitDeny', 'explicitDeny')
    expect((await footprint()).canEditIam).toBe(false)
  })

  it.each(FAILURES)('is remarked on as unknown when the simulation answers %s (%s)', async (code, status, why) => {
    iam.on(SimulatePrincipalPolicyCommand).rejects(awsError(code, status))
    const { canEditIam, remarks } = await footprint()
    expect(canEditIam).toBe(false)
    expect(remarks).toEqual([`whether the role can edit IAM is not known: iam:SimulatePrincipalPolicy ${why}`])
  })

  it('ends the assessment when IAM does not know the responder’s key', async () => {
    iam.on(SimulatePrincipalPolicyCommand).rejects(awsError('InvalidClientTokenId', 403))
    await expect(footprint()).rejects.toThrow('InvalidClientTokenId')
  })
})

describe('the owner of the role', () => {
  it.each([
    ['aws:cloudformation:stack-name', 'web', 'CloudFormation stack web'],
    ['terraform', 'true', 'Terraform true'],
    ['managed-by', 'pulumi', 'its owner pulumi'],
    ['ManagedBy', 'cdk', 'its owner cdk'],
  ])('is named by tag %s', async (key, value, owner) => {
    expect((await tagged(key, value)).managedBy).toEqual(untrusted(owner))
  })

  it.each(['team', 'constructor', '__proto__', 'toString'])('is not named by tag %s', async (key) => {
    expect(await tagged(key, 'x')).not.toHaveProperty('managedBy')
  })
})

describe('Default Host Management', () => {
  it.each([
    ['$None', undefined],
    ['', undefined],
    [undefined, undefined],
    [
      'service-role/AWSSystemsManagerDefaultEC2InstanceManagementRole',
      'service-role/AWSSystemsManagerDefaultEC2InstanceManagementRole',
    ],
    ['evil\u001b[2J', 'evil??2J'],
  ])('has, with the setting %j, the role %j', async (value, role) => {
    setting(value)
    expect((await footprint()).defaultHostManagement).toBe(role)
    expect(ssm).toHaveReceivedCommandWith(GetServiceSettingCommand, {
      SettingId: '/ssm/managed-instance/default-ec2-instance-management-role',
    })
  })

  it('is off where the setting does not exist', async () => {
    ssm.on(GetServiceSettingCommand).rejects(awsError('ServiceSettingNotFound'))
    expect(await footprint()).not.toHaveProperty('defaultHostManagement')
  })

  it.each(FAILURES)(
    'counts as on when it answers %s (%s), so that the agent’s call proves nothing',
    async (code, status, why) => {
      ssm.on(GetServiceSettingCommand).rejects(awsError(code, status))
      const { defaultHostManagement, remarks } = await footprint()
      expect(defaultHostManagement).toBe('unknown')
      expect(remarks).toEqual([`whether Default Host Management is on is not known: ssm:GetServiceSetting ${why}`])
    },
  )
})
