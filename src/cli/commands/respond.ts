import { setImmediate } from 'node:timers/promises'
import { openEarly } from '../../aws/early-sockets.ts'
import type { Entry, Request } from '../../incident/entry.ts'
import { type Incident, replay } from '../../incident/incident.ts'
import { Failure } from '../../incident/values/failure.ts'
import { given } from '../../incident/values/given.ts'
import { checkStateRoot, incidentPath, stateRoot } from '../../journal/directory.ts'
import { ownUserId } from '../../journal/path-trust.ts'
import { STAGE_IDS } from '../../response/stage-ids.ts'
import type { Command, CommandEnding } from '../command.ts'
import { type AwsConnection, patientObserver } from '../connection/aws-connection.ts'
import type { ConnectionRequest } from '../connection/connection-request.ts'
import { earlyHosts } from '../connection/early-hosts.ts'
import { type CommandPlace, commandPlaceOf, nextCommands, respondAgain, resumeCommand } from '../continuation.ts'
import type { Host } from '../host.ts'
import { type FindingSelectors, regionOfFile, requestOf } from '../incident-run/request.ts'
import {
  answerRequestOf,
  checkStages,
  connectionRequestOf,
  outputRequestOf,
  type RunOptions,
  runSettingsOf,
  type SqlOptions,
} from '../options.ts'
import { sayWaiting } from '../tty.ts'

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
      return await respondTo(running, request, () => over.signal.aborted)
    } finally {
      over.abort(OVER)
    }
  },
  lastEvent: (host, options, finding) => ({
    incident: options.incident ?? '',
    again: againIn(placeOf(host, options), options, finding),
  }),
}

/** Sends the first requests with as little code as they need. The rest of it is loaded while their answers are on the way. */
const respondTo = async (host: Host, request: RespondRequest, isOver: () => boolean): Promise<CommandEnding> => {
  const observer = patientObserver()
  const early = openEarly(await earlyHosts(request.connection, request.finding, host.env))
  const { sendFirstRequests } = await import('../incident-run/first-requests.ts')
  let connection: Promise<AwsConnection> = Promise.reject(OVER)
  connection.catch(() => undefined)
  await new Promise<void>((sent, failed) => {
    const path = pathOf(request.finding, request.known)
    const say = sayWaiting(host, request.output)
    connection = sendFirstRequests({ connection: request.connection, path, observer, say, sent }, { ...host, early })
    connection.catch(failed)
  })
  // Loading takes the processor: the requests leave before it.
  await setImmediate()
  const { runResponse } = await import('../incident-run/run-response.ts')
  return runResponse(host, request, { connection, observer, isOver })
}

/** What is read ahead: of an incident that goes on, its role. */
const pathOf = (request: Request, known: Incident | undefined): Request => {
  const subject = known?.facts.subject
  return subject?.kind === 'role-session' ? { by: 'role', roleName: subject.role.name } : request
}

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
  checkStages([...approve, ...skip], STAGE_IDS, '--approve or --skip')
  refuseSessionOfUser(options)
  const history = await historyOf(options)
  const scripted = answers === undefined ? undefined : await answersIn(answers, host)
  const root = stateRoot(host.env, stateDir)
  // Before anybody is asked anything: a run cannot keep a journal there.
  await checkStateRoot(root, ownUserId())
  const named = await requestOf(finding, options, host)
  const entries = incident === undefined ? [] : await entriesOf(root, incident, named)
  const known = entries.length > 0 ? replay(entries) : undefined
  const asked = withRegionOf(named, connectionRequestOf(options), host.env)
  const place = placeOf(host, options)
  return {
    ...{ root, known, history, incident, input: options.input },
    finding: known ? requestOfJournal(named, entries, known) : named,
    connection: known ? (await import('../incident-run/resume.ts')).resumedConnection(asked, known) : asked,
    settings: runSettingsOf(options),
    output: outputRequestOf(options),
    answers: answerRequestOf(options, scripted),
    commands: nextCommands(againIn(place, options, finding), place),
  }
}

/** A user's long-term key has no session: nothing is read before that is said. */
const refuseSessionOfUser = ({ revoke, user, accessKeyId }: RespondOptions): void => {
  if (revoke !== 'session' || (user === undefined && !accessKeyId?.startsWith('AKIA'))) return
  throw new Failure({
    kind: 'usage',
    what: `--revoke session denies one session of a role, and ${user === undefined ? 'this is a long-term key of a user' : '--user names a user'}`,
    remedy: 'leave --revoke out: the key is made inactive, and every older session of the user is denied',
  })
}

/** Where no Region is named, that of the finding in a file. */
const withRegionOf = (named: Request, asked: ConnectionRequest, env: Host['env']): ConnectionRequest => {
  const isNamed = asked.regions.length > 0 || env.AWS_REGION || env.AWS_DEFAULT_REGION
  return isNamed ? asked : { ...asked, ...given({ home: regionOfFile(named) }) }
}

/** Loaded on use, as an answers file and a journal are: most responses name none. */
const historyOf = async (options: SqlOptions) =>
  SQL_OPTIONS.some((name) => options[name] !== undefined)
    ? (await import('../sql-source-request.ts')).historyRequestOf(options)
    : undefined

const SQL_OPTIONS = ['athena', 'athenaWorkgroup', 'athenaOutput', 'lake', 'maxBytes'] as const satisfies (keyof SqlOptions)[]

const answersIn = async (path: string, host: Host) => {
  const { readAnswers } = await import('../answers-file.ts')
  const { ANSWERABLE } = await import('../incident-run/answerable.ts')
  return readAnswers(path, ANSWERABLE, host)
}

/** Why calls are aborted when the run has ended: nobody needs their answers. */
const OVER = new Error('the run has ended')

type RespondRequest = Awaited<ReturnType<typeof parse>>

/** The journal of the incident; empty when there is none yet, and the request says what to open one for. */
const entriesOf = async (root: string, id: string, asked: Request): Promise<readonly Entry[]> => {
  incidentPath(root, id)
  try {
    const { entriesToResume } = await import('../incident-run/incident-files.ts')
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
