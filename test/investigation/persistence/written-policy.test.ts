import { describe, expect, it } from 'vitest'
import { rawText } from '../../../src/incident/values/untrusted.ts'
import { policyWrittenBy, writtenPolicyOf } from '../../../src/investigation/persistence/written-policy.ts'

const principalsOf = (text: string): readonly string[] | undefined => writtenPolicyOf(text)?.allowedPrincipals.map(rawText)

describe('a policy that an event wrote', () => {
  it('has one fingerprint whatever its layout and the order of its members', () => {
    const text = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
    const same = '{ "Statement": { "Resource": ["*"], "Action": ["s3:*"], "Effect": "Allow" }, "Version": "2012-10-17" }'
    expect(writtenPolicyOf(same)?.fingerprint).toBe(writtenPolicyOf(text)?.fingerprint)
    expect(writtenPolicyOf(text.replace('Allow', 'Deny'))?.fingerprint).not.toBe(writtenPolicyOf(text)?.fingerprint)
  })

  it('allows the principals of its Allow statements, of every kind and once each', () => {
    const Statement = [
      { Effect: 'Allow', Principal: { AWS: ['a', 'b'], Service: 'ec2.amazonaws.com' } },
      { Effect: 'Allow', Principal: { AWS: 'a' } },
      { Effect: 'Deny', Principal: { AWS: 'c' } },
      { Effect: 'Allow', Principal: '*' },
    ]
    expect(principalsOf(JSON.stringify({ Statement }))).toEqual(['a', 'b', 'ec2.amazonaws.com', '*'])
  })

  it.each(['', 'null', '[1', '"text"', '{"Statement":7}', '{"Statement":[null,{"Effect":"Allow","Principal":{"AWS":7}}]}'])(
    'a text that is no policy allows nobody: %s',
    (text) => {
      expect(principalsOf(text) ?? []).toEqual([])
    },
  )

  it('is the trust policy of a new role, and undefined for an event without a policy', () => {
    const assumeRolePolicyDocument = '{"Statement":[{"Effect":"Allow","Principal":{"AWS":"a"}}]}'
    expect(policyWrittenBy({ request: { assumeRolePolicyDocument } })?.allowedPrincipals.map(rawText)).toEqual(['a'])
    expect(policyWrittenBy({ request: { roleName: 'x' } })).toBeUndefined()
  })
})
