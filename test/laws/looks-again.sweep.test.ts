import { describe, expect, it } from 'vitest'
import type { Entry } from '../../src/incident/entry.ts'
import { stillToDo } from '../../src/incident/still-to-do.ts'
import { rawLine } from '../../src/incident/values/show.ts'
import type { Responder } from '../../src/response/ports.ts'
import type { BuiltScenario } from '../../src/simulator/scenario-kit/scenario.ts'
import type { Fault } from '../../src/simulator/wire/message.ts'
import { flagResponder } from '../../src/terminal/flag-responder.ts'
import { askedBy } from '../faults/operation.ts'
import { nobody, runInMemory, yes } from '../support/run-in-memory.ts'
import { passes, SUBJECT_INSTANCE, subjectInstanceOf } from '../support/scenario.ts'
import { crashedAt, wholeRun } from './crash.ts'
import { buildQuick, changesIn } from './whole-run.ts'

const POLICY = 'AWSRevokeOlderSessions'

/** Somebody removes the deny, and the removal has spread. */
const removeDeny = ({ account }: BuiltScenario): void => void account.roles.get('web-app')?.inline.delete(POLICY)

const denyStands = ({ account }: BuiltScenario): boolean => account.roles.get('web-app')?.inline.has(POLICY) === true

/** Does something once, before an operation is answered. */
const doingBefore =
  (wanted: string, work: () => void): Fault =>
  async (request, next) => {
    const { operation } = await askedBy(request)
    if (operation === wanted) work()
    return next(request)
  }

const once = (work: () => void): (() => void) => {
  let done = false
  return () => {
    if (!done) work()
    done = true
  }
}

const joinGroup = (built: BuiltScenario): void => {
  built.account.autoScalingGroups.set('web', { name: 'web', minSize: 1, desired: 1 })
  Object.assign(subjectInstanceOf(built), { autoScalingGroup: 'web' })
}

describe('a run that goes on looks again', () => {
  it.each<[change: string, make: (built: BuiltScenario) => void, exitCode: number]>([
    ['joined an Auto Scaling group', joinGroup, 5],
    ['got stop protection', (built) => void Object.assign(subjectInstanceOf(built), { stopProtection: true }), 5],
    ['was terminated', (built) => void Object.assign(subjectInstanceOf(built), { state: 'terminated' }), 0],
    ['is described no more: its role is gone', ({ account }) => void account.roles.delete('web-app'), 5],
  ])('after a declined run it ends as a fresh one would, when the instance %s', async (_, make, exitCode) => {
    const fresh = await buildQuick()
    make(fresh)
    const expected = await runInMemory({ built: fresh, proofWait: 0 })
    const built = await buildQuick()
    const journal: Entry[] = []
    expect((await runInMemory({ built, journal, responder: nobody, proofWait: 0 })).result.exitCode).toBe(3)
    make(built)
    const { result } = await runInMemory({ built, journal, proofWait: 0 })
    expect(result.exitCode).toBe(expected.result.exitCode)
    expect(result.exitCode).toBe(exitCode)
    expect(result.failure?.message).toBe(expected.result.failure?.message)
    expect(changesIn(built)).toEqual(changesIn(fresh))
    expect(changesIn(built).StopInstances).toBeUndefined()
  })

  it('a terminated instance is left alone, and what it was given is denied', async () => {
    const built = await buildQuick()
    Object.assign(subjectInstanceOf(built), { state: 'terminated' })
    const { result } = await runInMemory({ built, proofWait: 0 })
    expect(changesIn(built)).toMatchObject({ PutRolePolicy: 1 })
    expect(result.incident.decided['restart-instance']?.why).toContain('is terminated now')
    const left = stillToDo(result.incident, { alarms: [], unproven: [] })
    expect(left.filter(({ sentence }) => rawLine(sentence).includes(SUBJECT_INSTANCE))).toEqual([])
  })

  it('an instance that joins an Auto Scaling group between its scoping and the stop is not stopped', async () => {
    const built = await buildQuick()
    const fault = doingBefore('ec2:CreateSnapshots', () => joinGroup(built))
    const { result } = await runInMemory({ built, fault, proofWait: 0 })
    expect(result.exitCode).toBe(5)
    expect(changesIn(built).StopInstances).toBeUndefined()
  })

  it('what has changed since the last run is shown', async () => {
    const built = await buildQuick()
    const journal: Entry[] = []
    await runInMemory({ built, journal, responder: nobody, proofWait: 0 })
    joinGroup(built)
    const { events } = await runInMemory({ built, journal, proofWait: 0 })
    const shown = JSON.stringify(events.filter(({ type }) => type === 'described'))
    expect(shown).toContain('This has changed since the last run:')
    expect(shown).toContain('is in Auto Scaling group')
  })

  it('a restart that is over is not refused, when the instance gets stop protection afterwards', async () => {
    const built = await buildQuick()
    const journal: Entry[] = []
    await runInMemory({ built, journal, proofWait: 0 })
    Object.assign(subjectInstanceOf(built), { stopProtection: true })
    const { result } = await runInMemory({ built, journal, proofWait: 0 })
    expect(result.exitCode).toBe(0)
    expect(changesIn(built)).toMatchObject({ StopInstances: 1, StartInstances: 1, PutRolePolicy: 1 })
  })
})

