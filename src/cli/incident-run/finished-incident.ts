import { join } from 'node:path'
import type { FoundFinding } from '../../incident/facts/facts.ts'
import type { Finding } from '../../incident/finding/finding.ts'
import { type Incident, replay } from '../../incident/incident.ts'
import type { Span } from '../../incident/values/block.ts'
import { Failure } from '../../incident/values/failure.ts'
import { given } from '../../incident/values/given.ts'
import { epochOf, isBefore, wholeSecond } from '../../incident/values/instant.ts'
import type { Responder } from '../../response/ports.ts'
import { type NextCommands, openAnew } from '../continuation.ts'
import { endOf, FINISHED, failed, type Outcome } from '../exit-code.ts'
import { knownIncidents } from './incident-files.ts'
import { type ConnectedAccount, isSameAccount } from './resume.ts'

/** Gets an incident that a response leaves out, and why it cannot be relied on. */
type LeftOut = (id: string, why: string) => void

/** What a state root holds of earlier responses to a finding. */
export interface EarlierIncidents {
  /** Opened on the finding, or where one of the two is a report, on its access key or on what was reported. */
  readonly same: readonly Incident[]
  /** The incident that was opened first on another actor of the attack sequence. */
  readonly linkedTo?: string
}

/** The earlier incidents of one account on one finding: each journal is read once. Damaged ones are left out, and harm no other. */
export const earlierIncidents = async (
  found: FoundFinding,
  root: string,
  place: ConnectedAccount,
  leftOut: LeftOut = () => {},
): Promise<EarlierIncidents> => {
  const same: Incident[] = []
  const linked: Incident[] = []
  for await (const { id, entries, damage } of knownIncidents(root)) {
    if (damage !== undefined) {
      leftOut(id, damage)
      continue
    }
    const known = replay(entries)
    const other = known.facts.finding
    if (!other || !isSameAccount(known, place)) continue
    if (isSameMatter(other, found)) same.push(known)
    else if (found.finding.otherActors !== undefined && other.finding.id === found.finding.id) linked.push(known)
  }
  const [first] = linked.sort((a, b) => (a.openedAt && b.openedAt ? epochOf(a.openedAt) - epochOf(b.openedAt) : 0))
  return { same, ...given({ linkedTo: first?.linkedTo ?? first?.id }) }
}

/** One finding, and of an attack sequence one actor; or one key, or one report without a key, where one of the two is a report. */
const isSameMatter = (a: FoundFinding, b: FoundFinding): boolean => {
  if (a.finding.id === b.finding.id && (a.finding.otherActors === undefined || isSameActor(a.finding, b.finding))) return true
  if (a.source !== 'reported' && b.source !== 'reported') return false
  const [one, other] = [a.finding.accessKeyId, b.finding.accessKeyId]
  return one === undefined || other === undefined ? isSameReport(a.report, b.report) : one === other
}

/** Two actors without a key are told apart by whose they are. */
const isSameActor = (a: Finding, b: Finding): boolean =>
  a.accessKeyId === b.accessKeyId &&
  (a.accessKeyId !== undefined || (a.principalId === b.principalId && a.userName === b.userName))

/** No key says nothing about whose credentials they are: what was reported does. */
const isSameReport = (a: FoundFinding['report'], b: FoundFinding['report']): boolean =>
  a !== undefined && b !== undefined && a.by === b.by && a.name === b.name

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

/** By what an answers file answers the question after a false alarm. */
export const FALSE_ALARM_QUESTION = 'This finding was declared a false alarm. What now?'

/** How a run ends that leaves a finished incident as it is. */
export interface LeftFinished {
  readonly outcome: Outcome
  /** The path of its report, when the responder wants to see it. */
  readonly report?: string
}

/** Whether an incident ended with the declaration of a false alarm. */
export const isFalseAlarm = ({ ended, falseAlarm }: Incident): boolean =>
  ended?.ending === 'falseAlarm' && falseAlarm !== undefined

/** Who declared a false alarm, when and why. */
export const falseAlarmSpans = ({ id, falseAlarm }: Incident): readonly Span[] => {
  if (!falseAlarm) return []
  const { at, by, responderArn, reason } = falseAlarm
  return [`incident ${id} on this finding was declared a false alarm at `, { at }, ` by ${by} (${responderArn}): `, reason]
}

/**
 * Asks whether to go on with an incident that was declared a false alarm: nothing was changed in it. Gives how the run ends when the
 * answer is no, or undefined when the incident goes on.
 */
export const askAfterFalseAlarm = async (second: SecondResponse): Promise<LeftFinished | undefined> => {
  const { finished, responder, root } = second
  const answer = await responder.choose({
    what: FALSE_ALARM_QUESTION,
    options: [
      { id: 'report', label: [`leave it so, and look at the report of ${finished.id}`] },
      { id: 'continue', label: [`respond after all: ${finished.id} goes on, and asks before each change`] },
    ],
  })
  if (answer === 'continue') return undefined
  if (answer === 'report') return { outcome: FINISHED, report: join(root, finished.id, 'report.md') }
  return { outcome: failed(stillFalseAlarm(second)) }
}

const stillFalseAlarm = ({ finding, finished, commands }: SecondResponse): Failure =>
  new Failure({
    kind: 'declined',
    what: `incident ${finished.id} on this finding was declared a false alarm, and nobody chose to go on`,
    why: `it was declared at ${endOfLast(finished)}${seenSince(finding, finished)}`,
    remedy: `look at its report: \`${commands.report(finished.id)}\`; to respond after all: \`${commands.resume(finished.id)}\``,
  })

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

const notAgain = ({ finding, finished, commands, newId }: SecondResponse): Failure =>
  new Failure({
    kind: 'declined',
    what: `incident ${finished.id} on this finding is finished, and a second response was not chosen`,
    why: `it ended at ${endOfLast(finished)}${seenSince(finding, finished)}`,
    remedy: `look at its report: \`${commands.report(finished.id)}\`; to open a new incident on purpose: \`${openAnew(commands.again, newId)}\``,
  })

const endOfLast = ({ ended }: Incident): string => (ended ? wholeSecond(ended.at) : 'an unknown time')

const seenSince = (finding: Finding, { ended }: Incident): string => {
  const seen = finding.lastSeen ?? finding.updatedAt
  return ended && isBefore(ended.at, seen) ? `; GuardDuty has seen it again since, last at ${wholeSecond(seen)}` : ''
}
