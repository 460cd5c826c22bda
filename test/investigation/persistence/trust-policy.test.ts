import { describe, expect, it } from 'vitest'
import { rawLine } from '../../../src/incident/values/show.ts'
import { trustStanding } from '../../../src/investigation/persistence/trust-policy.ts'
import { writtenPolicyOf } from '../../../src/investigation/persistence/written-policy.ts'
import { artefactLike } from '../../support/artefacts.ts'

const OWN = 'arn:aws:iam::111122223333:root'
const OUTSIDE = 'arn:aws:iam::999988887777:root'

const trusting = (Principal: unknown, more: readonly object[] = []): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }, ...more] })

/** The standing of a trust policy, from the text in the record and the text of now. */
const standing = (wrote: string, now: string) => {
  const writtenPolicy = writtenPolicyOf(wrote)
  const artefact = artefactLike({
    eventName: 'UpdateAssumeRolePolicy',
    names: { role: ['deploy'] },
    ...(writtenPolicy ? { writtenPolicy } : {}),
  })
  return trustStanding(encodeURIComponent(now), artefact, '111122223333')
}

const commandOf = (seen: ReturnType<typeof standing>): string =>
  seen.remedy && 'command' in seen.remedy ? seen.remedy.command : ''

describe('a principal that the record allowed', () => {
  it('is found among any number of others', () => {
    const own = Array.from({ length: 30 }, (_, index) => `arn:aws:iam::111122223333:role/r${index}`)
    expect(standing(trusting({ AWS: [OWN, OUTSIDE] }), trusting({ AWS: [...own, OUTSIDE] })).standing).toBe('there')
  })

  it('a principal that is an identity pool of Cognito is external', () => {
    const cognito = { Federated: 'cognito-identity.amazonaws.com' }
    const seen = standing(trusting({ AWS: OUTSIDE, ...cognito }), trusting({ AWS: OWN, ...cognito }))
    expect(seen.standing).toBe('there')
    expect(commandOf(seen)).not.toContain('cognito')
  })

  it('a principal that is a user of the account leaves the policy changed, not gone', () => {
    const eve = 'arn:aws:iam::111122223333:user/eve'
    const seen = standing(trusting({ AWS: [OUTSIDE, eve] }), trusting({ AWS: [eve] }))
    expect(rawLine(seen.observed)).toBe(`the trust policy was changed since the record, and still allows ${eve}`)
    expect(seen.standing).toBe('changed')
  })

  it('may be one of those that were not kept: the policy is changed, not gone', () => {
    const many = Array.from({ length: 40 }, (_, index) => `arn:aws:iam::9999888877${10 + index}:root`)
    expect(standing(trusting({ AWS: many }), trusting({ AWS: OWN })).standing).toBe('changed')
  })

  it('cannot be found in a policy with NotPrincipal: the policy is changed', () => {
    const now = JSON.stringify({ Statement: { Effect: 'Allow', NotPrincipal: { AWS: OWN }, Action: 'sts:AssumeRole' } })
    expect(standing(trusting({ AWS: [OWN, OUTSIDE] }), now).standing).toBe('changed')
  })

  it('is found in a decoded text with a percent sign', () => {
    const now = JSON.stringify({
      Statement: { Effect: 'Allow', Principal: { AWS: OUTSIDE }, Sid: 'a%zz', Action: 'sts:AssumeRole' },
    })
    const writtenPolicy = writtenPolicyOf(trusting({ AWS: OUTSIDE }))
    const artefact = artefactLike({
      eventName: 'UpdateAssumeRolePolicy',
      names: { role: ['deploy'] },
      ...(writtenPolicy ? { writtenPolicy } : {}),
    })
    expect(trustStanding(now, artefact, '111122223333').standing).toBe('there')
  })
})

describe('a trust policy', () => {
  it('a trust policy with the meaning of the record is there, whatever its layout', () => {
    const wrote = trusting({ AWS: [OWN, OUTSIDE] })
    const seen = standing(wrote, JSON.stringify(JSON.parse(wrote), null, 2))
    expect(seen.standing).toBe('there')
    expect(rawLine(seen.observed)).toContain(OUTSIDE)
  })

  it('a trust policy that changed and still allows an external principal is there', () => {
    const seen = standing(trusting({ AWS: [OWN, OUTSIDE] }), trusting({ AWS: [OUTSIDE], Service: 'ec2.amazonaws.com' }))
    expect(seen.standing).toBe('there')
    expect(rawLine(seen.observed)).toMatch(/changed since the record, and still allows arn:aws:iam::999988887777:root$/)
  })

  it('a trust policy that allows no external principal any more is gone', () => {
    expect(standing(trusting({ AWS: [OWN, OUTSIDE] }), trusting({ AWS: OWN })).standing).toBe('gone')
  })

  it('a trust policy that never allowed an external principal and changed is changed, not gone', () => {
    expect(standing(trusting({ AWS: OWN }), trusting({ Service: 'ec2.amazonaws.com' })).standing).toBe('changed')
  })

  it('a trust policy is changed if the record has no policy to compare it with', () => {
    expect(standing('no JSON', trusting({ AWS: OWN })).standing).toBe('changed')
  })

  it.each([
    ['everybody', '*'],
    ['everybody, as AWS', { AWS: '*' }],
    ['an account by its number', { AWS: '999988887777' }],
    ['a role of another account', { AWS: 'arn:aws:iam::999988887777:role/x' }],
    ['a provider of somebody else', { Federated: 'accounts.google.com' }],
  ])('has a command that removes the external principals alone: %s', (_, Principal) => {
    const own = { Effect: 'Allow', Principal: { AWS: OWN, Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }
    const text = trusting(Principal, [own])
    const command = commandOf(standing(text, text))
    expect(command).toMatch(/^aws iam update-assume-role-policy --role-name deploy --policy-document '\{.*\}'$/)
    expect(command).toContain(JSON.stringify(own))
    expect(command).not.toMatch(/9999|google|"\*"/)
  })

  it('has no command that would leave no statement', () => {
    const text = trusting({ AWS: OUTSIDE })
    expect(standing(text, text)).not.toHaveProperty('remedy')
  })

  it('has no command when it allows services and the own account only', () => {
    const text = trusting({ AWS: OWN, Service: ['lambda.amazonaws.com'] })
    expect(standing(text, text)).not.toHaveProperty('remedy')
  })

  it.each(["it's; rm -rf /", '$(id)', '\u202e\u0007'])('becomes one word of a shell, whatever its text: %j', (Sid) => {
    const own = { Sid, Effect: 'Allow', Principal: { AWS: OWN }, Action: 'sts:AssumeRole' }
    const text = trusting({ AWS: OUTSIDE }, [own])
    const [, word = ''] = commandOf(standing(text, text)).split('--policy-document ')
    expect(word).toMatch(/^'[ -~]*'$/)
    const unquoted = word.slice(1, -1).replaceAll("'\\''", '\u0001')
    expect(unquoted).not.toContain("'")
    expect(JSON.parse(unquoted.replaceAll('\u0001', "'")).Statement).toEqual([own])
  })
})
