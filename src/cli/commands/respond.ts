import type { Entry, Request } from '../../incident/entry.ts'
import { type Incident, replay } from '../../incident/incident.ts'
import { Failure } from '../../incident/values/failure.ts'
import { given } from '../../incident/values/given.ts'
import { findingArnOf } from '../../incident/values/identifiers.ts'
import { checkStateRoot, incidentPath, stateRoot } from '../../journal/directory.ts'
import { ownUserId } from '../../journal/path-trust.ts'
import { readAnswers } from '../answers-file.ts'
import type { Command, CommandEnding } from '../command.ts'
import { patientObserver } from '../connection/aws-connection.ts'
import { type ClientsAtOnce, openLive } from '../connection/live.ts'
import { type CommandPlace, commandPlaceOf, nextCommands, respondAgain, resumeCommand } from '../continuation.ts'
import type { Host } from '../host.ts'
import { ANSWERABLE } from '../incident-run/answerable.ts'
import { entriesToResume } from '../incident-run/incident-files.ts'
import { readPathAhead } from '../incident-run/path-reads.ts'
import { type FindingSelectors, requestOf } from '../incident-run/request.ts'
import { refuseOtherAccount, resumedConnection } from '../incident-run/resume.ts'
import { runIncident } from '../incident-run/run-incident.ts'
import { stages } from '../incident-run/stages.ts'
import { checkStages, connectionRequestOf, outputRequestOf, type RunOptions, runSettingsOf, type SqlOptions } from '../options.ts'
import { openRoleHistory } from '../sql-source.ts'
import { historyRequestOf } from '../sql-source-request.ts'
import { sayWaiting, terminalOf } from '../tty.ts'
import { answerRequestOf, responderFor, viewFor } from '../views.ts'

export interface RespondOptions extends RunOptions, FindingSelectors, SqlOptions {
  /** Seconds to wait for a finding. */
  readonly wait?: number
}

/** `ir-cred respond`: the runbook on a live account (or on one behind --endpoint-url). */
export const respondCommand: Command<RespondOptions, [finding: string | undefined]> = {
  run: async (host, options, finding) => {
    const request = await parse(host, options, finding)
    // What is still being read when the run has ended is not waited for.
    const over = new AbortController()
    const running = { ...host, signal: AbortSignal.any([host.signal, over.signal]) }
    try {
      return await respondTo(running, request, options, finding)
    } finally {
      over.abort(OVER)
    }
  },
  lastEvent: (host, options, finding) => ({
    incident: options.incident ?? '',
    again: againIn(placeOf(host, options), options, finding),
  }),
}

const respondTo = async (
  host: Host,
  request: RespondRequest,
  options: RespondOptions,
  finding: string | undefined,
): Promise<CommandEnding> => {
  const { known, connection: asked, output, root } = request
  const terminal = terminalOf(host, output, options.input)
  const view = viewFor(terminal, output, known)
  const observer = patientObserver()
  // Everything that takes time begins at once: the prompts are loaded and the path to the deny is read while AWS is asked who responds.
  const answering = responderFor(terminal, request.answers, view)
  const atOnce = (clients: ClientsAtOnce) => readPathAhead({ ...clients, request: pathOf(request.finding, known) })
  const connection = await openLive(asked, host, { observer, say: sayWaiting(host, output), atOnce })
  if (known) refuseOtherAccount(known, connection)
  observer.listen((call) => {
    if (host.signal.reason !== OVER) view.hear({ type: 'call', at: connection.clock.now(), ...call })
  })
  const responder = await answering
  if (!responder.goesAhead || !namesItsRegion(request.finding)) await connection.regionsKnown
  const place = placeOf(host, options)
  return runIncident({
    ...{ kind: 'respond', host, connection, root, view, json: output.json },
    request: request.finding,
    settings: request.settings,
    ...given({ history: request.history && openRoleHistory(request.history, connection) }),
    responder,
    incident: options.incident,
    commands: nextCommands(againIn(place, options, finding), place),
  })
}

