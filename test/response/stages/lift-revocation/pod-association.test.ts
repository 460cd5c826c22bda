import { describe, expect, it } from 'vitest'
import { replay } from '../../../../src/incident/incident.ts'
import type { BuiltScenario } from '../../../../src/simulator/scenario-kit/scenario.ts'
import { hoursLater, liftOnDisk, respondedTo, stateRoots } from '../../../support/lifting.ts'

const root = stateRoots()
const CREATE = 'eks:CreatePodIdentityAssociation'

const valuesOf = ({ account }: BuiltScenario) =>
  [...account.podIdentityAssociations.values()].map(({ id: _, createdAt: __, modifiedAt: ___, ...values }) => values)

/** A response that deleted the association, and the lift of it once somebody has done this in the account. */
const lifted = async (since: (built: BuiltScenario) => void = () => {}) => {
  let before: ReturnType<typeof valuesOf> = []
  const prepared = (built: BuiltScenario) => {
    before = valuesOf(built)
  }
  const responded = hoursLater(await respondedTo(root(), 'pod-identity', prepared), 30)
  expect(valuesOf(responded.built)).toEqual([])
  since(responded.built)
  const ran = await liftOnDisk(responded)
  const changes = replay(ran.journal).facts.lift?.changes ?? []
  const change = changes.find(({ operation }) => operation === 'eks:DeletePodIdentityAssociation')
  return { ...ran, before, after: valuesOf(responded.built), change, responded }
}

/** Somebody creates an association of the same service account. */
const created = ({ account }: BuiltScenario, roleName: string): void => {
  const id = 'a-00000000000000009'
  const values = {
    clusterName: 'shop-cluster',
    namespace: 'shop',
    serviceAccount: 'orders',
    roleName,
    createdAt: 0,
    modifiedAt: 0,
  }
  account.podIdentityAssociations.set(id, { id, ...values })
}

describe('an association of EKS Pod Identity that a response deleted', () => {
  it('is created again by a lift with the same values, once', async () => {
    const { before, after, change, exitCode, writes, responded } = await lifted()
    expect([exitCode, writes]).toEqual([0, ['iam:DeleteRolePolicy', CREATE]])
    expect(after).toEqual(before)
    expect(change).toMatchObject({ state: 'lifted', why: 'it is there again, with the same values and a new id' })
    expect((await liftOnDisk(responded)).writes).toEqual([])
  })

  it('is left alone where somebody gave the service account another role since, with the command', async () => {
    const { change, writes } = await lifted((built) => created(built, 'web-app'))
    expect(writes).toEqual(['iam:DeleteRolePolicy'])
    expect(change).toMatchObject({ state: 'changed', command: expect.stringContaining('eks create-pod-identity-association') })
  })

  it('has nothing to lift where somebody created it again, or its cluster is gone', async () => {
    for (const since of [
      (built: BuiltScenario) => created(built, 'orders-pod'),
      ({ account }: BuiltScenario) => account.eksClusters.clear(),
    ]) {
      const { change, writes } = await lifted(since)
      expect(writes).toEqual(['iam:DeleteRolePolicy'])
      expect(change?.state).toBe('gone')
    }
  })
})
