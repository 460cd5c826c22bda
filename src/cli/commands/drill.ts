import { join } from 'node:path'
import type { Request } from '../../incident/entry.ts'
import { instantOf } from '../../incident/values/instant.ts'
import { DRILLS, stateRoot } from '../../journal/directory.ts'
import type { Listener, Responder } from '../../response/ports.ts'
import type { ActorEvent } from '../../simulator/account.ts'
import { steppingClock } from '../../simulator/clock.ts'
import { loadScenario, scenarioIds } from '../../simulator/scenarios/catalogue.ts'
import type { BuiltScenario } from '../../simulator/scenarios/scenario.ts'
import { drillResponder } from '../../terminal/drill-responder.ts'
import { usableWidth } from '../../terminal/width.ts'
import { hang } from '../../terminal/wrap.ts'
import { readAnswers } from '../answers-file.ts'
import type { Command, CommandEnding } from '../command.ts'
import type { CallObserver } from '../connection/aws-connection.ts'
import { readNoConfiguration } from '../connection/no-configuration.ts'
import { openSimulated } from '../connection/simulated.ts'
import { commandPlaceOf, drillAgain, nextCommands } from '../continuation.ts'
import { FINISHED, type Outcome } from '../exit-code.ts'
import type { Host } from '../host.ts'
import { runIncident } from '../incident-run/run-incident.ts'
import { stages } from '../incident-run/stages.ts'
import { ACCOUNT_OPTIONS, checkStages, outputRequestOf, type RunOptions, runSettingsOf } from '../options.ts'
import { startOf } from '../start-time.ts'
import { canRedraw, isInteractive } from '../tty.ts'
import { type AnswerRequest, answerRequestOf, type RunView, responderFor, viewFor } from '../views.ts'

export interface DrillOptions extends RunOptions {
  readonly list?: boolean
  /** When the simulated account's time begins, RFC 3339. */
  readonly at?: string
}

/** `ir-cred drill`: the same runbook on a simulated account in this process. Reads no AWS configuration, opens no socket. */
export const drillCommand: Command<DrillOptions, [scenario: string | undefined]> = {
  run: async (host, options, scenario) => (options.list ? listScenarios(host, options) : drill(host, options, scenario)),
  lastEvent: (host, options, scenario) => ({ incident: options.incident ?? '', again: againIn(host, options, scenario) }),
}

const againIn = (host: Host, options: DrillOptions, scenario: string | undefined): string =>
  drillAgain(scenario, commandPlaceOf(host, options), isInteractive(host, options.input) && !options.yes)

const drill = async (host: Host, options: DrillOptions, scenarioId: string | undefined): Promise<CommandEnding> => {
  readNoConfiguration(host)
  const { approve = [], skip = [], detectiveProfile, stateDir } = options
  checkStages(
    [...approve, ...skip],
    stages.map(({ id }) => id),
    '--approve or --skip',
  )
  const scripted = options.answers === undefined ? undefined : await readAnswers(options.answers)
  const answers = answerRequestOf(host, options, scripted)
  const output = outputRequestOf(options)
  const scenario = await loadScenario(scenarioId ?? 'custom-threat-list')
  const built = scenario.build({ clock: steppingClock(startOf(host, options.at)) })
  const view = viewFor(host, output)
  note(view, `drill ${scenario.id}: ${scenario.title}. Simulated account; nothing here touches AWS`)
  note(view, scenario.story)
  const unused = [...ACCOUNT_OPTIONS].filter(([name]) => Object.hasOwn(options, name)).map(([, flag]) => flag)
  if (unused.length > 0) note(view, `a drill has its own account and ignores ${unused.join(', ')}`)
  built.account.hears.push((event) => showActor(event, view))
  const observer: CallObserver = { onCall: () => {} }
  const connection = await openSimulated(built, {
    ...{ signal: host.signal, version: host.version, observer },
    ...(detectiveProfile === undefined ? {} : { detectiveProfile }),
  })
  observer.onCall = (call) => view.hear({ type: 'call', at: connection.clock.now(), ...call })
  const ending = await runIncident({
    ...{ kind: 'drill', host, connection, view, json: output.json },
    request: requestFor(answers, built),
    settings: runSettingsOf(options),
    root: join(stateRoot(host.env, stateDir), DRILLS),
    responder: await drillResponderFor(host, options, answers, view),
    commands: nextCommands(againIn(host, options, scenarioId), commandPlaceOf(host, options)),
    accountWrites: connection.opened.writes,
  })
  return output.json || output.quiet ? ending : withModelAnswers(ending, host, options, built)
}

const note = (view: Listener, text: string): void => view.hear({ type: 'note', text })

/** A drill that was played to its end shows the model answers after it; one that was stopped half-way does not. */
const withModelAnswers = (ending: CommandEnding, host: Host, options: DrillOptions, built: BuiltScenario): CommandEnding => ({
  ...ending,
  announce: (end) => {
    ending.announce?.(end)
    if (wasPlayed(ending.outcome)) printModelAnswers(host, options, built)
  },
})

const wasPlayed = (outcome: Outcome): boolean => outcome.kind !== 'failed' || outcome.failure.kind === 'unconfirmed'

const showActor = ({ who, at, action, outcome, explicit }: ActorEvent, view: Listener): void => {
  if (who === 'attacker') view.hear({ type: 'actor', who, at: instantOf(new Date(at)), action, outcome, explicit })
}

/** A person picks the finding from the list, as in a real response; without one, the scenario's finding is taken. */
const requestFor = ({ interactive }: AnswerRequest, { findingId }: BuiltScenario): Request =>
  interactive ? { by: 'list' } : { by: 'finding-id', id: findingId }

/** Without a terminal, and without answers by flag or file, a drill plays the model answers. */
const drillResponderFor = async (
  host: Host,
  options: DrillOptions,
  answers: AnswerRequest,
  view: RunView,
): Promise<Responder> => {
  const scripted = options.yes || options.approve !== undefined || answers.scripted !== undefined
  if (!scripted && options.input !== false && !answers.interactive) return drillResponder((text) => note(view, text))
  return responderFor(host, answers, outputRequestOf(options), view)
}

const listScenarios = async ({ stdout }: Host, { json }: DrillOptions): Promise<CommandEnding> => {
  for (const id of scenarioIds) {
    const { title, story } = await loadScenario(id)
    stdout.write(json ? `${JSON.stringify({ type: 'scenario', id, title, story })}\n` : `${id}\n  ${title}\n  ${story}\n\n`)
  }
  return { outcome: FINISHED }
}

const printModelAnswers = (host: Host, options: DrillOptions, { modelAnswers }: BuiltScenario): void => {
  const redraws = canRedraw(host, outputRequestOf(options))
  const width = redraws ? usableWidth(host.stdout.columns ?? 0) : Number.POSITIVE_INFINITY
  const lines = modelAnswers.flatMap((answer) => hang(' - ', answer, width))
  host.stdout.write(`\nWhat to take from this drill:\n${lines.join('\n')}\n`)
}