/** What is read ahead: of an incident that goes on, its role. */
const pathOf = (request: Request, known: Incident | undefined): Request => {
  const role = known?.facts.subject?.role
  return role ? { by: 'role', roleName: role.name } : request
}

/** Whether a finding is asked for that says itself in which Region it is. */
const namesItsRegion = (request: Request): boolean =>
  request.by === 'file' || (request.by === 'finding-id' && findingArnOf(request.id) !== undefined)

/** Printed commands repeat where the history is counted: the journal knows what was counted, not with which options. */
const placeOf = (host: Host, options: RespondOptions): CommandPlace => ({ ...commandPlaceOf(host, options), history: options })

/** The command to go on with while there is no incident of this run's own. */
const againIn = (place: CommandPlace, options: RespondOptions, finding: string | undefined): string =>
  options.incident !== undefined && finding === undefined
    ? resumeCommand(options.incident, place)
    : respondAgain(finding, options, place)

/** What the command line and the journal of a named incident ask for. Throws Failure usage for what does not go together. */
const parse = async (host: Host, options: RespondOptions, finding: string | undefined) => {
  const { approve = [], skip = [], incident, answers, stateDir } = options
  checkStages(
    [...approve, ...skip],
    stages.map(({ id }) => id),
    '--approve or --skip',
  )
  const history = historyRequestOf(options)
  const scripted = answers === undefined ? undefined : await readAnswers(answers, ANSWERABLE, host)
  const root = stateRoot(host.env, stateDir)
  // Before anybody is asked anything: a run cannot keep a journal there.
  await checkStateRoot(root, ownUserId())
  const named = await requestOf(finding, options, host)
  const entries = incident === undefined ? [] : await entriesOf(root, incident, named)
  const known = entries.length > 0 ? replay(entries) : undefined
  const connection = connectionRequestOf(options)
  return {
    ...{ root, known },
    finding: known ? requestOfJournal(named, entries, known) : named,
    connection: known ? resumedConnection(connection, known) : connection,
    settings: runSettingsOf(options),
    history,
    output: outputRequestOf(options),
    answers: answerRequestOf(options, scripted),
  }
}

/** Why calls are aborted when the run has ended: nobody needs their answers, and nothing is said of them. */
const OVER = new Error('the run has ended')

type RespondRequest = Awaited<ReturnType<typeof parse>>

/** The journal of the incident; empty when there is none yet, and the request says what to open one for. */
const entriesOf = async (root: string, id: string, asked: Request): Promise<readonly Entry[]> => {
  incidentPath(root, id)
  try {
    return await entriesToResume(root, id)
  } catch (error) {
    if (error instanceof Failure && error.kind === 'usage' && asked.by !== 'list') return []
    throw error
  }
}

/**
 * What to look for in an incident that goes on: its finding, or what was asked for when it was opened, because a crash can come
 * between the journal's first line and the finding's. The text of a finding file is not in the journal.
 */
const requestOfJournal = (asked: Request, known: readonly Entry[], { id, facts: { finding } }: Incident): Request => {
  if (finding && asked.by !== 'list' && !(asked.by === 'finding-id' && asked.id.endsWith(finding.finding.id)))
    throw new Failure({
      kind: 'usage',
      what: `incident ${id} is about finding ${finding.finding.id}, and another one was named`,
      remedy: 'leave the finding out, because the journal knows it; to respond to another finding, leave --incident out',
    })
  const opened = known.find((entry) => entry.type === 'opened')?.request
  if (finding || asked.by !== 'list' || opened === undefined) return asked
  if (opened.by !== 'file') return opened
  throw new Failure({
    kind: 'usage',
    what: `the journal of incident ${id} ends before its finding`,
    why: 'the run was cut off while it opened the incident',
    remedy: `give the finding file once more: \`ir-cred respond <file> --incident ${id}\``,
  })
}
