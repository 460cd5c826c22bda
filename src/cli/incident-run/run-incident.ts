import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Entry, OpenedEntry, Request, ResumedEntry } from '../../incident/entry.ts'
import { emptyIncident, type Incident, learn, lookAgain, replay } from '../../incident/incident.ts'
import type { StillToDo } from '../../incident/left-to-do.ts'
import type { RoleHistory } from '../../incident/role-history.ts'
import { stillToDo } from '../../incident/still-to-do.ts'
import { warning } from '../../incident/values/block.ts'
import { MINUTE_SECONDS } from '../../incident/values/duration.ts'
import { Failure } from '../../incident/values/failure.ts'
import { given } from '../../incident/values/given.ts'
import { memoryJournal } from '../../journal/journal.ts'
import { isTaken } from '../../journal/read.ts'
import type { Responder } from '../../response/ports.ts'
import type { Readiness, RunRecorder, World } from '../../response/world.ts'
import type { CommandEnding } from '../command.ts'
import type { AwsConnection } from '../connection/aws-connection.ts'
import { endCommands } from '../continuation.ts'
import { endOf, failed } from '../exit-code.ts'
import type { Host } from '../host.ts'
import type { RunSettings } from '../options.ts'
import { archiveAfter } from './archive-after.ts'
import { showCurrentState } from './current-state.ts'
import { type EvidenceKeeper, evidenceStoreInMemory } from './evidence-store.ts'
import {
  askAfterFalseAlarm,
  askForSecondResponse,
  earlierIncidents,
  falseAlarmSpans,
  isFalseAlarm,
  isFinished,
  lastFinished,
} from './finished-incident.ts'
import { entriesToResume } from './incident-files.ts'
import { nameIncident } from './incident-id.ts'
import { type IncidentOwner, type OpenIncident, openIncidentDirectory } from './open-incident.ts'
import { printReport, writeReport } from './report.ts'
import { type EndedRun, endingOfRun } from './run-ending.ts'
import { countingRecorder, type RunResult, runStages, type WriteCounts } from './run-stages.ts'
import { stages } from './stages.ts'
import { createWorld } from './world.ts'

/** One run of the runbook, as `respond` or `drill` asks for it. */
export interface IncidentRun extends EndedRun {
  readonly host: IncidentOwner & Pick<Host, 'signal' | 'stdout' | 'stderr' | 'commandName'>
  readonly connection: AwsConnection
  /** How to find the finding. */
  readonly request: Request
  readonly settings: RunSettings
  /** Where the role's earlier calls are counted, when a table or a store was named. */
  readonly history?: RoleHistory
  /** The directory of all incidents. */
  readonly root: string
  readonly responder: Responder
  /** The incident that --incident names: to continue, or to open under this name. */
  readonly incident?: string | undefined
  /** How many changes the simulated account counted, where there is one in this process. */
  readonly accountWrites?: () => number
}

/** One run of the runbook on one incident: find the finding, open or resume the journal, run the other stages, report, end. */
export const runIncident = async (run: IncidentRun): Promise<CommandEnding> => {
  const { settings, incident, root, connection, view } = run
  view.hear({ type: 'began', at: connection.clock.now(), setting: connection.setting, dryRun: settings.dryRun })
  sayRegions(run)
  if (settings.dryRun) return runDry(run)
  if (incident !== undefined && existsSync(join(root, incident, 'journal.ndjson'))) return workOn(run, incident)
  const search = await findFinding(run)
  const found = search.result.incident.facts.finding
  if (!found) return endingOfRun(run, search.result, { incident: '', writes: 0 })
  const { same, linkedTo } =
    run.kind === 'drill'
      ? { same: [], linkedTo: undefined }
      : await earlierIncidents(found, root, connection, (id, why) => view.hear(leftOut(id, why)))
  const open = same.find((one) => !isFinished(one))?.id
  if (open) {
    view.hear({ type: 'note', text: `incident ${open} on this finding is still open; this run continues it` })
    return workOn(run, open)
  }
  const { finding } = found
  const newId = await nameIncident(finding, connection.clock.now(), (name) => isTaken(root, name))
  const finished = lastFinished(same)
  if (finished && incident === undefined) {
    const second = { ...run, finding, finished, newId }
    if (isFalseAlarm(finished)) {
      view.hear({ type: 'described', stage: 'find-finding', blocks: [warning(...falseAlarmSpans(finished))] })
      const left = await askAfterFalseAlarm(second)
      return left ? leaveFinished(run, finished, left) : workOn(run, finished.id)
    }
    const left = await askForSecondResponse(second)
    if (left) return leaveFinished(run, finished, left)
  }
  if (linkedTo !== undefined)
    view.hear({ type: 'note', text: `this is another actor of the attack sequence of incident ${linkedTo}; the two are linked` })
  return workOn(run, incident ?? newId, { ...search, ...given({ linkedTo }) })
}

