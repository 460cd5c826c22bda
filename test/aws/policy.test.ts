import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ApiCall } from '../../src/aws/api-call.ts'
import { apiCalls } from '../../src/aws/calls.ts'
import { closingCalls, responseClosings } from '../../src/aws/closing-calls.ts'
import { furtherReads } from '../../src/aws/further-reads.ts'
import { MANAGED_POLICY_LIMIT, type PolicySet, policySize, responderPolicy } from '../../src/aws/policy.ts'
import { ANYWHERE, type PolicyScope } from '../../src/aws/policy-scope.ts'
import { evaluate } from '../../src/simulator/authorization/evaluate.ts'
import { parsePolicy } from '../../src/simulator/authorization/policy.ts'

const HERE: PolicyScope = { ...ANYWHERE, accounts: ['111122223333'], regions: ['eu-central-1'] }
const INSTANCE = 'i-08faaaafb15777f5a'
const NARROW: PolicyScope = {
  ...HERE,
  roles: ['service/web-app'],
  instances: [INSTANCE],
  protectedRoles: ['ir-responder', 'arn:aws:iam::111122223333:role/admins/root'],
  awsDocuments: false,
}
const CLOSING = [...responseClosings, ...furtherReads]
const ALL_SETS: readonly PolicySet[] = ['observe', 'contain', 'verify', 'respond']
const IN_ACCOUNT = 'arn:aws:iam::111122223333'
const EC2 = 'arn:aws:ec2:eu-central-1:111122223333'
const OWN_DOCUMENT_ARN = 'arn:aws:ssm:eu-central-1:111122223333:document/IrCred-ReadInstanceCredentials'

/** What IAM says to an action on a resource under a set's policy. */
const decide = (
  set: PolicySet,
  action: string,
  resource: string,
  context: Record<string, string[]> = {},
  scope?: PolicyScope,
) => {
  const document = parsePolicy(JSON.stringify(responderPolicy(set, scope)))
  return evaluate([{ name: set, kind: 'inline', document }], { action, resource, context }).decision
}

/** One resource of the kind that a row of the table is about. */
const resourceOf = ({ resource }: ApiCall, accountId = '111122223333'): string =>
  resource
    .replace('PARTITION', 'aws')
    .replace('REGION', 'eu-central-1')
    .replace('ACCOUNT', accountId)
    .replace(/(?<=.)\*/, 'service/one')

const SPECIAL = new Set([
  ...['ssm:SendCommand', 'ec2:CreateTags', 'ec2:CreateSnapshots', 'sts:GetCallerIdentity', 'iam:AttachRolePolicy'],
  'iam:PassRole',
])
const actionsOf = (calls: readonly ApiCall[]) =>
  calls.flatMap((call) => call.actions.filter((action) => !SPECIAL.has(action)).map((action) => ({ call, action })))

const allows = (set: PolicySet, calls: readonly ApiCall[], scope?: PolicyScope): string[] =>
  actionsOf(calls)
    .filter(({ call, action }) => decide(set, action, resourceOf(call), {}, scope) === 'allowed')
    .map(({ action }) => action)

const allowed = (set: PolicySet, scope?: PolicyScope): string[] =>
  responderPolicy(set, scope).Statement.flatMap(({ Effect, Action }) => (Effect === 'Allow' ? [Action].flat() : []))

const sids = (set: PolicySet, scope?: PolicyScope): string[] => responderPolicy(set, scope).Statement.map(({ Sid }) => Sid)

const reads = apiCalls.filter(({ access, operation }) => access === 'read' && !operation.endsWith('?DryRun'))
const writes = apiCalls.filter(({ access }) => access === 'write')
const WRITE_ACTIONS = writes.flatMap(({ actions }) => actions)

