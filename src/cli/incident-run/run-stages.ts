import { failureOf, isAwsError } from '../../aws/failure.ts'
import type { Ending, Entry } from '../../incident/entry.ts'
import { type Incident, learn } from '../../incident/incident.ts'
import { Failure } from '../../incident/values/failure.ts'
import type { Journal } from '../../journal/journal.ts'
import { unconfirmed, unproven } from '../../response/ending.ts'
import type { Ended, Listener, Responder } from '../../response/ports.ts'
import { type ResponseOutcome, respond } from '../../response/respond.ts'
import type { Stage } from '../../response/stage.ts'
import type { RunRecorder, World } from '../../response/world.ts'
import { EXIT, endingOf, exitCodeOf } from '../exit-code.ts'
import { foreseen } from '../foreseen.ts'

/** How a walk through stages ended, before it is told. */
export interface Walked {
  readonly incident: Incident
  readonly ending: Ending
  readonly exitCode: number
  readonly unproven: readonly string[]
  readonly alarms: readonly string[]
  readonly failure?: Failure
}

export interface Walk {
  readonly stages: readonly Stage[]
  readonly from: Incident
  readonly world: World
  readonly recorder: RunRecorder
  readonly responder: Responder
  /** Stages at the front that were walked just now. */
  readonly entered?: number
  /** How many stages there are, when these are only the first of them. */
  readonly of?: number
}

/** Walks the stages and settles how that ended. Foreseen failures become an ending; anything else is a bug and is thrown. */
export const walk = async ({
  stages,
  from,
  world,
  recorder,
  responder,
  entered = 0,
  of = stages.length,
}: Walk): Promise<Walked> => {
  let known = from
  const keeping: RunRecorder = {
    emit: recorder.emit,
    record: async (entry) => {
      const head = await recorder.record(entry)
      known = learn(known, entry)
      return head
    },
  }
  try {
    const outcome = await respond(stages, from, world, keeping, responder, { entered, of })
    return outcome.stopped ? stopped(outcome, outcome.stopped) : completed(outcome, stages, world)
  } catch (error) {
    const failure = endingFailure(error, world.signal)
    if (!failure) throw error
    return { ...base(known), ending: endingOf(failure.kind), exitCode: exitCodeOf(failure.kind), failure }
  }
}

const base = (incident: Incident) => ({ incident, unproven: unproven(incident), alarms: incident.facts.closure?.alarms ?? [] })

const stopped = (
  { incident }: ResponseOutcome,
  { kind, stage, why, remedy }: NonNullable<ResponseOutcome['stopped']>,
): Walked => ({
  ...base(incident),
  ending: endingOf(kind),
  exitCode: exitCodeOf(kind),
  failure: new Failure({ kind, what: `${stage} stopped the run`, why, remedy }),
})

const completed = ({ incident }: ResponseOutcome, stages: readonly Stage[], { dryRun }: World): Walked => {
  if (dryRun) return { ...base(incident), ending: 'completed', exitCode: EXIT.finished, unproven: [], alarms: [] }
  const reasons = unconfirmed(incident, stages)
  if (reasons.length === 0) return { ...base(incident), ending: 'completed', exitCode: EXIT.finished }
  return { ...base(incident), ending: 'completed', exitCode: exitCodeOf('unconfirmed'), alarms: [...new Set(reasons)] }
}

/** As `foreseen`, and AWS's errors too: here they end a run that has a journal. */
const endingFailure = (error: unknown, signal: AbortSignal): Failure | undefined =>
  foreseen(error, signal) ?? (isAwsError(error) ? failureOf(error, 'finish this stage') : undefined)

/** The last event of a run, for views and for scripts. */
export const endedOf = (walked: Walked, facts: Omit<Ended, 'type' | 'ending' | 'exitCode' | 'unproven' | 'alarms'>): Ended => ({
  type: 'ended',
  ending: walked.ending,
  exitCode: walked.exitCode,
  unproven: walked.unproven,
  alarms: walked.alarms,
  ...facts,
})

/** Hears entries and progress alike, and counts the writes that were sent. */
export const countingRecorder = (
  journal: Pick<Journal<Entry>, 'append'>,
  listener: Listener,
): RunRecorder & { writes(): number } => {
  let writes = 0
  return {
    writes: () => writes,
    emit: (event) => listener.hear(event),
    record: async (entry) => {
      // Counted even where its outcome cannot be written down: it has been sent.
      if (entry.type === 'sent') writes += 1
      const head = await journal.append(entry)
      if (entry.type !== 'ended') listener.hear(entry)
      return head
    },
  }
}