const leftOut = (id: string, why: string) => ({ type: 'note' as const, text: `incident ${id} is left out: ${why}` })

/** Says why these may not be all Regions of the account, once that is known. After the end of the run it is not said any more. */
const sayRegions = ({ connection, view, host: { signal } }: IncidentRun): void => {
  const say = () => {
    if (connection.regionsNote && !signal.aborted) view.hear({ type: 'note', text: connection.regionsNote })
  }
  if (connection.regionsKnown === undefined) say()
  else void connection.regionsKnown.then(say, () => undefined)
}

/** What the first stage found before there was an incident to keep it in. */
interface FindingSearch {
  readonly result: RunResult
  readonly entries: readonly Entry[]
  readonly evidence: ReturnType<typeof evidenceStoreInMemory>
  /** The incident on another actor of the attack sequence. */
  readonly linkedTo?: string
}

/** The first stage, in memory: without a finding nothing is written to disk. */
const findFinding = async (run: IncidentRun): Promise<FindingSearch> => {
  const evidence = evidenceStoreInMemory()
  const journal = memoryJournal<Entry>()
  const result = await runStages({
    stages: stages.slice(0, 1),
    of: stages.length,
    from: emptyIncident,
    world: worldOf(run, evidence, { lockHeld: true }),
    recorder: countingRecorder(journal, run.view),
    responder: run.responder,
  })
  return { result, entries: journal.entries.filter(({ type }) => type === 'kept' || type === 'established'), evidence }
}

/** Moves what the search kept in memory to the disk, and the references in its entries with it. */
const keepSearch = async (opened: OpenIncident, { entries, evidence }: FindingSearch): Promise<void> => {
  const refs = new Map<string, Awaited<ReturnType<EvidenceKeeper['keep']>>>()
  for (const { name, content } of evidence.kept) refs.set(name, await opened.evidenceStore.keep(name, content))
  const document = refs.get('finding')
  for (const entry of entries) await opened.journal.append(document ? withDocument(entry, document) : entry)
}

const withDocument = (entry: Entry, document: Awaited<ReturnType<EvidenceKeeper['keep']>>): Entry => {
  if (entry.type === 'kept' && entry.name === 'finding') return { ...entry, ref: document }
  if (entry.type !== 'established' || !entry.fact.finding) return entry
  return { ...entry, fact: { finding: { ...entry.fact.finding, document } } }
}

/** Ends with what is known of a finished incident. Its report is the result, when the responder wants to see it. */
const leaveFinished = async (
  run: IncidentRun,
  finished: Incident,
  { outcome, report }: NonNullable<Awaited<ReturnType<typeof askForSecondResponse>>>,
): Promise<CommandEnding> => {
  const { host, root, json, commands } = run
  if (report !== undefined && !json) await printReport(host, { root, incident: finished.id, format: 'markdown' })
  return endingOfRun(
    run,
    { incident: finished, outcome, unproven: [], alarms: [] },
    {
      ...{ incident: finished.id, writes: 0, continueWith: commands.report(finished.id) },
      ...given({ report }),
    },
  )
}

/** Minutes after which CloudTrail has mostly delivered; a simulated account costs nothing to wait for. */
const SIMULATED_PROOF_WAIT = 30 * MINUTE_SECONDS

const worldOf = (
  { connection, settings, request, history, host: { signal } }: IncidentRun,
  evidenceStore: EvidenceKeeper,
  readiness: Pick<Readiness, 'lockHeld' | 'freeBytes'>,
): World =>
  createWorld({
    ...evidenceStore,
    ...{ connection, request, readiness, signal },
    proofWait: settings.proofWait ?? (connection.setting.simulated ? SIMULATED_PROOF_WAIT : 0),
    findingWait: settings.findingWait,
    dryRun: settings.dryRun,
    skip: settings.skip,
    ...given({ history }),
  })

