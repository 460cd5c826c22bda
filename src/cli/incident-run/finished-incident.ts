import { join } from 'node:path'
import type { Entry } from '../../incident/entry.ts'
import type { Finding } from '../../incident/finding/finding.ts'
import { type Incident, replay } from '../../incident/incident.ts'
import { Failure } from '../../incident/values/failure.ts'
import { epochOf, isBefore, wholeSecond } from '../../incident/values/instant.ts'
import { listIncidents } from '../../journal/incidents.ts'
import { readJournal } from '../../journal/read.ts'
import type { Ended, Responder } from '../../response/ports.ts'
import { openAnew, reportCommandFor } from '../continuation.ts'
import { EXIT } from '../exit-code.ts'
import type { CommonOptions } from '../options.ts'
import { type ConnectedAccount, isSameAccount } from './resume.ts'
import type { Walked } from './run-stages.ts'

/** The incidents of this machine that were opened on one finding in one account. Damaged ones are left out. */
export const incidentsOn = async (finding: Finding, root: string, place: ConnectedAccount): Promise<readonly Incident[]> => {
  const incidents: Incident[] = []
  for (const { id, damage } of await listIncidents(root)) {
    if (damage !== undefined) continue
    const known = replay((await readJournal<Entry>(root, id)).entries)
    if (known.facts.finding?.finding.id === finding.id && isSameAccount(known, place)) incidents.push(known)
  }
  return incidents
}

/** Whether an incident came to its end, with everything claimed seen. */
export const isFinished = ({ ended }: Incident): boolean => ended?.exitCode === EXIT.finished

/** The incident that ended last, of those that are finished. */
export const lastFinished = (incidents: readonly Incident[]): Incident | undefined =>
  incidents
    .filter(isFinished)
    .sort((a, b) => endOf(a) - endOf(b))
    .at(-1)

const endOf = ({ ended }: Incident): number => (ended ? epochOf(ended.at) : 0)

/** A response to a finding whose incident is finished, before anything is opened. */
export interface SecondResponse {
  readonly finding: Finding
  readonly finished: Incident
  readonly responder: Responder
  readonly options: CommonOptions
  readonly root: string
  /** The command that asks for the same again. */
  readonly again: string
  /** A name that no incident has yet. */
  readonly newId: string
}

/** By what an answers file answers the question. */
export const FINISHED_QUESTION = 'The incident on this finding is finished. What now?'

/** How a run ends that only looks at what is finished. */
export interface Looked {
  readonly walked: Walked
  readonly ended: Pick<Ended, 'incident' | 'writes' | 'report' | 'continueWith'>
}

/**
 * Revoking and restarting a second time is a decision of its own: asks for it. Gives how the run ends without one, or undefined
 * when a new incident is to be opened.
 */
export const decideAgain = async (second: SecondResponse): Promise<Looked | undefined> => {
  const { finished, responder, options, root, newId } = second
  const answer = await responder.choose({
    what: FINISHED_QUESTION,
    options: [
      { id: 'report', label: [`look at the report of ${finished.id}`] },
      { id: 'open', label: [`open a new incident, ${newId}: revoke and restart once more`] },
    ],
  })
  if (answer === 'open') return undefined
  const report = answer === 'report' ? { report: join(root, finished.id, 'report.md') } : {}
  const base = { incident: finished, unproven: [], alarms: [] }
  return {
    walked:
      answer === 'report'
        ? { ...base, ending: 'completed', exitCode: EXIT.finished }
        : { ...base, ending: 'declined', exitCode: EXIT.declined, failure: notAgain(second) },
    ended: { incident: finished.id, writes: 0, ...report, continueWith: reportCommandFor(finished.id, options) },
  }
}

const notAgain = ({ finding, finished: { id, ended }, again, newId, options }: SecondResponse): Failure => {
  const seen = finding.lastSeen ?? finding.updatedAt
  const since = ended && isBefore(ended.at, seen) ? `; GuardDuty has seen it again since, last at ${wholeSecond(seen)}` : ''
  return new Failure({
    kind: 'declined',
    what: `incident ${id} on this finding is finished, and nobody chose to respond a second time`,
    why: `it ended at ${ended ? wholeSecond(ended.at) : 'an unknown time'}${since}`,
    remedy: `look at its report: \`${reportCommandFor(id, options)}\`; to open a new incident on purpose: \`${openAnew(again, newId)}\``,
  })
}
