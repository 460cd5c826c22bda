import { describe, expect, it } from 'vitest'
import type { Facts } from '../../src/incident/facts/facts.ts'
import { emptyIncident, type Incident, replay } from '../../src/incident/incident.ts'
import { type Instant, instantOf, plus } from '../../src/incident/values/instant.ts'
import { untrusted } from '../../src/incident/values/untrusted.ts'
import { evidenceDecided, firstRefusal, type Guarded, guards } from '../../src/response/guards.ts'
import { sampleFinding } from '../../src/simulator/sample-finding.ts'
import type { BuiltScenario } from '../../src/simulator/scenarios/scenario.ts'
import { buildQuick, changesIn } from '../laws/whole-run.ts'
import { runInMemory } from '../support/run-in-memory.ts'
import { mainOf, victimOf } from '../support/scenario.ts'

const { journal, connection } = await runInMemory({ built: await buildQuick(), proofWait: 0 })
const scoped = journal.findIndex((entry) => entry.type === 'established' && entry.stage === 'scope-blast-radius')
const known = replay(journal.slice(0, scoped + 1))
const facts = known.facts as Pick<Facts, 'finding' | 'subject' | 'blastRadius'>
const now: Instant = known.lastAt ?? instantOf(new Date(0))

const calm: Guarded = { incident: known, setting: connection.setting, readiness: { lockHeld: true }, now, skip: [] }

const knowing = (more: Partial<Facts>): Guarded => ({ ...calm, incident: { ...known, facts: { ...facts, ...more } } })
const finding = (more: Partial<Facts['finding']['finding']>) =>
  knowing({ finding: { ...facts.finding, finding: { ...facts.finding.finding, ...more } } })
const role = (more: Partial<Facts['subject']['role']>) =>
  knowing({ subject: { ...facts.subject, role: { ...facts.subject.role, ...more } } })
const radius = (more: Partial<Facts['blastRadius']>) => knowing({ blastRadius: { ...facts.blastRadius, ...more } })
const instance = (more: Partial<Facts['blastRadius']['instance']>) =>
  radius({ instance: { ...facts.blastRadius.instance, ...more } })
const responder = (responderUserId: string): Guarded => ({ ...calm, setting: { ...calm.setting, responderUserId } })
const ready = (more: Partial<Guarded['readiness']>): Guarded => ({ ...calm, readiness: { ...calm.readiness, ...more } })
const permitted = (stop: 'permitted' | 'denied' | 'unknown', start: 'permitted' | 'denied' | 'unknown') =>
  radius({ permitted: { stop, start, snapshots: 'permitted' } })

type Row = readonly [guard: string, situation: string, guarded: Guarded, says: RegExp]

const refusing: readonly Row[] = [
  ['G1', 'the finding is of another account', finding({ accountId: '444455556666' }), /account 444455556666/],
  ['G1', 'the finding is of another partition', finding({ partition: 'aws-cn' }), /aws-cn/],
  ['G2', 'the responder is a session of the role', responder(`${facts.subject.role.id}:alice`), /cut you off/],
  ['G3', 'the responder’s credentials are the instance’s', responder(`AROAOTHER:${facts.subject.instanceId}`), /to be stopped/],
  ['G4', 'the finding is a sample', finding({ sampleMarks: ['title'] }), /SAMPLE/],
  ['G5', 'the role is service-linked', role({ path: '/aws-service-role/es.amazonaws.com/' }), /service-linked/],
  ['G5', 'the role is of IAM Identity Center', role({ name: 'AWSReservedSSO_Admin_0123' }), /permission set/],
  ['G5', 'the role lies on Identity Center’s path', role({ path: '/aws-reserved/sso.amazonaws.com/' }), /permission set/],
  ['G6', 'Auto Scaling would replace it', instance({ autoScalingGroup: untrusted('web-asg') }), /web-asg.*terminate/],
  ['G6', 'an AWS service manages it', instance({ managedBy: untrusted('eks.amazonaws.com') }), /managed by an AWS service/],
  ['G6', 'its root device is an instance store', instance({ rootDeviceType: 'instance-store' }), /only terminated/],
  ['G6', 'it is a one-time Spot instance', instance({ lifecycle: 'spot', spotRequestType: 'one-time' }), /one-time Spot/],
  ['G6', 'it is a Spot instance of unknown kind', instance({ lifecycle: 'spot' }), /Spot/],
  ['G6', 'it has stop protection', instance({ stopProtection: true }), /stop protection/],
  ['G9', 'the lock was lost', ready({ lockHeld: false }), /lock/],
  ['G9', 'the responder’s session ends soon', ready({ sessionExpiresAt: plus(now, 29 * 60) }), /29 min/],
  ['G9', 'the disk is almost full', ready({ freeBytes: 49 * 1024 * 1024 }), /50 MB/],
  ['G9', 'the stop is not permitted', permitted('denied', 'permitted'), /may not stop/],
  ['G9', 'the start is not permitted', permitted('permitted', 'denied'), /may not start/],
]

