import { describe, expect, it } from 'vitest'
import type { Entry } from '../../src/incident/entry.ts'
import { secondsBetween } from '../../src/incident/values/instant.ts'
import type { Instance } from '../../src/simulator/account/account.ts'
import { answers } from '../faults/kinds.ts'
import { buildQuick, changesIn, EACH_ONCE } from '../laws/whole-run.ts'
import { runInMemory } from '../support/run-in-memory.ts'
import { SUBJECT_INSTANCE, subjectInstanceOf } from '../support/scenario.ts'
import { saidBy } from './said.ts'
import { withVictim } from './situations.ts'

const intents = (journal: readonly Entry[], operation: string) =>
  journal.flatMap((entry) => (entry.type === 'intended' && entry.effect.operation === operation ? [entry.at] : []))

describe('new credentials come from a stop and a start', () => {
  it('ir-cred never sends a reboot, and says so', async () => {
    const ran = await runInMemory({ built: await buildQuick(), proofWait: 0 })
    expect(ran.calls.filter((call) => /Reboot/.test(call))).toEqual([])
    expect(saidBy(ran, 'restart-instance')).toMatch(/never reboots it/)
  })
})

describe('an instance that a stop would destroy, or that cannot be stopped', () => {
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

  it.each(special)(
    'is left running, with what you do by hand, and what is stolen is denied all the same: %s',
    async (_, one, why, remedy) => {
      const built = await withVictim(buildQuick(), one)
      const { result } = await runInMemory({ built, proofWait: 0 })
      expect(result).toMatchObject({ exitCode: 5, failure: { remedy: expect.stringMatching(remedy) } })
      expect(result.failure?.why).toMatch(why)
      expect(changesIn(built)).toMatchObject({ PutRolePolicy: 1 })
      expect(changesIn(built)).not.toHaveProperty('StopInstances')
    },
  )

  it.each(special)('lets the sessions be revoked without the restart, and the run stays unconfirmed: %s', async (_, one) => {
    const built = await withVictim(buildQuick(), one)
    const { result } = await runInMemory({ built, skip: ['restart-instance'], proofWait: 0 })
    expect(result.exitCode).toBe(6)
    expect(changesIn(built)).toMatchObject({ PutRolePolicy: 1 })
    expect(changesIn(built).StopInstances).toBeUndefined()
  })
})

describe('a start without capacity', () => {
  it('is tried again a minute apart', async () => {
    const built = await withVictim(buildQuick(), { startFails: { how: 'capacity', times: 2 } })
    const { result, journal } = await runInMemory({ built, proofWait: 0 })
    const [first, second, third] = intents(journal, 'ec2:StartInstances')
    expect(first && second && secondsBetween(first, second)).toBeGreaterThanOrEqual(60)
    expect(second && third && secondsBetween(second, third)).toBeGreaterThanOrEqual(60)
    expect(result.exitCode).toBe(0)
    expect(changesIn(built)).toEqual(EACH_ONCE)
  })

  it('ends the run as unavailable in a safe state, revoked and stopped, and the run can be continued', async () => {
    const built = await withVictim(buildQuick(), { startFails: { how: 'capacity', times: 3 } })
    const journal: Entry[] = []
    const { result } = await runInMemory({ built, journal, proofWait: 0 })
    expect(result).toMatchObject({
      exitCode: 7,
      failure: { what: expect.stringContaining('is stopped, and EC2 cannot start it again') },
    })
    expect(subjectInstanceOf(built).state).toBe('stopped')
    expect((await runInMemory({ built, journal, proofWait: 0 })).result.exitCode).toBe(0)
    expect(changesIn(built)).toEqual(EACH_ONCE)
  })
})

describe('the public address of an instance', () => {
  it('is shown before the stop, and the report has the old and the new one after the start', async () => {
    const ran = await runInMemory({ built: await buildQuick(), proofWait: 0 })
    expect(saidBy(ran, 'restart-instance')).toMatch(/change its public address 203\.0\.113\.25/)
    const { restart } = ran.result.incident.facts
    expect(restart?.publicIpBefore).toBe('203.0.113.25')
    expect(restart?.publicIpAfter).toMatch(/^203\.0\.113\.\d+$/)
    expect(restart?.publicIpAfter).not.toBe(restart?.publicIpBefore)
  })
})

