import { describe, expect, it } from 'vitest'
import type { Entry } from '../../src/incident/entry.ts'
import type { BuiltScenario } from '../../src/simulator/scenario-kit/scenario.ts'
import { answers } from '../faults/kinds.ts'
import { buildQuick, changesIn, EACH_ONCE } from '../laws/whole-run.ts'
import { aboutSession, obtain, roleNamed, userWithKey } from '../support/obtained-session.ts'
import { type MemoryRun, plainYes, runInMemory } from '../support/run-in-memory.ts'
import { SUBJECT_INSTANCE, subjectInstanceOf } from '../support/scenario.ts'
import { saidBy } from './said.ts'
import { spoofed, withoutCloudTrail } from './situations.ts'

const NEIGHBOUR = 'i-0aa1b2c3d4e5f6071'
const OF_THE_INSTANCE = ['CreateSnapshots', 'StopInstances', 'StartInstances', 'SendCommand']

const run = (built: BuiltScenario, parts: Partial<MemoryRun> = {}) => runInMemory({ built, proofWait: 0, ...parts })

/** What is done to instances; the deny is no part of it. */
const doneToInstances = (built: BuiltScenario) =>
  Object.keys(changesIn(built)).filter((operation) => OF_THE_INSTANCE.includes(operation))

describe('a session that is named after an instance and was obtained by a user', () => {
  it.each([
    ['of the instance’s own role, named after the instance', SUBJECT_INSTANCE, 'web-app'],
    ['of the instance’s own role, named after another instance of the role', NEIGHBOUR, 'web-app'],
    ['of another role, named after an instance', NEIGHBOUR, 'deploy'],
  ])('is revoked, and the instance is left alone: %s', async (_, sessionName, roleName) => {
    const { built, key, session } = await spoofed(buildQuick(), sessionName, roleName)
    const ran = await run(built, { responder: plainYes })
    expect(doneToInstances(built)).toEqual([])
    expect(built.account.roles.get(roleName)?.inline.has('AWSRevokeOlderSessions')).toBe(true)
    expect(ran.result.exitCode).toBe(6)
    expect(ran.result.alarms.join('\n')).toContain(
      `update-access-key --user-name mallory --access-key-id ${key.accessKeyId} --status Inactive`,
    )
    expect(saidBy(ran, 'identify-subject')).toContain(`${session.accessKeyId} was not issued to ${sessionName}`)
    expect(ran.result.incident.decided['restart-instance']).toMatchObject({
      how: 'notApplicable',
      why: expect.stringContaining('user mallory'),
    })
  })

  it('is confirmed once the user’s key is inactive: nobody obtains new sessions any more', async () => {
    const { built, key } = await spoofed(buildQuick(), SUBJECT_INSTANCE)
    const user = built.account.users.get('mallory')
    user?.accessKeys.set(key.accessKeyId, { id: key.accessKeyId, createdAt: 0, status: 'Inactive', changedAt: 0 })
    const { result } = await run(built)
    expect(result.alarms).toEqual([])
    expect(result.exitCode).toBe(0)
    expect(doneToInstances(built)).toEqual([])
  })

  it('counts the instance among those that the revocation cuts off, because it is not restarted', async () => {
    const { built } = await spoofed(buildQuick(), SUBJECT_INSTANCE)
    const { result } = await run(built)
    expect(result.incident.facts.blastRadius?.consumers.map(({ name }) => name)).toContain(SUBJECT_INSTANCE)
  })

  it('is not stopped because the instance is in an Auto Scaling group: nobody stops it', async () => {
    const { built } = await spoofed(buildQuick(), SUBJECT_INSTANCE)
    built.account.autoScalingGroups.set('web', { name: 'web', minSize: 1, desired: 1 })
    Object.assign(subjectInstanceOf(built), { autoScalingGroup: 'web' })
    const { result } = await run(built)
    expect(result.incident.facts.revocation).toBeDefined()
    expect(doneToInstances(built)).toEqual([])
  })

  it('stays known to a run that goes on, when CloudTrail cannot be read any more', async () => {
    const { built } = await spoofed(buildQuick(), SUBJECT_INSTANCE)
    const journal: Entry[] = []
    await run(built, { journal })
    const { result } = await run(built, { journal, fault: withoutCloudTrail() })
    expect(result.incident.facts.subject?.issue?.to).toBe('principal')
    expect(doneToInstances(built)).toEqual([])
  })
})

