import type { Request } from '../../incident/entry.ts'
import type { Incident } from '../../incident/incident.ts'
import { given } from '../../incident/values/given.ts'
import { endsWithTheFirst } from '../../response/stages/find-finding/search.ts'
import type { CommandEnding } from '../command.ts'
import type { AwsConnection, patientObserver } from '../connection/aws-connection.ts'
import type { NextCommands } from '../continuation.ts'
import type { Host } from '../host.ts'
import type { AnswerRequest, OutputRequest, RunSettings } from '../options.ts'
import { openRoleHistory } from '../sql-source.ts'
import type { SqlSourceRequest } from '../sql-source-request.ts'
import { atItsTerminal, terminalOf } from '../tty.ts'
import { responderFor, viewFor } from '../views.ts'
import { STANDARD_INPUT } from './request.ts'
import { refuseOtherAccount } from './resume.ts'
import { runIncident } from './run-incident.ts'

/** A response as the command line asks for it. */
export interface ResponseRequest {
  readonly finding: Request
  /** The incident that goes on, as far as its journal knows it. */
  readonly known: Incident | undefined
  readonly output: OutputRequest
  readonly root: string
  readonly answers: AnswerRequest
  readonly settings: RunSettings
  readonly history: SqlSourceRequest | undefined
  readonly input: boolean | undefined
  readonly incident: string | undefined
  readonly commands: NextCommands
}

/** A connection that is being opened, and the calls that have been made on it so far. */
export interface OpeningConnection {
  readonly connection: Promise<AwsConnection>
  readonly observer: ReturnType<typeof patientObserver>
  /** Whether the run has ended: nothing is said of the calls that were aborted then. */
  readonly isOver: () => boolean
}

/** Runs a response on a connection that is still being opened: the prompts are loaded while AWS is asked who responds. */
export const runResponse = async (host: Host, request: ResponseRequest, opening: OpeningConnection): Promise<CommandEnding> => {
  const { finding, known, output, root, settings, history, incident, commands } = request
  const isPiped = finding.by === 'file' && finding.name === STANDARD_INPUT
  const terminal = terminalOf(atItsTerminal(host, isPiped, request.input), output, request.input)
  const view = viewFor(terminal, output, known)
  const answering = responderFor(terminal, request.answers, view)
  const connection = await opening.connection
  if (known) refuseOtherAccount(known, connection)
  opening.observer.listen((call) => {
    if (!opening.isOver()) view.hear({ type: 'call', at: connection.clock.now(), ...call })
  })
  const responder = await answering
  // A dry run waits for everything that it reads.
  const waits = finding.by !== 'file' && !endsWithTheFirst(finding)
  if (!responder.goesAhead || settings.dryRun || waits) await connection.regionsKnown
  return runIncident({
    ...{ kind: 'respond', host, connection, root, view, json: output.json, request: finding, settings, responder },
    ...{ incident, commands },
    ...given({ history: history && openRoleHistory(history, connection) }),
  })
}
