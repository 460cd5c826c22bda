import { describe, expect, it } from 'vitest'
import type { Effect } from '../../../../src/incident/entry.ts'
import { emptyIncident, type Incident, type Intent, isDenyLifted } from '../../../../src/incident/incident.ts'
import { liftRevocation } from '../../../../src/response/stages/lift-revocation.ts'
import { allowing, revocation } from '../../../support/account.ts'
import { documentsIn } from '../../../support/lifting.ts'
import { build } from '../../../support/scenario.ts'
import { onAccount } from '../../../support/stage-on-account.ts'

const ROLE = 'web-app'
const NAME = 'AWSRevokeOlderSessions-web-app-1125-0000-1'
const DENY = revocation('2026-11-25T01:00:00Z')

/** An account in which a response denied by a managed policy, and what its journal says of it. */
const afterResponse = async () => {
  const built = await build('custom-threat-list')
  const before = documentsIn(built)
  const on = await onAccount(built, {}, 'lift-revocation')
  const { account } = built
  const arn = `arn:aws:iam::${account.id}:policy/${NAME}`
  const attached = (name: string, add: boolean) => {
    const role = account.roles.get(name)
    if (!role) throw new Error(`no role ${name}`)
    const others = role.attachedPolicies.filter((one) => one !== arn)
    account.roles.set(name, { ...role, attachedPolicies: add ? [...others, arn] : others })
  }
  const stands = (document = DENY) => account.managedPolicies.set(arn, { name: NAME, document })
  stands()
  attached(ROLE, true)
  const made = (nonce: string, effect: Omit<Effect, 'sentence'>): Intent => ({
    ...{ stage: 'revoke-sessions', nonce, at: on.context.now(), outcome: 'accepted', planned: {} },
    effect: { ...effect, sentence: 'a change of the response' },
  })
  const parameters = { PolicyName: NAME, PolicyDocument: JSON.parse(DENY) }
  const create = made('1', { operation: 'iam:CreatePolicy', resource: arn, parameters })
  const roleArn = `arn:aws:iam::${account.id}:role/service/${ROLE}`
  const attach = made('2', {
    ...{ operation: 'iam:AttachRolePolicy', resource: roleArn, parameters: { RoleName: ROLE, PolicyArn: arn } },
  })
  const incident = (intents: readonly Intent[]): Incident => ({
    ...emptyIncident,
    liftDespite: { against: ['it is too early'] },
    intents: [...intents, ...on.intents()],
  })
  /** Assesses and, where a change is needed, makes it. Gives the change as it is seen then. */
  const lift = async (...intents: Intent[]) => {
    const first = await liftRevocation.assess(incident(intents), on.context)
    if (first.status === 'needed') await liftRevocation.act?.(incident(intents), on.context, first)
    const last = await liftRevocation.assess(incident(intents), on.context)
    if (last.status !== 'established') throw new Error(`it is ${last.status}`)
    expect(last.fact.changes).toHaveLength(1)
    return last.fact.changes[0]
  }
  return { ...on, built, before, arn, attached, stands, create, attach, lift }
}

describe('a deny that is a managed policy, as a lift finds it', () => {
  it('is detached and then deleted: documents and attachments are as before the response', async () => {
    const { lift, create, attach, writes, before, built } = await afterResponse()
    expect(documentsIn(built)).not.toEqual(before)
    expect(await lift(create, attach)).toMatchObject({
      ...{ operation: 'iam:AttachRolePolicy', what: `managed policy ${NAME} of role ${ROLE}`, state: 'lifted' },
    })
    expect(writes()).toEqual(['iam:DetachRolePolicy', 'iam:DeletePolicy'])
    expect(documentsIn(built)).toEqual(before)
  })

  it('is only deleted where somebody detached it, or the response never attached it', async () => {
    for (const attaches of [true, false]) {
      const { lift, create, attach, attached, writes, before, built } = await afterResponse()
      attached(ROLE, false)
      expect(await lift(create, ...(attaches ? [attach] : []))).toMatchObject({ state: 'lifted' })
      expect(writes()).toEqual(['iam:DeletePolicy'])
      expect(documentsIn(built)).toEqual(before)
    }
  })

  it('counts as done where it is not there any more, or its role is gone', async () => {
    const { lift, create, attach, attached, writes, built, arn } = await afterResponse()
    attached(ROLE, false)
    built.account.managedPolicies.delete(arn)
    expect(await lift(create, attach)).toMatchObject({ state: 'gone' })
    built.account.roles.delete(ROLE)
    expect(await lift(create, attach)).toMatchObject({ state: 'gone' })
    expect(writes()).toEqual([])
  })

  it('is left alone where somebody changed it, with the commands', async () => {
    const { lift, create, attach, stands, writes, arn } = await afterResponse()
    stands(allowing('s3:*'))
    expect(await lift(create, attach)).toMatchObject({
      state: 'changed',
      why: expect.stringContaining('somebody changed it'),
      command: `aws iam detach-role-policy --role-name ${ROLE} --policy-arn ${arn} && aws iam delete-policy --policy-arn ${arn}`,
    })
    expect(writes()).toEqual([])
  })

  it('is left alone where it has another version, though the response’s is the default', async () => {
    const { lift, create, attach, writes, built, arn } = await afterResponse()
    const versions = [
      { id: 'v1', document: DENY, createdAt: 0 },
      { id: 'v2', document: allowing('s3:*'), createdAt: 60_000 },
    ]
    built.account.managedPolicies.set(arn, { name: NAME, document: DENY, versions, defaultVersion: 'v1' })
    expect(await lift(create, attach)).toMatchObject({ state: 'changed' })
    expect(writes()).toEqual([])
  })

  it('is left alone where somebody attached it to another role', async () => {
    const { lift, create, attach, attached, writes } = await afterResponse()
    attached('ir-responder', true)
    expect(await lift(create, attach)).toMatchObject({ state: 'changed', why: expect.stringContaining('another identity') })
    expect(writes()).toEqual([])
  })
})

describe('a deny in two forms', () => {
  const lifted = (...states: ('lifted' | 'gone' | 'changed')[]): Incident => {
    const seenAt = '2026-11-26T00:00:00Z' as never
    const operations = ['iam:PutRolePolicy', 'iam:AttachRolePolicy']
    const changes = states.map((state, index) => ({ operation: operations[index] ?? '', resource: ROLE, what: NAME, state }))
    return { ...emptyIncident, facts: { lift: { seenAt, changes } }, lastSeenAt: { lift: seenAt } }
  }

  it('is lifted only once both are', () => {
    expect([isDenyLifted(lifted('gone', 'lifted')), isDenyLifted(lifted('lifted', 'changed'))]).toEqual([true, false])
  })
})
