import { describe, expect, it } from 'vitest'
import type { Facts, InstanceRadius } from '../../src/incident/facts/facts.ts'
import type { InstanceRoleSession } from '../../src/incident/facts/subject.ts'
import { emptyIncident, type Incident, replay } from '../../src/incident/incident.ts'
import { type Instant, instantOf, plus } from '../../src/incident/values/instant.ts'
import { untrusted } from '../../src/incident/values/untrusted.ts'
import { evidenceDecided, firstRefusal, type Guarded, guards, sessionWarning } from '../../src/response/guards.ts'
import { sampleFinding } from '../../src/simulator/findings/sample-finding.ts'
import type { BuiltScenario } from '../../src/simulator/scenario-kit/scenario.ts'
import { buildQuick, changesIn } from '../laws/whole-run.ts'
import { runInMemory } from '../support/run-in-memory.ts'
import { mainOf, subjectInstanceOf } from '../support/scenario.ts'

const { journal, connection } = await runInMemory({ built: await buildQuick(), proofWait: 0 })
const scoped = journal.findIndex((entry) => entry.type === 'established' && entry.stage === 'scope-blast-radius')
const known = replay(journal.slice(0, scoped + 1))
const facts = known.facts as Pick<Facts, 'finding'> & { readonly subject: InstanceRoleSession } & {
  readonly blastRadius: InstanceRadius
}
const now: Instant = known.lastAt ?? instantOf(new Date(0))

const calm: Guarded = { incident: known, setting: connection.setting, readiness: { lockHeld: true }, now }

const knowing = (more: Partial<Facts>): Guarded => ({ ...calm, incident: { ...known, facts: { ...facts, ...more } } })
const finding = (more: Partial<Facts['finding']['finding']>) =>
  knowing({ finding: { ...facts.finding, finding: { ...facts.finding.finding, ...more } } })
const radius = (more: Partial<InstanceRadius>) => knowing({ blastRadius: { ...facts.blastRadius, ...more } })
const instance = (more: Partial<InstanceRadius['instance']>) => radius({ instance: { ...facts.blastRadius.instance, ...more } })
const responder = (responderUserId: string): Guarded => ({ ...calm, setting: { ...calm.setting, responderUserId } })
const ready = (more: Partial<Guarded['readiness']>): Guarded => ({ ...calm, readiness: { ...calm.readiness, ...more } })
const permitted = (stop: 'permitted' | 'denied' | 'unknown', start: 'permitted' | 'denied' | 'unknown') =>
  radius({ permitted: { stop, start, snapshots: 'permitted' } })

/** Guards of the restart alone. */
const RESTART_ONLY = ['own-machine', 'unstoppable-instance', 'unpermitted-restart']

type Row = readonly [guard: string, situation: string, guarded: Guarded, says: RegExp]

const refusing: readonly Row[] = [
  ['wrong-account', 'the finding is of another account', finding({ accountId: '444455556666' }), /account 444455556666/],
  ['wrong-account', 'the finding is of another partition', finding({ partition: 'aws-cn' }), /aws-cn/],
  ['own-role', 'the responder is a session of the role', responder(`${facts.subject.role.id}:alice`), /cut you off/],
  [
    'own-machine',
    'the responder’s credentials are the instance’s',
    responder(`AROAOTHER:${facts.subject.instanceId}`),
    /which the response stops/,
  ],
  ['sample-finding', 'the finding is a sample', finding({ sampleMarks: ['title'] }), /SAMPLE/],
  [
    'unstoppable-instance',
    'Auto Scaling would replace it',
    instance({ autoScalingGroup: untrusted('web-asg') }),
    /web-asg.*terminate/,
  ],
  [
    'unstoppable-instance',
    'an AWS service manages it',
    instance({ managedBy: untrusted('eks.amazonaws.com') }),
    /managed by an AWS service/,
  ],
  [
    'unstoppable-instance',
    'its root device is an instance store',
    instance({ rootDeviceType: 'instance-store' }),
    /only terminated/,
  ],
  [
    'unstoppable-instance',
    'it is a one-time Spot instance',
    instance({ lifecycle: 'spot', spotRequestType: 'one-time' }),
    /one-time Spot/,
  ],
  ['unstoppable-instance', 'it is a Spot instance of unknown kind', instance({ lifecycle: 'spot' }), /Spot/],
  ['unstoppable-instance', 'it has stop protection', instance({ stopProtection: true }), /stop protection/],
  ['readiness', 'the lock was lost', ready({ lockHeld: false }), /lock/],
  ['readiness', 'the disk is almost full', ready({ freeBytes: 49 * 1024 * 1024 }), /50 MB/],
  ['unpermitted-restart', 'the stop is not permitted', permitted('denied', 'permitted'), /may not stop/],
  ['unpermitted-restart', 'the start is not permitted', permitted('permitted', 'denied'), /may not start/],
]

