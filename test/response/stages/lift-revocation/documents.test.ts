import { describe, expect, it } from 'vitest'
import type { Effect } from '../../../../src/incident/entry.ts'
import type { EvidenceRef } from '../../../../src/incident/facts/evidence.ts'
import { emptyIncident, type Intent } from '../../../../src/incident/incident.ts'
import { liftRevocation } from '../../../../src/response/stages/lift-revocation.ts'
import { allowing, revocation } from '../../../support/account.ts'
import { build } from '../../../support/scenario.ts'
import { onAccount } from '../../../support/stage-on-account.ts'

const ROLE = 'web-app'
const NAME = 'AWSRevokeOlderSessions'
const TRUST = `{"Version": "2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole" }]}`
const NARROWED = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' },
    {
      Effect: 'Deny',
      Principal: '*',
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'aws:PrincipalAccount': '444455556666' } },
    },
  ],
})

/** An account in which the response is over, and what its journal may say of it. */
const afterResponse = async () => {
  const built = await build('custom-threat-list')
  const on = await onAccount(built, {}, 'lift-revocation')
  const role = () => {
    const found = built.account.roles.get(ROLE)
    if (!found) throw new Error(`no role ${ROLE}`)
    return found
  }
  const resource = `arn:aws:iam::${built.account.id}:role/service/${ROLE}`
  let count = 0
  const made = (operation: string, parameters: Effect['parameters'] & object, priorDocument?: EvidenceRef): Intent => {
    count += 1
    const effect = { operation, resource, sentence: 'a change of the response', parameters: { RoleName: ROLE, ...parameters } }
    const planned = priorDocument ? { priorDocument } : {}
    return { stage: 'a-stage', nonce: `nonce-${count}`, at: on.context.now(), outcome: 'accepted', effect, planned }
  }
  const deny = (document: string, prior?: EvidenceRef) =>
    made('iam:PutRolePolicy', { PolicyName: NAME, PolicyDocument: JSON.parse(document) }, prior)
  const narrow = (document: string, prior?: EvidenceRef) =>
    made('iam:UpdateAssumeRolePolicy', { PolicyDocument: JSON.parse(document) }, prior)
  const trusts = (trustPolicy: string) => built.account.roles.set(ROLE, { ...role(), trustPolicy })
  const stands = (document: string) => role().inline.set(NAME, { document, writtenAt: 0 })
  /** Assesses and, where a change is needed, makes it. Gives the fact that is seen then. */
  const lift = async (...intents: Intent[]) => {
    // What speaks against a lift is not the question here.
    const liftDespite = { against: ['it is too early'] }
    const incident = () => ({ ...emptyIncident, liftDespite, intents: [...intents, ...on.intents()] })
    const first = await liftRevocation.assess(incident(), on.context)
    if (first.status === 'needed') await liftRevocation.act?.(incident(), on.context, first)
    const last = await liftRevocation.assess(incident(), on.context)
    if (last.status !== 'established') throw new Error(`it is ${last.status}`)
    return last.fact
  }
  return { ...on, lift, deny, narrow, made, trusts, stands, role }
}

