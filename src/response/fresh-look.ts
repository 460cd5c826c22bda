import { secondsBetween } from '../incident/values/instant.ts'
import type { Run } from './run.ts'
import type { Context, Needed, Stage } from './stage.ts'

/** Seconds for which what was looked at stands for what is. A change after that looks once more. */
const FRESH = 60

/** Asks nothing: another question is open. A look that needs an answer is made again before the change. */
const silently = (context: Context): Context => ({
  ...context,
  choose: async () => undefined,
  ask: async () => undefined,
})

/** The newest look at what a change replaces. */
export interface FreshLook {
  /** Looks once more, beside whatever goes on. What it cannot read ends nothing. */
  refresh(): void
  /** Nothing where it is too old by now, or where the change is not needed any more. */
  latest(): Promise<Needed | undefined>
}

/**
 * Keeps what was looked at for a change fresh while its question is open. The responder who acknowledges the change is about to approve
 * it: the look is made meanwhile, so that the approval is followed by the change.
 */
export const freshLook = (stage: Stage, needed: Needed, { world, incident, context }: Run): FreshLook => {
  let at = world.now()
  let newest: Promise<Needed | undefined> = Promise.resolve(needed)
  const look = async (): Promise<Needed | undefined> => {
    const assessment = await stage.assess(incident(), silently(context(stage)))
    return assessment.status === 'needed' ? assessment : undefined
  }
  return {
    refresh: () => {
      at = world.now()
      newest = look().catch(() => undefined)
    },
    latest: async () => (secondsBetween(at, world.now()) <= FRESH ? newest : undefined),
  }
}
