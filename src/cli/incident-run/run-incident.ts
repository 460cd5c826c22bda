import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Entry, Request } from '../../incident/entry.ts'
import { emptyIncident, learn, replay } from '../../incident/incident.ts'
import { MINUTE_SECONDS } from '../../incident/values/duration.ts'
import { Failure } from '../../incident/values/failure.ts'
import { listIncidents } from '../../journal/incidents.ts'
import { memoryJournal } from '../../journal/memory.ts'
import { readJournal } from '../../journal/read.ts'
import type { Listener, Responder } from '../../response/ports.ts'
import type { RunRecorder } from '../../response/world.ts'
import { reportCommand } from '../commands/report.ts'
import type { AwsConnection } from '../connection/aws-connection.ts'
import { EXIT } from '../exit-code.ts'
import type { Host } from '../host.ts'
import type { RunOptions } from '../options.ts'
import { endRun } from './end-run.ts'
import { type EvidenceKeeper, evidenceStoreInMemory } from './evidence-store.ts'
import { decideAgain, incidentsOn, isFinished, type Looked, lastFinished } from './finished-incident.ts'
import { type OpenIncident, openCase } from './incident-directory.ts'
import { nameIncident } from './incident-id.ts'
import { tellReality } from './report-state.ts'
import { countingRecorder, type Walked, walk } from './run-stages.ts'
import { stages } from './stages.ts'
import { createWorld } from './world.ts'
import { writeReport } from './write-report.ts'

export interface IncidentRun {
  readonly host: Host
  readonly options: RunOptions & { readonly wait?: number }
  readonly connection: AwsConnection
  readonly request: Request
  readonly root: string
  readonly view: Listener
  readonly responder: Responder
  /** The incident named by --incident. */
  readonly resume?: string | undefined
  readonly kind: 'respond' | 'drill'
  /** The command that asks for the same again. */
  readonly again: string
  /** How many changes the simulated account counted, where there is one in this process. */
  readonly accountWrites?: () => number
}

/** Minutes after which CloudTrail has mostly delivered; a simulated account costs nothing to wait for. */
const SIMULATED_PROOF_WAIT = 20 * MINUTE_SECONDS

/** One run of the runbook on one incident: find the finding, open or resume the journal, walk the rest, report, end. */
export const runIncident = async (run: IncidentRun): Promise<number> => {
  const { options, resume, root, connection, view } = run
  view.hear({ type: 'began', at: connection.clock.now(), setting: connection.setting, dryRun: options.dryRun ?? false })
  if (options.dryRun) return rehearse(run)
  if (resume !== undefined && existsSync(join(root, resume, 'journal.ndjson'))) return workOn(run, await open(run, resume), [])
  const memory = evidenceStoreInMemory()
  const draft = memoryJournal<Entry>()
  const found = await walk({
    stages: stages.slice(0, 1),
    of: stages.length,
    from: emptyIncident,
    world: lend(run, memory, { lockHeld: true }),
    recorder: countingRecorder(draft, run.view),
    responder: run.responder,
  })
  const finding = found.incident.facts.finding?.finding
  if (!finding) return endRun(run, found, { incident: '', writes: 0 })
  const same = run.kind === 'drill' ? [] : await incidentsOn(finding, root, connection)
  const openIncident = same.find((incident) => !isFinished(incident))?.id
  if (openIncident) {
    view.hear({ type: 'note', text: `incident ${openIncident} on this finding is still open; going on with it` })
    return workOn(run, await open(run, openIncident), [])
  }
  const taken = (await listIncidents(root)).map(({ id }) => id)
  const newId = nameIncident(finding, run.connection.clock.now(), taken)
  const finished = lastFinished(same)
  if (finished && resume === undefined) {
    const looked = await decideAgain({ ...run, finding, finished, newId })
    if (looked) return tellFinished(run, looked)
  }
  const id = resume ?? newId
  const file = await open(run, id)
  // What was only in memory gets its place on disk, and the entries their references.
  const refs = new Map<string, Awaited<ReturnType<EvidenceKeeper['keep']>>>()
  for (const { name, content } of memory.kept) refs.set(name, await file.evidenceStore.keep(name, content))
  return workOn(
    run,
    file,
    draft.entries.filter(({ type }) => type === 'kept' || type === 'established').map((entry) => withRefs(entry, refs)),
  )
}

const withRefs = (entry: Entry, refs: ReadonlyMap<string, { file: string; sha256: string; bytes: number }>): Entry => {
  const document = refs.get('finding')
  if (!document) return entry
  if (entry.type === 'kept' && entry.name === 'finding') return { ...entry, ref: document }
  if (entry.type !== 'established' || !entry.fact.finding) return entry
  return { ...entry, fact: { finding: { ...entry.fact.finding, document } } }
}

