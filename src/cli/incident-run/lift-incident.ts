import type { Entry } from '../../incident/entry.ts'
import { standingAfterLift } from '../../incident/facts/lift.ts'
import { endOfResponse, type Incident, liftedAt, lookAgain, newestFact, replay } from '../../incident/incident.ts'
import { liftSafeFrom, responseChanges } from '../../incident/response-changes.ts'
import { stillToDo } from '../../incident/still-to-do.ts'
import { Failure } from '../../incident/values/failure.ts'
import { given } from '../../incident/values/given.ts'
import { type Instant, isBefore } from '../../incident/values/instant.ts'
import { untrusted } from '../../incident/values/untrusted.ts'
import { incidentPath } from '../../journal/directory.ts'
import { memoryJournal } from '../../journal/journal.ts'
import type { Listener, Responder } from '../../response/ports.ts'
import type { Readiness, RunRecorder, World } from '../../response/world.ts'
import type { CommandEnding } from '../command.ts'
import type { AwsConnection } from '../connection/aws-connection.ts'
import { endCommands, type NextCommands } from '../continuation.ts'
import { endOf, failed, type Outcome } from '../exit-code.ts'
import type { Host } from '../host.ts'
import { type EvidenceKeeper, evidenceStoreIn, evidenceStoreInMemory } from './evidence-store.ts'
import { entriesToResume } from './incident-files.ts'
import { type IncidentOwner, type OpenIncident, openIncidentDirectory } from './open-incident.ts'
import { writeReport } from './report.ts'
import { endingOfRun } from './run-ending.ts'
import { countingRecorder, type RunResult, runStages, type WriteCounts } from './run-stages.ts'
import { liftStages } from './stages.ts'
import { createWorld } from './world.ts'

/** A lift of what an incident's response changed, as the command line asks for it. */
export interface LiftRun {
  readonly host: IncidentOwner & Pick<Host, 'signal' | 'commandName'>
  readonly connection: AwsConnection
  readonly root: string
  readonly id: string
  /** Why it goes ahead although something speaks against it. */
  readonly reason: string | undefined
  readonly dryRun: boolean
  readonly responder: Responder
  readonly view: Listener
  readonly json: boolean
  readonly commands: NextCommands
}

/**
 * Lifts what the response changed. Refuses while sessions are alive that the changes keep out, and while the incident is open, unless a
 * reason is given: nothing is journaled then. A dry run shows the changes, and ends with that refusal.
 */
export const liftIncident = async (run: LiftRun): Promise<CommandEnding> => {
  const { host, connection, root, id, view, dryRun } = run
  view.hear({ type: 'began', at: connection.clock.now(), setting: connection.setting, dryRun })
  if (dryRun) return liftDry(run)
  const opened = await openIncidentDirectory(host, root, id, connection.clock.now)
  try {
    for (const note of opened.notes) view.hear({ type: 'note', text: note })
    const { entries } = opened.journal
    const { refusal, lifting } = decide(run, entries)
    if (refusal) return ended(run, { incident: replay(entries), outcome: failed(refusal) }, { writes: 0 })
    const recorder = countingRecorder(opened.journal, view)
    await recorder.record(lifting)
    const { lock, freeBytes, evidenceStore } = opened
    const world = worldOf(run, evidenceStore, { lockHeld: lock.isOurs(), ...given({ freeBytes }) })
    const result = await runLift(run, { world, recorder, from: lookAgain(replay(opened.journal.entries)) })
    const written = await writeEnd(run, result, { opened, recorder })
    return ended(run, written.result, { ...recorder.writes(), ...given({ report: written.report }) })
  } finally {
    await opened.close()
  }
}

/** What would be lifted, and whether a lift would be refused. Nothing is written to the disk. */
const liftDry = async (run: LiftRun): Promise<CommandEnding> => {
  const { root, id, view } = run
  const entries = await entriesToResume(root, id)
  const { refusal, lifting } = decide(run, entries)
  if (refusal) view.hear({ type: 'note', text: `a real lift would be refused: ${refusal.why}` })
  const recorder = countingRecorder(memoryJournal<Entry>(), view)
  const evidence = { ...evidenceStoreInMemory(), recall: evidenceStoreIn(incidentPath(root, id)).recall }
  const world = worldOf(run, evidence, { lockHeld: true })
  const result = await runLift(run, { world, recorder, from: lookAgain(replay([...entries, lifting])) })
  const outcome = refusal && result.outcome.kind !== 'failed' ? failed(refusal) : result.outcome
  return ended(run, { ...result, outcome }, recorder.writes())
}

/** Whether the lift goes ahead: why not, or the entry that it begins with. */
const decide = ({ connection, reason, dryRun }: LiftRun, entries: readonly Entry[]) => {
  const { clock, setting } = connection
  const known = replay(entries)
  const at = clock.now()
  const against = speaksAgainst(known, entries, at)
  const goesAhead = against.length > 0 && (dryRun || reason !== undefined)
  const inWords = reason === undefined ? {} : { reason: untrusted(reason) }
  const despite = goesAhead ? { ...inWords, against } : undefined
  const lifting: Entry = { type: 'lifting', at, responderArn: setting.responderArn, ...given({ despite }) }
  return { lifting, refusal: against.length > 0 && reason === undefined ? tooEarly(known, against) : undefined }
}

