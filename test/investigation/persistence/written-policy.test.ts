import { describe, expect, it } from 'vitest'
import { rawText } from '../../../src/incident/values/untrusted.ts'
import { policyWrittenBy, writtenPolicyOf } from '../../../src/investigation/persistence/written-policy.ts'

const letsIn = (text: string): readonly string[] | undefined => writtenPolicyOf(text)?.allowedPrincipals.map(rawText)

describe('a policy text that a call wrote', () => {
  it('is known again whatever its layout and the order of its members', () => {
    const text = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
    const same = '{ "Statement": { "Resource": ["*"], "Action": ["s3:*"], "Effect": "Allow" }, "Version": "2012-10-17" }'
    expect(writtenPolicyOf(same)?.fingerprint).toBe(writtenPolicyOf(text)?.fingerprint)
    expect(writtenPolicyOf(text.replace('Allow', 'Deny'))?.fingerprint).not.toBe(writtenPolicyOf(text)?.fingerprint)
  })

  it('lets in whom its Allow statements name, of every kind and once each', () => {
    const Statement = [
      { Effect: 'Allow', Principal: { AWS: ['a', 'b'], Service: 'ec2.amazonaws.com' } },
      { Effect: 'Allow', Principal: { AWS: 'a' } },
      { Effect: 'Deny', Principal: { AWS: 'c' } },
      { Effect: 'Allow', Principal: '*' },
    ]
    expect(letsIn(JSON.stringify({ Statement }))).toEqual(['a', 'b', 'ec2.amazonaws.com', '*'])
  })

  it.each(['', 'null', '[1', '"text"', '{"Statement":7}', '{"Statement":[null,{"Effect":"Allow","Principal":{"AWS":7}}]}'])(
    'that is no policy lets nobody in: %s',
    (text) => {
      expect(letsIn(text) ?? []).toEqual([])
    },
  )

  it('is the role’s trust where a role is made, and there is none where none was written', () => {
    const assumeRolePolicyDocument = '{"Statement":[{"Effect":"Allow","Principal":{"AWS":"a"}}]}'
    expect(policyWrittenBy({ request: { assumeRolePolicyDocument } })?.allowedPrincipals.map(rawText)).toEqual(['a'])
    expect(policyWrittenBy({ request: { roleName: 'x' } })).toBeUndefined()
  })
})
