import type { Setting } from '../../incident/entry.ts'
import type { Incident } from '../../incident/incident.ts'
import { Failure } from '../../incident/values/failure.ts'
import { isBefore, plus } from '../../incident/values/instant.ts'
import { shellWord } from '../../incident/values/shell-word.ts'
import type { AwsConnection } from '../connection/aws-connection.ts'
import type { ConnectionRequest } from '../connection/connection-request.ts'

/**
 * How AWS is reached for an incident that goes on: as its journal says. An option that was given again must say the same, except
 * the profile for Detective: often the run itself shows that it is missing or wrong. An endpoint other than AWS's must be given
 * again: whoever can write a journal would otherwise choose who gets the responder's credentials. Throws Failure usage.
 */
export const resumedConnection = (given: ConnectionRequest, { id, setting }: Incident): ConnectionRequest => {
  if (!setting) return given
  refuseOther('endpoint', given.endpointUrl, setting.endpoint, id)
  refuseOther('profile', given.profile, setting.profile, id)
  refuseOther('Region', given.regions[0], setting.region, id)
  if (setting.endpoint !== undefined && given.endpointUrl === undefined) throw unconfirmedEndpoint(id, setting.endpoint)
  return {
    ...given,
    home: setting.region,
    endpointUrl: given.endpointUrl,
    profile: setting.profile,
    detectiveProfile: given.detectiveProfile ?? setting.detectiveProfile,
  }
}

const unconfirmedEndpoint = (id: string, endpoint: string): Failure =>
  new Failure({
    kind: 'usage',
    what: `incident ${id} was opened at the endpoint ${endpoint.slice(0, 80)}, and --endpoint-url was not given`,
    why: 'a journal alone does not decide that your credentials go to another endpoint than AWS’s',
    remedy: `if you know this endpoint, give it again: --endpoint-url ${shellWord(endpoint.slice(0, 80))}`,
  })

const refuseOther = (what: string, given: string | undefined, known: string | undefined, id: string): void => {
  if (given === undefined || given === known) return
  throw new Failure({
    kind: 'usage',
    what: `incident ${id} was opened with ${known === undefined ? `no ${what}` : `${what} ${known}`}, not ${given}`,
    remedy:
      what === 'endpoint' && known !== undefined
        ? 'give the endpoint at which it was opened, if you know it'
        : 'leave the option out: the journal knows it',
  })
}

/** An account, and its time. */
export type ConnectedAccount = Pick<AwsConnection, 'setting' | 'clock'>

/** Seconds by which two runs' readings of one account's time may differ. */
const SLACK = 60

/**
 * Whether an incident was opened in this very account: a simulated one is another each time it is served, and its time lies before
 * the journal's when it was started anew.
 */
export const isSameAccount = ({ setting, lastAt }: Incident, { setting: now, clock }: ConnectedAccount): boolean =>
  setting !== undefined &&
  setting.accountId === now.accountId &&
  setting.partition === now.partition &&
  setting.simulated === now.simulated &&
  setting.endpoint === now.endpoint &&
  !(now.simulated && lastAt !== undefined && isBefore(plus(clock.now(), SLACK), lastAt))

/** Refuses to go on with an incident in another account than its own. Throws Failure blocked. */
export const refuseOtherAccount = (incident: Incident, connection: ConnectedAccount): void => {
  const { id, setting } = incident
  if (!setting || isSameAccount(incident, connection)) return
  const shown = (one: Setting) =>
    `account ${one.accountId}${one.simulated ? `, simulated${one.endpoint ? ` at ${one.endpoint}` : ''}` : ''}`
  throw new Failure({
    kind: 'blocked',
    what: `incident ${id} belongs to another account: ${shown(setting)}`,
    why: `this is ${shown(connection.setting)}${setting.simulated ? ', and a simulated account that was started anew is another one' : ''}`,
    remedy: 'use the credentials with which it was opened; `ir-cred report` shows what was done',
  })
}