const open = (run: IncidentRun, id: string): Promise<OpenIncident> => openCase(run.host, run.root, id, run.connection.clock.now)

/** Ends with what is known of a finished incident; its report is the result, where one was asked for. */
const tellFinished = async (run: IncidentRun, { walked, ended }: Looked): Promise<number> => {
  const { host, options } = run
  if (ended.report !== undefined && !options.json)
    await reportCommand(host, ended.incident, { ...stateDirOf(options), format: 'markdown' })
  return endRun(run, walked, ended)
}

const stateDirOf = ({ stateDir }: RunOptions) => (stateDir === undefined ? {} : { stateDir })

const lend = (
  run: IncidentRun,
  evidenceStore: EvidenceKeeper,
  readiness: { readonly lockHeld: boolean; readonly freeBytes?: number },
) => {
  const { connection, options, request, host } = run
  return createWorld({
    connection,
    request,
    readiness,
    ...evidenceStore,
    proofWait: options.proofWait ?? (connection.setting.simulated ? SIMULATED_PROOF_WAIT : 0),
    findingWait: options.wait ?? 0,
    dryRun: options.dryRun ?? false,
    skip: options.skip ?? [],
    signal: host.signal,
  })
}

/** Goes on with an opened case: writes how it began, walks all stages, writes report and ending. */
const workOn = async (run: IncidentRun, file: OpenIncident, found: readonly Entry[]): Promise<number> => {
  const { connection, view } = run
  try {
    for (const note of file.notes) view.hear({ type: 'note', text: note })
    const recorder = countingRecorder(file.journal, view)
    const before = replay(file.journal.entries)
    const at = connection.clock.now()
    if (before.setting) await recorder.record(resumedEntry(run, at))
    else await recorder.record(openedEntry(run, file.id, at))
    for (const entry of found) await file.journal.append(entry)
    const from = replay(file.journal.entries)
    const { freeBytes, evidenceStore, lock } = file
    const world = lend(run, evidenceStore, { lockHeld: lock.isOurs(), ...(freeBytes === undefined ? {} : { freeBytes }) })
    if (before.setting) await tellReality(run, from, world, recorder)
    const walked = await walk({ stages, from, world, recorder, responder: run.responder, entered: found.length > 0 ? 1 : 0 })
    const { report, ...end } = await writeDown(walked, run, file, recorder)
    const writes = run.accountWrites?.() ?? recorder.writes()
    return endRun(run, end.walked, { incident: file.id, writes, ...(report === undefined ? {} : { report }) })
  } finally {
    await file.close()
  }
}

const resumedEntry = ({ connection: { setting } }: IncidentRun, at: Entry['at']): Entry => {
  const { responderArn, detectiveProfile } = setting
  return { type: 'resumed', at, responderArn, ...(detectiveProfile === undefined ? {} : { detectiveProfile }) }
}

/** Ending and report on the disk. A disk that takes no more is how the run ended then, whatever it had reached in AWS. */
const writeDown = async (
  walked: Walked,
  { connection, host }: IncidentRun,
  file: OpenIncident,
  recorder: RunRecorder,
): Promise<{ readonly walked: Walked; readonly report?: string }> => {
  const { ending, exitCode, unproven, alarms } = walked
  try {
    if (ending === 'interrupted') await recorder.record({ type: 'interrupted', at: connection.clock.now(), by: 'the responder' })
    await recorder.record({ type: 'ended', at: connection.clock.now(), ending, exitCode, unproven, alarms })
    return { walked, report: await writeReport(file, host.version) }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return { walked: { ...walked, ending: 'blocked', exitCode: EXIT.blocked, failure: error } }
  }
}

const openedEntry = ({ connection, host, request }: IncidentRun, incident: string, at: Entry['at']): Entry => {
  const { setting } = connection
  const asked = request.by === 'file' ? { by: request.by, name: request.name } : request
  return { type: 'opened', at, incident, version: host.version, request: asked, setting }
}

/** A dry run: all stages to their end, nothing changed, nothing written to disk. */
const rehearse = async (run: IncidentRun): Promise<number> => {
  const { resume, root, connection, view } = run
  const known =
    resume !== undefined && existsSync(join(root, resume, 'journal.ndjson'))
      ? (await readJournal<Entry>(root, resume)).entries
      : []
  const at = connection.clock.now()
  const opened = openedEntry(run, 'dry-run', at)
  const from = known.length > 0 ? replay(known) : learn(emptyIncident, opened)
  const recorder = countingRecorder(memoryJournal<Entry>(), view)
  const walked = await walk({
    stages,
    from,
    world: lend(run, evidenceStoreInMemory(), { lockHeld: true }),
    recorder,
    responder: run.responder,
  })
  return endRun(run, walked, { incident: resume ?? '', writes: run.accountWrites?.() ?? recorder.writes() })
}