/** Opens or resumes an incident on the disk: writes how it began, runs the stages, writes the report and the ending. */
const workOn = async (run: IncidentRun, id: string, search?: FindingSearch): Promise<CommandEnding> => {
  const { connection, view, responder, settings } = run
  const opened = await openIncidentDirectory(run.host, run.root, id, connection.clock.now)
  try {
    for (const note of opened.notes) view.hear({ type: 'note', text: note })
    const { journal, lock, freeBytes, evidenceStore } = opened
    const recorder = countingRecorder(journal, view)
    const resumes = replay(journal.entries).setting !== undefined
    await recorder.record(resumes ? resumedEntry(run) : { ...openedEntry(run, id), ...given({ linkedTo: search?.linkedTo }) })
    if (search) await keepSearch(opened, search)
    const incident = resumes ? lookAgain(replay(journal.entries)) : replay(journal.entries)
    const world = worldOf(run, evidenceStore, {
      lockHeld: lock.isOurs(),
      ...given({ freeBytes }),
    })
    if (incident.falseAlarm && run.incident !== undefined)
      view.hear({ type: 'described', stage: 'resumed', blocks: [warning(...falseAlarmSpans(incident))] })
    if (resumes) await showCurrentState({ view, responder, incident, world, recorder })
    const entered = search ? 1 : 0
    const responded = await runStages({ stages, from: incident, world, recorder, responder, entered })
    const result = settings.archive ? await archiveAfter(responded, { world, recorder, responder }) : responded
    const written = await writeEnd(run, result, opened, recorder)
    const { report } = written
    const left = stillToDoAfter(run, written.result, id)
    return endingOfRun(run, written.result, { incident: id, ...writesOf(run, recorder), ...given({ report, stillToDo: left }) })
  } finally {
    await opened.close()
  }
}

/** What is left to do; a drill is over, so that no command of ir-cred goes on with it. */
const stillToDoAfter = (
  { kind, commands }: IncidentRun,
  { incident, outcome, alarms, unproven }: RunResult,
  id: string,
): readonly StillToDo[] | undefined => {
  // Nothing is left to do about an attack that a person declared to be none.
  if (outcome.kind === 'falseAlarm') return undefined
  const next = kind === 'drill' ? {} : { commands: endCommands(commands, id) }
  const left = stillToDo(incident, { alarms, unproven, ...next })
  return left.length > 0 ? left : undefined
}

/** A simulated account in this process counts the changes itself. */
const writesOf = ({ accountWrites }: IncidentRun, recorder: { writes(): WriteCounts }): WriteCounts => ({
  ...recorder.writes(),
  ...given({ writes: accountWrites?.() }),
})

const resumedEntry = ({ connection, settings: { revoke } }: IncidentRun): ResumedEntry => {
  const { responderArn, detectiveProfile } = connection.setting
  return { type: 'resumed', at: connection.clock.now(), responderArn, ...given({ detectiveProfile, revoke }) }
}

const openedEntry = ({ connection, host: { version }, request, settings }: IncidentRun, incident: string): OpenedEntry => {
  const { setting, clock } = connection
  const named = request.by === 'file' ? { by: request.by, name: request.name } : request
  const { revoke } = settings
  return { type: 'opened', at: clock.now(), incident, version, request: named, setting, ...given({ revoke }) }
}

/** Writes ending and report to the disk. A disk that takes no more is the outcome then, whatever the run had reached in AWS. */
const writeEnd = async (
  { connection, host }: IncidentRun,
  result: RunResult,
  opened: OpenIncident,
  recorder: RunRecorder,
): Promise<{ readonly result: RunResult; readonly report?: string }> => {
  const { outcome, unproven, alarms } = result
  const { ending, exitCode } = endOf(outcome)
  try {
    if (ending === 'interrupted') await recorder.record({ type: 'interrupted', at: connection.clock.now(), by: 'the responder' })
    await recorder.record({ type: 'ended', at: connection.clock.now(), ending, exitCode, unproven, alarms })
    return { result, report: await writeReport(opened, host) }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return { result: { ...result, outcome: failed(error) } }
  }
}

/** A dry run: all stages to their end, nothing changed, nothing written to disk. */
const runDry = async (run: IncidentRun): Promise<CommandEnding> => {
  const { incident, root, view, responder } = run
  const known =
    incident !== undefined && existsSync(join(root, incident, 'journal.ndjson')) ? await entriesToResume(root, incident) : []
  const recorder = countingRecorder(memoryJournal<Entry>(), view)
  const world = worldOf(run, evidenceStoreInMemory(), { lockHeld: true })
  const from =
    known.length > 0 ? lookAgain(replay([...known, resumedEntry(run)])) : learn(emptyIncident, openedEntry(run, 'dry-run'))
  const shown = await runStages({ stages, from, world, recorder, responder })
  const result = run.settings.archive ? await archiveAfter(shown, { world, recorder, responder }) : shown
  return endingOfRun(run, result, { incident: incident ?? '', ...writesOf(run, recorder) })
}
