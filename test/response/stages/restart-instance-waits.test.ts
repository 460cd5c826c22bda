import { describe, expect, it } from 'vitest'
import { revocationDocument } from '../../../src/incident/revocation-document.ts'
import { type Instant, instantOf, plus } from '../../../src/incident/values/instant.ts'
import { restartInstance } from '../../../src/response/stages/restart-instance.ts'
import { restartedIncident } from '../../support/rotation.ts'
import { incidentWith } from '../../support/stage-context.ts'
import { ready } from '../../support/stage-on-account.ts'

const CALL_TAKES = 0.08
/** AWS tells its time in whole seconds: ir-cred's may be that much behind. */
const DATE_HEADER = 1

interface Restarting {
  readonly stopTakes?: number
  /** Seconds from now to the cut-off that the run knows. */
  readonly cutoffIn?: number
  /** Seconds from now to a cut-off that somebody writes, and when: before the restart, or while it waits. */
  readonly moved?: { readonly to: number; readonly after: number }
}

/** A restart on the simulated account, over the real wire: each call of it with its time in seconds. */
const restarted = async ({ stopTakes = 35, cutoffIn = 30, moved }: Restarting) => {
  const on = await ready('custom-threat-list', 'restart-instance')
  const { account } = on.built
  Object.assign(account.behaviour, { stopTakes, callTakes: CALL_TAKES })
  const began = account.clock.now()
  const at = (ms: number) => (ms - began) / 1000
  const cutoff = plus(instantOf(new Date(began)), cutoffIn)
  const write = (until: Instant) =>
    account.roles.get('web-app')?.inline.set('AWSRevokeOlderSessions', { document: revocationDocument(until), writtenAt: 0 })
  write(cutoff)
  if (moved) account.agenda.add(began + moved.after * 1000, () => void write(plus(cutoff, moved.to - cutoffIn)))
  const revocation = { ...restartedIncident().facts.revocation, cutoff }
  const facts = { subject: on.subject, blastRadius: on.blastRadius, revocation }
  const earlier = on.connection.opened.calls().length
  const decided = { 'preserve-evidence': { how: 'skipped', why: 'skipped by the test' } } as const
  await restartInstance.act?.(incidentWith(facts, { decided }), on.context)
  const calls = on.connection.opened
    .calls()
    .slice(earlier)
    .filter(({ accessKeyId }) => accessKeyId === on.built.cast.responder.accessKeyId)
    .map((call) => ({ operation: call.operation, at: at(call.at) }))
  const stopped = (calls.find(({ operation }) => operation === 'StopInstances')?.at ?? Number.NaN) + stopTakes
  const start = calls.findIndex(({ operation }) => operation === 'StartInstances')
  const between = calls.slice(0, start < 0 ? undefined : start).filter((call) => call.at >= stopped)
  return { calls, between, stopped, started: calls[start]?.at }
}

const operations = (calls: readonly { readonly operation: string }[]) => calls.map(({ operation }) => operation)

describe('the start of a stopped instance', () => {
  it.each([31.4, 35, 47.2, 70.9])(
    'is sent in the tick that sees it stopped, where the cut-off has passed: a stop of %d s',
    async (stopTakes) => {
      const { between, stopped, started = Number.NaN } = await restarted({ stopTakes })
      expect(operations(between)).toEqual(['DescribeInstances', 'GetRolePolicy'])
      expect(started - stopped).toBeGreaterThanOrEqual(0)
      expect(started - stopped).toBeLessThanOrEqual(2.2 + 2 * CALL_TAKES)
      expect(started - (between[0]?.at ?? 0)).toBeCloseTo(2 * CALL_TAKES)
    },
  )

  it.each([2.5, 6.7, 25.3])('is sent right after the cut-off, where the stop is faster: a stop of %d s', async (stopTakes) => {
    const { between, started = Number.NaN } = await restarted({ stopTakes })
    expect(operations(between)).toEqual(['DescribeInstances', 'GetRolePolicy', 'GetRolePolicy'])
    expect(started).toBeGreaterThan(30)
    expect(started).toBeLessThan(30 + DATE_HEADER + 3 * CALL_TAKES)
  })

  it.each([
    ['while the instance stopped', 10],
    ['while the cut-off was waited for', 25],
  ])('waits for a cut-off that somebody has moved %s', async (_, after) => {
    const { started = Number.NaN } = await restarted({ stopTakes: 20, moved: { to: 90, after } })
    expect(started).toBeGreaterThan(90)
    expect(started).toBeLessThan(90 + DATE_HEADER + 3 * CALL_TAKES)
  })

  it('is not sent where the cut-off lies more than ten minutes ahead', async () => {
    const { calls } = await restarted({ moved: { to: 1_000, after: 1 } })
    expect(operations(calls)).toContain('StopInstances')
    expect(operations(calls)).not.toContain('StartInstances')
  })
})

describe('the waits of a restart', () => {
  it('ask with one DescribeInstances a tick, and at most once a second', async () => {
    const { calls } = await restarted({ stopTakes: 120 })
    const looks = calls.filter(({ operation }) => operation === 'DescribeInstances').map(({ at }) => at)
    expect(new Set(operations(calls))).toEqual(new Set(['DescribeInstances', 'StopInstances', 'GetRolePolicy', 'StartInstances']))
    const stop = calls.find(({ operation }) => operation === 'StopInstances')?.at ?? 0
    const start = calls.find(({ operation }) => operation === 'StartInstances')?.at ?? 0
    for (const wait of [looks.filter((at) => at > stop && at <= start), looks.filter((at) => at > start)]) {
      expect(wait.length).toBeGreaterThan(10)
      for (const [index, at] of wait.slice(1).entries()) expect(at - (wait[index] ?? 0)).toBeGreaterThanOrEqual(1)
    }
  })
})
