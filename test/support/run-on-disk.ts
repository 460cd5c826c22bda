import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openSimulated } from '../../src/cli/connection/simulated.ts'
import { nextCommands } from '../../src/cli/continuation.ts'
import { endCommand } from '../../src/cli/end-command.ts'
import { runIncident } from '../../src/cli/incident-run/run-incident.ts'
import { runSettingsOf } from '../../src/cli/options.ts'
import type { Entry, Request, RevokeForm } from '../../src/incident/entry.ts'
import type { Listener, Responder } from '../../src/response/ports.ts'
import type { BuiltScenario } from '../../src/simulator/scenario-kit/scenario.ts'
import type { Fault } from '../../src/simulator/wire/message.ts'
import { memoryHost } from '../laws/memory-host.ts'
import { yes } from './run-in-memory.ts'

export interface DiskRun {
  readonly built: BuiltScenario
  /** Where incidents are kept. */
  readonly root: string
  readonly responder?: Responder
  /** The incident to go on with. */
  readonly resume?: string
  readonly fault?: Fault
  /** Default: the scenario's finding, by its id. */
  readonly request?: Request
  /** What `--revoke` asks for. */
  readonly revoke?: RevokeForm
  /** Archive the finding at the end. */
  readonly archive?: boolean
  readonly listener?: Listener
}

/** The whole runbook on a simulated account, with journal and evidence on the disk. Gives the exit code. */
export const runOnDisk = async (run: DiskRun): Promise<number> => {
  const { built, root, responder = yes, resume, fault, request, archive = false, listener = { hear: () => {} }, revoke } = run
  const { host } = memoryHost({})
  const connection = await openSimulated(built, {
    ...{ signal: host.signal, version: host.version, observer: { onCall: () => {} } },
    ...(fault ? { fault } : {}),
  })
  const place = { commandName: 'ir-cred', connection: { regions: [] }, stateDir: undefined }
  const ending = await runIncident({
    ...{ kind: 'respond', host, connection, root, responder, incident: resume, json: true },
    settings: runSettingsOf({ proofWait: 0, archive, ...(revoke ? { revoke } : {}) }),
    request: request ?? { by: 'finding-id', id: built.findingId },
    view: listener,
    commands: nextCommands('ir-cred respond', place),
  })
  return endCommand(host, ending)
}

/** One line of a journal's file. */
export interface JournalLine {
  readonly n: number
  readonly h: string
  readonly entry: Entry
}

/** The lines of an incident's journal, as they stand in the file. */
export const journalLines = async (root: string, incident: string): Promise<readonly JournalLine[]> => {
  const text = await readFile(join(root, incident, 'journal.ndjson'), 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}
