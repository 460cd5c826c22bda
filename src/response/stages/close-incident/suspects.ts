import { isNotFound } from '../../../aws/failure.ts'
import type { ChainedSession, PersistenceArtefact } from '../../../incident/facts/activity-rows.ts'
import type { IncidentWith } from '../../../incident/incident.ts'
import { HOUR_SECONDS, LONGEST_ROLE_SESSION_SECONDS } from '../../../incident/values/duration.ts'
import { type Instant, isBefore, plus, secondsBetween } from '../../../incident/values/instant.ts'
import { isRevoked, revokedBy } from '../../../investigation/analysis/chained-sessions.ts'
import { obtainedSessions } from '../../../investigation/analysis/obtained-credentials.ts'
import { issuancesTo } from '../../../investigation/issuance.ts'
import { type KeyLists, listKeys } from '../../../investigation/persistence/access-keys.ts'
import { artefactsIn, mergeEqual } from '../../../investigation/persistence/artefacts.ts'
import type { CloudTrailRecord } from '../../../investigation/record.ts'
import type { Context } from '../../stage.ts'
import { readOr } from '../optional-read.ts'
import { type WholeActivity, wholeActivity } from '../trace-activity/whole-activity.ts'
import { followJobs } from './follow-jobs.ts'
import { issuedToCompute } from './issued-to-compute.ts'
import type { JobIssue } from './job-issue.ts'
import { MOST, readingOf, type Suspect, type TrailReading } from './reading.ts'
import { type ExaminedOf, examinedOf, isLeft } from './standing.ts'

/** Everything that the last look reads of CloudTrail. */
export interface Suspects {
  readonly suspects: readonly Suspect[]
  /** Issues of sessions of the role since the cut-off, to others than the instance. */
  readonly issuedSince: readonly CloudTrailRecord[]
  /** Chained sessions: of the trace, and those that the stolen or a made key obtained since it was read. */
  readonly chainedSessions: readonly ChainedSession[]
  /** Credentials that AWS issued to compute of the attacker's, with what made or changed it. */
  readonly issuedToCompute: readonly { readonly artefact: PersistenceArtefact; readonly issue: CloudTrailRecord }[]
  /** Credentials that AWS services took for jobs that the attacker started, or may have. */
  readonly issuedToJobs: readonly JobIssue[]
  /** What was left with keys that the attacker made: the trace of the stolen key does not show it. */
  readonly madeWithKeys: readonly PersistenceArtefact[]
  /** Instances on which the attacker ran commands or opened sessions: what they hold may be the attacker's too. */
  readonly entered: readonly { readonly artefact: PersistenceArtefact; readonly instanceId: string }[]
  readonly raw: readonly string[]
  readonly incomplete: readonly string[]
}

type LastLook = IncidentWith<'subject' | 'revocation'>

/** Keys of one issue: EC2 hands out several ids of one set of credentials in the same second. */
const SAME_ISSUE = 5

/** Looks in every Region for every credential that is known to be the attacker's, or may be. */
export const readSuspects = async (incident: LastLook, regions: readonly string[], context: Context): Promise<Suspects> => {
  const reading = readingOf(regions, context)
  const examined = await examinedOf(incident.facts.persistence, context)
  const { subject, revocation, activity } = incident.facts
  const { cutoff, firstCutoff = cutoff } = revocation
  const whole = activity ? await wholeActivity(activity, context) : NOTHING_TRACED
  const since = plus(firstCutoff, -HOUR_SECONDS)
  const stolen = await reading.callsOf('stolen', subject.accessKeyId, since)
  const issued = await issuedKeys(incident, cutoff, whole, reading)
  const siblings = await inTurn(reading.first(issued.siblings, 'keys of the same issue'), (key) =>
    reading.callsOf('sibling', key, since),
  )
  const fresh = await inTurn(reading.first(issued.fresh, 'new keys of the instance'), (key) =>
    reading.callsOf('new', key, cutoff),
  )
  const others = await inTurn(reading.first(issued.others, 'other sessions of the role'), (key) =>
    reading.callsOf('other-session', key, cutoff),
  )
  const made = await madeCredentials(whole.artefacts, examined, reading)
  const usedKeys = made.suspects.filter(({ kind, calls }) => kind === 'created-key' && calls.length > 0)
  const gone = await goneKeys(usedKeys, subject, reading, context)
  const suspects = [stolen, ...siblings, ...fresh, ...others, ...made.suspects].map((suspect) =>
    gone.has(suspect.name) ? { ...suspect, isGone: true } : suspect,
  )
  const later = [stolen, ...siblings, ...made.suspects].flatMap(({ calls }) => chained(calls, incident))
  const all = [...whole.artefacts, ...made.artefacts]
  const compute = await issuedToCompute(all, examined, reading, context.now())
  context.progress('asking CloudTrail for what was issued to jobs of the attacker')
  const issuedToJobs = await followJobs(all, { ...{ reading, examined, subject }, now: context.now() })
  return {
    suspects,
    issuedSince: issued.since,
    chainedSessions: uniqueSessions([...whole.chainedSessions, ...later]),
    issuedToCompute: compute,
    issuedToJobs: issuedToJobs.filter(({ issue }) => !compute.some((other) => other.issue.eventId === issue.eventId)),
    madeWithKeys: mergeEqual(made.artefacts).filter(({ succeeded, undoneBy }) => succeeded && !undoneBy),
    entered: enteredBy(all, subject.instanceId),
    raw: reading.raw,
    incomplete: [...new Set([...whole.incomplete.map((gap) => `not in the trace: ${gap}`), ...reading.incomplete])],
  }
}

