import { join } from 'node:path'
import { given } from '../../incident/values/given.ts'
import { instantOf } from '../../incident/values/instant.ts'
import { DRILLS, stateRoot } from '../../journal/directory.ts'
import type { Listener } from '../../response/ports.ts'
import { STAGE_IDS } from '../../response/stage-ids.ts'
import type { ActorEvent } from '../../simulator/account/account.ts'
import { steppingClock } from '../../simulator/clock.ts'
import { loadScenario, scenarioIds } from '../../simulator/scenarios/catalogue.ts'
import { drillResponder } from '../../terminal/drill-responder.ts'
import { usableWidth } from '../../terminal/width.ts'
import { hang } from '../../terminal/wrap.ts'
import { readAnswers } from '../answers-file.ts'
import type { Command, CommandEnding } from '../command.ts'
import type { CallObserver } from '../connection/aws-connection.ts'
import { readNoConfiguration } from '../connection/no-configuration.ts'
import { openSimulated } from '../connection/simulated.ts'
import { type CommandPlace, commandPlaceOf, drillAgain, nextCommands } from '../continuation.ts'
import { FINISHED, type Outcome } from '../exit-code.ts'
import type { Host } from '../host.ts'
import { ANSWERABLE } from '../incident-run/answerable.ts'
import { runIncident } from '../incident-run/run-incident.ts'
import { ACCOUNT_OPTIONS, answerRequestOf, checkStages, outputRequestOf, type RunOptions, runSettingsOf } from '../options.ts'
import { startOf } from '../start-time.ts'
import { type Terminal, terminalOf } from '../tty.ts'
import { responderFor, viewFor } from '../views.ts'

export interface DrillOptions extends RunOptions {
  readonly list?: boolean
  /** When the simulated account's time begins, RFC 3339. */
  readonly at?: string
}

/** `ir-cred drill`: the same runbook on a simulated account in this process. Reads no AWS configuration, opens no socket. */
export const drillCommand: Command<DrillOptions, [scenario: string | undefined]> = {
  run: async (host, options, scenario) =>
    options.list ? listScenarios(host, options) : drill(host, await parse(host, options, scenario)),
  lastEvent: (host, options, scenario) => {
    const { interactive } = terminalOf(host, outputRequestOf(options), options.input)
    return { incident: options.incident ?? '', again: againIn(commandPlaceOf(host, options), options, scenario, interactive) }
  },
}

const againIn = (place: CommandPlace, { yes }: DrillOptions, scenario: string | undefined, interactive: boolean): string =>
  drillAgain(scenario, place, interactive && !yes)

/** Throws Failure usage for stages, answers or a time that cannot be right. */
const parse = async (host: Host, options: DrillOptions, scenario: string | undefined) => {
  const { approve = [], skip = [], answers: file, yes = false, input, detectiveProfile, stateDir } = options
  checkStages([...approve, ...skip], STAGE_IDS, '--approve or --skip')
  const answers = answerRequestOf(options, file === undefined ? undefined : await readAnswers(file, ANSWERABLE, host))
  const output = outputRequestOf(options)
  const terminal = terminalOf(host, output, input)
  const place = commandPlaceOf(host, options)
  return {
    ...{ answers, output, terminal, detectiveProfile },
    scenario: scenario ?? 'custom-threat-list',
    startsAt: startOf(host, options.at),
    settings: runSettingsOf(options),
    root: join(stateRoot(host.env, stateDir), DRILLS),
    /** A person picks the finding from the list, as in a real response. */
    asks: terminal.interactive && !yes,
    /** Without a terminal, and without answers by flag or file, the model answers are played. */
    playsItself: !(terminal.interactive || yes || input === false || answers.scripted || options.approve),
    commands: nextCommands(againIn(place, options, scenario, terminal.interactive), place),
    ignored: [...ACCOUNT_OPTIONS].filter(([name]) => Object.hasOwn(options, name)).map(([, flag]) => flag),
  }
}

type DrillRequest = Awaited<ReturnType<typeof parse>>

const drill = async (host: Host, request: DrillRequest): Promise<CommandEnding> => {
  readNoConfiguration(host)
  const { terminal, output, settings, root, commands, detectiveProfile, ignored } = request
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
    ...{ kind: 'drill', host, connection, view, json: output.json, settings, root, commands },
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

const listScenarios = async ({ stdout }: Host, { json }: DrillOptions): Promise<CommandEnding> => {
  for (const id of scenarioIds) {
    const { title, story } = await loadScenario(id)
    stdout.write(json ? `${JSON.stringify({ type: 'scenario', id, title, story })}\n` : `${id}\n  ${title}\n  ${story}\n\n`)
  }
  return { outcome: FINISHED }
}

const printModelAnswers = ({ out, redraws }: Terminal, modelAnswers: readonly string[]): void => {
  const width = redraws ? usableWidth(out.columns ?? 0) : Number.POSITIVE_INFINITY
  const lines = modelAnswers.flatMap((answer) => hang(' - ', answer, width))
  out.write(`\nWhat to take from this drill:\n${lines.join('\n')}\n`)
}
