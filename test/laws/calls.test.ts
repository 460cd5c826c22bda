import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { ApiCall } from '../../src/aws/api-call.ts'
import { apiCalls, enrichmentCalls, findCall } from '../../src/aws/calls.ts'
import { closingCalls } from '../../src/aws/closing-calls.ts'
import { furtherReads } from '../../src/aws/further-reads.ts'
import { laterCalls } from '../../src/aws/later-calls.ts'
import type { CommandEnding } from '../../src/cli/command.ts'
import { doctorCommand } from '../../src/cli/commands/doctor.ts'
import { findingsCommand } from '../../src/cli/commands/findings.ts'
import { evidenceStoreInMemory } from '../../src/cli/incident-run/evidence-store.ts'
import { archiveStages, liftStages, stages } from '../../src/cli/incident-run/stages.ts'
import type { Entry } from '../../src/incident/entry.ts'
import { instantOf } from '../../src/incident/values/instant.ts'
import type { BuiltScenario } from '../../src/simulator/scenario-kit/scenario.ts'
import { scenarioIds } from '../../src/simulator/scenarios/catalogue.ts'
import { openAccount } from '../../src/simulator/serve-account.ts'
import { createDispatcher } from '../../src/simulator/wire/dispatch.ts'
import { type Served, serve } from '../../src/simulator/wire/http-server.ts'
import type { Fault } from '../../src/simulator/wire/message.ts'
import { sourcesBelow } from '../architecture/source.ts'
import { askedBy } from '../faults/operation.ts'
import { allowing } from '../support/account.ts'
import { asIdentityRole } from '../support/identity-role.ts'
import { leaveEverything } from '../support/leave-everything.ts'
import { aboutSession, obtain, roleNamed, userWithKey } from '../support/obtained-session.ts'
import { withOwnDocument } from '../support/own-document.ts'
import { type MemoryRun, runInMemory } from '../support/run-in-memory.ts'
import { SUBJECT_INSTANCE, subjectInstanceOf } from '../support/scenario.ts'
import { memoryHost } from './memory-host.ts'
import { watched } from './watched.ts'
import { buildQuick } from './whole-run.ts'

/** Operation → who sent it: a stage, or what came before the stages and beside them. */
const sent = new Map<string, Set<string>>()
const noteBy =
  (who: (operation: string) => string): Fault =>
  async (request, next) => {
    const { operation } = await askedBy(request)
    sent.set(operation, (sent.get(operation) ?? new Set()).add(who(operation)))
    return next(request)
  }

/** Archives the finding, as `--archive` does at the end. */
const archive = async (): Promise<void> => {
  const watch = watched([...stages.slice(0, 1), ...archiveStages])
  const who = () => (watch.stage() === 'start' ? 'respond' : watch.stage())
  await runInMemory({ built: await buildQuick(), stages: watch.stages, fault: noteBy(who), proofWait: 0 })
}

/** What a response does besides the deny. */
const BESIDES = stages.map(({ id }) => id).filter((id) => !['find-finding', 'identify-subject', 'revoke-sessions'].includes(id))
const NAME = 'AWSRevokeOlderSessions'

/** A deny, and a lift of it; of a role the trust policy too, as if the response had narrowed it. `earlier` stood in the deny's place before. */
const lift = async (scenario: string, earlier?: string): Promise<void> => {
  const built = await buildQuick(scenario)
  const { users, roles } = built.account
  const role = roles.get('web-app')
  const holders = scenario === 'user-key' ? [...users.values()] : role ? [role] : []
  if (earlier !== undefined) for (const { inline } of holders) inline.set(NAME, { document: earlier, writtenAt: 0 })
  const evidence = evidenceStoreInMemory()
  const journal: Entry[] = []
  await runInMemory({ built, journal, evidence, skip: BESIDES, proofWait: 0 })
  if (role && scenario !== 'user-key') {
    const priorDocument = await evidence.keep('prior-trust', allowing('sts:TagSession'))
    const parameters = { RoleName: role.name, PolicyDocument: JSON.parse(role.trustPolicy) }
    const effect = { operation: 'iam:UpdateAssumeRolePolicy', resource: 'role/web-app', sentence: 'narrow the trust', parameters }
    const at = instantOf(new Date(built.account.clock.now()))
    journal.push({ type: 'intended', at, stage: 'close-access', nonce: 'n', effect, planned: { priorDocument } })
  }
  await liftIn({ built, journal, evidence })
}

