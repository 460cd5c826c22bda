import type { Incident } from '../incident/incident.ts'
import type { Failure } from '../incident/values/failure.ts'
import type { ReadingsBeside } from './beside.ts'
import type { Responder } from './ports.ts'
import type { Rechecks } from './rechecks.ts'
import type { Context, Stage } from './stage.ts'
import type { RunRecorder, World } from './world.ts'

/** The stage that stopped the run, and why. */
export interface Stopped {
  readonly stage: string
  readonly kind: Failure['kind'] | 'falseAlarm'
  readonly why: string
  readonly remedy: string
  /** The run went on without the stage, and ends with its refusal. */
  readonly leavesOut?: true
}

/** One run through the stages. `incident` gives what is known at the moment. */
export interface Run {
  readonly stages: readonly Stage[]
  readonly world: World
  readonly recorder: RunRecorder
  readonly responder: Responder
  readonly incident: () => Incident
  /** Takes what a dry run assumes for known. */
  readonly assume: (incident: Incident) => void
  readonly context: (stage: Stage, lastLook?: true) => Context
  readonly rechecks: Rechecks
  /** Makes the re-checks that are due: called after each stage, and between two looks of every wait. */
  readonly between: () => Promise<void>
  /** Offers to make a change again that somebody undid. */
  readonly restore: (stage: Stage) => Promise<void>
  /** The place of the first stage whose change was made again since this was last asked. */
  readonly takeRestored: () => number | undefined
  /** How many stages there are, where these are only the first of them. */
  readonly of: number
  /** What the responder does not wait for. Absent: the responder waits for everything. */
  readonly beside?: ReadingsBeside
  /** Of the first stages of a run that goes on elsewhere: what a later stage can wait for is left to it. */
  readonly isFirstPart: boolean
  /**
   * The first refusal that did not end the run: of a dry run, what a real one would have stopped at; of a real one, a stage that was
   * left out although the response needs it.
   */
  readonly noted: { refusal?: Stopped }
}
