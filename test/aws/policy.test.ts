import { describe, expect, it } from 'vitest'
import { type ApiCall, apiCalls } from '../../src/aws/calls.ts'
import { type PolicySet, responderPolicy } from '../../src/aws/policy.ts'
import { evaluate } from '../../src/simulator/authorization/evaluate.ts'
import { parsePolicy } from '../../src/simulator/authorization/policy.ts'

const HERE = { partition: 'aws', region: 'eu-central-1', accountId: '111122223333' }
const ALL_SETS: readonly PolicySet[] = ['observe', 'contain', 'verify', 'respond']

type Place = typeof HERE

/** What IAM says to an action on a resource under a set's policy. */
const decide = (set: PolicySet, action: string, resource: string, context: Record<string, string[]> = {}, place?: Place) => {
  const document = parsePolicy(JSON.stringify(responderPolicy(set, place)))
  return evaluate([{ name: set, kind: 'inline', document }], { action, resource, context }).decision
}

/** One resource of the kind that a row of the table is about. */
const resourceOf = ({ resource }: ApiCall, { partition, region, accountId }: Place = HERE): string =>
  resource
    .replace('PARTITION', partition)
    .replace('REGION', region)
    .replace('ACCOUNT', accountId)
    .replace(/(?<=.)\*/, 'service/one')

const SPECIAL = new Set(['ssm:SendCommand', 'ec2:CreateTags', 'sts:GetCallerIdentity'])
const actionsOf = (calls: readonly ApiCall[]) =>
  calls.flatMap((call) => call.actions.filter((action) => !SPECIAL.has(action)).map((action) => ({ call, action })))

const allows = (set: PolicySet, calls: readonly ApiCall[]): string[] =>
  actionsOf(calls)
    .filter(({ call, action }) => decide(set, action, resourceOf(call)) === 'allowed')
    .map(({ action }) => action)

const named = (set: PolicySet): string[] => responderPolicy(set).Statement.flatMap(({ Action }) => [...Action])

const reads = apiCalls.filter(({ access, operation }) => access === 'read' && !operation.endsWith('?DryRun'))
const writes = apiCalls.filter(({ access }) => access === 'write')
const WRITE_ACTIONS = writes.flatMap(({ actions }) => actions)

describe.each(ALL_SETS)('the policy to %s', (set) => {
  it('is one that IAM would store', () => {
    expect(parsePolicy(JSON.stringify(responderPolicy(set))).statements.length).toBeGreaterThan(1)
    expect(parsePolicy(JSON.stringify(responderPolicy(set, HERE))).statements.length).toBeGreaterThan(1)
  })

  it('fits into a managed policy of 6,144 characters', () => {
    expect(JSON.stringify(responderPolicy(set, HERE)).length).toBeLessThan(6_144)
  })

  it('grants all reads, in any account and Region', () => {
    expect(allows(set, reads)).toHaveLength(actionsOf(reads).length)
  })

  it('names no wildcard action, and each action once', () => {
    for (const action of named(set)) expect(action).toMatch(/^[a-z0-9]+:[A-Za-z]+$/)
    expect(new Set(named(set)).size).toBe(named(set).length)
  })

  it('leaves nothing of a place unfilled', () => {
    expect(JSON.stringify(responderPolicy(set, HERE))).not.toMatch(/PARTITION|REGION|ACCOUNT/)
  })

  it('given a place, grants nothing on resources elsewhere', () => {
    for (const { call, action } of actionsOf(apiCalls)) {
      if (call.resource === '*') continue
      const elsewhere = resourceOf(call, { ...HERE, accountId: '444455556666' })
      expect(decide(set, action, elsewhere, {}, HERE)).toBe('implicitDeny')
    }
  })

  it('asks for no permission where none is needed', () => {
    expect(named(set)).not.toContain('sts:GetCallerIdentity')
  })
})

describe('who may only observe', () => {
  it('is granted no write, not even to ask whether one would succeed', () => {
    expect(named('observe').filter((action) => WRITE_ACTIONS.includes(action))).toEqual([])
  })
})

describe('who may contain', () => {
  it('is granted everything but Run Command', () => {
    expect(WRITE_ACTIONS.filter((action) => !named('contain').includes(action))).toEqual(['ssm:SendCommand'])
  })
})

describe('who may verify', () => {
  it('is granted Run Command and no other write', () => {
    expect(WRITE_ACTIONS.filter((action) => named('verify').includes(action))).toEqual(['ssm:SendCommand'])
  })
})

describe('who responds', () => {
  it('is granted every action of the table', () => {
    expect(allows('respond', apiCalls)).toHaveLength(actionsOf(apiCalls).length)
    expect([...SPECIAL].filter((action) => named('respond').includes(action))).toEqual(['ssm:SendCommand', 'ec2:CreateTags'])
  })

  it.each([
    'arn:aws:ssm:eu-central-1::document/AWS-RunShellScript',
    'arn:aws:ssm:eu-central-1::document/AWS-RunPowerShellScript',
    'arn:aws:ec2:eu-central-1:111122223333:instance/i-08faaaafb15777f5a',
  ])('may send a command with or to %s', (resource) => {
    expect(decide('respond', 'ssm:SendCommand', resource, {}, HERE)).toBe('allowed')
  })

  it.each([
    'arn:aws:ssm:eu-central-1::document/AWS-RunRemoteScript',
    'arn:aws:ssm:eu-central-1::document/AWS-ConfigureAWSPackage',
    'arn:aws:ssm:eu-central-1:111122223333:document/AWS-RunShellScript',
    'arn:aws:ssm:eu-central-1:111122223333:document/mine',
    'arn:aws:ec2:eu-central-1:444455556666:instance/i-08faaaafb15777f5a',
    'arn:aws:ssm:eu-central-1:111122223333:managed-instance/mi-1',
    'arn:aws:s3:::output-of-commands',
    '*',
  ])('may not send a command with or to %s', (resource) => {
    expect(decide('respond', 'ssm:SendCommand', resource, {}, HERE)).toBe('implicitDeny')
  })

  it('may tag a snapshot in the moment in which it is made, and nothing else', () => {
    const snapshot = 'arn:aws:ec2:eu-central-1::snapshot/snap-1'
    const instance = 'arn:aws:ec2:eu-central-1:111122223333:instance/i-1'
    const making = { 'ec2:CreateAction': ['CreateSnapshots'] }
    expect(decide('respond', 'ec2:CreateTags', snapshot, making, HERE)).toBe('allowed')
    expect(decide('respond', 'ec2:CreateTags', snapshot, {}, HERE)).toBe('implicitDeny')
    expect(decide('respond', 'ec2:CreateTags', snapshot, { 'ec2:CreateAction': ['RunInstances'] }, HERE)).toBe('implicitDeny')
    expect(decide('respond', 'ec2:CreateTags', instance, making, HERE)).toBe('implicitDeny')
  })

  it.each(['iam:DeleteRolePolicy', 'iam:PutUserPolicy', 'ec2:TerminateInstances', 'ec2:RebootInstances', 'sts:AssumeRole'])(
    'may not %s',
    (action) => {
      expect(decide('respond', action, '*')).toBe('implicitDeny')
      expect(decide('respond', action, 'arn:aws:iam::111122223333:role/web-app')).toBe('implicitDeny')
    },
  )
})
