import { describe, expect, it } from 'vitest'
import { rawLine } from '../../../../src/incident/values/show.ts'
import { writtenPolicyOf } from '../../../../src/investigation/persistence/written-policy.ts'
import { trustStanding } from '../../../../src/response/stages/hunt-persistence/trust.ts'
import { artefactLike } from '../../../support/artefacts.ts'

const OWN = 'arn:aws:iam::111122223333:root'
const OUTSIDE = 'arn:aws:iam::999988887777:root'

const trusting = (Principal: unknown, more: readonly object[] = []): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }, ...more] })

/** How the trust stands when the record wrote one text and the role has another now. */
const standing = (wrote: string, now: string) => {
  const mark = writtenPolicyOf(wrote)
  const row = artefactLike({
    eventName: 'UpdateAssumeRolePolicy',
    names: { role: ['deploy'] },
    ...(mark ? { writtenPolicy: mark } : {}),
  })
  return trustStanding(encodeURIComponent(now), row, '111122223333')
}

const commandOf = (seen: ReturnType<typeof standing>): string =>
  seen.remedy && 'command' in seen.remedy ? seen.remedy.command : ''

describe('whom the record let in and who is still in', () => {
  it('is seen however many stand before him', () => {
    const own = Array.from({ length: 30 }, (_, index) => `arn:aws:iam::111122223333:role/r${index}`)
    expect(standing(trusting({ AWS: [OWN, OUTSIDE] }), trusting({ AWS: [...own, OUTSIDE] })).standing).toBe('there')
  })

  it('may be anybody who has an identity of a Cognito pool', () => {
    const cognito = { Federated: 'cognito-identity.amazonaws.com' }
    const seen = standing(trusting({ AWS: OUTSIDE, ...cognito }), trusting({ AWS: OWN, ...cognito }))
    expect(seen.standing).toBe('there')
    expect(commandOf(seen)).not.toContain('cognito')
  })

  it('may be a user of the account: then the policy is changed, not gone', () => {
    const eve = 'arn:aws:iam::111122223333:user/eve'
    const seen = standing(trusting({ AWS: [OUTSIDE, eve] }), trusting({ AWS: [eve] }))
    expect(rawLine(seen.says)).toBe(`the trust policy was written anew, and still lets in ${eve}`)
    expect(seen.standing).toBe('changed')
  })

  it('is not known when the record let in more than were kept', () => {
    const many = Array.from({ length: 40 }, (_, index) => `arn:aws:iam::9999888877${10 + index}:root`)
    expect(standing(trusting({ AWS: many }), trusting({ AWS: OWN })).standing).toBe('changed')
  })

  it('cannot be told of a policy that allows all but some', () => {
    const now = JSON.stringify({ Statement: { Effect: 'Allow', NotPrincipal: { AWS: OWN }, Action: 'sts:AssumeRole' } })
    expect(standing(trusting({ AWS: [OWN, OUTSIDE] }), now).standing).toBe('changed')
  })

  it('is told of a text that came decoded, with a percent sign in it', () => {
    const now = JSON.stringify({
      Statement: { Effect: 'Allow', Principal: { AWS: OUTSIDE }, Sid: 'a%zz', Action: 'sts:AssumeRole' },
    })
    const mark = writtenPolicyOf(trusting({ AWS: OUTSIDE }))
    const row = artefactLike({
      eventName: 'UpdateAssumeRolePolicy',
      names: { role: ['deploy'] },
      ...(mark ? { writtenPolicy: mark } : {}),
    })
    expect(trustStanding(now, row, '111122223333').standing).toBe('there')
  })
})

describe('a trust policy', () => {
  it('that is the one the record shows is there, whatever its layout', () => {
    const wrote = trusting({ AWS: [OWN, OUTSIDE] })
    const seen = standing(wrote, JSON.stringify(JSON.parse(wrote), null, 2))
    expect(seen.standing).toBe('there')
    expect(rawLine(seen.says)).toContain(OUTSIDE)
  })

  it('that still lets somebody in from outside is there, though it was written anew', () => {
    const seen = standing(trusting({ AWS: [OWN, OUTSIDE] }), trusting({ AWS: [OUTSIDE], Service: 'ec2.amazonaws.com' }))
    expect(seen.standing).toBe('there')
    expect(rawLine(seen.says)).toMatch(/written anew, and still lets in arn:aws:iam::999988887777:root$/)
  })

  it('that lets in nobody from outside any more is gone', () => {
    expect(standing(trusting({ AWS: [OWN, OUTSIDE] }), trusting({ AWS: OWN })).standing).toBe('gone')
  })

  it('that let in nobody from outside and was written anew is changed, not gone', () => {
    expect(standing(trusting({ AWS: OWN }), trusting({ Service: 'ec2.amazonaws.com' })).standing).toBe('changed')
  })

  it('of which the record shows no text is changed', () => {
    expect(standing('no JSON', trusting({ AWS: OWN })).standing).toBe('changed')
  })

  it.each([
    ['everybody', '*'],
    ['everybody, as AWS', { AWS: '*' }],
    ['an account by its number', { AWS: '999988887777' }],
    ['a role of another account', { AWS: 'arn:aws:iam::999988887777:role/x' }],
    ['a provider of somebody else', { Federated: 'accounts.google.com' }],
  ])('is taken back by a command that leaves the others in: %s', (_, Principal) => {
    const own = { Effect: 'Allow', Principal: { AWS: OWN, Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }
    const text = trusting(Principal, [own])
    const command = commandOf(standing(text, text))
    expect(command).toMatch(/^aws iam update-assume-role-policy --role-name deploy --policy-document '\{.*\}'$/)
    expect(command).toContain(JSON.stringify(own))
    expect(command).not.toMatch(/9999|google|"\*"/)
  })

  it('has no command where nobody would be left: the record’s remedy holds', () => {
    const text = trusting({ AWS: OUTSIDE })
    expect(standing(text, text)).not.toHaveProperty('remedy')
  })

  it('has no command where only services and the own account are let in', () => {
    const text = trusting({ AWS: OWN, Service: ['lambda.amazonaws.com'] })
    expect(standing(text, text)).not.toHaveProperty('remedy')
  })

  it.each(["it's; rm -rf /", '$(id)', '\u202e\u0007'])('writes a foreign text as one word of a shell: %j', (Sid) => {
    const own = { Sid, Effect: 'Allow', Principal: { AWS: OWN }, Action: 'sts:AssumeRole' }
    const text = trusting({ AWS: OUTSIDE }, [own])
    const [, word = ''] = commandOf(standing(text, text)).split('--policy-document ')
    expect(word).toMatch(/^'[ -~]*'$/)
    const unquoted = word.slice(1, -1).replaceAll("'\\''", '\u0001')
    expect(unquoted).not.toContain("'")
    expect(JSON.parse(unquoted.replaceAll('\u0001', "'")).Statement).toEqual([own])
  })
})
