import { describe, expect, it } from 'vitest'
import { apiCalls } from '../../src/aws/calls.ts'
import { closingCalls } from '../../src/aws/closing-calls.ts'
import type { Entry } from '../../src/incident/entry.ts'
import type { Fault } from '../../src/simulator/wire/message.ts'
import { askedBy } from '../faults/operation.ts'
import { runInMemory } from '../support/run-in-memory.ts'
import { DENIES, expectUnknown, impostors } from './impostor.ts'
import { buildQuick, changesIn, WRITES_OF_RUN, wholeRuns } from './whole-run.ts'

const WRITES = [...apiCalls, ...closingCalls]
  .filter(({ access }) => access === 'write')
  .map((call) => `${call.service}:${call.operation}`)

interface Arrival {
  readonly operation: string
  readonly resource: string
  /** The journal's last entry when the request arrived. */
  readonly last: Entry | undefined
}

const resourceIn = (input: Readonly<Record<string, unknown>>): string =>
  JSON.stringify(input).match(
    /i-[0-9a-f]{17}|web-app|deploy-bot|payments|thumbnails|orders|backup|app-guest|us-east-1:[0-9a-f-]{36}|\ba-[0-9a-f]{17}|[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f-]{17}|test-1125-0000-1|graph:[0-9a-f]+/,
  )?.[0] ?? 'none'

const arrivals =
  (journal: readonly Entry[], seen: Arrival[]): Fault =>
  async (request, next) => {
    const { operation, input } = await askedBy(request)
    if (WRITES.includes(operation)) seen.push({ operation, resource: resourceIn(input), last: journal.at(-1) })
    return next(request)
  }

describe('a change', () => {
  it.each(wholeRuns)(
    'is sent only after its intent, with the same operation and resource, is on record: %s',
    async (scenario) => {
      const journal: Entry[] = []
      const seen: Arrival[] = []
      await runInMemory({ built: await buildQuick(scenario), journal, fault: arrivals(journal, seen), proofWait: 0 })
      expect(seen.map(({ operation }) => operation).sort()).toEqual([...WRITES_OF_RUN[scenario]].sort())
      for (const { operation, resource, last } of seen) {
        expect(last).toMatchObject({ type: 'intended', effect: { operation } })
        expect(last?.type === 'intended' && last.effect.resource).toContain(resource)
      }
    },
  )

  it.each(wholeRuns)('is sent once, after an approval that covers it: %s', async (scenario) => {
    const journal: Entry[] = []
    await runInMemory({ built: await buildQuick(scenario), journal, proofWait: 0 })
    for (const [index, entry] of journal.entries()) {
      if (entry.type !== 'intended') continue
      const approval = journal.slice(0, index).findLast((one) => one.type === 'approved' && one.stage === entry.stage)
      const covered =
        approval?.type === 'approved' ? approval.effects.map(({ operation, resource }) => [operation, resource]) : []
      expect(covered).toContainEqual([entry.effect.operation, entry.effect.resource])
      expect(journal.slice(index).filter((one) => one.type === 'sent' && one.nonce === entry.nonce)).toHaveLength(1)
    }
  })

  it('is not sent when the disk does not take its intent', async () => {
    const built = await buildQuick()
    const journal: Entry[] = []
    const full = new Error('ENOSPC')
    journal.push = (entry) => {
      if (entry.type === 'intended') throw full
      return Array.prototype.push.call(journal, entry)
    }
    await expect(runInMemory({ built, journal, proofWait: 0 })).rejects.toBe(full)
    expect(changesIn(built)).toEqual({})
  })
})

describe.each(DENIES)('a success that is not AWS’s, for %s', (operation) => {
  it.each(impostors)('counts as unknown, never as made: %s', (_, response) => expectUnknown(operation, response))
})

describe('a success that is AWS’s', () => {
  it('makes no fact without a read-back, and is not sent again by itself: the policy is accepted and lost', async () => {
    const built = await buildQuick()
    const fault: Fault = async (request, next) => {
      const { operation } = await askedBy(request)
      const response = await next(request)
      if (operation === 'iam:PutRolePolicy') built.account.roles.get('web-app')?.inline.delete('AWSRevokeOlderSessions')
      return response
    }
    const { result, journal } = await runInMemory({ built, fault, proofWait: 0 })
    expect(result.exitCode).toBe(6)
    expect(result.incident.facts.revocation).toBeUndefined()
    expect(journal.filter((entry) => entry.type === 'sent')).toMatchObject([{ outcome: 'accepted' }])
    expect(result.failure?.why).toMatch(/AWS accepted iam:PutRolePolicy on .* and ir-cred cannot see the change/)
  })
})
