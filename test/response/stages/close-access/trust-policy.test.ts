import { describe, expect, it } from 'vitest'
import type { SourceCredential } from '../../../../src/incident/facts/issue.ts'
import type { Instant } from '../../../../src/incident/values/instant.ts'
import { untrusted } from '../../../../src/incident/values/untrusted.ts'
import { letsIn, trustedCaller, withRefusal } from '../../../../src/response/stages/close-access/trust-policy.ts'

const PROVIDER = 'arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com'
const SUB = 'repo:acme/shop:ref:refs/heads/main'

const source = (kind: SourceCredential['kind'], trusted: string, subject: string): SourceCredential => ({
  ...{ kind, who: untrusted('somebody'), identity: { trusted, subject: untrusted(subject) } },
  by: { operation: 'AssumeRole', at: '2026-11-25T01:00:00Z' as Instant, region: 'us-east-1' },
})

const callerOf = (kind: SourceCredential['kind'], trusted: string, subject: string) => {
  const caller = trustedCaller(source(kind, trusted, subject), 'aws')
  if (!caller) throw new Error('not known')
  return caller
}

const GITHUB = callerOf('web-identity', PROVIDER, SUB)
const policy = (...statements: readonly object[]): string => JSON.stringify({ Version: '2012-10-17', Statement: statements })
const allows = (condition?: object, principal: object = { Federated: PROVIDER }) => ({
  ...{ Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRoleWithWebIdentity' },
  ...(condition ? { Condition: condition } : {}),
})
const sub = (operator: string, value: string | readonly string[]) => ({
  [operator]: { 'token.actions.githubusercontent.com:sub': value },
})

describe('a trust policy lets an identity in', () => {
  it.each([
    ['without a condition', allows(), true],
    ['with its own subject', allows(sub('StringEquals', SUB)), true],
    ['with a pattern that fits', allows(sub('StringLike', 'repo:acme/*')), true],
    ['with another subject', allows(sub('StringEquals', 'repo:acme/other:ref:refs/heads/main')), false],
    ['with a pattern that does not fit', allows(sub('StringLike', ['repo:other/*'])), false],
    ['with a condition of another kind, which may be fulfilled', allows({ IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } }), true],
    ['through another provider', allows(undefined, { Federated: `${PROVIDER}.example.com` }), false],
    ['as anybody', { Effect: 'Allow', Principal: '*', Action: 'sts:*' }, true],
    ['by another call', { ...allows(), Action: 'sts:TagSession' }, false],
  ])('%s: %#', (_, statement, expected) => {
    expect(letsIn(policy(statement), GITHUB)).toBe(expected)
  })

  it.each([
    ['its own subject', sub('StringEquals', SUB), false],
    ['every subject of the provider', undefined, false],
    ['a pattern that fits', sub('StringLike', 'repo:acme/*'), false],
    ['its subject from one network only', { ...sub('StringEquals', SUB), IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } }, true],
    ['another subject', sub('StringEquals', 'repo:acme/other'), true],
  ])('or not, beside a deny of %s', (_, condition, expected) => {
    expect(letsIn(policy(allows(), { ...allows(condition), Effect: 'Deny' }), GITHUB)).toBe(expected)
  })
})

/** What IAM would take as a variable. */
const VARIABLE = `$\{aws:userid}`

describe('the refusal of an identity', () => {
  it.each([
    ['a web identity', GITHUB, allows()],
    [
      'a SAML subject',
      callerOf('saml', 'arn:aws:iam::111122223333:saml-provider/acme', 'alice'),
      {
        Effect: 'Allow',
        Principal: { Federated: 'arn:aws:iam::111122223333:saml-provider/acme' },
        Action: 'sts:AssumeRoleWithSAML',
      },
    ],
    [
      'a user of another account',
      callerOf('other-account', '444455556666', 'AIDAPARTNERTERRAFORM7'),
      { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::444455556666:user/terraform' }, Action: 'sts:AssumeRole' },
    ],
    [
      'every session of a role of another account',
      callerOf('other-account', '444455556666', 'AROAPARTNERTERRAFORM7'),
      { Effect: 'Allow', Principal: { AWS: '444455556666' }, Action: 'sts:AssumeRole' },
    ],
  ])('keeps out %s, and changes nothing that the owner wrote', (_, caller, statement) => {
    const before = policy({ Sid: 'Own', ...statement })
    expect(letsIn(before, caller)).toBe(true)
    const after = withRefusal(before, caller) ?? ''
    expect(letsIn(after, caller)).toBe(false)
    expect((JSON.parse(after) as { Statement: object[] }).Statement[0]).toEqual({ Sid: 'Own', ...statement })
  })

  it('lets in every other subject of the provider', () => {
    const after = withRefusal(policy(allows()), GITHUB) ?? ''
    expect(letsIn(after, callerOf('web-identity', PROVIDER, 'repo:acme/shop:ref:refs/heads/release'))).toBe(true)
  })

  it('takes a subject as a text, not as a policy variable', () => {
    const caller = callerOf('web-identity', PROVIDER, VARIABLE)
    expect(withRefusal(policy(allows()), caller)).toContain(`$\{$}{aws:userid}`)
    expect(letsIn(withRefusal(policy(allows()), caller) ?? '', caller)).toBe(false)
  })

  it('is not known for an identity that CloudTrail does not name in full', () => {
    const { identity: _, ...unnamed } = source('web-identity', PROVIDER, SUB)
    expect(trustedCaller(unnamed, 'aws')).toBeUndefined()
    expect(trustedCaller(source('other-account', 'not an account', 'AIDAPARTNERTERRAFORM7'), 'aws')).toBeUndefined()
  })
})
