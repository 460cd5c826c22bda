import type { Ended } from '../../response/ports.ts'
import { findingsCommandFor, reportCommandFor, resumeCommand } from '../continuation.ts'
import { tellFailure } from '../print-failure.ts'
import { canBeRepeated } from '../with-ending.ts'
import type { IncidentRun } from './run-incident.ts'
import { endedOf, type Walked } from './run-stages.ts'

/** Tells how a run ended: the failure to the person, the last event to everybody. Gives the exit code. */
export const endRun = (
  run: IncidentRun,
  walked: Walked,
  facts: Pick<Ended, 'incident' | 'writes' | 'report' | 'continueWith'>,
): number => {
  const { view, host, options } = run
  const { failure, exitCode } = walked
  const next = facts.continueWith ?? nextCommand(run, walked, facts)
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