const liftIn = async (responded: Pick<MemoryRun, 'built' | 'evidence'> & { readonly journal: Entry[] }): Promise<void> => {
  const began = instantOf(new Date(responded.built.account.clock.now()))
  responded.journal.push({ type: 'lifting', at: began, responderArn: 'arn', despite: { against: ['it is too early'] } })
  const watch = watched(liftStages)
  const who = () => (watch.stage() === 'start' ? 'respond' : watch.stage())
  await runInMemory({ ...responded, stages: watch.stages, fault: noteBy(who), proofWait: 0 })
}

/** A whole response that closes what issues credentials outside of IAM, and a lift of it. */
const liftClosed = async (scenario: string): Promise<void> => {
  const responded = { built: await buildQuick(scenario), journal: [] as Entry[], evidence: evidenceStoreInMemory() }
  await runInMemory({ ...responded, proofWait: 0 })
  await liftIn(responded)
}

const run = async (built: BuiltScenario, more: Pick<MemoryRun, 'detectiveProfile' | 'request' | 'skip'> = {}): Promise<void> => {
  const watch = watched(stages)
  const who = () => (watch.stage() === 'start' ? 'respond' : watch.stage())
  await runInMemory({ built, stages: watch.stages, fault: noteBy(who), proofWait: 0, ...more })
}

/** A Spot instance, whose volumes are encrypted under a key of the account's own. */
const spot = async (): Promise<BuiltScenario> => {
  const built = await buildQuick()
  const kmsKeyId = 'arn:aws:kms:us-east-1:111122223333:key/7ab2c0d4-e6f8-1a3b-5c7d-9e0f1a2b3c4d'
  const { volumes } = built.account
  for (const volume of volumes.values()) volumes.set(volume.id, { ...volume, kmsKeyId })
  const subjectInstance = subjectInstanceOf(built)
  built.account.instances.set(subjectInstance.id, { ...subjectInstance, lifecycle: 'spot', spotRequestType: 'persistent' })
  return built
}

/** The instance is terminated once its disks are preserved. */
const terminatedMeanwhile = async (): Promise<BuiltScenario> => {
  const built = await buildQuick()
  const { account } = built
  const wait = (): void => {
    if (account.snapshots.size > 0) Object.assign(subjectInstanceOf(built), { state: 'terminated' })
    else account.agenda.add(account.clock.now() + 500, wait)
  }
  account.agenda.add(account.clock.now() + 500, wait)
  return built
}

/** A user obtained a session of another role, and with it one of the instance's role under the instance's name. */
const obtainedByAUser = async (): Promise<BuiltScenario> => {
  const built = await buildQuick()
  roleNamed(built, 'ci')
  const middle = obtain(built, userWithKey(built, 'mallory'), { roleName: 'ci', sessionName: 'build', ago: 3000 })
  aboutSession(built, obtain(built, middle, { sessionName: SUBJECT_INSTANCE }))
  return built
}

/** A user whose rights come from a group: from a policy in it, and from one that is attached to it. */
const inAGroup = async (): Promise<BuiltScenario> => {
  const built = await buildQuick('user-key')
  const { users, groups } = built.account
  const inline = new Map([['deploy', { document: allowing('s3:*'), writtenAt: 0 }]])
  groups.set('deployers', {
    ...{ name: 'deployers', id: 'AGPAXCSEC6TNB2WZPQ7LK', path: '/', createdAt: 0, deleted: new Map(), inline },
    attachedPolicies: ['arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore'],
  })
  for (const [name, user] of users) users.set(name, { ...user, groups: ['deployers'] })
  return built
}