const silent: readonly Row[] = [
  ['all', 'nothing is known yet', { ...calm, incident: emptyIncident as Incident }, /./],
  ['all', 'all is as it should be', calm, /./],
  ['own-role', 'the responder’s role has the same name and is another one', responder('AROAXCSEC6TNOTHERROLE:alice'), /./],
  [
    'unstoppable-instance',
    'it is a persistent Spot instance',
    instance({ lifecycle: 'spot', spotRequestType: 'persistent' }),
    /./,
  ],
  [
    'unstoppable-instance',
    'the restart is behind us',
    {
      ...knowing({
        restart: {} as Facts['restart'],
        blastRadius: { ...facts.blastRadius, instance: { ...facts.blastRadius.instance, stopProtection: true } },
      }),
    },
    /./,
  ],
  ['readiness', 'the responder’s session ends soon', ready({ sessionExpiresAt: plus(now, 29 * 60) }), /./],
  ['readiness', 'the credentials name no end, and the disk’s room is unknown', ready({}), /./],
  ['unpermitted-restart', 'EC2 did not say whether the stop is permitted', permitted('unknown', 'unknown'), /./],
]

describe('a guard', () => {
  it.each(refusing)('%s refuses with a remedy: %s', (name, _, guarded, says) => {
    const refusal = firstRefusal(guarded, 'restart-instance')
    expect(refusal).toMatchObject({ guard: name, why: expect.stringMatching(says) })
    expect(refusal?.remedy).toMatch(/\w{4,}/)
  })

  it.each(silent)('%s is silent: %s', (_, __, guarded) => {
    expect(firstRefusal(guarded, 'restart-instance')).toBeUndefined()
  })

  it.each(refusing.filter(([name]) => RESTART_ONLY.includes(name)))('%s holds no other stage up: %s', (_, __, guarded) => {
    expect(firstRefusal(guarded, 'revoke-sessions')).toBeUndefined()
    expect(firstRefusal(guarded, 'restart-instance')?.leavesOut).toBe(true)
  })

  it('never holds the deny up because the responder’s session ends soon: that is a warning', () => {
    expect(sessionWarning({ lockHeld: true, sessionExpiresAt: plus(now, 29 * 60) }, now)).toMatch(/ends in 29 min/)
    expect(sessionWarning({ lockHeld: true, sessionExpiresAt: plus(now, 30 * 60) }, now)).toBeUndefined()
  })

  it('has a name of its own', () => {
    expect(guards.map(({ name }) => name)).toEqual([
      'wrong-account',
      'own-role',
      'own-machine',
      'sample-finding',
      'disputed-session',
      'unsettled-session',
      'unstoppable-instance',
      'unpermitted-restart',
      'readiness',
    ])
  })

  it('prints no character of a group’s name that a shell would interpret', () => {
    const hostile = instance({ autoScalingGroup: untrusted("x'; rm -rf ~ #") })
    expect(firstRefusal(hostile, 'restart-instance')?.why).toContain('x???rm?-rf????,')
  })
})

