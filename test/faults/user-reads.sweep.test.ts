import { describe, expect, it } from 'vitest'
import { EXIT } from '../../src/cli/exit-code.ts'
import { Failure } from '../../src/incident/values/failure.ts'
import type { BuiltScenario } from '../../src/simulator/scenario-kit/scenario.ts'
import { buildQuick, changesIn, eachOnceIn, READS_OF_USERS } from '../laws/whole-run.ts'
import { runInMemory, yes } from '../support/run-in-memory.ts'
import { breaks, type Kind } from './kinds.ts'
import { askedBy } from './operation.ts'

/** A user's stolen key of which GuardDuty has no finding: CloudTrail and IAM name whose it is. */
const reportedKey = async (): Promise<BuiltScenario> => {
  const built = await buildQuick('user-key', { historyDays: 3 })
  Object.assign(built.account, { enabledRegions: [built.account.region] })
  built.account.findings.clear()
  return built
}

const KEY_OF_NOBODY = 'AKIAIOSFODNN7EXAMPLE'

/** A response to the key, in which all calls of one operation fail. */
const respond = async (operation: string, kind: Kind) => {
  const built = await reportedKey()
  let asked = 0
  const broken = breaks(kind, { operation, times: 1000 })
  const { accessKeyId } = built.cast.attacker
  const request = {
    by: 'access-key-id',
    accessKeyId: operation === 'sts:GetAccessKeyInfo' ? KEY_OF_NOBODY : accessKeyId,
  } as const
  const ran = await runInMemory({
    ...{ built, request, responder: { ...yes, goesAhead: true }, proofWait: 0 },
    fault: async (wire, next) => {
      if ((await askedBy(wire)).operation === operation) asked += 1
      return broken(wire, next)
    },
  }).catch((error: unknown) => {
    if (error instanceof Failure) return error
    throw error
  })
  return { built, ran, asked, accessKeyId }
}

/** Each read in two ways of four: together every way, and every read. */
const CELLS = READS_OF_USERS.flatMap((operation, index): [string, Kind][] => {
  const kinds: readonly Kind[] = ['denied', 'a 500', 'throttled', 'garbage 200']
  return [0, 1].map((turn) => [operation, kinds[(index + 2 * turn) % kinds.length] ?? 'denied'])
})

describe('a read that only a response to a user’s key makes', () => {
  it.concurrent.each(CELLS)('gives no false success and no second change when it fails: %s, %s', async (operation, kind) => {
    const { built, ran, asked, accessKeyId } = await respond(operation, kind)
    expect(asked, `requests for ${operation}`).toBeGreaterThan(0)
    const made = changesIn(built)
    for (const [change, count] of Object.entries(made)) {
      expect(eachOnceIn('user-key'), 'a change of another kind').toHaveProperty(change)
      expect(count, change).toBe(1)
    }
    if (ran instanceof Failure) return expect(EXIT[ran.kind]).not.toBe(EXIT.bug)
    expect(ran.result.exitCode).not.toBe(EXIT.bug)
    const holder = [...built.account.users.values()].find(({ accessKeys }) => accessKeys.has(accessKeyId))
    const { revocation } = ran.result.incident.facts
    if (revocation?.key) expect(holder?.accessKeys.get(accessKeyId)?.status).toBe('Inactive')
    if (revocation) expect(holder?.inline.get('AWSRevokeOlderSessions')?.document).toContain(revocation.cutoff)
    if (ran.result.exitCode === 0) expect(made).toMatchObject({ UpdateAccessKey: 1, PutUserPolicy: 1 })
  })

  it('is one of those that are listed, and each of those is made', () => {
    expect(new Set(CELLS.map(([operation]) => operation)).size).toBe(READS_OF_USERS.length)
    expect(new Set(CELLS.map(([, kind]) => kind)).size).toBe(4)
  })
})
