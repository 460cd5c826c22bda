import { describe, expect, it } from 'vitest'
import type { BuiltScenario } from '../../../src/simulator/scenario-kit/scenario.ts'
import { buildQuick, changesIn } from '../../laws/whole-run.ts'
import { HOURS, MINUTES, response, stepOf } from '../../support/by-hand.ts'
import { passes } from '../../support/scenario.ts'

const DETECTIVE = { StartInvestigation: 1 }

const roleOf = ({ account, cast }: BuiltScenario) => {
  const { principal } = cast.attacker
  const role = principal.type === 'role-session' ? account.roles.get(principal.roleName) : undefined
  if (!role) throw new Error('the stolen session is of no role')
  return role
}

/** What the management account provisions: an inline policy of the role. */
const provision = (built: BuiltScenario, condition: (before: string) => object): void => {
  const before = new Date(built.account.clock.now() + 30_000).toISOString()
  const statement = { Effect: 'Deny', Action: '*', Resource: '*', Condition: condition(before) }
  const document = JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
  roleOf(built).inline.set('AwsSSOInlinePolicy', { document, writtenAt: built.account.clock.now() })
}

const olderThan = (before: string) => ({ DateLessThan: { 'aws:TokenIssueTime': before } })
const olderOf = (before: string) => ({ ...olderThan(before), StringEquals: { 'identitystore:UserId': 'f81d4fae-7dec' } })

describe('a session of a permission set', () => {
  it('is traced and hunted, and not contained: the steps are said in their order, and the role is left alone', async () => {
    const { built, run } = await response('identity-center')
    const { result, byHand, states } = await run()
    expect(changesIn(built)).toEqual(DETECTIVE)
    expect(states).toEqual({
      'person-deny': 'open',
      'person-sessions': 'unknown',
      'person-identity': 'unknown',
      'key-calls': 'open',
    })
    expect(stepOf(byHand, 'person-deny')?.commands.join(' ')).toMatch(
      /sso-admin get-inline-policy.*put-inline-policy.*provision-permission-set/,
    )
    expect(result).toMatchObject({ exitCode: 6, alarms: [expect.stringMatching(/^NOT CONTAINED BY IR-CRED: AWSReservedSSO_/)] })
    expect(result.incident.facts).toMatchObject({ activity: expect.anything(), persistence: expect.anything() })
  })

  it('is contained once the deny is seen on the role, the rest is declared, and the key is let in no more', async () => {
    const { built, run } = await response('identity-center')
    await run()
    provision(built, olderThan)
    passes(built, 1 * MINUTES)
    const second = await run(['person-sessions', 'person-identity'])
    expect(second.states).toEqual({
      'person-deny': 'done',
      'person-sessions': 'declared',
      'person-identity': 'declared',
      'key-calls': 'open',
    })
    expect(second.changed).toEqual([
      expect.stringMatching(/^OPEN, now seen: Deny the older sessions/),
      expect.stringMatching(/^not known, now declared: Disable user/),
      expect.stringMatching(/^not known, now declared: Replace the password/),
    ])
    expect(stepOf(second.byHand, 'person-deny')?.says).toMatch(
      /^policy AwsSSOInlinePolicy of the role denies .* everybody with the permission set/,
    )
    passes(built, 30 * MINUTES)
    expect(await run()).toMatchObject({ result: { exitCode: 0, alarms: [] } })
  })

  it.each([
    [
      'on one user of IAM Identity Center, is seen with the user’s id',
      olderOf,
      'done',
      /user f81d4fae-7dec of IAM Identity Center: see/,
    ],
    [
      'with a condition that may spare the person, is none',
      (before: string) => ({ ...olderThan(before), Bool: { 'aws:ViaAWSService': 'false' } }),
      'open',
      /^no inline policy of role/,
    ],
    ['that is dated before the session, is none', () => olderThan('2020-01-01T00:00:00Z'), 'open', /dated before the session/],
  ])('a deny %s', async (_, condition, state, says) => {
    const { built, run } = await response('identity-center')
    provision(built, condition)
    expect(stepOf((await run()).byHand, 'person-deny')).toMatchObject({ state, says: expect.stringMatching(says) })
  })

  it('a deny that does not reach the session is not the end: the key is still let in', async () => {
    const { built, run } = await response('identity-center')
    await run()
    provision(built, olderOf)
    await run(['person-sessions', 'person-identity'])
    passes(built, 1 * HOURS)
    const { byHand, result } = await run()
    expect(stepOf(byHand, 'key-calls')).toMatchObject({
      state: 'open',
      says: expect.stringMatching(/^THE STOLEN KEY IS STILL LET IN/),
    })
    expect(result.exitCode).toBe(6)
  })

  it('of a role that is gone has no rights any more', async () => {
    const { built, run } = await response('identity-center')
    await run()
    built.account.roles.delete(roleOf(built).name)
    passes(built, 1 * MINUTES)
    const { result } = await run().catch(() => ({ result: { exitCode: 5 } }))
    expect(result.exitCode).not.toBe(0)
  })
})

describe('a session of a service-linked role', () => {
  it('is not contained: the service is named, and whether the key is still let in is looked at', async () => {
    const { built, run } = await response('service-linked-role')
    const { byHand, states, result } = await run()
    expect(changesIn(built)).toEqual(DETECTIVE)
    expect(states).toEqual({ 'service-resource': 'unknown', 'key-calls': 'open' })
    expect(stepOf(byHand, 'service-resource')).toMatchObject({ where: 'in autoscaling.amazonaws.com' })
    expect(result.exitCode).toBe(6)
    passes(built, 1 * HOURS)
    const later = await run(['service-resource'])
    expect(later.states).toMatchObject({ 'service-resource': 'declared', 'key-calls': 'open' })
    passes(built, 30 * MINUTES)
    const silent = await run()
    expect(stepOf(silent.byHand, 'key-calls')).toMatchObject({
      state: 'open',
      says: expect.stringMatching(/^nothing denies the key: it can be used until/),
    })
    expect(silent.result.exitCode).toBe(6)
  })

  it('is over once the session has ended', async () => {
    const built = await buildQuick('service-linked-role')
    Object.assign(built.cast.responder, { expiresAt: undefined })
    const { run } = await response(built)
    await run()
    passes(built, 13 * HOURS)
    const { byHand, result } = await run(['service-resource'])
    expect(stepOf(byHand, 'key-calls')?.says).toMatch(/^the session ended at/)
    expect(result.exitCode).toBe(0)
  })
})