describe('the decision about evidence', () => {
  it('is made by established evidence, and by a decision to go without it', () => {
    expect(evidenceDecided(known)).toBe(false)
    expect(evidenceDecided(replay(journal))).toBe(true)
    expect(evidenceDecided({ ...known, decided: { 'preserve-evidence': { how: 'skipped', why: 'y' } } })).toBe(true)
  })

  it('is made before the instance is stopped', async () => {
    const built = await buildQuick()
    const { stages } = await import('../../src/cli/incident-run/stages.ts')
    const hasty = stages.filter(({ id }) => id !== 'preserve-evidence')
    const { result } = await runInMemory({ built, stages: hasty, proofWait: 0 })
    expect(result).toMatchObject({ exitCode: 5, failure: { why: expect.stringContaining('the stop destroys evidence') } })
    expect(changesIn(built)).not.toHaveProperty('StopInstances')
  })
})

const inAccount: readonly (readonly [situation: string, why: RegExp, spoil: (built: BuiltScenario) => void])[] = [
  [
    'a finding of another account',
    /^the finding is about account 444455556666/,
    (built) => void Object.assign(mainOf(built), { AccountId: '444455556666' }),
  ],
]

const beforeTheStop: typeof inAccount = [
  ['stop protection', /has stop protection$/, (built) => void Object.assign(subjectInstanceOf(built), { stopProtection: true })],
  [
    'an instance-store root',
    /has an instance-store root volume/,
    (built) => void Object.assign(subjectInstanceOf(built), { rootDeviceType: 'instance-store' }),
  ],
]

describe('--yes passes no guard', () => {
  it.each(beforeTheStop)('%s: what is stolen is denied, and the instance is not stopped', async (_, why, spoil) => {
    const built = await buildQuick()
    spoil(built)
    const { result, journal } = await runInMemory({ built, proofWait: 0 })
    expect(result.exitCode).toBe(5)
    expect(result.failure?.why).toMatch(why)
    const changes = changesIn(built)
    expect(changes).toMatchObject({ PutRolePolicy: 1, CreateSnapshots: 1 })
    expect(changes).not.toHaveProperty('StopInstances')
    expect(journal.some((entry) => entry.type === 'established' && entry.stage === 'trace-activity')).toBe(true)
  })

  it.each(inAccount)('%s is refused before anything is changed', async (_, why, spoil) => {
    const built = await buildQuick()
    spoil(built)
    const { result, account } = await runInMemory({ built, proofWait: 0 })
    expect(result.exitCode).toBe(5)
    expect(result.failure?.why).toMatch(why)
    expect(changesIn(built)).toEqual({})
    expect(account.writes()).toBe(0)
  })

  it('a sample finding in a file is refused before any call that writes', async () => {
    const built = await buildQuick()
    const text = JSON.stringify(sampleFinding(built.account, 'UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom'))
    const { result, calls, account } = await runInMemory({
      built,
      request: { by: 'file', name: 'sample.json', text },
      proofWait: 0,
    })
    expect(result).toMatchObject({ exitCode: 5, failure: { why: expect.stringContaining('SAMPLE finding') } })
    expect(account.writes()).toBe(0)
    expect(calls.filter((call) => /:(Put|Create|Stop|Start|Send)/.test(call))).toEqual([])
  })

  it('a dry run goes on and names what a real run would refuse', async () => {
    const built = await buildQuick()
    Object.assign(subjectInstanceOf(built), { stopProtection: true })
    const { result, events } = await runInMemory({ built, dryRun: true })
    expect(result).toMatchObject({ ending: 'blocked', exitCode: 5 })
    const notes = events.flatMap((event) => (event.type === 'note' ? [event.text] : []))
    expect(notes.join('\n')).toMatch(/a real run would go on without it: i-\w+ has stop protection/)
  })
})
