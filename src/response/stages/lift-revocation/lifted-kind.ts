import type { Effect } from '../../../incident/entry.ts'
import type { LiftedChange } from '../../../incident/facts/lift.ts'
import type { Incident, Intent } from '../../../incident/incident.ts'
import type { Context, SendingClient } from '../../stage.ts'

/** One call that lifts a change. */
export interface LiftStep {
  readonly client: SendingClient
  readonly command: object
  readonly effect: Effect
  /** Whether AWS would take it now, where it depends on a step before it. It is waited for, and without it the step is not sent. */
  ready?(): Promise<boolean>
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
  /** Which thing a change is made to, where operation, resource and name do not say it. */
  thingOf?(effect: Effect): string
  /** Reads only. `made` are the changes of one and the same thing, oldest first. */
  look(made: readonly Intent[], incident: Incident, context: Context): Promise<LiftLook>
}

/** What it costs to lift a change that denies something. */
export const liftCost = ({ liftDespite }: Incident): string =>
  liftDespite
    ? 'what the change keeps out and is still alive works again, the attacker’s too'
    : 'none: nothing is alive any more that it keeps out'
