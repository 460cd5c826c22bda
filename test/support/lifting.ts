import { mkdtempSync, rmSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { openSimulated } from '../../src/cli/connection/simulated.ts'
import { nextCommands } from '../../src/cli/continuation.ts'
import { endCommand } from '../../src/cli/end-command.ts'
import { liftIncident } from '../../src/cli/incident-run/lift-incident.ts'
import type { Entry } from '../../src/incident/entry.ts'
import { HOUR_SECONDS } from '../../src/incident/values/duration.ts'
import type { Event, Responder } from '../../src/response/ports.ts'
import { issueSession } from '../../src/simulator/issue-credentials.ts'
import type { BuiltScenario } from '../../src/simulator/scenario-kit/scenario.ts'
import type { Fault } from '../../src/simulator/wire/message.ts'
import { memoryHost } from '../laws/memory-host.ts'
import { buildQuick } from '../laws/whole-run.ts'
import { yes } from './run-in-memory.ts'
import { type DiskRun, journalLines, runOnDisk } from './run-on-disk.ts'

/** An account whose incident was responded to, and where its journal is. */
export interface Responded {
  readonly built: BuiltScenario
  readonly root: string
  readonly id: string
  /** The exit code of the response. */
  readonly exitCode: number
  /** The account's policy documents as they were before the response. */
  readonly before: ReturnType<typeof documentsIn>
}

/** Every document and setting that decides what a role or a user may do, and who may take a role: what a lift brings back byte for byte. */
export const documentsIn = ({ account }: BuiltScenario) => ({
  roles: [...account.roles.values()].map(({ name, inline, trustPolicy, attachedPolicies }) => ({
    ...{ name, trustPolicy, attachedPolicies },
    inline: [...inline].map(([policy, { document }]) => [policy, document]).sort(),
  })),
  users: [...account.users.values()].map(({ name, inline, attachedPolicies }) => ({
    ...{ name, attachedPolicies },
    inline: [...inline].map(([policy, { document }]) => [policy, document]).sort(),
  })),
  profiles: [...account.certificateProfiles.values()].map(({ name, enabled, roleNames }) => ({ name, enabled, roleNames })),
  managed: [...account.managedPolicies].map(([arn, { document }]) => [arn, document]).sort(),
})

/** Directories for incidents, removed when the test file is done. */
export const stateRoots = (): (() => string) => {
  const parent = mkdtempSync(join(tmpdir(), 'ir-cred-lift-'))
  afterAll(() => rmSync(parent, { recursive: true, force: true }))
  return () => mkdtempSync(join(parent, 'state-'))
}

/** A whole response on a quick account, with journal and evidence on the disk. `prepare` changes the account before it. */
export const respondedTo = async (
  root: string,
  scenario = 'custom-threat-list',
  prepare: (built: BuiltScenario) => void = () => {},
  run: Pick<DiskRun, 'responder' | 'revoke'> = {},
): Promise<Responded> => {
  const built = await buildQuick(scenario)
  prepare(built)
  const before = documentsIn(built)
  const exitCode = await runOnDisk({ built, root, ...run })
  const [id] = (await readdir(root)).filter((name) => name !== 'drills')
  if (id === undefined) throw new Error('no incident was opened')
  return { built, root, id, exitCode, before }
}

/** Hours later, in the account's time. The responder has signed in again. */
export const hoursLater = ({ built, ...rest }: Responded, hours: number): Responded => {
  const { account, cast } = built
  account.clock.advance(hours * HOUR_SECONDS)
  account.agenda.runUntil(account.clock.now())
  const role = account.roles.get('ir-responder')
  if (!role) throw new Error('no responder')
  const responder = issueSession(account, role, 'alice', 12 * HOUR_SECONDS, account.clock.now())
  return { ...rest, built: { ...built, cast: { ...cast, responder } } }
}

export interface LiftOptionsOnDisk {
  readonly reason?: string
  readonly dryRun?: boolean
  readonly responder?: Responder
  readonly fault?: Fault
  readonly signal?: AbortSignal
}

export interface LiftRan {
  readonly exitCode: number
  readonly events: readonly Event[]
  /** What the screen shows of a failure. */
  readonly err: string
  readonly journal: readonly Entry[]
  /** Calls that reached the account and changed it. */
  readonly writes: readonly string[]
}

/** `ir-cred lift` on a simulated account, without the command line. */
export const liftOnDisk = async ({ built, root, id }: Responded, options: LiftOptionsOnDisk = {}): Promise<LiftRan> => {
  const { reason, dryRun = false, responder = yes, fault, signal } = options
  const memory = memoryHost({})
  const host = signal ? { ...memory.host, signal } : memory.host
  const events: Event[] = []
  const connection = await openSimulated(built, {
    ...{ signal: host.signal, version: host.version, observer: { onCall: () => {} } },
    ...(fault ? { fault } : {}),
  })
  const place = { commandName: 'ir-cred', connection: { regions: [] }, stateDir: undefined }
  const ending = await liftIncident({
    ...{ host, connection, root, id, reason, dryRun, responder, json: true },
    view: { hear: (event) => void events.push(event) },
    commands: nextCommands(`ir-cred lift ${id}`, place),
  })
  const exitCode = await endCommand(host, ending)
  const writes = connection.opened
    .calls()
    .flatMap(({ service, operation, writes: changes, outcome }) =>
      changes && outcome === 'ok' ? [`${service}:${operation}`] : [],
    )
  return { exitCode, events, err: memory.err(), journal: (await journalLines(root, id)).map(({ entry }) => entry), writes }
}
