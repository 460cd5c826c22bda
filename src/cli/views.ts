import type { Incident } from '../incident/incident.ts'
import type { Listener, Responder } from '../response/ports.ts'
import { flagResponder } from '../terminal/flag-responder.ts'
import { jsonView } from '../terminal/json-view.ts'
import { plainView } from '../terminal/plain-view.ts'
import { terminalView } from '../terminal/terminal-view.ts'
import { wantsColour } from '../terminal/theme.ts'
import type { Host } from './host.ts'
import type { OutputRequest, RunOptions } from './options.ts'
import { canRedraw, isInteractive } from './tty.ts'

/** A view that may have to leave the screen clean before somebody else writes on it. */
export type RunView = Listener & { clear?(): void }

/** Shows the events of a run: as JSON for a script, redrawn at a terminal, line by line elsewhere. */
export const viewFor = (host: Host, output: OutputRequest, known?: Incident): RunView => {
  const { stdout, stderr, env } = host
  const redraws = canRedraw(host, output)
  const surface = {
    out: stdout,
    err: stderr,
    columns: () => stdout.columns ?? 0,
    colour: wantsColour({ isTerminal: redraws, plain: output.plain, noColor: env.NO_COLOR, term: env.TERM }),
    zone: env.TZ ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    verbose: output.verbose,
    quiet: output.quiet,
    ...(known ? { known } : {}),
  }
  if (output.json) return jsonView(surface)
  return redraws ? terminalView(surface) : plainView(surface)
}

/** What the command line answers beforehand, and whether a person is asked for the rest. */
export interface AnswerRequest {
  readonly yes: boolean
  /** Stages that are approved. */
  readonly approve: readonly string[]
  readonly skip: readonly string[]
  /** The answers file, stage or question → answer. */
  readonly scripted: Readonly<Record<string, string>> | undefined
  /** A person at a terminal can be asked. */
  readonly interactive: boolean
}

export const answerRequestOf = (
  host: Host,
  { yes = false, approve = [], skip = [], input }: RunOptions,
  scripted: AnswerRequest['scripted'],
): AnswerRequest => ({ yes, approve, skip, scripted, interactive: !yes && isInteractive(host, input) })

/** Flags and the answers file answer first; a person at a terminal is asked the rest. */
export const responderFor = async (
  host: Host,
  answers: AnswerRequest,
  output: OutputRequest,
  view: RunView,
): Promise<Responder> => {
  const { yes, approve, skip, scripted } = answers
  const flags = flagResponder({ yes, approve, skip, ...(scripted ? { answers: scripted } : {}) })
  if (!answers.interactive) return flags
  const person = await personAt(host, canRedraw(host, { ...output, json: false }), view)
  const named = new Set([...approve, ...Object.keys(scripted ?? {})])
  return {
    approve: (question) => (named.has(question.stage) ? flags.approve(question) : person.approve(question)),
    choose: async (question) => (await flags.choose(question)) ?? person.choose(question),
  }
}

/** Loaded on use: a run that asks nobody does not pay for the prompts. */
const personAt = async (host: Host, redraws: boolean, view: RunView): Promise<Responder> => {
  const terminal = {
    input: host.stdin,
    output: host.stderr,
    signal: host.signal,
    columns: () => host.stdout.columns ?? 80,
    colour: !host.env.NO_COLOR,
    beforeAsking: () => view.clear?.(),
  }
  if (redraws) {
    const { personResponder } = await import('../terminal/person-responder.ts')
    return personResponder(terminal)
  }
  const { plainResponder } = await import('../terminal/plain-responder.ts')
  return plainResponder(terminal)
}