describe('the trust policy of a role, as a lift finds it', () => {
  it('comes back byte for byte where the response narrowed it', async () => {
    const { lift, narrow, trusts, role, context, writes } = await afterResponse()
    const prior = await context.keep('prior-trust', TRUST)
    trusts(NARROWED)
    const { changes, safeFrom } = await lift(narrow(NARROWED, prior))
    expect(role().trustPolicy).toBe(TRUST)
    expect(writes()).toEqual(['iam:UpdateAssumeRolePolicy'])
    expect(changes).toMatchObject([{ what: `the trust policy of role ${ROLE}`, state: 'lifted' }])
    expect(safeFrom).toBeDefined()
  })

  it('is left alone where somebody changed it since', async () => {
    const { lift, narrow, trusts, role, context, writes } = await afterResponse()
    const prior = await context.keep('prior-trust', TRUST)
    const theirs = NARROWED.replace('444455556666', '777788889999')
    trusts(theirs)
    const { changes } = await lift(narrow(NARROWED, prior))
    expect([role().trustPolicy, writes()]).toEqual([theirs, []])
    expect(changes).toMatchObject([
      {
        state: 'changed',
        command: `aws iam update-assume-role-policy --role-name ${ROLE} --policy-document 'file://${prior.file}'`,
      },
    ])
  })

  it('stays narrowed where the journal does not hold what stood before', async () => {
    const { lift, narrow, trusts, writes } = await afterResponse()
    trusts(NARROWED)
    const { changes } = await lift(narrow(NARROWED))
    expect(writes()).toEqual([])
    expect(changes).toMatchObject([{ state: 'kept', why: expect.stringContaining('does not hold') }])
  })

  it('stays narrowed where a secret was redacted from the copy of what stood before', async () => {
    const { lift, narrow, trusts, writes, context } = await afterResponse()
    const prior = await context.keep('prior-trust', TRUST)
    trusts(NARROWED)
    const redacted = { counts: [], sha256: '0', bytes: 1 }
    const { changes } = await lift(narrow(NARROWED, { ...prior, redacted }))
    expect([writes(), changes[0]?.state]).toEqual([[], 'kept'])
  })
})

describe('a deny that the response wrote more than once, as a lift finds it', () => {
  const [first, second] = [revocation('2026-11-25T01:00:00Z'), revocation('2026-11-25T01:30:00Z')]

  it('gives way to what stood before the first one, where the second replaced the first', async () => {
    const { lift, deny, stands, role, context } = await afterResponse()
    const earlier = allowing('s3:*')
    const priors = [await context.keep('prior', earlier), await context.keep('prior', first)]
    stands(second)
    await lift(deny(first, priors[0]), deny(second, priors[1]))
    expect(role().inline.get(NAME)?.document).toBe(earlier)
  })

  it('is deleted where nothing stood before the first one', async () => {
    const { lift, deny, stands, role, context, writes } = await afterResponse()
    stands(second)
    await lift(deny(first), deny(second, await context.keep('prior', first)))
    expect([role().inline.has(NAME), writes()]).toEqual([false, ['iam:DeleteRolePolicy']])
  })

  it('is the response’s own also where the second one never arrived', async () => {
    const { lift, deny, stands, role, context } = await afterResponse()
    stands(first)
    await lift(deny(first), { ...deny(second, await context.keep('prior', first)), outcome: 'unknown' })
    expect(role().inline.has(NAME)).toBe(false)
  })
})

describe('what a lift does not touch', () => {
  it('stays with its reason where it is not to be lifted, and with its undo where ir-cred knows no lift', async () => {
    const { lift, made, writes } = await afterResponse()
    const options = made('ec2:ModifyInstanceMetadataOptions', {})
    const password = made('iam:DeleteLoginProfile', { UserName: 'eve' })
    const unknown = made('iam:TagRole', {})
    const { changes } = await lift(options, password, { ...unknown, effect: { ...unknown.effect, undo: 'take the tag off' } })
    expect(writes()).toEqual([])
    expect(changes).toMatchObject([
      {
        operation: 'ec2:ModifyInstanceMetadataOptions',
        state: 'stays',
        why: expect.stringContaining('IMDSv2 and the hop limit of 1 stay'),
      },
      {
        operation: 'iam:DeleteLoginProfile',
        what: 'the console password of user eve is deleted',
        state: 'stays',
        why: expect.stringContaining('nobody can bring it back'),
      },
      { operation: 'iam:TagRole', state: 'stays', why: 'ir-cred does not lift it: take the tag off' },
    ])
  })

  it('is a change that AWS refused', async () => {
    const { deny, context } = await afterResponse()
    const intents = [{ ...deny(revocation('2026-11-25T01:00:00Z')), outcome: 'refused' as const }]
    expect(await liftRevocation.assess({ ...emptyIncident, intents }, context)).toMatchObject({ status: 'notApplicable' })
  })
})
