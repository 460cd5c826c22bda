import { readFile } from 'node:fs/promises'
import type { Entry, Request } from '../../incident/entry.ts'
import { type Incident, replay } from '../../incident/incident.ts'
import { Failure } from '../../incident/values/failure.ts'
import { incidentPath, stateRoot } from '../../journal/directory.ts'
import { readJournal } from '../../journal/read.ts'
import type { AwsConnection, CallObserver } from '../connection/aws-connection.ts'
import { openLive } from '../connection/live.ts'
import { respondAgain, resumeCommand } from '../continuation.ts'
import type { Host } from '../host.ts'
import { type RequestOptions, requestOf } from '../incident-run/request.ts'
import { resumeSetting, sameSetting } from '../incident-run/resume.ts'
import { runIncident } from '../incident-run/run-incident.ts'
import { stages } from '../incident-run/stages.ts'
import { checkStages, type RunOptions } from '../options.ts'
import { responderFor, viewFor } from '../views.ts'
import { withEnding } from '../with-ending.ts'

export interface RespondOptions extends RunOptions, RequestOptions {
  /** Seconds to wait for a finding. */
  readonly wait?: number
}

/** `ir-cred respond`: the runbook on a live account (or on one behind --endpoint-url). Gives the exit code. */
export const respondCommand = (host: Host, finding: string | undefined, given: RespondOptions): Promise<number> =>
  withEnding(host, given, againWith(finding, given), () => respond(host, finding, given))

/** The command to go on with while there is no incident of this run's own. */
const againWith = (finding: string | undefined, given: RespondOptions): string =>
  given.incident !== undefined && finding === undefined ? resumeCommand(given.incident, given) : respondAgain(finding, given)

const respond = async (host: Host, finding: string | undefined, given: RespondOptions): Promise<number> => {
  checkStages(
    [...(given.approve ?? []), ...(given.skip ?? [])],
    stages.map(({ id }) => id),
    '--approve or --skip',
  )
  const answers = given.answers === undefined ? undefined : await readAnswers(given.answers)
  const root = stateRoot(host.env, given.stateDir)
  const asked = await requestOf(finding, given, host)
  const known = given.incident === undefined ? [] : await entriesOf(root, given.incident, asked)
  const resumed = known.length > 0 ? replay(known) : undefined
  const request = resumed ? requestOfJournal(asked, known, resumed) : asked
  const options = resumed ? resumeSetting(given, resumed) : given
  const observer: CallObserver = { onCall: () => {} }
  const view = viewFor(host, options, resumed)
  const connection: AwsConnection = await openLive(host, options, observer)
  if (resumed) sameSetting(resumed, connection)
  observer.onCall = (call) => view.hear({ type: 'call', at: connection.clock.now(), ...call })
  const responder = await responderFor(host, options, view, answers)
  const again = againWith(finding, given)
  return runIncident({
    host,
    options,
    connection,
    request,
    root,
    view,
    responder,
    resume: given.incident,
    kind: 'respond',
    again,
  })
}

/** What the journal of the incident knows; nothing when there is none yet, and it shall get the name for what is asked. */
const entriesOf = async (root: string, id: string, asked: Request): Promise<readonly Entry[]> => {
  incidentPath(root, id)
  try {
    return (await readJournal<Entry>(root, id)).entries
  } catch (error) {
    if (error instanceof Failure && error.kind === 'usage' && asked.by !== 'list') return []
    throw error
  }
}

/**
 * An incident knows its finding, or at least what was asked for when it was opened: a run can be cut off between the journal's
 * first line and the finding's. A file's text is not in the journal.
 */
const requestOfJournal = (asked: Request, known: readonly Entry[], { id, facts: { finding } }: Incident): Request => {
  if (finding && asked.by !== 'list' && !(asked.by === 'finding-id' && asked.id.endsWith(finding.finding.id)))
    throw new Failure({
      kind: 'usage',
      what: `incident ${id} has its finding, ${finding.finding.id}, and another request was given`,
      remedy: 'leave it out: the journal knows it; for another finding, leave --incident out',
    })
  const opened = known.find((entry) => entry.type === 'opened')?.request
  if (finding || asked.by !== 'list' || opened === undefined) return asked
  if (opened.by !== 'file') return opened as Request
  throw new Failure({
    kind: 'usage',
    what: `the journal of incident ${id} ends before its finding`,
    why: 'the run was cut off while it opened the incident',
    remedy: `give the finding file once more: ir-cred respond <file> --incident ${id}`,
  })
}

/** An answers file: a JSON object, stage id → approve, skip, or the word to type. */
export const readAnswers = async (path: string): Promise<Readonly<Record<string, string>>> => {
  const bad = (why: string) =>
    new Failure({
      kind: 'usage',
      what: `the answers file ${path} cannot be used`,
      why,
      remedy: 'write a JSON object such as {"revoke-sessions": "approve"}',
    })
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw bad(error.code === 'ENOENT' ? 'there is no such file' : String(error.code))
  })
  let answers: unknown
  try {
    answers = JSON.parse(text)
  } catch {
    throw bad('it is not JSON')
  }
  if (typeof answers !== 'object' || answers === null || Array.isArray(answers)) throw bad('it is not a JSON object')
  if (!Object.values(answers).every((value) => typeof value === 'string')) throw bad('every answer must be a string')
  return answers as Record<string, string>
}
