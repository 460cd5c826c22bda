import { Failure } from '../incident/values/failure.ts'

/** The failure that ended a command: one that ir-cred foresees, or the interruption of the run. Undefined for a bug. */
export const foreseenFailure = (error: unknown, signal: AbortSignal): Failure | undefined => {
  if (signal.aborted && (error === signal.reason || isAbort(error) || (error instanceof Failure && isAbort(error.cause))))
    return signal.reason instanceof Failure ? signal.reason : new Failure({ kind: 'interrupted', what: 'interrupted' })
  return error instanceof Failure ? error : undefined
}

const isAbort = (error: unknown): boolean => error instanceof Error && /^Abort/.test(error.name)

/** Whether the same command may succeed later. Bad input stays bad input. */
export const canBeRepeated = ({ kind }: Failure): boolean =>
  kind === 'interrupted' || kind === 'unavailable' || kind === 'identity'
