import { given } from '../../incident/values/given.ts'
import type { Ended, Listener } from '../../response/ports.ts'
import type { CommandEnding } from '../command.ts'
import { canBeRepeated } from '../command-failure.ts'
import type { NextCommands } from '../continuation.ts'
import type { RunResult } from './run-stages.ts'

/** What the end of a run needs besides its result. */
export interface EndedRun {
  readonly kind: 'respond' | 'drill'
  readonly view: Listener
  /** Whether the view writes JSON for a script, and not a screen for a person. */
  readonly json: boolean
  readonly commands: NextCommands
}

/** The facts of the last event that the result does not have. */
export type EndFacts = Pick<Ended, 'incident' | 'writes' | 'otherWrites' | 'report' | 'continueWith' | 'stillToDo'>

/** The ending of a run: its outcome, and the last event with the command that continues. */
export const endingOfRun = (run: EndedRun, { outcome, unproven, alarms }: RunResult, facts: EndFacts): CommandEnding => {
  const next = facts.continueWith ?? nextCommand(run, outcome, facts)
  return {
    outcome,
    continueWith: run.json ? next : undefined,
    announce: ({ ending, exitCode }) =>
      run.view.hear({
        type: 'ended',
        ending,
        exitCode,
        unproven,
        alarms,
        ...facts,
        ...given({ continueWith: next }),
      }),
  }
}

/** The command that continues; a drill lives in memory and can only be played again. */
const nextCommand = (
  { kind, commands }: EndedRun,
  outcome: RunResult['outcome'],
  { incident, report }: EndFacts,
): string | undefined => {
  if (kind === 'drill') return outcome.kind === 'failed' ? commands.again : undefined
  if (outcome.kind === 'finished') return report === undefined ? undefined : commands.report(incident)
  // After a false alarm too: whoever declared it can go on after all.
  if (incident !== '') return commands.resume(incident)
  return outcome.kind === 'failed' && canBeRepeated(outcome.failure) ? commands.again : commands.findings
}
