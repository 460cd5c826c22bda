import { describe, expect, it } from 'vitest'
import { buildQuick, changesIn, eachOnceIn, READS_OF_WORKLOADS, type WholeRun } from '../laws/whole-run.ts'
import { runInMemory } from '../support/run-in-memory.ts'
import { breaks, type Kind } from './kinds.ts'
import { askedBy } from './operation.ts'

const KINDS: readonly Kind[] = ['denied', 'a 500', 'throttled', 'garbage 200']
/** They are made for functions with versions and aliases, or show what of these is open: that stays named then. */
const OF_ALIASES = [
  ...['lambda:ListVersionsByFunction', 'lambda:ListAliases', 'lambda:ListProvisionedConcurrencyConfigs'],
  ...['lambda:ListFunctionUrlConfigs', 'lambda:GetPolicy'],
]
/** Whether the function's URL is public is not known then: it is named, and the deny is not moved past it. */
const OF_URL = 'lambda:GetFunctionUrlConfig'
const scenarioOf = (operation: string): WholeRun => {
  if (OF_ALIASES.includes(operation)) return 'function-alias'
  return operation.startsWith('lambda:') ? 'function-role' : 'task-role'
}
const CELLS = READS_OF_WORKLOADS.map((operation, index): [string, Kind] => [operation, KINDS[index % KINDS.length] ?? 'denied'])

describe('a read that only a response to the role of functions or tasks makes', () => {
  it.concurrent.each(CELLS)(
    'gives no false success and no second change when it fails: %s, %s',
    async (operation, kind) => {
      const scenario = scenarioOf(operation)
      const built = await buildQuick(scenario)
      let asked = 0
      const broken = breaks(kind, { operation, times: 1000 })
      const { result } = await runInMemory({
        ...{ built, proofWait: 0 },
        fault: async (wire, next) => {
          if ((await askedBy(wire)).operation === operation) asked += 1
          return broken(wire, next)
        },
      })
      expect(asked, `requests for ${operation}`).toBeGreaterThan(0)
      const made = changesIn(built)
      const most = eachOnceIn(scenario)
      for (const [change, count] of Object.entries(made)) expect(count, change).toBeLessThanOrEqual(most[change] ?? 0)
      // Whatever could not be read, the deny stands.
      expect(made.PutRolePolicy).toBeGreaterThanOrEqual(1)
      expect(result.incident.facts.revocation).toBeDefined()
      if (result.exitCode !== 0 || OF_ALIASES.includes(operation)) return
      if (operation !== OF_URL) return expect(made).toEqual(most)
      const { UpdateFunctionUrlConfig: _, ...rest } = most
      expect(made).toEqual({ ...rest, PutRolePolicy: 1 })
      expect(result.incident.facts.access?.ways).toMatchObject([{ kind: 'function-url', state: 'unknown' }])
    },
    60_000,
  )
})
