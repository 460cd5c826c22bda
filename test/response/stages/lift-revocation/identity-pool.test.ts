import { describe, expect, it } from 'vitest'
import { replay } from '../../../../src/incident/incident.ts'
import type { IdentityPool } from '../../../../src/simulator/account/holdings.ts'
import { hoursLater, liftOnDisk, respondedTo, stateRoots } from '../../../support/lifting.ts'

const root = stateRoots()
const UPDATE = 'cognito-identity:UpdateIdentityPool'
const OTHERS = ['iam:DeleteRolePolicy', 'iam:UpdateAssumeRolePolicy']

/** A response that switched the guest access off, and the lift of it once somebody has done this to the pools. */
const lifted = async (since: (pool: IdentityPool, pools: Map<string, IdentityPool>) => void = () => {}) => {
  const responded = hoursLater(await respondedTo(root(), 'identity-pool'), 30)
  const { identityPools } = responded.built.account
  const [pool] = identityPools.values()
  if (!pool) throw new Error('there is no pool')
  expect(pool.allowsGuests).toBe(false)
  since(pool, identityPools)
  const ran = await liftOnDisk(responded)
  const changes = replay(ran.journal).facts.lift?.changes ?? []
  return { ...ran, pool, after: identityPools.get(pool.id), change: changes.find(({ operation }) => operation === UPDATE) }
}

describe('the guest access of an identity pool that a response switched off', () => {
  it('is on again after a lift, and the rest of the pool is as it was', async () => {
    const { pool, after, change, exitCode, writes } = await lifted()
    expect([exitCode, [...writes].sort()]).toEqual([0, [UPDATE, ...OTHERS]])
    expect(after).toEqual({ ...pool, allowsGuests: true })
    expect(change).toMatchObject({ state: 'lifted', why: 'it is on, as before the response' })
  })

  it('is left alone where somebody changed the pool since, with the command', async () => {
    const { after, change, writes } = await lifted((pool, pools) => pools.set(pool.id, { ...pool, name: 'other' }))
    expect([after?.allowsGuests, [...writes].sort()]).toEqual([false, OTHERS])
    expect(change).toMatchObject({ state: 'changed', command: expect.stringContaining('update-identity-pool') })
  })

  it('has nothing to lift where somebody switched it on, or the pool is gone', async () => {
    for (const since of [
      (pool: IdentityPool) => void Object.assign(pool, { allowsGuests: true }),
      (_: IdentityPool, pools: Map<string, IdentityPool>) => pools.clear(),
    ]) {
      const { change, writes } = await lifted(since)
      expect([...writes].sort()).toEqual(OTHERS)
      expect(change?.state).toBe('gone')
    }
  })
})
