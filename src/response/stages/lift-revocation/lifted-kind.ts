import type { Effect } from '../../../incident/entry.ts'
import type { LiftedChange } from '../../../incident/facts/lift.ts'
import type { Incident, Intent } from '../../../incident/incident.ts'
import type { Context, SendingClient } from '../../stage.ts'

/** One call that lifts a change. */
export interface LiftStep {
  readonly client: SendingClient
  readonly command: object
  readonly effect: Effect
}

/** A change as a look found it. With steps it is how it will be once they are made, in this order. */
export interface LiftLook {
  readonly change: LiftedChange
  readonly steps: readonly LiftStep[]
}

/** A kind of change that is lifted. It is found by the calls that make it, and looks at what stands of it before it lifts anything. */
export interface LiftedKind {
  /** The operations by which the response makes the change. */
  readonly operations: readonly string[]
  /** Reads only. `made` are the changes of one and the same thing, oldest first. */
  look(made: readonly Intent[], incident: Incident, context: Context): Promise<LiftLook>
}