/** The credentials of the role that EC2 itself has for the instance. */
const identityRole = async (): Promise<BuiltScenario> => asIdentityRole(await buildQuick())

/** What is reported where GuardDuty has nothing: a role, a user, a key that never called, and one that nobody knows. */
const reports = async (): Promise<readonly Parameters<typeof run>[]> => {
  const unnoticed = async () => {
    const built = await buildQuick()
    built.account.findings.clear()
    return built
  }
  const built = await unnoticed()
  const { accessKeyId } = userWithKey(built, 'mallory')
  return [
    [await unnoticed(), { request: { by: 'role', roleName: 'web-app' } }],
    [built, { request: { by: 'user', userName: 'mallory' } }],
    [built, { request: { by: 'access-key-id', accessKeyId } }],
    [await unnoticed(), { request: { by: 'access-key-id', accessKeyId: 'ASIAIOSFODNN7EXAMPLE' } }],
  ]
}

const serveQuick = async (who: (operation: string) => string): Promise<{ built: BuiltScenario; served: Served }> => {
  const built = await buildQuick()
  const { answer, account } = openAccount(built)
  const dispatch = createDispatcher({ answer, now: () => account.clock.now() })
  const note = noteBy(who)
  const served = await serve((request) => (request.headers.authorization ? note(request, dispatch) : dispatch(request)), {
    port: 0,
  })
  return { built, served }
}

const command = async (
  who: (operation: string) => string,
  ask: (endpointUrl: string) => Promise<CommandEnding>,
): Promise<CommandEnding> => {
  const { built, served } = await serveQuick(who)
  const { accessKeyId, secretAccessKey, sessionToken = '' } = built.cast.responder
  vi.stubEnv('AWS_ACCESS_KEY_ID', accessKeyId)
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', secretAccessKey)
  vi.stubEnv('AWS_SESSION_TOKEN', sessionToken)
  try {
    return await ask(served.endpoint)
  } finally {
    vi.unstubAllEnvs()
    await served.close()
  }
}

/** Before it asks for findings the command asks who it is, as every command does. */
const whoFinds = (operation: string): string =>
  ['sts:GetCallerIdentity', 'ec2:DescribeRegions'].includes(operation) ? 'respond' : 'find-finding'

/** The subjects whose runs send calls of their own; test/response/subjects/scenarios.test.ts runs the others. */
const SUBJECTS = [
  'user-key',
  'function-role',
  'function-alias',
  'task-role',
  'web-identity',
  'roles-anywhere',
  'pod-identity',
  'identity-pool',
  'other-account',
  'terminated-instance',
  'auto-scaling-member',
  'root-user',
]

/** What is looked up of a session whatever its kind is. */
const AFTERWARDS = ['preserve-evidence', 'investigate-session', 'trace-activity', 'hunt-persistence']

const endings = new Map<string, CommandEnding>()

beforeAll(async () => {
  for (const scenario of scenarioIds) await run(await buildQuick(scenario))
  for (const scenario of SUBJECTS) await run(await buildQuick(scenario))
  await run(await spot())
  await run(await buildQuick('identity-center'), { skip: AFTERWARDS })
  await run(await identityRole())
  await run(withOwnDocument(await buildQuick()))
  await run(await buildQuick('detective-elsewhere'), { detectiveProfile: 'security' })
  await run(leaveEverything(await buildQuick('left-behind')))
  // A second machine's response, which finds the first one's revocation.
  const revoked = await buildQuick()
  await run(revoked)
  await run(revoked)
  for (const scenario of ['custom-threat-list', 'user-key']) {
    await lift(scenario)
    await lift(scenario, allowing('s3:*'))
  }
  await lift('custom-threat-list-without-room')
  for (const scenario of ['roles-anywhere', 'pod-identity', 'identity-pool', 'function-role', 'function-alias'])
    await liftClosed(scenario)
  await archive()
  await run(await terminatedMeanwhile())
  await run(await obtainedByAUser())
  await run(await inAGroup())
  await run(await buildQuick('user-key-and-password'))
  for (const subject of ['function-role', 'custom-threat-list', 'web-identity'])
    await run(await buildQuick(`${subject}-without-room`))
  // Loaded beforehand: GuardDuty, in memory, would have answered before it is.
  await import('../../src/response/stages/find-finding/reported-key.ts')
  await run(await buildQuick(), { request: { by: 'access-key-id', accessKeyId: 'ASIAXCSEC6TNGZ6EZUUO' } })
  for (const request of await reports()) await run(...request)
  const region = ['us-east-1']
  const { host } = memoryHost({})
  const plain = { region, json: true }
  endings.set(
    'doctor',
    await command(
      () => 'doctor',
      (endpointUrl) => doctorCommand.run(host, { ...plain, endpointUrl }),
    ),
  )
  endings.set(
    'findings',
    await command(whoFinds, (endpointUrl) => findingsCommand.run(host, { ...plain, endpointUrl, allRegions: true })),
  )
}, 240_000)
afterAll(() => vi.unstubAllEnvs())

