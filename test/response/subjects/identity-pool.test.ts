import { describe, expect, it } from 'vitest'
import { stillToDo } from '../../../src/incident/still-to-do.ts'
import type { BuiltScenario } from '../../../src/simulator/scenario-kit/scenario.ts'
import { breaks } from '../../faults/kinds.ts'
import { buildQuick } from '../../laws/whole-run.ts'
import { intendedBy } from '../../support/intended.ts'
import { type MemoryRun, plainYes, runInMemory } from '../../support/run-in-memory.ts'

const SCENARIO = 'identity-pool'
const UPDATE = 'cognito-identity:UpdateIdentityPool'
const run = (built: BuiltScenario, parts: Partial<MemoryRun> = {}) => runInMemory({ built, proofWait: 0, ...parts })

const openIn = ({ result }: Awaited<ReturnType<typeof run>>) =>
  stillToDo(result.incident, { alarms: [], unproven: [] }).filter(({ kind }) => kind === 'open')

const poolOf = ({ account }: BuiltScenario) => {
  const [pool] = account.identityPools.values()
  if (!pool) throw new Error('there is no pool')
  return pool
}

/** The role's trust policy with a text in the place of another. */
const retrusted = (built: BuiltScenario, from: string | RegExp, to: string): BuiltScenario => {
  const role = built.account.roles.get('app-guest')
  if (!role) throw new Error('there is no role')
  built.account.roles.set(role.name, { ...role, trustPolicy: role.trustPolicy.replace(from, to) })
  return built
}

const USER_POOL = 'cognito-idp.us-east-1.amazonaws.com/us-east-1_AcmeUsers'

/** The role trusts who signs in too, and the pool has somebody who signs people in. */
const signingIn = (built: BuiltScenario): BuiltScenario => {
  const pool = poolOf(built)
  built.account.identityPools.set(pool.id, { ...pool, userPools: [USER_POOL] })
  return retrusted(built, '"unauthenticated"', '["authenticated","unauthenticated"]')
}

describe('a session of an identity pool with guest access, where closing is approved by name', () => {
  it('leaves no guest access, and what was issued until then is denied', async () => {
    const built = await buildQuick(SCENARIO)
    const { result } = await run(built)
    expect(poolOf(built).allowsGuests).toBe(false)
    expect(result).toMatchObject({ exitCode: 0, alarms: [] })
    expect(result.incident.facts.access?.ways).toMatchObject([
      { kind: 'trust', state: 'closed' },
      {
        kind: 'identity-pool',
        resource: poolOf(built).id,
        state: 'closed',
        says: 'gives no identity to guests, as it was read back',
      },
      { kind: 'later-cutoff', state: 'closed' },
    ])
  })

  it('sends all of the pool again, which the call replaces, and keeps what it was before', async () => {
    const built = await buildQuick(SCENARIO)
    const { name, id, tags } = poolOf(built)
    const { journal } = await run(built)
    expect(poolOf(built)).toEqual({ id, name, tags, allowsGuests: false })
    const [update] = intendedBy(journal, UPDATE)
    expect(update?.effect).toMatchObject({
      parameters: { IdentityPoolId: id, IdentityPoolName: name, AllowUnauthenticatedIdentities: false, IdentityPoolTags: tags },
      cost: expect.stringContaining('without signing in is cut off'),
      undoCommand: expect.stringContaining('"AllowUnauthenticatedIdentities":true'),
    })
    const kept = journal.findIndex((entry) => entry.type === 'kept' && entry.ref.file.includes('identity-pool-before-'))
    expect(kept).toBeGreaterThan(-1)
    expect(kept).toBeLessThan(update ? journal.indexOf(update) : -1)
  })

  it('stays an alarm where the role trusts who signs in too: another identity takes the next session', async () => {
    const built = signingIn(await buildQuick(SCENARIO))
    const ran = await run(built)
    expect(poolOf(built)).toMatchObject({ allowsGuests: false, userPools: [USER_POOL] })
    expect(ran.result.exitCode).toBe(6)
    expect(openIn(ran)).toMatchObject([
      {
        sentence: expect.stringContaining(`to whoever signs in with "${USER_POOL}"`),
        command: expect.stringMatching(/^aws cognito-identity update-identity-pool --cli-input-json /),
      },
    ])
    expect(openIn(ran)[0]?.command).not.toContain(USER_POOL)
  })

  it('is closed for a later run where somebody took the providers away', async () => {
    const built = signingIn(await buildQuick(SCENARIO))
    const journal: NonNullable<MemoryRun['journal']> = []
    await run(built, { journal })
    const { userPools: _, ...pool } = poolOf(built)
    built.account.identityPools.set(pool.id, pool)
    const { result } = await run(built, { journal })
    expect(result.incident.facts.access?.ways.find(({ kind }) => kind === 'identity-pool')).toMatchObject({
      state: 'closed',
      says: 'gives no identity to guests and has no provider, as it was read back',
    })
    expect(result).toMatchObject({ exitCode: 0, alarms: [] })
  })

  it('stays an alarm where the trust policy names no pool: whose pool it is does not matter then', async () => {
    const built = retrusted(await buildQuick(SCENARIO), /"StringEquals":\{[^}]*\},?/, '')
    const ran = await run(built)
    expect(poolOf(built).allowsGuests).toBe(true)
    expect(openIn(ran)).toMatchObject([{ sentence: expect.stringMatching(/a pool of any account takes sessions/) }])
    expect(ran.result.exitCode).toBe(6)
  })

  it.each([
    ['cannot be changed', UPDATE, /AWS refused cognito-identity:UpdateIdentityPool/],
    [
      'cannot be read',
      'cognito-identity:DescribeIdentityPool',
      /may hand out another identity: whether it gives identities to guests/,
    ],
  ])('is denied although the pool %s: it stays named, and the alarm stays', async (_, operation, says) => {
    const built = await buildQuick(SCENARIO)
    const ran = await run(built, { fault: breaks('denied', { operation, times: Infinity }) })
    expect(poolOf(built).allowsGuests).toBe(true)
    expect(openIn(ran)).toMatchObject([{ sentence: expect.stringMatching(says) }])
    expect(ran.result.exitCode).toBe(6)
  })
})

describe('a session of an identity pool, where nobody approved the closing by name', () => {
  it('stays an alarm with the command, and the pool stays as it is', async () => {
    const built = await buildQuick(SCENARIO)
    const ran = await run(built, { responder: plainYes })
    expect(poolOf(built).allowsGuests).toBe(true)
    expect(ran.result.exitCode).toBe(6)
    expect(ran.result.alarms.join('\n')).toContain('can obtain new sessions of role app-guest')
    expect(openIn(ran)).toContainEqual(
      expect.objectContaining({ command: expect.stringContaining('aws cognito-identity update-identity-pool --cli-input-json') }),
    )
  })
})
