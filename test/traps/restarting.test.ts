import { describe, expect, it } from 'vitest'
import type { Entry } from '../../src/incident/entry.ts'
import { secondsBetween } from '../../src/incident/values/instant.ts'
import type { Instance } from '../../src/simulator/account.ts'
import type { BuiltScenario } from '../../src/simulator/scenarios/scenario.ts'
import { answers } from '../faults/kinds.ts'
import { buildQuick, changesIn, EACH_ONCE } from '../laws/whole-run.ts'
import { runInMemory } from '../support/run-in-memory.ts'
import { victimOf } from '../support/scenario.ts'
import { saidBy } from './said.ts'

/** An account whose compromised instance has something special about it. */
const withVictim = async (special: Partial<Instance>): Promise<BuiltScenario> => {
  const built = await buildQuick()
  built.account.instances.set(victimOf(built).id, Object.assign(victimOf(built), special))
  return built
}

const intents = (journal: readonly Entry[], operation: string) =>
  journal.flatMap((entry) => (entry.type === 'intended' && entry.effect.operation === operation ? [entry.at] : []))

describe('S1 new credentials come from a stop and a start', () => {
  it('never from a reboot: none is ever sent, and the responder is told', async () => {
    const ran = await runInMemory({ built: await buildQuick(), proofWait: 0 })
    expect(ran.calls.filter((call) => /Reboot/.test(call))).toEqual([])
    expect(saidBy(ran, 'restart-instance')).toMatch(/never a reboot/)
  })
})

describe('S2 S3 C07 C08 an instance that a stop would destroy, or that cannot be stopped', () => {
  const special: readonly (readonly [string, Partial<Instance>, why: RegExp, remedy: RegExp])[] = [
    ['a member of an Auto Scaling group', { autoScalingGroup: 'web-asg' }, /Auto Scaling group web-asg/, /enter-standby/],
    [
      'an instance-store root device',
      { rootDeviceType: 'instance-store' },
      /instance-store root volume/,
      /replace-iam-instance-profile-association/,
    ],
    ['stop protection', { stopProtection: true }, /stop protection/, /no-disable-api-stop/],
    [
      'a one-time Spot request',
      { lifecycle: 'spot', spotRequestType: 'one-time' },
      /one-time Spot instance/,
      /start a replacement/,
    ],
  ]

  it.each(special)('%s: refused before anybody is cut off, with what to do by hand', async (_, one, why, remedy) => {
    const built = await withVictim(one)
    const { result } = await runInMemory({ built, proofWait: 0 })
    expect(result).toMatchObject({ exitCode: 5, failure: { remedy: expect.stringMatching(remedy) } })
    expect(result.failure?.why).toMatch(why)
    expect(changesIn(built)).toEqual({})
  })

  it.each(special)('%s: without the restart the revocation is made, and the run is not finished', async (_, one) => {
    const built = await withVictim(one)
    const { result } = await runInMemory({ built, skip: ['restart-instance'], proofWait: 0 })
    expect(result.exitCode).toBe(6)
    expect(changesIn(built)).toMatchObject({ PutRolePolicy: 1 })
    expect(changesIn(built).StopInstances).toBeUndefined()
  })
})

describe('S4 C10 no capacity for the start', () => {
  it('is tried again a minute apart', async () => {
    const built = await withVictim({ startFails: { how: 'capacity', times: 2 } })
    const { result, journal } = await runInMemory({ built, proofWait: 0 })
    const [first, second, third] = intents(journal, 'ec2:StartInstances')
    expect(first && second && secondsBetween(first, second)).toBeGreaterThanOrEqual(60)
    expect(second && third && secondsBetween(second, third)).toBeGreaterThanOrEqual(60)
    expect(result.exitCode).toBe(0)
    expect(changesIn(built)).toEqual(EACH_ONCE)
  })

  it('revoked and stopped is a safe state: the run ends as unavailable, and goes on later', async () => {
    const built = await withVictim({ startFails: { how: 'capacity', times: 3 } })
    const journal: Entry[] = []
    const { result } = await runInMemory({ built, journal, proofWait: 0 })
    expect(result).toMatchObject({ exitCode: 7, failure: { what: expect.stringContaining('stopped and could not be started') } })
    expect(victimOf(built).state).toBe('stopped')
    expect((await runInMemory({ built, journal, proofWait: 0 })).result.exitCode).toBe(0)
    expect(changesIn(built)).toEqual(EACH_ONCE)
  })
})

