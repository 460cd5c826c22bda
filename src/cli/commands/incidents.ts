import type { Entry } from '../../incident/entry.ts'
import { type Incident, liftedAt, replay } from '../../incident/incident.ts'
import { given } from '../../incident/values/given.ts'
import { isRoleName } from '../../incident/values/identifiers.ts'
import { parseInstant, wholeSecond } from '../../incident/values/instant.ts'
import { quoted, quotedPath } from '../../incident/values/quoted.ts'
import { asciiJson, show } from '../../incident/values/show.ts'
import { stateRoot } from '../../journal/directory.ts'
import type { Command } from '../command.ts'
import { type CommandPlace, commandPlaceOf, reportCommandFor, resumeCommand } from '../continuation.ts'
import { FINISHED } from '../exit-code.ts'
import { isFalseAlarm, isFinished } from '../incident-run/finished-incident.ts'
import { knownIncidents } from '../incident-run/incident-files.ts'
import type { CommonOptions } from '../options.ts'

/** `ir-cred incidents`: the incidents kept on this machine, and how to go on with those that are not finished. */
export const incidentsCommand: Command<CommonOptions> = {
  run: async (host, options) => {
    const root = stateRoot(host.env, options.stateDir)
    const place = commandPlaceOf(host, options)
    let isEmpty = true
    for await (const { id, damage, entries } of knownIncidents(root)) {
      isEmpty = false
      const incident = damage === undefined ? replay(entries) : undefined
      const row = rowOf(id, incident, damage, entries.at(-1))
      host.stdout.write(options.json ? `${asciiJson({ type: 'incident', ...row })}\n` : sentence(row, place))
    }
    if (isEmpty && !options.json) host.stdout.write(`No incidents in ${quotedPath(root)}.\n`)
    return { outcome: FINISHED }
  },
}

interface Row {
  readonly incident: string
  readonly state: 'finished' | 'falseAlarm' | 'open' | 'damaged' | 'lifted'
  readonly exitCode?: number
  readonly accountId?: string
  readonly region?: string
  readonly simulated?: boolean
  /** Where it was opened, when that was not AWS: it has to be given again. */
  readonly endpoint?: string
  readonly finding?: string
  readonly role?: string
  readonly user?: string
  readonly openedAt?: string
  readonly lastAt?: string
  /** When the changes of the response were lifted. */
  readonly liftedAt?: string
  /** The first incident on another actor of the same attack sequence. */
  readonly linkedTo?: string
  readonly damage?: string
}

const rowOf = (id: string, incident: Incident | undefined, damage: string | undefined, last: Entry | undefined): Row => {
  const { setting, ended, facts = {}, openedAt, linkedTo }: Partial<Incident> = incident ?? {}
  const state = incident ? stateOf(incident) : 'open'
  return {
    incident: id,
    state: damage === undefined ? state : 'damaged',
    ...given({ exitCode: ended?.exitCode }),
    ...(setting ? { accountId: setting.accountId, region: setting.region, simulated: setting.simulated } : {}),
    ...given({ endpoint: setting?.endpoint }),
    ...given({
      finding: facts.finding ? facts.finding.finding.id : undefined,
      role: facts.subject?.kind === 'role-session' ? facts.subject.role.name : undefined,
      user: facts.subject && facts.subject.kind !== 'role-session' ? facts.subject.user.name : undefined,
      openedAt,
      lastAt: last?.at,
      liftedAt: incident && liftedAt(incident),
      linkedTo,
      damage,
    }),
  }
}

const stateOf = (incident: Incident): Row['state'] => {
  if (isFalseAlarm(incident)) return 'falseAlarm'
  if (liftedAt(incident) !== undefined) return 'lifted'
  return isFinished(incident) ? 'finished' : 'open'
}

const sentence = (row: Row, place: CommandPlace): string => {
  const { incident, state, accountId, region, role, user, damage, simulated, endpoint } = row
  const openedAt = parseInstant(row.openedAt)
  // A journal can be edited: what it says is shown as somebody else's wherever it has not the form that ir-cred writes.
  const at = endpoint === undefined ? '' : ` at ${quoted(endpoint)}`
  const where =
    accountId === undefined ? '' : `  account ${named(accountId)}${simulated ? ' (simulated)' : ''}, ${named(region)}${at}`
  const whose = role !== undefined ? `  role ${named(role)}` : user !== undefined ? `  user ${named(user)}` : ''
  const linked = row.linkedTo === undefined ? '' : `  linked to ${named(row.linkedTo)}`
  const lifted = parseInstant(row.liftedAt)
  const next = state !== 'open' && state !== 'damaged' ? reportCommandFor(incident, place) : resumeCommand(incident, place)
  return `${incident}  ${state === 'falseAlarm' ? 'false alarm' : state}${where}${whose}  opened ${openedAt ? wholeSecond(openedAt) : 'unknown'}${lifted ? `, lifted ${wholeSecond(lifted)}` : ''}${linked}\n  ${damage === undefined ? next : show(damage, 'tty')}\n`
}

const named = (name: string | undefined): string => (name !== undefined && isRoleName(name) ? name : quoted(name))