describe('an approval', async () => {
  const { moments } = await wholeRun()
  const beforeDeny = moments.find(({ operation, when }) => operation === 'iam:PutRolePolicy' && when === 'before')

  it.each([
    ['counts in the run that got it: one that goes on asks again', () => {}],
    [
      'is asked for with what has changed: another instance uses the role',
      ({ account }: BuiltScenario) => {
        const other = [...account.instances.values()].find(({ profileName }) => profileName === undefined)
        Object.assign(other ?? {}, { profileName: 'web-app-profile' })
      },
    ],
  ])('%s', async (_, make) => {
    if (!beforeDeny) throw new Error('nothing was written')
    const { built, journal } = await crashedAt(beforeDeny)
    make(built)
    const { result } = await runInMemory({ built, journal, responder: nobody, proofWait: 0 })
    expect(result.exitCode).toBe(3)
    expect(journal.findLast(({ type }) => type === 'declined')).toMatchObject({ stage: 'revoke-sessions' })
    expect(changesIn(built)).toEqual({})
  })
})

/** The instance's answer over SSM names another key than it has. */
const inventedKey: Fault = async (request, next) => {
  const response = await next(request)
  const { operation } = await askedBy(request)
  if (operation !== 'ssm:GetCommandInvocation') return response
  return { ...response, body: String(response.body).replace(/AccessKeyId=ASIA\w{16}/, 'AccessKeyId=ASIAV2V2V2V2V2V2V2V2') }
}

describe('a key that only the instance names', () => {
  it('is never called rotated, and is contradicted once CloudTrail shows what was issued', async () => {
    for (const [proofWait, verdict, exitCode] of [
      [0, 'renewed', 0],
      [1200, 'contradicted', 6],
    ] as const) {
      const { result } = await runInMemory({ built: await buildQuick(), fault: inventedKey, proofWait })
      expect(result.incident.facts.rotation).toMatchObject({ verdict, newAccessKeyId: 'ASIAV2V2V2V2V2V2V2V2' })
      expect(result.exitCode).toBe(exitCode)
    }
  })
})