const NOTHING_TRACED: WholeActivity = {
  artefacts: [],
  chainedSessions: [],
  siblingKeys: [],
  incomplete: ['what the stolen key did: the trace is not established, so sessions and keys that it obtained are not followed'],
}

const inTurn = async <T, R>(items: readonly T[], look: (item: T) => Promise<R>): Promise<readonly R[]> => {
  const results: R[] = []
  for (const item of items) results.push(await look(item))
  return results
}

/** The keys that were issued to the instance with the stolen one, those since the cut-off, and sessions of the role that others got since. */
const issuedKeys = async (
  { facts: { subject, rotation } }: LastLook,
  cutoff: Instant,
  { siblingKeys }: WholeActivity,
  reading: TrailReading,
) => {
  const { accessKeyId, instanceId, issuedAt } = subject
  const asked = { attribute: 'ResourceName' as const, from: plus(cutoff, -LONGEST_ROLE_SESSION_SECONDS) }
  const toInstance =
    instanceId === undefined ? [] : issuancesTo(instanceId, await reading.lookup({ ...asked, value: instanceId }))
  const ofIssue = toInstance.filter(({ at }) => issuedAt !== undefined && Math.abs(secondsBetween(issuedAt, at)) <= SAME_ISSUE)
  const siblings = [
    ...siblingKeys.filter(({ sameIssueTime }) => sameIssueTime).map((key) => key.accessKeyId),
    ...ofIssue.map((issue) => issue.accessKeyId),
  ]
  const sinceCutoff = toInstance.filter(({ at }) => !isBefore(at, cutoff)).map((issue) => issue.accessKeyId)
  const fresh = [...new Set([...(rotation?.newAccessKeyId ? [rotation.newAccessKeyId] : []), ...sinceCutoff])]
  // Sessions of a user hang on the user's keys, each of which is looked at.
  const ofRole =
    subject.kind === 'role-session'
      ? await reading.lookup({ attribute: 'ResourceName', value: subject.role.arn, from: cutoff })
      : []
  const since = ofRole.filter(
    ({ eventName, outcome, issuedAccessKeyId }) => eventName.startsWith('AssumeRole') && outcome === 'ok' && issuedAccessKeyId,
  )
  const others = since.flatMap(({ issuedAccessKeyId }) => issuedAccessKeyId ?? [])
  const known = new Set([accessKeyId, ...siblings, ...fresh])
  return {
    siblings: [...new Set(siblings)].filter((key) => key !== accessKeyId && !fresh.includes(key)),
    fresh: fresh.filter((key) => key !== accessKeyId),
    others: [...new Set(others)].filter((key) => !known.has(key)),
    since: since.filter(({ issuedAccessKeyId = '' }) => !known.has(issuedAccessKeyId)),
  }
}

/** So many generations of keys that made keys are followed. */
const GENERATIONS = 5

