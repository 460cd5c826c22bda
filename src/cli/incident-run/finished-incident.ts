import { join } from 'node:path'
import type { Entry } from '../../incident/entry.ts'
import type { Finding } from '../../incident/finding/finding.ts'
import { type Incident, replay } from '../../incident/incident.ts'
import { Failure } from '../../incident/values/failure.ts'
import { epochOf, isBefore, wholeSecond } from '../../incident/values/instant.ts'
import { listIncidents, readJournal } from '../../journal/read.ts'
import type { Responder } from '../../response/ports.ts'
import { type NextCommands, openAnew } from '../continuation.ts'
import { endOf, FINISHED, failed, type Outcome } from '../exit-code.ts'
import { type ConnectedAccount, isSameAccount } from './resume.ts'

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

/** Whether the last run on an incident finished, and confirmed everything that it claims. */
export const isFinished = ({ ended }: Incident): boolean => ended?.exitCode === endOf(FINISHED).exitCode

/** The incident that ended last, of those that are finished. */
export const lastFinished = (incidents: readonly Incident[]): Incident | undefined =>
  incidents
    .filter(isFinished)
    .sort((a, b) => endedAt(a) - endedAt(b))
    .at(-1)

const endedAt = ({ ended }: Incident): number => (ended ? epochOf(ended.at) : 0)

/** A response to a finding whose incident is finished, before anything is opened. */
export interface SecondResponse {
  readonly finding: Finding
  readonly finished: Incident
  readonly responder: Responder
  readonly commands: NextCommands
  readonly root: string
  /** A name that no incident has yet. */
  readonly newId: string
}

/** By what an answers file answers the question. */
export const FINISHED_QUESTION = 'The incident on this finding is finished. What now?'

/** How a run ends that leaves a finished incident as it is. */
export interface LeftFinished {
  readonly outcome: Outcome
  /** The path of its report, when the responder wants to see it. */
  readonly report?: string
}

/**
 * Asks whether to revoke and restart a second time. Gives how the run ends when the answer is no, or undefined when a new
 * incident is to be opened.
 */
export const askForSecondResponse = async (second: SecondResponse): Promise<LeftFinished | undefined> => {
  const { finished, responder, root, newId } = second
  const answer = await responder.choose({
    what: FINISHED_QUESTION,
    options: [
      { id: 'report', label: [`look at the report of ${finished.id}`] },
      { id: 'open', label: [`open a new incident, ${newId}: revoke and restart once more`] },
    ],
  })
  if (answer === 'open') return undefined
  if (answer === 'report') return { outcome: FINISHED, report: join(root, finished.id, 'report.md') }
  return { outcome: failed(notAgain(second)) }
}

const notAgain = ({ finding, finished: { id, ended }, commands, newId }: SecondResponse): Failure => {
  const seen = finding.lastSeen ?? finding.updatedAt
  const since = ended && isBefore(ended.at, seen) ? `; GuardDuty has seen it again since, last at ${wholeSecond(seen)}` : ''
  return new Failure({
    kind: 'declined',
    what: `incident ${id} on this finding is finished, and a second response was not chosen`,
    why: `it ended at ${ended ? wholeSecond(ended.at) : 'an unknown time'}${since}`,
    remedy: `look at its report: \`${commands.report(id)}\`; to open a new incident on purpose: \`${openAnew(commands.again, newId)}\``,
  })
}