describe('S5 C11 the public address', () => {
  it('is told before the stop, and both are on record after the start', async () => {
    const ran = await runInMemory({ built: await buildQuick(), proofWait: 0 })
    expect(saidBy(ran, 'restart-instance')).toMatch(/Its public address 203\.0\.113\.25 will change/)
    const { restart } = ran.result.incident.facts
    expect(restart?.publicIpBefore).toBe('203.0.113.25')
    expect(restart?.publicIpAfter).toMatch(/^203\.0\.113\.\d+$/)
    expect(restart?.publicIpAfter).not.toBe(restart?.publicIpBefore)
  })
})

describe('S7 an instance that hibernates', () => {
  it('is stopped plainly: hibernation would keep the stolen key in memory', async () => {
    const built = await withVictim({ hibernation: true })
    const flags: unknown[] = []
    const fault = answers('ec2:StopInstances', async ({ input }, next) => {
      flags.push(input.Hibernate, input.Force)
      return next()
    })
    const ran = await runInMemory({ built, fault, proofWait: 0 })
    expect(flags).toEqual([undefined, undefined])
    expect(saidBy(ran, 'scope-blast-radius')).toMatch(/it will be stopped plainly/)
  })
})

describe('S8 C03 an instance that falls back to stopped', () => {
  it('is seen at once, with EC2’s reason, and not waited for', async () => {
    const built = await withVictim({ startFails: { how: 'kms', times: 1 } })
    const before = built.account.clock.now()
    const { result } = await runInMemory({ built, proofWait: 0 })
    expect(result).toMatchObject({ exitCode: 5, failure: { why: expect.stringContaining('Client.InternalError') } })
    expect(result.failure?.remedy).toMatch(/KMS key/)
    expect(built.account.clock.now() - before).toBeLessThan(180_000)
  })

  it('even when nobody saw it pending', async () => {
    const built = await buildQuick('custom-threat-list', { startTakes: 1 })
    Object.assign(victimOf(built), { startFails: { how: 'kms', times: 1 } })
    const { result } = await runInMemory({ built, proofWait: 0 })
    expect(result).toMatchObject({ exitCode: 5, failure: { why: expect.stringContaining('Client.InternalError') } })
  })
})

describe('C01 C05 a stop that takes its time', () => {
  it('of 14 minutes is waited for, and the waiting is told', async () => {
    const built = await buildQuick('custom-threat-list', { stopTakes: 14 * 60 })
    const ran = await runInMemory({ built, proofWait: 0 })
    expect(ran.result.exitCode).toBe(0)
    expect(saidBy(ran, 'restart-instance')).toMatch(/is stopping, 10 min/)
  })

  it('that hangs ends after a stated time, and names Force with its risk instead of using it', async () => {
    const built = await withVictim({ stopHangs: true })
    const { result } = await runInMemory({ built, proofWait: 0 })
    expect(result).toMatchObject({ exitCode: 5, failure: { what: expect.stringMatching(/still stopping after 25 min/) } })
    expect(result.failure?.remedy).toMatch(/data in flight is lost.*--force/)
  })
})

describe('E1 E2 several volumes', () => {
  it('are preserved at one point in time, by one call; what is still pending is said at the end', async () => {
    const built = await buildQuick()
    const { result } = await runInMemory({ built, proofWait: 0 })
    const taken = [...built.account.snapshots.values()]
    expect(taken.map(({ volumeId }) => volumeId).sort()).toEqual([...victimOf(built).volumeIds].sort())
    expect(new Set(taken.map(({ startedAt }) => startedAt)).size).toBe(1)
    const last = result.incident.rechecks.findLast(({ stage }) => stage === 'preserve-evidence')
    expect(last?.says).toMatch(/snap-\w+ (pending|completed), snap-\w+ (pending|completed)/)
  })
})
