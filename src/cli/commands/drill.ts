import { Failure } from '../../incident/values/failure.ts'
import type { ChoiceQuestion } from '../../response/ports.ts'
import { STAGE_IDS } from '../../response/stage-ids.ts'
import { everyScenarioId, loadScenario, type ScenarioId, scenarioTitle } from '../../simulator/scenarios/catalogue.ts'
import type { Command, CommandEnding } from '../command.ts'
import { commandPlaceOf, drillAgain, nextCommands } from '../continuation.ts'
import { FINISHED } from '../exit-code.ts'
import type { Host } from '../host.ts'
import type { DrillRequest } from '../incident-run/play-drill.ts'
import { ACCOUNT_OPTIONS, answerRequestOf, checkStages, outputRequestOf, type RunOptions, runSettingsOf } from '../options.ts'
import { startOf } from '../start-time.ts'
import { promptStreamsOf, type Terminal, terminalOf } from '../tty.ts'

export interface DrillOptions extends RunOptions {
  readonly list?: boolean
  /** When the simulated account's time begins, RFC 3339. */
  readonly at?: string
}

/**
 * `ir-cred drill`: the same runbook on a simulated account in this process. Reads no AWS configuration, opens no socket. The account and
 * the SDK are loaded after the first question: who chooses among the scenarios waits for neither.
 */
export const drillCommand: Command<DrillOptions, [scenario: string | undefined]> = {
  run: async (host, options, scenario) => {
    if (options.list) return listScenarios(host, options)
    const request = await parse(host, options, scenario)
    const { playDrill } = await import('../incident-run/play-drill.ts')
    return playDrill(host, request)
  },
  lastEvent: (host, options, scenario) => {
    const { interactive } = terminalOf(host, outputRequestOf(options), options.input)
    return { incident: options.incident ?? '', again: againIn(host, options, scenario, interactive) }
  },
}

const againIn = (host: Host, options: DrillOptions, scenario: string | undefined, interactive: boolean): string =>
  drillAgain(scenario, commandPlaceOf(host, options), { interactive: interactive && !options.yes, revoke: options.revoke })

/** Throws Failure usage for stages, answers or a time that cannot be right; declined where none of the scenarios was chosen. */
const parse = async (host: Host, options: DrillOptions, named: string | undefined): Promise<DrillRequest> => {
  const { approve = [], skip = [], answers: file, yes = false, input, detectiveProfile, stateDir } = options
  checkStages([...approve, ...skip], STAGE_IDS, '--approve or --skip')
  const scripted = file === undefined ? undefined : await answersIn(file, host)
  const output = outputRequestOf(options)
  const terminal = terminalOf(host, output, input)
  const startsAt = startOf(host, options.at)
  /** A person picks the finding from the list, as in a real response. */
  const asks = terminal.interactive && !yes
  const asksWhich = asks && named === undefined && scripted === undefined && options.incident === undefined
  const scenario = named ?? (asksWhich ? await chosenScenario(terminal) : STANDARD)
  return {
    ...{ scenario, output, terminal, detectiveProfile, stateDir, startsAt, asks },
    answers: answerRequestOf(options, scripted),
    settings: runSettingsOf(options),
    /** Without a terminal, and without answers by flag or file, the model answers are played. */
    playsItself: !(terminal.interactive || yes || input === false || scripted || options.approve),
    commands: nextCommands(
      againIn(host, options, asksWhich ? scenario : named, terminal.interactive),
      commandPlaceOf(host, options),
    ),
    ignored: [...ACCOUNT_OPTIONS].filter(([name]) => Object.hasOwn(options, name)).map(([, flag]) => flag),
  }
}

const STANDARD: ScenarioId = 'custom-threat-list'

const answersIn = async (file: string, host: Host) => {
  const [{ readAnswers }, { ANSWERABLE }] = await Promise.all([
    import('../answers-file.ts'),
    import('../incident-run/answerable.ts'),
  ])
  return readAnswers(file, ANSWERABLE, host)
}

const WHICH_SCENARIO: ChoiceQuestion = {
  what: 'Which scenario do you play?',
  options: everyScenarioId.map((id) => ({ id, label: [scenarioTitle(id)] })),
}

/** Milliseconds after which the question is on the screen. */
const DRAWN = 50

const chosenScenario = async (terminal: Terminal): Promise<string> => {
  const choose = await choosing(terminal)
  const answer = choose(WHICH_SCENARIO)
  // Loaded while a person reads; loading it holds up a key that is pressed meanwhile.
  setTimeout(() => void import('../incident-run/play-drill.ts').catch(() => undefined), DRAWN).unref()
  const chosen = await answer
  if (chosen !== undefined) return chosen
  throw new Failure({
    kind: 'declined',
    what: 'no scenario was chosen',
    remedy: 'name one: `ir-cred drill --list` shows them',
  })
}

/** How a person at this terminal chooses; the other prompts are loaded later. */
const choosing = async (terminal: Terminal): Promise<(question: ChoiceQuestion) => Promise<string | undefined>> => {
  const streams = promptStreamsOf(terminal)
  if (!terminal.redraws) return (await import('../../terminal/plain-responder.ts')).plainResponder(streams).choose
  const { chooseOne } = await import('../../terminal/choice.ts')
  return (question) => chooseOne(streams, question)
}

const listScenarios = async ({ stdout }: Host, { json }: DrillOptions): Promise<CommandEnding> => {
  for (const id of everyScenarioId) {
    const { title, story } = await loadScenario(id)
    stdout.write(json ? `${JSON.stringify({ type: 'scenario', id, title, story })}\n` : `${id}\n  ${title}\n  ${story}\n\n`)
  }
  return { outcome: FINISHED }
}
