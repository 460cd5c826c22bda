import { type Incident, lookAgain, replay } from '../../incident/incident.ts'
import { Failure } from '../../incident/values/failure.ts'
import { checkStateRoot, rootWith, stateRoot } from '../../journal/directory.ts'
import { ownUserId } from '../../journal/path-trust.ts'
import type { Responder } from '../../response/ports.ts'
import type { Command } from '../command.ts'
import { patientObserver } from '../connection/aws-connection.ts'
import { openLive } from '../connection/live.ts'
import { commandPlaceOf, liftCommandFor, nextCommands } from '../continuation.ts'
import { entriesToResume } from '../incident-run/incident-files.ts'
import { liftIncident } from '../incident-run/lift-incident.ts'
import { reasonOption } from '../incident-run/request.ts'
import { refuseOtherAccount, resumedConnection } from '../incident-run/resume.ts'
import { type CommonOptions, connectionRequestOf, outputRequestOf } from '../options.ts'
import { sayWaiting, terminalOf } from '../tty.ts'
import { responderFor, viewFor } from '../views.ts'

export interface LiftOptions extends CommonOptions {
  readonly reason?: string
  readonly dryRun?: boolean
  readonly yes?: boolean
  /** commander's spelling of --no-input: false when nobody is to be asked. */
  readonly input?: boolean
}

/** `ir-cred lift`: lifts what the response to an incident changed, once nothing is alive any more that the changes keep out. */
export const liftCommand: Command<LiftOptions, [incident: string]> = {
  run: async (host, options, id) => {
    const reason = options.reason === undefined ? undefined : reasonOption(options.reason)
    const root = stateRoot(host.env, options.stateDir)
    await checkStateRoot(root, ownUserId())
    const known = await knownIncident(root, id)
    const request = resumedConnection(connectionRequestOf(options), known)
    const output = outputRequestOf(options)
    const terminal = terminalOf(host, output, options.input)
    const view = viewFor(terminal, output, lookAgain(known))
    const answers = { yes: options.yes ?? false, approve: [], skip: [], scripted: undefined }
    const responder = sayingHow(await responderFor(terminal, answers, view))
    const observer = patientObserver()
    const regions = known.setting ? [known.setting.region] : []
    const connection = await openLive({ ...request, regions }, host, { observer, say: sayWaiting(host, output) })
    refuseOtherAccount(known, connection)
    observer.listen((call) => view.hear({ type: 'call', at: connection.clock.now(), ...call }))
    const place = commandPlaceOf(host, options)
    const commands = nextCommands(liftCommandFor(id, place, reason), place)
    const { json } = output
    return liftIncident({ host, connection, root, id, reason, dryRun: options.dryRun ?? false, responder, view, json, commands })
  },
  lastEvent: (host, options, incident) => ({
    incident,
    again: liftCommandFor(incident, commandPlaceOf(host, options), options.reason),
  }),
}

/** The incident as its journal knows it. Throws Failure usage for a drill, whose account is gone, and for a journal without an account. */
const knownIncident = async (root: string, id: string): Promise<Incident> => {
  if ((await rootWith(root, id)) !== root)
    throw new Failure({
      kind: 'usage',
      what: `incident ${id} is a drill: there is nothing to lift`,
      why: 'its simulated account ended with the drill',
      remedy: '`ir-cred simulate` serves an account in which a response can be lifted afterwards',
    })
  const known = replay(await entriesToResume(root, id))
  if (known.setting) return known
  throw new Failure({
    kind: 'usage',
    what: `the journal of incident ${id} does not say in which account it was opened`,
    why: 'the run was cut off while it opened the incident, so it changed nothing',
    remedy: 'there is nothing to lift',
  })
}

/** A lift has no stages that could be approved by name. */
const sayingHow = (responder: Responder): Responder => ({
  ...responder,
  approve: async (question) => {
    const answer = await responder.approve(question)
    return answer.answer === 'declined'
      ? { ...answer, remedy: answer.remedy ?? 'lift it in a terminal, or approve with --yes' }
      : answer
  },
})