describe.each(ALL_SETS)('the policy to %s', (set) => {
  it.each([
    ['anywhere', ANYWHERE],
    ['here', HERE],
    ['narrow', NARROW],
  ])('is one that IAM would store, in at most 6,144 characters: %s', (_, scope) => {
    const policy = responderPolicy(set, scope)
    expect(parsePolicy(JSON.stringify(policy)).statements.length).toBeGreaterThan(1)
    for (const { Sid } of policy.Statement) expect(Sid).toMatch(/^[A-Za-z0-9]+$/)
    expect(policySize(policy)).toBeLessThanOrEqual(MANAGED_POLICY_LIMIT)
    expect(policySize(policy)).toBe(JSON.stringify(policy, null, 2).replaceAll(/\s/g, '').length)
  })

  it.each([
    ['anywhere', ANYWHERE],
    ['here', HERE],
    ['narrow', NARROW],
  ])('grants all reads: %s', (_, scope) => {
    expect(allows(set, reads, scope)).toHaveLength(actionsOf(reads).length)
  })

  it('names no wildcard action, and each action that it allows once but for Run Command', () => {
    const granted = allowed(set).filter((action) => action !== 'ssm:SendCommand')
    for (const action of granted) expect(action).toMatch(/^[a-z0-9]+:[A-Za-z]+$/)
    expect(new Set(granted).size).toBe(granted.length)
  })

  it('leaves nothing of a place unfilled', () => {
    for (const scope of [ANYWHERE, HERE, NARROW])
      expect(JSON.stringify(responderPolicy(set, scope))).not.toMatch(/PARTITION|REGION|ACCOUNT/)
  })

  it('given an account, grants nothing on resources of another', () => {
    for (const { call, action } of actionsOf(apiCalls)) {
      if (call.resource === '*') continue
      expect(decide(set, action, resourceOf(call, '444455556666'), {}, HERE)).toBe('implicitDeny')
    }
  })

  it('asks for no permission where none is needed', () => {
    expect(allowed(set)).not.toContain('sts:GetCallerIdentity')
  })

  it('denies nothing that it does not change', () => {
    const denies = responderPolicy(set, NARROW).Statement.some(({ Effect }) => Effect === 'Deny')
    expect(denies).toBe(set === 'contain' || set === 'respond')
  })
})

describe('who may only observe', () => {
  it('is granted no write, not even to ask whether one would succeed', () => {
    expect(allowed('observe').filter((action) => [...WRITE_ACTIONS, 'kms:CreateGrant'].includes(action))).toEqual([])
  })
})

describe('who may contain', () => {
  it('is granted everything but Run Command', () => {
    expect(WRITE_ACTIONS.filter((action) => !allowed('contain').includes(action))).toEqual(['ssm:SendCommand'])
  })
})

describe('who may verify', () => {
  it('is granted Run Command and no other write', () => {
    expect(WRITE_ACTIONS.filter((action) => allowed('verify').includes(action))).toEqual(['ssm:SendCommand'])
  })
})

describe('who closes what issues credentials', () => {
  it('is granted what that needs and nothing else, on resources of the account that is named', () => {
    expect(allows('close', CLOSING, HERE)).toHaveLength(CLOSING.length)
    expect([...new Set(allowed('close'))].sort()).toEqual([...new Set(CLOSING.flatMap(({ actions }) => actions))].sort())
    for (const { call, action } of actionsOf(CLOSING))
      if (call.resource !== '*') expect(decide('close', action, resourceOf(call, '444455556666'), {}, HERE)).toBe('implicitDeny')
    expect(policySize(responderPolicy('close', HERE))).toBeLessThanOrEqual(MANAGED_POLICY_LIMIT)
  })

  it('is somebody else than who contains or responds: one policy has no room for all', () => {
    for (const set of ['contain', 'respond'] as const)
      expect(
        allowed(set).filter((action) => [...closingCalls, ...furtherReads].some(({ actions }) => actions.includes(action))),
      ).toEqual([])
  })

  it('leaves to a lift what puts a setting back', () => {
    const back = closingCalls.filter(({ access, stages }) => access === 'write' && stages.includes('lift-revocation'))
    expect(allows('lift', back, HERE)).toHaveLength(actionsOf(back).length)
    const role = `${IN_ACCOUNT}:role/orders`
    const decisions = ['pods.eks.amazonaws.com', 'ec2.amazonaws.com'].map((service) =>
      decide('lift', 'iam:PassRole', role, { 'iam:PassedToService': [service] }, HERE),
    )
    expect(decisions).toEqual(['allowed', 'implicitDeny'])
  })
})