const silent: readonly Row[] = [
  ['all', 'nothing is known yet', { ...calm, incident: emptyIncident as Incident }, /./],
  ['all', 'all is as it should be', calm, /./],
  ['G2', 'the responder’s role has the same name and is another one', responder('AROAXCSEC6TNOTHERROLE:alice'), /./],
  ['G6', 'it is a persistent Spot instance', instance({ lifecycle: 'spot', spotRequestType: 'persistent' }), /./],
  ['G6', 'the restart is left out', { ...instance({ stopProtection: true }), skip: ['restart-instance'] }, /./],
  [
    'G6',
    'the restart is behind us',
    {
      ...knowing({
        restart: {} as Facts['restart'],
        blastRadius: { ...facts.blastRadius, instance: { ...facts.blastRadius.instance, stopProtection: true } },
      }),
    },
    /./,
  ],
  ['G9', 'the session lasts half an hour', ready({ sessionExpiresAt: plus(now, 30 * 60) }), /./],
  ['G9', 'the credentials name no end, and the disk’s room is unknown', ready({}), /./],
  ['G9', 'EC2 did not say whether the stop is permitted', permitted('unknown', 'unknown'), /./],
  ['G9', 'the restart that is not permitted is left out', { ...permitted('denied', 'denied'), skip: ['restart-instance'] }, /./],
]

describe('a guard', () => {
  it.each(refusing)('%s refuses when %s, with a remedy', (id, _, guarded, says) => {
    const refusal = firstRefusal(guarded)
    expect(refusal).toMatchObject({ guard: id, why: expect.stringMatching(says) })
    expect(refusal?.remedy).toMatch(/\w{4,}/)
  })

  it.each(silent)('%s has nothing to say when %s', (_, __, guarded) => {
    expect(firstRefusal(guarded)).toBeUndefined()
  })

  it('refuses with a cause that stands in a list of guards, each for something', () => {
    expect(guards.map(({ id }) => id)).toEqual(['G1', 'G2', 'G3', 'G4', 'G5', 'G6', 'G9'])
    for (const { protects } of guards) expect(protects).toMatch(/\w{4,} \w+/)
  })

  it('quotes nothing of a group’s name that a shell would take for more than text', () => {
    const hostile = instance({ autoScalingGroup: untrusted("x'; rm -rf ~ #") })
    expect(firstRefusal(hostile)?.remedy).toContain("'x???rm?-rf????'")
  })
})

describe('G7', () => {
  it('takes established evidence, and a decision to go without, for decided', () => {
    expect(evidenceDecided(known)).toBe(false)
    expect(evidenceDecided(replay(journal))).toBe(true)
    expect(evidenceDecided({ ...known, decided: { 'preserve-evidence': { how: 'skipped', why: 'y' } } })).toBe(true)
  })

  it('keeps the instance from being stopped before that', async () => {
    const built = await buildQuick()
    const { stages } = await import('../../src/cli/incident-run/stages.ts')
    const hasty = stages.filter(({ id }) => id !== 'preserve-evidence')
    const { walked } = await runInMemory({ built, stages: hasty, proofWait: 0 })
    expect(walked).toMatchObject({ exitCode: 5, failure: { why: expect.stringContaining('guard G7') } })
    expect(changesIn(built)).toEqual({ PutRolePolicy: 1 })
  })
})

const inAccount: readonly (readonly [guard: string, situation: string, spoil: (built: BuiltScenario) => void, code: number])[] = [
  ['G1', 'a finding of another account', (built) => void Object.assign(mainOf(built), { AccountId: '444455556666' }), 5],
  [
    'G5',
    'a service-linked role',
    ({ account }) => account.roles.set('web-app', { ...account.roles.get('web-app'), path: '/aws-service-role/x/' } as never),
    5,
  ],
  ['G6', 'stop protection', (built) => void Object.assign(victimOf(built), { stopProtection: true }), 5],
  ['G6', 'an instance-store root', (built) => void Object.assign(victimOf(built), { rootDeviceType: 'instance-store' }), 5],
]

describe('--yes passes no guard', () => {
  it.each(inAccount)('%s: %s is refused before anything is changed', async (guard, _, spoil, code) => {
    const built = await buildQuick()
    spoil(built)
    const { walked, account } = await runInMemory({ built, proofWait: 0 })
    expect(walked.exitCode).toBe(code)
    expect(walked.failure?.why).toContain(`guard ${guard}`)
    expect(changesIn(built)).toEqual({})
    expect(account.writes()).toBe(0)
  })

  it('a sample finding in a file is refused before any call that writes', async () => {
    const built = await buildQuick()
    const text = JSON.stringify(sampleFinding(built.account, 'UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom'))
    const { walked, calls, account } = await runInMemory({
      built,
      request: { by: 'file', name: 'sample.json', text },
      proofWait: 0,
    })
    expect(walked).toMatchObject({ exitCode: 5, failure: { why: expect.stringContaining('guard G4') } })
    expect(account.writes()).toBe(0)
    expect(calls.filter((call) => /:(Put|Create|Stop|Start|Send)/.test(call))).toEqual([])
  })

  it('a dry run goes on, and says what a real run would refuse', async () => {
    const built = await buildQuick()
    Object.assign(victimOf(built), { stopProtection: true })
    const { walked, events } = await runInMemory({ built, dryRun: true })
    expect(walked).toMatchObject({ ending: 'completed', exitCode: 0 })
    const notes = events.flatMap((event) => (event.type === 'note' ? [event.text] : []))
    expect(notes.join('\n')).toMatch(/a real run would stop here, guard G6/)
  })
})
