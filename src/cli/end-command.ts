import { setImmediate } from 'node:timers/promises'
import { Failure } from '../incident/values/failure.ts'
import { given } from '../incident/values/given.ts'
import { asciiJson } from '../incident/values/show.ts'
import type { Ended } from '../response/ports.ts'
import type { CommandEnding, LastEvent } from './command.ts'
import { canBeRepeated, foreseenFailure } from './command-failure.ts'
import { EXIT, endOf, failed } from './exit-code.ts'
import type { Host } from './host.ts'

/** Ends a command: prints its failure with the command that continues, announces the end, and gives the exit code. */
export const endCommand = async (host: Host, { outcome, continueWith, announce }: CommandEnding): Promise<number> => {
  const end = endOf(outcome)
  if (outcome.kind === 'failed') {
    // Loaded on use: a command that ends well does not pay for it.
    const { printFailure } = await import('./print-failure.ts')
    printFailure(host, outcome.failure, end.exitCode, continueWith)
  }
  announce?.(end)
  // The error of a write comes a turn after it.
  await setImmediate()
  const { aborted, reason } = host.signal
  const isUnwritten = aborted && reason instanceof Failure && reason.kind === 'blocked'
  return end.exitCode === EXIT.finished && isUnwritten ? endCommand(host, { outcome: failed(reason) }) : end.exitCode
}

/** The ending of a command that threw a failure that ir-cred foresees. `json` says that a script reads events. Throws bugs again. */
export const endingOfError = (host: Host, error: unknown, last?: LastEvent, json = false): CommandEnding => {
  const failure = foreseenFailure(error, host.signal)
  if (!failure) throw error
  if (!last) return { outcome: failed(failure) }
  const continueWith = canBeRepeated(failure) ? last.again : undefined
  const announce = ({ ending, exitCode }: ReturnType<typeof endOf>): void => {
    const nothing = { incident: last.incident, writes: 0, unproven: [], alarms: [] }
    const event: Ended = { type: 'ended', ending, exitCode, ...nothing, ...given({ continueWith }) }
    host.stdout.write(`${asciiJson(event)}\n`)
  }
  return { outcome: failed(failure), continueWith, ...given({ announce: json ? announce : undefined }) }
}
