import { join } from 'node:path'
import { given } from '../../incident/values/given.ts'
import { instantOf } from '../../incident/values/instant.ts'
import { DRILLS, stateRoot } from '../../journal/directory.ts'
import type { Listener } from '../../response/ports.ts'
import type { ActorEvent } from '../../simulator/account/account.ts'
import { steppingClock } from '../../simulator/clock.ts'
import { loadScenario } from '../../simulator/scenarios/catalogue.ts'
import { drillResponder } from '../../terminal/drill-responder.ts'
import { usableWidth } from '../../terminal/width.ts'
import { hang } from '../../terminal/wrap.ts'
import type { CommandEnding } from '../command.ts'
import type { CallObserver } from '../connection/aws-connection.ts'
import { readNoConfiguration } from '../connection/no-configuration.ts'
import { openSimulated } from '../connection/simulated.ts'
import type { NextCommands } from '../continuation.ts'
import type { Outcome } from '../exit-code.ts'
import type { Host } from '../host.ts'
import type { AnswerRequest, OutputRequest, RunSettings } from '../options.ts'
import type { Terminal } from '../tty.ts'
import { responderFor, viewFor } from '../views.ts'
import { runIncident } from './run-incident.ts'

/** A drill as the command line asks for it. */
export interface DrillRequest {
  /** The scenario's id, as it was typed or chosen. */
  readonly scenario: string
  readonly output: OutputRequest
  readonly terminal: Terminal
  readonly answers: AnswerRequest
  readonly settings: RunSettings
  readonly commands: NextCommands
  readonly detectiveProfile: string | undefined
  readonly stateDir: string | undefined
  /** When the simulated account's time begins, in ms since the epoch. */
  readonly startsAt: number
  /** A person chooses the finding. */
  readonly asks: boolean
  /** The model answers are given, and shown. */
  readonly playsItself: boolean
  /** Options that are for a real account, as they are typed. */
  readonly ignored: readonly string[]
}

/** Builds the scenario's account and runs the runbook on it. Throws Failure usage for a scenario that there is not. */
export const playDrill = async (host: Host, request: DrillRequest): Promise<CommandEnding> => {
  readNoConfiguration(host)
  const { terminal, output, settings, commands, detectiveProfile, ignored } = request
  const scenario = await loadScenario(request.scenario)
  const built = scenario.build({ clock: steppingClock(request.startsAt) })
  const view = viewFor(terminal, output)
  note(view, `drill ${scenario.id}: ${scenario.title}. Simulated account; nothing here touches AWS`)
  note(view, scenario.story)
  if (ignored.length > 0) note(view, `a drill has its own account and ignores ${ignored.join(', ')}`)
  built.account.actorListeners.push((event) => showActor(event, view))
  const observer: CallObserver = { onCall: () => {} }
  const { signal, version } = host
  const connection = await openSimulated(built, { signal, version, observer, ...given({ detectiveProfile }) })
  observer.onCall = (call) => view.hear({ type: 'call', at: connection.clock.now(), ...call })
  const ending = await runIncident({
    ...{ kind: 'drill', host, connection, view, json: output.json, settings, commands },
    root: join(stateRoot(host.env, request.stateDir), DRILLS),
    request: request.asks ? { by: 'list' } : { by: 'finding-id', id: built.findingId },
    responder: request.playsItself
      ? drillResponder((text) => note(view, text))
      : await responderFor(terminal, request.answers, view),
    accountWrites: connection.opened.writes,
  })
  return output.json || output.quiet ? ending : withModelAnswers(ending, terminal, built.modelAnswers)
}

const note = (view: Listener, text: string): void => view.hear({ type: 'note', text })

/** A drill that was played to its end shows the model answers after it; one that was stopped half-way does not. */
const withModelAnswers = (ending: CommandEnding, terminal: Terminal, modelAnswers: readonly string[]): CommandEnding => ({
  ...ending,
  announce: (end) => {
    ending.announce?.(end)
    if (wasPlayed(ending.outcome)) printModelAnswers(terminal, modelAnswers)
  },
})

const wasPlayed = (outcome: Outcome): boolean => outcome.kind !== 'failed' || outcome.failure.kind === 'unconfirmed'

const showActor = ({ who, at, action, outcome, explicit }: ActorEvent, view: Listener): void => {
  if (who === 'attacker') view.hear({ type: 'actor', who, at: instantOf(new Date(at)), action, outcome, explicit })
}

const printModelAnswers = ({ out, redraws }: Terminal, modelAnswers: readonly string[]): void => {
  const width = redraws ? usableWidth(out.columns ?? 0) : Number.POSITIVE_INFINITY
  const lines = modelAnswers.flatMap((answer) => hang(' - ', answer, width))
  out.write(`\nWhat to take from this drill:\n${lines.join('\n')}\n`)
}