describe('who responds', () => {
  it('is granted every action of the table', () => {
    expect(allows('respond', apiCalls)).toHaveLength(actionsOf(apiCalls).length)
    expect([...SPECIAL].filter((action) => allowed('respond').includes(action))).toHaveLength(4)
  })

  it.each([
    ['AWSRevokeOlderSessions-web-app-1125-7f3a-1', 'allowed'],
    ['AdministratorAccess', 'implicitDeny'],
  ])('may attach to a role only managed policies of the deny’s name: %s', (name, decision) => {
    const context = { 'iam:PolicyARN': [`arn:aws:iam::111122223333:policy/${name}`] }
    expect(decide('respond', 'iam:AttachRolePolicy', 'arn:aws:iam::111122223333:role/web-app', context)).toBe(decision)
  })

  it.each([
    ['a document of AWS’s', 'arn:aws:ssm:eu-central-1::document/AWS-RunShellScript'],
    ['a document of AWS’s', 'arn:aws:ssm:eu-central-1::document/AWS-RunPowerShellScript'],
    ['the own document', OWN_DOCUMENT_ARN],
    ['an instance', `${EC2}:instance/${INSTANCE}`],
  ])('may send a command with or to %s: %s', (_, resource) => {
    expect(decide('respond', 'ssm:SendCommand', resource, {}, HERE)).toBe('allowed')
  })

  it.each([
    'arn:aws:ssm:eu-central-1::document/AWS-RunRemoteScript',
    'arn:aws:ssm:eu-central-1:111122223333:document/AWS-RunShellScript',
    'arn:aws:ssm:eu-central-1:111122223333:document/mine',
    'arn:aws:ssm:eu-central-1:444455556666:document/IrCred-ReadInstanceCredentials',
    'arn:aws:ec2:eu-central-1:444455556666:instance/i-08faaaafb15777f5a',
    'arn:aws:ssm:eu-central-1:111122223333:managed-instance/mi-1',
    'arn:aws:s3:::output-of-commands',
    '*',
  ])('may not send a command with or to %s', (resource) => {
    expect(decide('respond', 'ssm:SendCommand', resource, {}, HERE)).toBe('implicitDeny')
  })

  it('may tag a snapshot in the moment in which it is made, and nothing else', () => {
    const snapshot = 'arn:aws:ec2:eu-central-1::snapshot/snap-1'
    const making = { 'ec2:CreateAction': ['CreateSnapshots'] }
    expect(decide('respond', 'ec2:CreateTags', snapshot, making, HERE)).toBe('allowed')
    expect(decide('respond', 'ec2:CreateTags', snapshot, {}, HERE)).toBe('implicitDeny')
    expect(decide('respond', 'ec2:CreateTags', snapshot, { 'ec2:CreateAction': ['RunInstances'] }, HERE)).toBe('implicitDeny')
    expect(decide('respond', 'ec2:CreateTags', `${EC2}:instance/i-1`, making, HERE)).toBe('implicitDeny')
  })

  it.each(['iam:PutUserPolicy', 'ec2:TerminateInstances', 'ec2:RebootInstances', 'sts:AssumeRole', 'ssm:CreateDocument'])(
    'may not %s',
    (action) => {
      expect(decide('respond', action, '*')).toBe('implicitDeny')
      expect(decide('respond', action, `${IN_ACCOUNT}:role/web-app`)).toBe('implicitDeny')
    },
  )

  it('may let EC2 use a key for a start, and no one else', () => {
    const key = 'arn:aws:kms:eu-central-1:111122223333:key/1234'
    const forEc2 = { 'kms:GrantIsForAWSResource': ['true'], 'kms:ViaService': ['ec2.eu-central-1.amazonaws.com'] }
    for (const scope of [ANYWHERE, HERE, NARROW]) {
      expect(decide('contain', 'kms:CreateGrant', key, forEc2, scope)).toBe('allowed')
      expect(decide('contain', 'kms:CreateGrant', key, {}, scope)).toBe('implicitDeny')
      expect(decide('contain', 'kms:CreateGrant', key, { ...forEc2, 'kms:GrantIsForAWSResource': ['false'] }, scope)).toBe(
        'implicitDeny',
      )
      const forRds = { ...forEc2, 'kms:ViaService': ['rds.eu-central-1.amazonaws.com'] }
      expect(decide('contain', 'kms:CreateGrant', key, forRds, scope)).toBe('implicitDeny')
    }
  })
})