interface Lifting {
  readonly world: World
  readonly recorder: RunRecorder
  readonly from: Incident
}

const runLift = ({ responder }: LiftRun, lifting: Lifting): Promise<RunResult> =>
  runStages({ ...lifting, stages: liftStages, responder, unconfirmed: notLifted })

/** Writes ending and report to the disk. A disk that takes no more is the outcome then. */
const writeEnd = async (
  { connection, host }: LiftRun,
  result: RunResult,
  { opened, recorder }: { readonly opened: OpenIncident; readonly recorder: RunRecorder },
): Promise<{ readonly result: RunResult; readonly report?: string }> => {
  const { ending, exitCode } = endOf(result.outcome)
  const at = connection.clock.now()
  try {
    if (ending === 'interrupted') await recorder.record({ type: 'interrupted', at, by: 'the responder' })
    await recorder.record({ type: 'ended', at, ending, exitCode, unproven: [], alarms: result.alarms, of: 'lift' })
    return { result, report: await writeReport(opened, host) }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return { result: { ...result, outcome: failed(error) } }
  }
}

const worldOf = (
  { connection, dryRun, host: { signal } }: LiftRun,
  evidenceStore: EvidenceKeeper,
  readiness: Pick<Readiness, 'lockHeld' | 'freeBytes'>,
): World =>
  createWorld({
    ...evidenceStore,
    ...{ connection, dryRun, signal, readiness },
    request: { by: 'list' },
    ...{ proofWait: 0, findingWait: 0, skip: [] },
  })

/** What stands although it was to be lifted. */
const notLifted = ({ facts: { lift } }: Incident): readonly string[] =>
  (lift?.changes ?? []).flatMap(({ state, what, why }) => (state === 'kept' ? [`${what} is not lifted: ${why}`] : []))

/** What speaks against a lift, a sentence each: it is too early, or the incident is open. */
const speaksAgainst = (incident: Incident, entries: readonly Entry[], now: Instant): readonly string[] => {
  if (responseChanges(incident).length === 0 || isAllLifted(incident)) return []
  const safeFrom = liftSafeFrom(incident)
  const isEarly = safeFrom !== undefined && isBefore(now, safeFrom)
  return [...(isEarly ? [`it is too early: ${aliveWords(incident)} until ${safeFrom}`] : []), ...openWords(incident, entries)]
}

const aliveWords = (incident: Incident): string =>
  newestFact(incident, 'subject')?.kind === 'role-session'
    ? 'sessions that the changes keep out may be alive (a session of a role lives up to its MaxSessionDuration, at most 12 hours)'
    : 'sessions that the changes keep out may be alive (a session of a user lives up to 36 hours)'

/** Whether a lift has nothing left to do, as far as the journal knows. */
const isAllLifted = (incident: Incident): boolean => {
  const lift = newestFact(incident, 'lift')
  return lift !== undefined && liftedAt(incident) !== undefined && standingAfterLift(lift).length === 0
}

const openWords = ({ ended }: Incident, entries: readonly Entry[]): readonly string[] => {
  if (ended?.exitCode === 0) return []
  if (!ended) return ['the incident is open: its last run has not ended']
  const alarms = endOfResponse(entries)?.alarms ?? []
  return [
    `the incident is open: its last run ended with exit code ${ended.exitCode}`,
    ...alarms.map((alarm) => `still open: ${alarm}`),
  ]
}

const tooEarly = (incident: Incident, against: readonly string[]): Failure => {
  const safeFrom = liftSafeFrom(incident)
  const isOpen = against.some((one) => !one.startsWith('it is too early'))
  return new Failure({
    kind: 'blocked',
    what: `what incident ${incident.id} changed is not lifted`,
    why: against.join('; '),
    remedy: `${isOpen ? 'close what is open first' : `wait until ${safeFrom}`}; leaving the changes in place is harmless. To lift them all the same, say why: --reason`,
  })
}

/** The last event of a lift, with the command that goes on. */
const ended = (
  run: LiftRun,
  {
    incident,
    outcome,
    alarms = [],
  }: { readonly incident: Incident; readonly outcome: Outcome; readonly alarms?: readonly string[] },
  facts: WriteCounts & { readonly report?: string },
): CommandEnding => {
  const { id, commands, view, json, dryRun } = run
  const left =
    dryRun || outcome.kind === 'failed' ? [] : stillToDo(incident, { alarms, unproven: [], commands: endCommands(commands, id) })
  const continueWith = outcome.kind === 'finished' && !dryRun ? commands.report(id) : commands.again
  return endingOfRun(
    { kind: 'respond', view, json, commands },
    { incident, outcome, unproven: [], alarms },
    { incident: id, ...facts, continueWith, ...given({ stillToDo: left.length > 0 ? left : undefined }) },
  )
}