describe('a deny that was gone', () => {
  it('between two runs is written again, and what succeeded meanwhile is an alarm', async () => {
    const built = await buildQuick()
    const journal: Entry[] = []
    await runInMemory({ built, journal, proofWait: 0 })
    removeDeny(built)
    expect(passes(built, 900).some(({ who, outcome }) => who === 'attacker' && outcome === 'ok')).toBe(true)
    const { result } = await runInMemory({ built, journal, proofWait: 1200 })
    expect(denyStands(built)).toBe(true)
    expect(result.exitCode).toBe(6)
    expect(result.alarms.join('\n')).toMatch(/THE ATTACKER STILL GETS IN: \d+ calls/)
    expect(result.incident.facts.revocation?.firstCutoff).toBeDefined()
    expect(result.incident.facts.closure?.gaps).toHaveLength(1)
  })

  it('and was written again is no alarm any more for a later run that sees it stand, and is told; a new success is one', async () => {
    const built = await buildQuick()
    const journal: Entry[] = []
    await runInMemory({ built, journal, proofWait: 0 })
    removeDeny(built)
    passes(built, 900)
    const gone = await runInMemory({ built, journal, proofWait: 1200 })
    expect(gone.result.exitCode).toBe(6)
    const quiet = await runInMemory({ built, journal, proofWait: 1200 })
    expect(quiet.result.alarms).toEqual([])
    expect(quiet.result.exitCode).toBe(0)
    expect(quiet.result.incident.facts.closure?.gaps?.join('\n')).toMatch(/calls? succeeded before the deny of .* was in force/)
    removeDeny(built)
    passes(built, 900)
    expect((await runInMemory({ built, journal, proofWait: 1200 })).result.exitCode).toBe(6)
  })

  it('between two runs and is written again, without a call meanwhile, ends with 0', async () => {
    const built = await buildQuick()
    const journal: Entry[] = []
    await runInMemory({ built, journal, proofWait: 0 })
    passes(built, 2 * 3600)
    removeDeny(built)
    const { result } = await runInMemory({ built, journal, proofWait: 1200 })
    expect(denyStands(built)).toBe(true)
    expect(result.alarms).toEqual([])
    expect(result.exitCode).toBe(0)
  })

  it('within a run is offered again at once, told, and what depends on it is done again', async () => {
    const built = await buildQuick()
    const fault = doingBefore(
      'ec2:StartInstances',
      once(() => removeDeny(built)),
    )
    const { result, journal } = await runInMemory({ built, fault, proofWait: 1200 })
    expect(denyStands(built)).toBe(true)
    expect(journal.filter((entry) => entry.type === 'rechecked' && !entry.stands)).not.toEqual([])
    expect(result.incident.facts.closure?.gaps?.join('\n')).toMatch(/the deny did not stand between .*: seen to be gone at /)
    const { revocation, restart, rotation } = result.incident.facts
    expect(restart && revocation && restart.launchTime > revocation.cutoff).toBe(true)
    expect(rotation?.verdict).toBe('rotated')
    expect(result.exitCode).toBe(result.alarms.length === 0 ? 0 : 6)
  })

  it('again and again is written again three times, and then left to a person, with exit 6', async () => {
    const built = await buildQuick()
    const fault: Fault = async (request, next) => {
      const { operation } = await askedBy(request)
      if (operation === 'ec2:DescribeInstances' && (changesIn(built).StopInstances ?? 0) > 0) removeDeny(built)
      return next(request)
    }
    const { result } = await runInMemory({ built, fault, proofWait: 0 })
    expect(changesIn(built).PutRolePolicy).toBeLessThanOrEqual(4)
    expect(result.exitCode).toBe(6)
  })

  it('and is not approved again ends with 6', async () => {
    const built = await buildQuick()
    let asked = 0
    const responder: Responder = {
      ...yes,
      approve: async (question) => {
        if (question.stage === 'revoke-sessions') asked += 1
        return asked > 1 && question.stage === 'revoke-sessions'
          ? ({ answer: 'declined', why: 'not again' } as const)
          : yes.approve(question)
      },
    }
    const fault = doingBefore(
      'ec2:StartInstances',
      once(() => removeDeny(built)),
    )
    const { result } = await runInMemory({ built, fault, responder, proofWait: 0 })
    expect(result.exitCode).toBe(6)
    expect(result.alarms.join('\n')).toContain('REVOCATION GONE')
  })
})

describe('a revocation by somebody else', () => {
  it('with the restart that belongs to it is found, and neither is made again', async () => {
    const built = await buildQuick()
    await runInMemory({ built, proofWait: 1200 })
    const { result, events } = await runInMemory({ built, proofWait: 1200 })
    expect(result.exitCode).toBe(0)
    expect(result.incident.facts.revocation).toMatchObject({ writtenBy: 'found', foreign: { by: expect.anything() } })
    expect(changesIn(built)).toMatchObject({ PutRolePolicy: 1, StopInstances: 1, StartInstances: 1 })
    expect(JSON.stringify(events)).toContain('ir-responder')
  })

  it('that is replaced is named in the fact, with its cut-off and who wrote it', async () => {
    const built = await buildQuick()
    const onlyDeny = flagResponder({ yes: false, approve: ['revoke-sessions'], skip: [] })
    const first = await runInMemory({ built, responder: onlyDeny, proofWait: 0 })
    passes(built, 600)
    const { result, events } = await runInMemory({ built, proofWait: 0 })
    expect(result.incident.facts.revocation).toMatchObject({
      writtenBy: 'ours',
      foreign: { cutoff: first.result.incident.facts.revocation?.cutoff, by: expect.anything() },
    })
    expect(JSON.stringify(events)).toContain('a revocation by somebody else, cut-off ')
  })

  it('without a restart is shown before the question, with its cut-off, who wrote it and when, and what a later one costs', async () => {
    const built = await buildQuick()
    const first: Entry[] = []
    const onlyDeny = flagResponder({ yes: false, approve: ['revoke-sessions'], skip: [] })
    await runInMemory({ built, journal: first, responder: onlyDeny, proofWait: 0 })
    passes(built, 600)
    const { events, result } = await runInMemory({ built, responder: nobody, proofWait: 0 })
    expect(result.exitCode).toBe(3)
    const shown = JSON.stringify(events.filter((event) => event.type === 'described' && event.stage === 'revoke-sessions'))
    expect(shown).toContain('These sessions were revoked before, by somebody else: cut-off ')
    expect(shown).toContain('written by ')
    expect(shown).toContain('A later cut-off also denies every session that was issued since')
  })
})

