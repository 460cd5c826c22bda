import type { Failure } from '../incident/values/failure.ts'
import { endingOf, exitCodeOf } from './exit-code.ts'
import { foreseen } from './foreseen.ts'
import type { Host } from './host.ts'
import type { RunOptions } from './options.ts'

/** Whether the same command has a chance once its reason has gone; bad input stays bad input. */
export const canBeRepeated = ({ kind }: Failure): boolean =>
  kind === 'interrupted' || kind === 'unavailable' || kind === 'identity'

/**
 * A run that fails before its incident is open ends like any other: with the command that goes on, and a script that reads
 * events gets its last one.
 */
export const withEnding = async (host: Host, options: RunOptions, again: string, run: () => Promise<number>): Promise<number> => {
  try {
    return await run()
  } catch (error) {
    const failure = foreseen(error, host.signal)
    if (!failure) throw error
    const exitCode = exitCodeOf(failure.kind)
    const next = canBeRepeated(failure) ? { continueWith: again } : {}
    // Loaded on use: a run that ends well does not pay for the screens.
    const { tellFailure } = await import('./print-failure.ts')
    tellFailure(host, failure, exitCode, next.continueWith)
    const nothing = { incident: options.incident ?? '', writes: 0, unproven: [], alarms: [] }
    if (options.json) {
      const { viewFor } = await import('./views.ts')
      viewFor(host, options).hear({ type: 'ended', ending: endingOf(failure.kind), exitCode, ...nothing, ...next })
    }
    return exitCode
  }
}