const rowsOf = (calls: readonly ApiCall[]) => calls.map((call) => ({ ...call, name: `${call.service}:${call.operation}` }))
const rows = rowsOf([...apiCalls, ...furtherReads, ...closingCalls, ...laterCalls])

/** `investigate` has sources of its own, which are not part of a response: logs, Athena, CloudTrail Lake. */
const INVESTIGATE = 'investigate'
/** What `audit` reads a stage reads too; test/smoke/audit-cloudtrail.sweep.test.ts runs it. */
const AUDIT = 'audit'
const ofRuns = rows.filter((call) => call.stages.some((who) => who !== INVESTIGATE))
/** Nor is the enrichment: what IAM and Organizations answer about account and permissions. */
const ofInvestigate = [...rows.filter((call) => !ofRuns.includes(call)), ...rowsOf(enrichmentCalls)]
const sources = sourcesBelow('src').map(({ text }) => text)

describe('the table of API calls', () => {
  it('is compared with runs of all scenarios, a Spot instance, a document of the account’s own, an attacker who leaves everything, doctor, and findings in all Regions', () => {
    expect([...endings.keys()]).toEqual(['doctor', 'findings'])
    expect(sent.size).toBeGreaterThan(30)
  })

  it('holds every operation that was sent', () => {
    const known = new Set([...rows, ...rowsOf(enrichmentCalls)].map(({ name }) => name))
    expect([...sent.keys()].filter((name) => !known.has(name))).toEqual([])
  })

  it.each(ofRuns)('has no unused row: $name', ({ name }) => {
    expect([...(sent.get(name) ?? [])]).not.toEqual([])
  })

  it.each(ofInvestigate)('has no row whose operation the investigation does not send: $name', ({ operation }) => {
    expect(sources.some((text) => text.includes(`new ${operation.replace(/\?.*/, '')}Command(`))).toBe(true)
  })

  it.each(ofRuns)('names the stages or commands that send $name', ({ name, stages: listed }) => {
    expect([...(sent.get(name) ?? [])].filter((who) => !listed.includes(who))).toEqual([])
    expect(listed.filter((who) => who !== INVESTIGATE && who !== AUDIT && !sent.get(name)?.has(who))).toEqual([])
  })

  it('knows stages by their ids only', () => {
    const known = new Set([
      ...[...stages, ...liftStages, ...archiveStages].map(({ id }) => id),
      'respond',
      'doctor',
      INVESTIGATE,
      AUDIT,
    ])
    expect(rows.flatMap((call) => call.stages).filter((who) => !known.has(who))).toEqual([])
  })

  it('recognises a dry run by its flag alone', () => {
    expect(findCall('ec2', 'StopInstances', { DryRun: true })?.access).toBe('read')
    for (const input of [{ DryRun: false }, { DryRun: 'true' }, {}, undefined, null]) {
      expect(findCall('ec2', 'StopInstances', input)?.access).toBe('write')
    }
    expect(findCall('ec2', 'TerminateInstances', {})).toBeUndefined()
  })
})
