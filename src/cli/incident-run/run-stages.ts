import { failureOf, isAwsError } from '../../aws/failure.ts'
import type { Entry } from '../../incident/entry.ts'
import { type Incident, learn } from '../../incident/incident.ts'
import { Failure } from '../../incident/values/failure.ts'
import { given } from '../../incident/values/given.ts'
import type { Journal } from '../../journal/journal.ts'
import { unconfirmed, unproven } from '../../response/ending.ts'
import type { Ended, Listener, Responder } from '../../response/ports.ts'
import { type ResponseOutcome, respond } from '../../response/respond.ts'
import type { Stage } from '../../response/stage.ts'
import type { RunRecorder, World } from '../../response/world.ts'
import { foreseenFailure } from '../command-failure.ts'
import { FALSE_ALARM, FINISHED, failed, type Outcome, UNCONFIRMED } from '../exit-code.ts'

/** What is known after the stages, and how they ended. */
export interface RunResult {
  readonly incident: Incident
  readonly outcome: Outcome
  readonly unproven: readonly string[]
  readonly alarms: readonly string[]
}

export interface StagesRun {
  readonly stages: readonly Stage[]
  readonly from: Incident
  readonly world: World
  readonly recorder: RunRecorder
  readonly responder: Responder
  /** How many of the first stages this process has run already. */
  readonly entered?: number
  /** How many stages there are, when these are only the first of them. */
  readonly of?: number
  /** What a run that came to its end could not confirm. Absent: as of a response. */
  readonly unconfirmed?: typeof unconfirmed
}

/** Runs the stages to an outcome. A failure that ir-cred foresees becomes the outcome; a bug is thrown. */
export const runStages = async (run: StagesRun): Promise<RunResult> => {
  const { stages, from, world, recorder, responder, entered = 0, of = stages.length } = run
  let known = from
  const learning: RunRecorder = {
    emit: recorder.emit,
    record: async (entry) => {
      const head = await recorder.record(entry)
      known = learn(known, entry)
      return head
    },
  }
  try {
    const outcome = await respond(stages, from, world, learning, responder, { entered, of })
    return outcome.stopped ? stopped(outcome.incident, outcome.stopped, world) : completed(outcome.incident, run)
  } catch (error) {
    const failure = endingFailure(error, world.signal)
    if (!failure) throw error
    return { ...resultOf(known), outcome: failed(failure) }
  }
}

const resultOf = (incident: Incident) => ({
  incident,
  unproven: unproven(incident),
  alarms: incident.facts.closure?.alarms ?? [],
})

const stopped = (
  incident: Incident,
  { kind, stage, why, remedy, leavesOut }: NonNullable<ResponseOutcome['stopped']>,
  { dryRun }: World,
): RunResult => ({
  ...resultOf(incident),
  outcome:
    kind === 'falseAlarm'
      ? FALSE_ALARM
      : failed(new Failure({ kind, what: whatStopped(stage, { dryRun, leavesOut: leavesOut === true }), why, remedy })),
})

const whatStopped = (stage: string, { dryRun, leavesOut }: { readonly dryRun: boolean; readonly leavesOut: boolean }): string => {
  if (leavesOut) return dryRun ? `a real run would go on without ${stage}` : `the run went on without ${stage}`
  return dryRun ? `${stage} would stop a real run` : `${stage} stopped the run`
}

const completed = (incident: Incident, run: StagesRun): RunResult => {
  if (run.world.dryRun) return { incident, outcome: FINISHED, unproven: [], alarms: [] }
  const reasons = (run.unconfirmed ?? unconfirmed)(incident, run.stages)
  if (reasons.length === 0) return { ...resultOf(incident), outcome: FINISHED }
  return { ...resultOf(incident), outcome: UNCONFIRMED, alarms: [...new Set(reasons)] }
}

/** AWS's errors end a run too, once it has a journal. */
const endingFailure = (error: unknown, signal: AbortSignal): Failure | undefined =>
  foreseenFailure(error, signal) ?? (isAwsError(error) ? failureOf(error, 'finish this stage') : undefined)

/** The write calls of a run: how many AWS accepted, and what became of the others. */
export type WriteCounts = Pick<Ended, 'writes' | 'otherWrites'>

/** Writes entries and passes them on to the listener, and counts the write calls by their outcome. */
export const countingRecorder = (
  journal: Pick<Journal<Entry>, 'append'>,
  listener: Listener,
): RunRecorder & { writes(): WriteCounts } => {
  const counts = { accepted: 0, refused: 0, unknown: 0, intended: 0 }
  return {
    writes: () => {
      const { accepted, refused, unknown, intended } = counts
      const notSent = intended - accepted - refused - unknown
      const others = refused + unknown + notSent > 0 ? { refused, unknown, notSent } : undefined
      return { writes: accepted, ...given({ otherWrites: others }) }
    },
    emit: (event) => listener.hear(event),
    record: async (entry) => {
      // A write that was sent counts even when the journal cannot take its outcome.
      if (entry.type === 'sent') counts[entry.outcome] += 1
      const head = await journal.append(entry)
      if (entry.type === 'intended') counts.intended += 1
      if (entry.type !== 'ended') listener.hear(entry)
      return head
    },
  }
}
