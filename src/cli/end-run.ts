import type { Ended } from '../runbook/ports.ts'
import { endingOf, exitCodeOf } from './exit-code.ts'
import { viewFor } from './faces.ts'
import { foreseen } from './foreseen.ts'
import type { Host } from './host.ts'
import type { RunOptions } from './options.ts'
import type { IncidentRun } from './run-incident.ts'
import { tellFailure } from './tell-failure.ts'
import { endedOf, type Walked } from './walk.ts'

/** Tells how a run ended: the failure to the person, the last event to everybody. Gives the exit code. */
export const endRun = (
  { view, kind, host, options }: IncidentRun,
  walked: Walked,
  facts: Pick<Ended, 'incident' | 'writes' | 'report'>,
): number => {
  const { failure, exitCode } = walked
  if (failure) tellFailure(host, failure, exitCode)
  const next = nextCommand(walked, facts, kind, options)
  view.hear(endedOf(walked, { ...facts, ...(next ? { continueWith: next } : {}) }))
  return exitCode
}

/** The command that goes on from here; a drill lives in memory and can only be played again. */
const nextCommand = (
  { exitCode, ending }: Walked,
  facts: Pick<Ended, 'incident' | 'report'>,
  kind: IncidentRun['kind'],
  options: RunOptions,
) => {
  if (kind === 'drill') return ending === 'completed' ? undefined : 'ir-cred drill --yes'
  if (exitCode !== 0) return continuing(facts.incident, options)
  return facts.report === undefined ? undefined : `ir-cred report ${facts.incident}`
}

const continuing = (incident: string, { stateDir }: RunOptions): string => {
  const state = stateDir === undefined ? '' : ` --state-dir ${stateDir}`
  return incident === '' ? `ir-cred findings${state}` : `ir-cred respond --incident ${incident}${state}`
}

/**
 * A run that fails before its incident is open ends like any other: a script that reads events gets its last one. Without
 * `--json` the failure is left to whoever tells it.
 */
export const withEnding = async (host: Host, options: RunOptions, run: () => Promise<number>): Promise<number> => {
  try {
    return await run()
  } catch (error) {
    const failure = foreseen(error, host.signal)
    if (!failure || !options.json) throw error
    const exitCode = exitCodeOf(failure.kind)
    tellFailure(host, failure, exitCode)
    const nothing = { incident: options.incident ?? '', writes: 0, unproven: [], alarms: [] }
    viewFor(host, options).hear({ type: 'ended', ending: endingOf(failure.kind), exitCode, ...nothing })
    return exitCode
  }
}
