import { Failure } from '../incident/values/failure.ts'
import type { AnyStage, Context } from './stage.ts'

/** Makes the changes of a stage. Gives why the stage is left out, where a change was refused and the response can do without it. */
export const actOn = async (stage: AnyStage, incident: never, context: Context): Promise<string | undefined> => {
  try {
    await stage.act?.(incident, context)
    return undefined
  } catch (error) {
    const why = error instanceof Failure ? stage.withoutIt?.(error, context) : undefined
    if (why === undefined) throw error
    return why
  }
}
