import { describe, expect, it } from 'vitest'
import type { PolicyRead } from '../../../src/incident/facts/role-profile.ts'
import { flattenUntrusted } from '../../../src/incident/values/show.ts'
import { readStatements } from '../../../src/investigation/enrichment/read-statements.ts'
import { RISK_RULES, RISK_SENTENCE, risksIn } from '../../../src/investigation/enrichment/risks.ts'
import { allow, policyOf } from './asked-account.ts'

const policy = (statement: object, use: PolicyRead['use'] = 'permissions'): PolicyRead => ({
  kind: 'inline',
  use,
  name: { untrusted: 'one' },
  statements: readStatements(policyOf(statement)) ?? [],
})

const rulesMet = (statement: object): readonly string[] => risksIn([policy(statement)]).map(({ rule }) => rule)

describe('a permission is called far-reaching by a stated rule', () => {
  it.each([
    ['all actions', '*'],
    ['all actions', '*:*'],
    ['all of IAM', 'iam:*'],
    ['all of IAM', 'IAM:*'],
    ['edits permissions', 'iam:Put*'],
    ['edits permissions', 'iam:CreateAccessKey'],
    ['edits permissions', '*:AttachRolePolicy'],
    ['takes any role', 'sts:AssumeRole'],
    ['takes any role', 'sts:*'],
    ['passes any role', 'iam:PassRole'],
    ['reads any secret', 'secretsmanager:Get*'],
  ])('%s: %s', (rule, action) => {
    expect(rulesMet(allow(action))).toContain(rule)
  })

  it.each(['s3:*', 'iam:Get*', 'iam:List*', 'sts:GetCallerIdentity', 'secretsmanager:List*', 'ec2:Describe*'])(
    'no rule calls this permission far-reaching: %s',
    (action) => {
      expect(rulesMet(allow(action))).toEqual([])
    },
  )

  it('NotAction allows all that it does not name', () => {
    expect(rulesMet({ Effect: 'Allow', NotAction: ['iam:*', 'sts:*'], Resource: '*' })).toEqual(['all but some actions'])
  })

  it('what is for some resources only is no role, no permission of anybody’s', () => {
    const Resource = 'arn:aws:iam::111122223333:role/deploy'
    for (const action of ['sts:AssumeRole', 'iam:PassRole', 'iam:PutRolePolicy']) {
      expect(rulesMet(allow(action, { Resource }))).toEqual([])
    }
  })

  it('everything on some resources, or under a condition, is said to be narrowed', () => {
    const narrowed = (more: object) => risksIn([policy(allow('*', more))]).map(({ narrowed }) => narrowed)
    expect(narrowed({ Resource: 'arn:aws:s3:::one/*' })).toEqual([true])
    expect(narrowed({ Condition: { Bool: { 'aws:SecureTransport': 'true' } } })).toEqual([true])
    expect(narrowed({})).toEqual([false])
  })

  it('each pattern is told once a rule, with its policy', () => {
    expect(flattenUntrusted(risksIn([policy(allow('*'))]))).toEqual([
      { rule: 'all actions', policy: 'one', pattern: '*', narrowed: false },
    ])
  })

  it('a Deny and a boundary grant nothing', () => {
    expect(rulesMet({ Effect: 'Deny', Action: '*', Resource: '*' })).toEqual([])
    expect(risksIn([policy(allow('*'), 'boundary')])).toEqual([])
  })

  it('every rule stands in the sentence', () => {
    for (const { name } of RISK_RULES) expect(RISK_SENTENCE).toContain(name)
  })
})