describe('the instance profile changed since the theft', () => {
  it.each<[string, (built: BuiltScenario) => void, RegExp]>([
    ['it was detached', (built) => void delete subjectInstanceOf(built).profileName, /has no instance profile/],
    [
      'it was replaced by that of another role',
      (built) => {
        roleNamed(built, 'quarantine')
        const profile = { name: 'other', id: 'AIPAOTHER', path: '/', roleName: 'quarantine', createdAt: 0 }
        built.account.instanceProfiles.set('other', profile)
        subjectInstanceOf(built).profileName = 'other'
      },
      /has role quarantine \(instance profile other\)/,
    ],
    [
      'its role was taken out',
      ({ account }) => {
        const profile = account.instanceProfiles.get('web-app-profile')
        if (!profile) throw new Error('no profile')
        const { roleName: _, ...empty } = profile
        account.instanceProfiles.set('web-app-profile', empty)
      },
      /which holds no role/,
    ],
  ])('so a restart renews nothing, and the instance is not stopped: %s', async (_, change, says) => {
    const built = await buildQuick()
    change(built)
    const ran = await run(built)
    expect(doneToInstances(built)).toEqual([])
    expect(built.account.roles.get('web-app')?.inline.has('AWSRevokeOlderSessions')).toBe(true)
    expect(ran.result.incident.decided['restart-instance']?.why).toMatch(says)
    expect(saidBy(ran, 'identify-subject')).toMatch(/a restart renews nothing for role web-app/)
  })

  it('meanwhile: a profile that is detached between the snapshots and the stop keeps the instance from being stopped', async () => {
    const built = await buildQuick()
    const fault = answers('ec2:CreateSnapshots', (_, next) => {
      delete subjectInstanceOf(built).profileName
      return next()
    })
    const { result } = await run(built, { fault })
    expect(doneToInstances(built)).toEqual(['CreateSnapshots'])
    expect(result.exitCode).toBe(6)
  })

  it('nobody knows whose key it is when CloudTrail cannot be read: the instance is left alone, and the end is not confirmed', async () => {
    const built = await buildQuick()
    delete subjectInstanceOf(built).profileName
    const { result } = await run(built, { fault: withoutCloudTrail() })
    expect(doneToInstances(built)).toEqual([])
    expect(result.exitCode).toBe(6)
  })
})

describe('without CloudTrail', () => {
  it('session, finding and profile agree: the run goes on, and says that nothing else shows it', async () => {
    const built = await buildQuick()
    const ran = await run(built, { fault: withoutCloudTrail() })
    expect(changesIn(built)).toEqual(EACH_ONCE)
    const said = saidBy(ran, 'identify-subject')
    expect(said).toContain('known only from the session’s name, the finding and the instance’s profile')
    expect(said).toContain('cloudtrail:LookupEvents')
  })
})

describe('the chain of a session is followed upwards', () => {
  it('through a role’s session to the user’s key behind it, each with what contains it', async () => {
    const built = await buildQuick()
    roleNamed(built, 'ci')
    const key = userWithKey(built, 'mallory')
    const middle = obtain(built, key, { roleName: 'ci', sessionName: 'build', ago: 3000 })
    aboutSession(built, obtain(built, middle, { sessionName: SUBJECT_INSTANCE }))
    const { result } = await run(built, { responder: plainYes })
    expect(result.incident.facts.subject?.issue?.sources).toMatchObject([
      { kind: 'role-session', name: 'ci', accessKeyId: middle.accessKeyId },
      { kind: 'user', name: 'mallory', accessKeyId: key.accessKeyId },
    ])
    expect(result.alarms.join('\n')).toMatch(/put-role-policy --role-name ci[\s\S]*update-access-key --user-name mallory/)
  })

  it('to the instance that the credentials were stolen from', async () => {
    const built = await buildQuick()
    aboutSession(built, obtain(built, built.cast.workload, { sessionName: SUBJECT_INSTANCE }))
    const { result } = await run(built)
    expect(result.incident.facts.subject?.issue?.sources).toMatchObject([
      { kind: 'role-session', name: 'web-app', closed: expect.stringContaining('the same role') },
      { kind: 'ec2-instance', instanceId: NEIGHBOUR },
    ])
    expect(result.alarms.join('\n')).toContain(`ir-cred respond --instance-id ${NEIGHBOUR}`)
    expect(doneToInstances(built)).toEqual([])
  })

  it('over a circle of sessions only once', async () => {
    const built = await buildQuick()
    roleNamed(built, 'ci')
    let by = userWithKey(built, 'mallory')
    for (const [index, roleName] of ['ci', 'ci', 'ci', 'ci', 'ci', 'ci', 'ci', 'web-app'].entries())
      by = obtain(built, by, { roleName, sessionName: SUBJECT_INSTANCE, ago: 3000 - index * 60 })
    aboutSession(built, by)
    const { result } = await run(built, { dryRun: true })
    expect(result.incident.facts.subject?.issue?.sources).toHaveLength(6)
    expect(result.incident.facts.subject?.issue?.sourcesEnd).toContain('goes on')
  })
})