describe('a narrow policy', () => {
  const put = (role: string) => decide('respond', 'iam:PutRolePolicy', `${IN_ACCOUNT}:role/${role}`, {}, NARROW)

  it('revokes the named role and no other', () => {
    expect(put('service/web-app')).toBe('allowed')
    for (const role of ['web-app', 'service/web-app-2', 'other/service/web-app']) expect(put(role)).toBe('implicitDeny')
  })

  it.each(['ir-responder', 'admins/root', 'ir-cred-contain', 'teams/ir-cred-verify', 'OrganizationAccountAccessRole'])(
    'never changes %s, whatever else the responder is allowed',
    (role) => {
      const resource = `${IN_ACCOUNT}:role/${role}`
      const everything = parsePolicy('{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}')
      const own = parsePolicy(JSON.stringify(responderPolicy('contain', NARROW)))
      for (const action of ['iam:PutRolePolicy', 'iam:AttachRolePolicy', 'iam:UpdateAssumeRolePolicy', 'iam:DeleteRolePolicy']) {
        const policies = [everything, own].map((document, index) => ({ name: `${index}`, kind: 'inline' as const, document }))
        expect(evaluate(policies, { action, resource, context: {} }).decision).toBe('explicitDeny')
      }
    },
  )

  it.each(['ec2:StopInstances', 'ec2:StartInstances', 'ec2:CreateSnapshots', 'ssm:SendCommand'])(
    'touches the named instance and no other: %s',
    (action) => {
      expect(decide('respond', action, `${EC2}:instance/${INSTANCE}`, {}, NARROW)).toBe('allowed')
      for (const other of [
        `${EC2}:instance/i-11111111111111111`,
        `arn:aws:ec2:eu-west-1:111122223333:instance/${INSTANCE}`,
        `arn:aws:ec2:eu-central-1:444455556666:instance/${INSTANCE}`,
      ])
        expect(decide('respond', action, other, {}, NARROW)).toBe('implicitDeny')
    },
  )

  it('runs the fixed script and nothing else', () => {
    expect(decide('verify', 'ssm:SendCommand', OWN_DOCUMENT_ARN, {}, NARROW)).toBe('allowed')
    const aws = 'arn:aws:ssm:eu-central-1::document/AWS-RunShellScript'
    expect(decide('verify', 'ssm:SendCommand', aws, {}, NARROW)).toBe('implicitDeny')
  })

  it('is of the partition of its Regions, or of its roles', () => {
    const of = (parts: Partial<PolicyScope>) => JSON.stringify(responderPolicy('contain', { ...ANYWHERE, ...parts }))
    expect(of({ regions: ['us-gov-west-1'] })).toContain('arn:aws-us-gov:iam::*:role/*')
    expect(of({ regions: ['cn-north-1'] })).toContain('"ec2.cn-north-1.amazonaws.com.cn"')
    expect(of({ roles: ['arn:aws-cn:iam::111122223333:role/a'] })).toContain('arn:aws-cn:ec2:*:*:instance/*')
  })

  it('holds each account and Region that was named', () => {
    const scope = { ...HERE, accounts: ['111122223333', '444455556666'], regions: ['eu-central-1', 'eu-west-1'] }
    for (const account of scope.accounts)
      for (const region of scope.regions)
        expect(decide('contain', 'ec2:StopInstances', `arn:aws:ec2:${region}:${account}:instance/i-1`, {}, scope)).toBe('allowed')
  })

  it('only ever grants less than the one that names nothing', () => {
    const parts = fc.record({
      accounts: fc.subarray(['111122223333', '444455556666']),
      regions: fc.subarray(['eu-central-1', 'us-east-1']),
      roles: fc.subarray(['a', 'service/b']),
      instances: fc.subarray([INSTANCE, 'i-11111111111111111']),
      protectedRoles: fc.subarray(['ir', 'admin']),
      awsDocuments: fc.boolean(),
    })
    const request = fc.record({
      action: fc.constantFrom('iam:PutRolePolicy', 'ec2:StopInstances', 'ec2:CreateSnapshots', 'ssm:SendCommand', 'iam:GetRole'),
      resource: fc.constantFrom(
        `${IN_ACCOUNT}:role/a`,
        `${IN_ACCOUNT}:role/ir`,
        `${EC2}:instance/${INSTANCE}`,
        OWN_DOCUMENT_ARN,
        'arn:aws:ssm:us-east-1::document/AWS-RunShellScript',
        'arn:aws:iam::999999999999:role/a',
      ),
    })
    fc.assert(
      fc.property(parts, request, fc.constantFrom(...ALL_SETS), (scope, { action, resource }, set) => {
        if (decide(set, action, resource, {}, scope) === 'allowed') expect(decide(set, action, resource)).toBe('allowed')
      }),
    )
  })
})

describe('the warnings of a policy are Sids, which stay with it wherever it is stored', () => {
  const warnings = (set: PolicySet, scope?: PolicyScope) => sids(set, scope).filter((sid) => sid.startsWith('Warning'))

  it('of one that names nothing: what may be put, stopped and run, and who the deny lacks', () => {
    expect(warnings('respond')).toEqual([
      'WarningMayPutAnyPolicyOnAnyRole',
      'WarningMayChangeWhoAssumesAnyRole',
      'WarningAddYourOwnRoleAndAdministratorsHere',
      'WarningMayPutAnyPolicyOnAnyUser',
      'WarningMayStopAnyInstance',
      'WarningMayReconfigureFunctionsAndServices',
      'WarningMayRunAnythingAsRoot',
    ])
    expect(warnings('observe')).toEqual([])
    expect(warnings('verify')).toEqual(['WarningMayRunAnythingAsRoot'])
  })

  it('of a narrow one: only what IAM cannot narrow', () => {
    expect(warnings('respond', NARROW)).toEqual(['WarningMayPutAnyPolicyOnTheseRoles', 'WarningMayChangeWhoAssumesTheseRoles'])
    expect(sids('respond', NARROW)).toContain('NeverChangeResponderAndAdministratorRoles')
  })
})