describe('evidence that was deleted', () => {
  it('is an alarm in a run that goes on, and snapshots of now do not take its place', async () => {
    const built = await buildQuick()
    const journal: Entry[] = []
    await runInMemory({ built, journal, proofWait: 0 })
    const taken = built.account.snapshots.size
    const [first = ''] = built.account.snapshots.keys()
    built.account.snapshots.delete(first)
    const { result } = await runInMemory({ built, journal, proofWait: 0 })
    expect(result.exitCode).toBe(6)
    expect(result.alarms.join('\n')).toContain(`EVIDENCE DELETED: snapshot ${first}`)
    expect(built.account.snapshots.size).toBe(taken - 1)
  })

  it('a list that lacks a snapshot is no deletion: EC2 is asked for it by its id', async () => {
    const built = await buildQuick()
    const journal: Entry[] = []
    await runInMemory({ built, journal, proofWait: 0 })
    const fault: Fault = async (request, next) => {
      const { operation, input } = await askedBy(request)
      const response = await next(request)
      if (operation !== 'ec2:DescribeSnapshots' || 'SnapshotIds' in input) return response
      return { ...response, body: String(response.body).replace(/<snapshotSet>.*<\/snapshotSet>/s, '<snapshotSet/>') }
    }
    const { result } = await runInMemory({ built, journal, fault, proofWait: 0 })
    expect(result.alarms.join('\n')).not.toContain('EVIDENCE DELETED')
  })
})

/** Approves everything, and chooses the account's main finding where several match. */
const choosing = ({ findingId }: BuiltScenario): Responder => ({ ...yes, choose: async () => findingId })

describe('a role or finding that is named by its ARN', () => {
  it.each([
    ['a role of another account', { by: 'role', roleName: 'web-app', arn: 'arn:aws:iam::999988887777:role/service/web-app' }],
    [
      'a role of another partition',
      { by: 'role', roleName: 'web-app', arn: 'arn:aws-cn:iam::111122223333:role/service/web-app' },
    ],
    ['a role with another path', { by: 'role', roleName: 'web-app', arn: 'arn:aws:iam::111122223333:role/web-app' }],
    [
      'a session’s role of another account',
      { by: 'role', roleName: 'web-app', arn: 'arn:aws:sts::999988887777:assumed-role/web-app/alice' },
    ],
    [
      'a finding of another account',
      {
        by: 'finding-id',
        id: 'arn:aws:guardduty:us-east-1:999988887777:detector/12abc/finding/5ac1b2c3d4e5f60718293a4b5c6d7e8f',
      },
    ],
  ] as const)('is refused before anything is changed: %s', async (_, request) => {
    const built = await buildQuick()
    const { result } = await runInMemory({ built, request, responder: choosing(built), proofWait: 0 })
    expect(result.exitCode).toBe(5)
    expect(changesIn(built)).toEqual({})
  })

  it('is taken when account, partition and path are those of the role', async () => {
    const arn = 'arn:aws:iam::111122223333:role/service/web-app'
    const built = await buildQuick()
    const request = { by: 'role', roleName: 'web-app', arn } as const
    const { result } = await runInMemory({ built, request, responder: choosing(built), proofWait: 0 })
    expect(result.exitCode).toBe(0)
  })
})
