import type { Incident } from '../../incident/incident.ts'
import { isOfCaller } from '../../incident/values/aws-error-codes.ts'
import { Failure } from '../../incident/values/failure.ts'
import type { Context } from '../stage.ts'

/** What a stage is about to change. */
interface Change {
  /** The stage's id. */
  readonly stage: string
  readonly operation: string
  readonly resource: string
}

/** The error code with which AWS refused the same change in this run. It is not sent again: the run goes on without it. */
export const refusedInRun = (
  { intents, earlierIntents }: Pick<Incident, 'intents' | 'earlierIntents'>,
  { stage, operation, resource }: Change,
): string | undefined => {
  const last = intents
    .slice(earlierIntents)
    .findLast((intent) => intent.stage === stage && intent.effect.operation === operation && intent.effect.resource === resource)
  return last?.outcome === 'refused' ? (last.why ?? 'refused') : undefined
}

/** A refusal of one change does not hold the others up: the next look names it. One of the responder's credentials is none of the change. */
export const attemptChange = async (make: () => Promise<void>, { signal }: Context): Promise<void> => {
  try {
    await make()
  } catch (error) {
    if (!(error instanceof Failure) || isOfCaller(error.meaning) || signal.aborted) throw error
  }
}