describe('a target of load balancers', () => {
  it('is stopped after the approval has shown where its requests go meanwhile', async () => {
    const ran = await runInMemory({ built: await buildQuick(), proofWait: 0 })
    expect(saidBy(ran, 'restart-instance')).toMatch(/target group .*web.*: .*its requests go to the 2 other healthy targets/)
  })

  it('is stopped with a warning where no other target is healthy', async () => {
    const built = await buildQuick()
    for (const [id, instance] of built.account.instances) if (id !== SUBJECT_INSTANCE) instance.state = 'stopped'
    const ran = await runInMemory({ built, proofWait: 0 })
    expect(saidBy(ran, 'restart-instance')).toMatch(/no other healthy target: its requests fail/)
  })
})

describe('an instance that hibernates', () => {
  it('is stopped without hibernation, which would keep the stolen key in memory', async () => {
    const built = await withVictim(buildQuick(), { hibernation: true })
    const flags: unknown[] = []
    const fault = answers('ec2:StopInstances', async ({ input }, next) => {
      flags.push(input.Hibernate, input.Force)
      return next()
    })
    const ran = await runInMemory({ built, fault, proofWait: 0 })
    expect(flags).toEqual([undefined, undefined])
    expect(saidBy(ran, 'scope-blast-radius')).toMatch(/stops the instance without it/)
  })
})

describe('an instance that falls back to stopped', () => {
  it('ends the run at once, with EC2’s reason', async () => {
    const built = await withVictim(buildQuick(), { startFails: { how: 'kms', times: 1 } })
    const before = built.account.clock.now()
    const { result } = await runInMemory({ built, proofWait: 0 })
    expect(result).toMatchObject({ exitCode: 5, failure: { why: expect.stringContaining('Client.InternalError') } })
    expect(result.failure?.remedy).toMatch(/KMS key/)
    expect(built.account.clock.now() - before).toBeLessThan(180_000)
  })

  it('ends the run even when it was never seen pending', async () => {
    const built = await buildQuick('custom-threat-list', { startTakes: 1 })
    Object.assign(subjectInstanceOf(built), { startFails: { how: 'kms', times: 1 } })
    const { result } = await runInMemory({ built, proofWait: 0 })
    expect(result).toMatchObject({ exitCode: 5, failure: { why: expect.stringContaining('Client.InternalError') } })
  })
})

describe('a slow stop', () => {
  it('is waited for 14 minutes, with progress', async () => {
    const built = await buildQuick('custom-threat-list', { stopTakes: 14 * 60 })
    const ran = await runInMemory({ built, proofWait: 0 })
    expect(ran.result.exitCode).toBe(0)
    expect(saidBy(ran, 'restart-instance')).toMatch(/is stopping, 10 min/)
  })

  it('ends the run after a stated time, and the remedy names the forced stop with its risk', async () => {
    const built = await withVictim(buildQuick(), { stopHangs: true })
    const { result } = await runInMemory({ built, proofWait: 0 })
    expect(result).toMatchObject({ exitCode: 5, failure: { what: expect.stringMatching(/still stopping after 25 min/) } })
    expect(result.failure?.remedy).toMatch(/data in flight is lost.*--force/)
  })
})

describe('several volumes', () => {
  it('are preserved at one moment by one call, and pending snapshots are named at the end', async () => {
    const built = await buildQuick()
    const { result } = await runInMemory({ built, proofWait: 0 })
    const taken = [...built.account.snapshots.values()]
    expect(taken.map(({ volumeId }) => volumeId).sort()).toEqual([...subjectInstanceOf(built).volumeIds].sort())
    expect(new Set(taken.map(({ startedAt }) => startedAt)).size).toBe(1)
    const last = result.incident.rechecks.findLast(({ stage }) => stage === 'preserve-evidence')
    expect(last?.says).toMatch(/snap-\w+ (pending|completed), snap-\w+ (pending|completed)/)
  })
})
