import { describe, expect, it } from 'vitest'
import type { Entry } from '../../../../src/incident/entry.ts'
import { breaks } from '../../../faults/kinds.ts'
import { buildQuick, type WholeRun } from '../../../laws/whole-run.ts'
import { runInMemory } from '../../../support/run-in-memory.ts'

const TWO_WAYS: readonly (readonly [scenario: WholeRun, operation: string])[] = [
  ['function-alias', 'lambda:RemovePermission'],
  ['function-alias', 'lambda:UpdateFunctionUrlConfig'],
  ['identity-pool', 'cognito-identity:UpdateIdentityPool'],
]

const intentsOf = (journal: readonly Entry[]) =>
  journal.flatMap((entry) => (entry.type === 'intended' && entry.stage === 'close-access' ? [entry.effect] : []))

describe('of two ways, one whose change was lost', () => {
  it.each(TWO_WAYS)('is closed in a second round, in %s by %s', async (scenario, operation) => {
    const built = await buildQuick(scenario)
    const { result, journal } = await runInMemory({ built, fault: breaks('a 500', { operation }), proofWait: 0 })
    const { ways = [] } = result.incident.facts.access ?? {}
    expect(ways.filter(({ state }) => state !== 'closed')).toEqual([])
    expect(intentsOf(journal).filter((effect) => effect.operation === operation)).toHaveLength(2)
    expect(result.exitCode).toBe(0)
  })

  it('is followed by a cut-off past its closing, beside the one past the other’s', async () => {
    const built = await buildQuick('function-alias')
    const { result, journal } = await runInMemory({
      built,
      fault: breaks('a 500', { operation: 'lambda:RemovePermission' }),
      proofWait: 0,
    })
    expect(intentsOf(journal).map(({ operation }) => operation)).toEqual([
      'lambda:UpdateFunctionUrlConfig',
      'lambda:RemovePermission',
      'iam:PutRolePolicy',
      'lambda:RemovePermission',
      'iam:PutRolePolicy',
    ])
    const { ways = [] } = result.incident.facts.access ?? {}
    const [closed, cutoff] = ['function-policy', 'later-cutoff'].map(
      (kind) => ways.find((way) => way.kind === kind)?.closedAt ?? '',
    )
    expect(Date.parse(cutoff ?? '')).toBeGreaterThan(Date.parse(closed ?? ''))
  })
})
