import type { Setting } from '../incident/entry.ts'
import { Failure } from '../incident/failure.ts'
import type { Incident } from '../incident/incident.ts'
import type { RunOptions } from './options.ts'

/** The journal knows endpoint, Region and profile; what was given again must be the same. */
export const resumeSetting = <O extends RunOptions>(given: O, { id, setting }: Incident): O => {
  if (!setting) return given
  refuseOther('endpoint', given.endpointUrl, setting.endpoint, id)
  refuseOther('profile', given.profile, setting.profile, id)
  refuseOther('Region', given.region?.[0], setting.region, id)
  return {
    ...given,
    region: given.region ?? [setting.region],
    ...(setting.endpoint ? { endpointUrl: setting.endpoint } : {}),
    ...(setting.profile ? { profile: setting.profile } : {}),
  }
}

const refuseOther = (what: string, given: string | undefined, known: string | undefined, id: string): void => {
  if (given === undefined || given === known) return
  throw new Failure({
    kind: 'usage',
    what: `incident ${id} was opened with ${known === undefined ? `no ${what}` : `${what} ${known}`}, not ${given}`,
    remedy: 'leave the option out: the journal knows it',
  })
}

/** An incident goes on in the account where it was opened, or not at all. */
export const sameSetting = ({ id, setting }: Incident, now: Setting): void => {
  if (!setting || (setting.accountId === now.accountId && setting.simulated === now.simulated)) return
  throw new Failure({
    kind: 'blocked',
    what: `incident ${id} belongs to account ${setting.accountId}${setting.simulated ? ' (simulated)' : ''}`,
    why: `these credentials are for account ${now.accountId}${now.simulated ? ' (simulated)' : ''}`,
    remedy: 'use the credentials with which it was opened',
  })
}