/** Access keys and console passwords that the attacker made, with their calls, and what those made in turn. */
const madeCredentials = async (traced: readonly PersistenceArtefact[], examined: ExaminedOf, reading: TrailReading) => {
  const suspects: Suspect[] = []
  const artefacts: PersistenceArtefact[] = []
  const followed = new Set<string>()
  let level = traced
  for (let generation = 0; generation < GENERATIONS && level.length > 0; generation += 1) {
    const left = level.filter((artefact) => isLeft(artefact, examined))
    const keys = left.filter(({ eventName, names }) => /AccessKey$/.test(eventName) && names.accessKey?.[0] !== undefined)
    const logins = left.filter(
      (artefact) =>
        /LoginProfile$/.test(artefact.eventName) &&
        artefact.names.user?.[0] !== undefined &&
        examined(artefact)?.standing !== 'changed',
    )
    const next: PersistenceArtefact[] = []
    for (const artefact of [...keys, ...logins].slice(0, MOST)) {
      const suspect = await madeCredential(artefact, reading)
      if (followed.has(`${suspect.kind} ${suspect.name}`)) continue
      followed.add(`${suspect.kind} ${suspect.name}`)
      suspects.push(suspect)
      next.push(...artefactsIn(suspect.calls.toReversed()))
    }
    const more = keys.length + logins.length - MOST
    if (more > 0) reading.incomplete.push(`${more} more keys and passwords that the attacker made were not followed`)
    artefacts.push(...next)
    level = next
  }
  return { suspects, artefacts }
}

const madeCredential = async (artefact: PersistenceArtefact, reading: TrailReading): Promise<Suspect> => {
  const { at, names, eventName } = artefact
  if (/AccessKey$/.test(eventName)) return { ...(await reading.callsOf('created-key', names.accessKey?.[0] ?? '', at)), artefact }
  const user = names.user?.[0] ?? ''
  const calls = await reading.lookup({ attribute: 'Username', value: user, from: at })
  const signIns = calls.filter((call) => call.eventName === 'ConsoleLogin' && call.outcome === 'ok' && call.userName === user)
  return { kind: 'created-login', name: user, calls: signIns, artefact }
}

const NO_LISTS: KeyLists = new Map()

/** Those of these keys that are inactive or gone by now, as IAM lists them; a list that cannot be read shows nothing. */
const goneKeys = async (
  keys: readonly Suspect[],
  { region, accountId }: LastLook['facts']['subject'],
  { incomplete }: TrailReading,
  { aws, now, signal }: Context,
): Promise<ReadonlySet<string>> => {
  // What is in another account cannot be seen from here.
  const own = keys.filter(({ artefact }) => (artefact?.accountId ?? accountId) === accountId)
  const artefacts = own.flatMap(({ artefact }) => (artefact ? [artefact] : []))
  const asked = { what: 'whether keys of the attacker are still active', operation: 'iam:ListAccessKeys', otherwise: NO_LISTS }
  const lists = await readOr(incomplete, asked, () => listKeys(artefacts, { iam: aws(region).iam, now, signal }))
  return new Set(own.filter((key) => isGoneIn(lists, key)).map(({ name }) => name))
}

const isGoneIn = (lists: KeyLists, { name, artefact }: Suspect): boolean => {
  const list = lists.get(artefact?.names.user?.[0] ?? '')
  if (list === undefined) return false
  // A user who is gone has no keys.
  if ('refusal' in list) return isNotFound(list.refusal)
  const key = list.keys.items.find(({ AccessKeyId }) => AccessKeyId === name)
  return key === undefined ? list.keys.incomplete === undefined : key.Status === 'Inactive'
}

/** Sessions that these calls obtained, newest first as the calls are. */
const chained = (calls: readonly CloudTrailRecord[], { facts: { subject, revocation } }: LastLook): readonly ChainedSession[] =>
  obtainedSessions(calls).map((session) => ({
    ...session,
    depth: 1,
    revoked: isRevoked(session, revokedBy(subject, revocation)),
  }))

const uniqueSessions = (sessions: readonly ChainedSession[]): readonly ChainedSession[] => [
  ...new Map(sessions.toReversed().map((session) => [`${session.eventId} ${session.accessKeyId}`, session])).values(),
]

const enteredBy = (artefacts: readonly PersistenceArtefact[], own: string | undefined): Suspects['entered'] => {
  const entered = artefacts
    .filter(({ succeeded }) => succeeded)
    .flatMap((artefact) => (artefact.names.entered ?? []).map((instanceId) => ({ artefact, instanceId })))
  return [...new Map(entered.toReversed().map((one) => [one.instanceId, one])).values()].filter(
    ({ instanceId }) => instanceId !== own,
  )
}
