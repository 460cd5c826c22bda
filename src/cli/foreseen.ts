import { Failure } from '../incident/values/failure.ts'

/** A failure that ir-cred foresees, told in sentences; undefined for what is a bug until somebody knows better. */
export const foreseen = (error: unknown, signal: AbortSignal): Failure | undefined => {
  if (signal.aborted && (error === signal.reason || isAbort(error) || (error instanceof Failure && isAbort(error.cause))))
    return signal.reason instanceof Failure ? signal.reason : new Failure({ kind: 'interrupted', what: 'interrupted' })
  return error instanceof Failure ? error : undefined
}

const isAbort = (error: unknown): boolean => error instanceof Error && /^Abort/.test(error.name)
