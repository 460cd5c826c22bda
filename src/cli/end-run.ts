import type { Failure } from '../incident/failure.ts'
import type { Ended } from '../runbook/ports.ts'
import { findingsCommandFor, reportCommandFor, resumeCommand } from './continuation.ts'
import { endingOf, exitCodeOf } from './exit-code.ts'
import { viewFor } from './faces.ts'
import { foreseen } from './foreseen.ts'
import type { Host } from './host.ts'
import type { RunOptions } from './options.ts'
import type { IncidentRun } from './run-incident.ts'
import { tellFailure } from './tell-failure.ts'
import { endedOf, type Walked } from './walk.ts'

/** Tells how a run ended: the failure to the person, the last event to everybody. Gives the exit code. */
export const endRun = (run: IncidentRun, walked: Walked, facts: Pick<Ended, 'incident' | 'writes' | 'report'>): number => {
  const { view, host, options } = run
  const { failure, exitCode } = walked
  const next = nextCommand(run, walked, facts)
  // People read it at the end of the run; a script's last event is not where people look.
  if (failure) tellFailure(host, failure, exitCode, options.json ? next : undefined)
  view.hear(endedOf(walked, { ...facts, ...(next ? { continueWith: next } : {}) }))
  return exitCode
}

/** The command that goes on from here; a drill lives in memory and can only be played again. */
const nextCommand = (
  { kind, again, options }: IncidentRun,
  { exitCode, ending, failure }: Walked,
  { incident, report }: Pick<Ended, 'incident' | 'report'>,
) => {
  if (kind === 'drill') return ending === 'completed' ? undefined : again
  if (exitCode === 0) return report === undefined ? undefined : reportCommandFor(incident, options)
  if (incident !== '') return resumeCommand(incident, options)
  return failure && canBeRepeated(failure) ? again : findingsCommandFor(options)
}

/** Whether the same command has a chance once its reason has gone; bad input stays bad input. */
const canBeRepeated = ({ kind }: Failure): boolean => kind === 'interrupted' || kind === 'unavailable' || kind === 'identity'

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
    tellFailure(host, failure, exitCode, next.continueWith)
    const nothing = { incident: options.incident ?? '', writes: 0, unproven: [], alarms: [] }
    if (options.json)
      viewFor(host, options).hear({ type: 'ended', ending: endingOf(failure.kind), exitCode, ...nothing, ...next })
    return exitCode
  }
}
