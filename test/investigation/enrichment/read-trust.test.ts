import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { flattenUntrusted } from '../../../src/incident/values/show.ts'
import { readTrust } from '../../../src/investigation/enrichment/read-trust.ts'
import { policyOf } from './asked-account.ts'

const OWN = '111122223333'
const principalsOf = (Principal: unknown) =>
  flattenUntrusted(readTrust(policyOf({ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }), OWN)?.[0]?.principals)

describe('who a trust policy names', () => {
  it.each<[string, unknown, object]>([
    ['everybody', '*', { kind: 'anyone', external: true }],
    ['everybody, in the other form', { AWS: '*' }, { kind: 'anyone', external: true }],
    ['this account', { AWS: OWN }, { kind: 'account', accountId: OWN, external: false }],
    ['this account, by its ARN', { AWS: `arn:aws:iam::${OWN}:root` }, { kind: 'account', external: false }],
    ['another account', { AWS: ['444455556666'] }, { kind: 'account', accountId: '444455556666', external: true }],
    ['another account of AWS China', { AWS: 'arn:aws-cn:iam::444455556666:root' }, { kind: 'account', external: true }],
    ['a role elsewhere', { AWS: 'arn:aws:iam::444455556666:role/ci/deploy' }, { kind: 'role', external: true }],
    ['a role here', { AWS: `arn:aws:iam::${OWN}:role/deploy` }, { kind: 'role', external: false }],
    ['a user here', { AWS: `arn:aws:iam::${OWN}:user/carol` }, { kind: 'user', external: false }],
    ['one session', { AWS: `arn:aws:sts::${OWN}:assumed-role/deploy/ci` }, { kind: 'session', external: false }],
    ['somebody deleted', { AWS: 'AROAXCSEC6TNB2WZPQ7LK' }, { kind: 'id', external: false }],
    ['what nobody can read', { AWS: 'arn:aws:iam::4444:root' }, { kind: 'id', external: true }],
    ['a service', { Service: 'ec2.amazonaws.com' }, { kind: 'service', external: false }],
    [
      'a provider of this account',
      { Federated: `arn:aws:iam::${OWN}:saml-provider/ADFS` },
      { kind: 'provider', external: false },
    ],
    [
      'a provider of another account',
      { Federated: 'arn:aws:iam::444455556666:oidc-provider/x' },
      { kind: 'provider', accountId: '444455556666', external: true },
    ],
    ['a public provider', { Federated: 'accounts.google.com' }, { kind: 'provider', external: true }],
  ])('%s', (_, principal, expected) => {
    expect(principalsOf(principal)).toEqual([expect.objectContaining(expected)])
  })

  it('several of several kinds, all of them', () => {
    expect(principalsOf({ AWS: [OWN, '444455556666'], Service: ['ec2.amazonaws.com', 'lambda.amazonaws.com'] })).toHaveLength(4)
  })
})

it('NotPrincipal names who is left out', () => {
  const [statement] = readTrust(policyOf({ Effect: 'Allow', NotPrincipal: { AWS: OWN }, Action: 'sts:AssumeRole' }), OWN) ?? []
  expect(statement).toMatchObject({ except: true, principals: [{ kind: 'account' }] })
})

it('conditions are told with all their values, whatever type they have', () => {
  const Condition = { StringEquals: { 'sts:ExternalId': ['a', 'b'] }, Bool: { 'aws:MultiFactorAuthPresent': true } }
  const [statement] = readTrust(policyOf({ Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole', Condition }), OWN) ?? []
  expect(flattenUntrusted(statement?.conditions)).toEqual([
    { operator: 'StringEquals', key: 'sts:ExternalId', values: ['a', 'b'] },
    { operator: 'Bool', key: 'aws:MultiFactorAuthPresent', values: ['true'] },
  ])
})

it.each([undefined, '', 'no policy', '[]'])('what is no policy document is none: %j', (document) => {
  expect(readTrust(document, OWN)).toBeUndefined()
})

it('whatever a document holds, it is read without an error, and a stranger is never taken for one of ours', () => {
  const odd = fc.oneof(fc.jsonValue(), fc.constantFrom('*', { AWS: null }, { AWS: [1, '*'] }, { Service: {} }))
  const statement = fc.record(
    { Effect: fc.oneof(fc.constant('Allow'), odd), Principal: odd, NotPrincipal: odd, Action: odd, Condition: odd, Sid: odd },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(fc.oneof(fc.array(statement), statement, odd), (Statement) => {
      for (const { principals } of readTrust(JSON.stringify({ Statement }), OWN) ?? []) {
        for (const { name, external, kind, accountId } of principals) {
          if (!external && kind !== 'service' && kind !== 'id') expect(accountId).toBe(OWN)
          expect(typeof name.untrusted).toBe('string')
        }
      }
    }),
  )
})
