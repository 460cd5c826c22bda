import { type Entry, isDrill } from '../../incident/entry.ts'
import { replay } from '../../incident/incident.ts'
import { Failure } from '../../incident/values/failure.ts'
import { isBefore, plus } from '../../incident/values/instant.ts'
import { EVENT_HISTORY_SECONDS } from '../../investigation/sources/lookup-events.ts'
import { type Audit, auditIncident } from '../../journal/audit.ts'
import { shortHead } from '../../journal/journal.ts'
import { listIncidents } from '../../journal/read.ts'
import { openLive } from '../connection/live.ts'
import type { Host } from '../host.ts'
import { refuseOtherAccount, resumedConnection } from '../incident-run/resume.ts'
import { type CommonOptions, connectionRequestOf } from '../options.ts'
import type { AnchorsCompared } from './anchors-compared.ts'
import { type AuditedWrite, compareWrites, droppedWrites } from './compare-anchors.ts'
import { readAnchors } from './read-anchors.ts'

/** Seconds before the incident's opening: the first write comes later, and clocks differ. */
const LEAD = 300

/**
 * Compares each write of an incident with CloudTrail, Systems Manager and the tags of the snapshots. Reads only. Throws Failure
 * usage for a drill, whose account ended with it, blocked for another account, and what opening the connection throws.
 */
export const compareWithAws = async (
  host: Host,
  options: CommonOptions,
  { audited, writes, root }: { readonly audited: Audit; readonly writes: readonly AuditedWrite[]; readonly root: string },
  say: (what: string) => void,
): Promise<AnchorsCompared> => {
  const incident = replay(audited.entries)
  const { setting, openedAt, facts } = incident
  if (!setting || !openedAt) return { compared: [], dropped: [], incomplete: [NO_SETTING] }
  if (isDrill(setting)) throw noAccount(audited.incident)
  const request = resumedConnection(connectionRequestOf(options), incident)
  const connection = await openLive({ ...request, regions: [setting.region] }, host, { observer: { onCall: () => {} }, say })
  refuseOtherAccount(incident, connection)
  const region = facts.subject?.region ?? setting.region
  const until = connection.clock.now()
  const from = plus(openedAt, -LEAD)
  const { role, instanceId } = (facts.subject ?? {}) as {
    readonly role?: { readonly name?: string }
    readonly instanceId?: string
  }
  const targets = [role?.name, instanceId].filter((target) => target !== undefined)
  const found = await readAnchors(connection.aws, { incident: audited.incident, region, from, until, targets }, say)
  const known = { responderArns: respondersIn(audited.entries), otherHeads: await headsOfOthers(root, audited.incident) }
  const isOld = isBefore(from, plus(until, -EVENT_HISTORY_SECONDS))
  return {
    compared: compareWrites(writes, found.anchors, found.read, known),
    dropped: droppedWrites(writes, found.anchors, known),
    incomplete: [...found.incomplete, ...(isOld ? [TOO_OLD] : [])],
  }
}

const NO_SETTING = 'the journal does not say in which account the incident was opened: nothing can be compared'
const TOO_OLD =
  'CloudTrail’s event history keeps 90 days, and the incident began before: ask the trail’s log files for older writes'

const noAccount = (incident: string): Failure =>
  new Failure({
    kind: 'usage',
    what: `incident ${incident} is a drill: there is no CloudTrail to compare it with`,
    why: 'its simulated account ended with the drill',
    remedy: 'leave --cloudtrail out; `ir-cred simulate` serves an account that can be asked afterwards',
  })

const respondersIn = (entries: readonly Entry[]): readonly string[] =>
  entries.flatMap((entry) => {
    if (entry.type === 'opened') return [entry.setting.responderArn]
    return entry.type === 'resumed' || entry.type === 'lifting' ? [entry.responderArn] : []
  })

/** The heads of this machine's other journals: their writes on the same role are none of this one's. */
const headsOfOthers = async (root: string, incident: string): Promise<ReadonlySet<string>> => {
  const heads = new Set<string>()
  for (const { id } of await listIncidents(root)) {
    if (id === incident) continue
    try {
      for (const hash of (await auditIncident(root, id)).hashes) heads.add(shortHead(hash))
    } catch (error) {
      if (!(error instanceof Failure)) throw error
    }
  }
  return heads
}
