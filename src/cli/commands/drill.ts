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
import type { CallObserver } from '../connection/aws-connection.ts'
import { readNoConfiguration } from '../connection/no-configuration.ts'
import { openSimulated } from '../connection/simulated.ts'
import { drillAgain } from '../continuation.ts'
import { EXIT } from '../exit-code.ts'
import type { Host } from '../host.ts'
import { runIncident } from '../incident-run/run-incident.ts'
import { stages } from '../incident-run/stages.ts'
import { ACCOUNT_OPTIONS, checkStages, type RunOptions } from '../options.ts'
import { startOf } from '../start-time.ts'
import { canRedraw, isInteractive } from '../tty.ts'
import { responderFor, viewFor } from '../views.ts'
import { withEnding } from '../with-ending.ts'
import { readAnswers } from './respond.ts'

export interface DrillOptions extends RunOptions {
  readonly list?: boolean
  /** When the simulated account's time begins, RFC 3339. */
  readonly at?: string
}

/** `ir-cred drill`: the same runbook against a simulated account in this process. Reads no AWS configuration, opens no socket. */
export const drillCommand = (host: Host, scenarioId: string | undefined, options: DrillOptions): Promise<number> =>
  withEnding(host, options, againWith(host, scenarioId, options), () => drill(host, scenarioId, options))

const againWith = (host: Host, scenarioId: string | undefined, options: DrillOptions): string =>
  drillAgain(scenarioId, options, isInteractive(host, options) && !options.yes)

const drill = async (host: Host, scenarioId: string | undefined, options: DrillOptions): Promise<number> => {
  if (options.list) return listScenarios(host, options)
  readNoConfiguration(host)
  checkStages(
    [...(options.approve ?? []), ...(options.skip ?? [])],
    stages.map(({ id }) => id),
    '--approve or --skip',
  )
  const answers = options.answers === undefined ? undefined : await readAnswers(options.answers)
  const scenario = await loadScenario(scenarioId ?? 'custom-threat-list')
  const clock = steppingClock(startOf(host, options.at))
  const built = scenario.build({ clock })
  const view = viewFor(host, options)
  const observer: CallObserver = { onCall: () => {} }
  view.hear({ type: 'note', text: `drill ${scenario.id}: ${scenario.title}. Simulated account; nothing here touches AWS` })
  view.hear({ type: 'note', text: scenario.story })
  const unused = [...ACCOUNT_OPTIONS].filter(([name]) => Object.hasOwn(options, name)).map(([, flag]) => flag)
  if (unused.length > 0)
    view.hear({ type: 'note', text: `a drill has an account of its own and makes no use of ${unused.join(', ')}` })
  built.account.hears.push((event) => tellActor(event, view))
  const { detectiveProfile } = options
  const profile = detectiveProfile === undefined ? {} : { detectiveProfile }
  const connection = await openSimulated(built, { signal: host.signal, version: host.version, observer, ...profile })
  observer.onCall = (call) => view.hear({ type: 'call', at: connection.clock.now(), ...call })
  const code = await runIncident({
    host,
    options,
    connection,
    request: requestFor(host, options, built),
    root: join(stateRoot(host.env, options.stateDir), DRILLS),
    view,
    responder: await drillAnswers(host, options, view, answers),
    resume: undefined,
    kind: 'drill',
    again: againWith(host, scenarioId, options),
    accountWrites: connection.opened.writes,
  })
  if (!options.json && !options.quiet && wasPlayed(code)) tellModelAnswers(host, options, built)
  return code
}

/** A trainee who stopped half-way is not told the answers. */
const wasPlayed = (code: number): boolean => code === EXIT.finished || code === EXIT.unconfirmed

const tellActor = ({ who, at, action, outcome, explicit }: ActorEvent, view: Listener): void => {
  if (who === 'attacker') view.hear({ type: 'actor', who, at: instantOf(new Date(at)), action, outcome, explicit })
}

/** A person picks the finding from the list, as in the real thing; everybody else gets the scenario's. */
const requestFor = (host: Host, options: DrillOptions, { findingId }: BuiltScenario): Request =>
  isInteractive(host, options) && !options.yes ? { by: 'list' } : { by: 'finding-id', id: findingId }

const drillAnswers = async (
  host: Host,
  options: DrillOptions,
  view: Listener & { clear?(): void },
  answers: Readonly<Record<string, string>> | undefined,
): Promise<Responder> => {
  const scripted = options.yes || options.approve !== undefined || answers !== undefined
  if (!scripted && options.input !== false && !isInteractive(host, options)) {
    return drillResponder((text) => view.hear({ type: 'note', text }))
  }
  return responderFor(host, options, view, answers)
}

const listScenarios = async ({ stdout }: Host, { json }: DrillOptions): Promise<number> => {
  for (const id of scenarioIds) {
    const { title, story } = await loadScenario(id)
    stdout.write(json ? `${JSON.stringify({ type: 'scenario', id, title, story })}\n` : `${id}\n  ${title}\n  ${story}\n\n`)
  }
  return 0
}

const tellModelAnswers = (host: Host, options: DrillOptions, { modelAnswers }: BuiltScenario): void => {
  const width = canRedraw(host, options) ? usableWidth(host.stdout.columns ?? 0) : Number.POSITIVE_INFINITY
  const lines = modelAnswers.flatMap((answer) => hang(' - ', answer, width))
  host.stdout.write(`\nWhat to take from this drill:\n${lines.join('\n')}\n`)
}
