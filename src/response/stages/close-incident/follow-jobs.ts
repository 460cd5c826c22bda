import type { PersistenceArtefact } from '../../../incident/facts/activity-rows.ts'
import type { Subject } from '../../../incident/facts/subject.ts'
import { DAY_SECONDS } from '../../../incident/values/duration.ts'
import { given } from '../../../incident/values/given.ts'
import { isRoleArn } from '../../../incident/values/identifiers.ts'
import { type Instant, isBefore, plus } from '../../../incident/values/instant.ts'
import { isJobEvent, jobServiceOf, needsRole, startsJob } from '../../../investigation/persistence/job-services.ts'
import { rolesOfEvent } from '../../../investigation/persistence/passed-roles.ts'
import type { CloudTrailRecord } from '../../../investigation/record.ts'
import { EVENT_HISTORY_SECONDS } from '../../../investigation/sources/lookup-events.ts'
import { endOfIssue } from './issue-end.ts'
import { isComputeEvent } from './issued-to-compute.ts'
import {
  isIssueAfter,
  isIssueForJob,
  isIssueTo,
  isNamedBy,
  isOfRole,
  isSessionOf,
  type JobIssue,
  jobNamesOf,
  runIn,
  textsWithin,
  tieOf,
} from './job-issue.ts'
import { MOST, type TrailReading } from './reading.ts'
import type { ExaminedOf } from './standing.ts'

interface Following {
  readonly reading: TrailReading
  readonly examined: ExaminedOf
  readonly subject: Pick<Subject, 'accountId' | 'partition'>
  readonly now: Instant
}

/** Dangers of what runs no code and gives nobody credentials: a role that is passed to it is not followed. */
const NO_CODE: ReadonlySet<string> = new Set(['data', 'defence', 'permission'])

/** Days before the attacker's first artefact in which a service's use of a role shows that the workload uses it. */
const USED_BEFORE = 7 * DAY_SECONDS

/**
 * What AWS services took of roles for jobs that the attacker created, changed or started, as CloudTrail records it, where it has not
 * expired by now. One way for every service: the role is in the event, in another event of the same thing, or in the issue itself.
 * For each artefact and role the newest issue. What was not followed is said in `reading.incomplete`.
 */
export const followJobs = async (artefacts: readonly PersistenceArtefact[], asked: Following): Promise<readonly JobIssue[]> => {
  const { reading } = asked
  const all = artefacts.filter(isJob)
  // What starts a job is the surest sign, and the newest the likeliest to live.
  const jobs = [...all.filter(isStart), ...all.filter((job) => !isStart(job))].slice(0, MOST)
  if (all.length > MOST) reading.incomplete.push(`${all.length - MOST} more jobs under a passed role were not followed`)
  const history = historyOf(asked)
  const found: JobIssue[] = []
  for (const job of jobs) {
    const roles = await rolesOf(job, artefacts, history)
    if (roles.length === 0 && needsRole(job.eventSource, job.eventName))
      reading.incomplete.push(
        `${job.eventName} at ${job.at} names no role, and no other record does: what AWS issued to it was not followed`,
      )
    for (const role of roles) found.push(...(await issuesOf(job, role, { ...asked, history, since: firstOf(role, jobs, job) })))
  }
  return onePerIssue(found)
}

const isStart = ({ eventSource, eventName }: PersistenceArtefact): boolean => startsJob(eventSource, eventName)

const isJob = ({ succeeded, danger, eventSource, eventName, names }: PersistenceArtefact): boolean =>
  succeeded &&
  !isComputeEvent(eventName) &&
  !NO_CODE.has(danger ?? '') &&
  (names.passedRoles !== undefined || names.shownRoles !== undefined || isJobEvent(eventSource, eventName))

const ownRoles = ({ names: { passedRoles = [], shownRoles = [] } }: PersistenceArtefact): readonly string[] => [
  ...passedRoles,
  ...shownRoles,
]

/** When a role was first with the attacker: what was issued before shows the workload's own use. */
const firstOf = (role: string, jobs: readonly PersistenceArtefact[], job: PersistenceArtefact): Instant =>
  jobs.filter((other) => ownRoles(other).includes(role)).reduce((first, { at }) => (isBefore(at, first) ? at : first), job.at)

/** Lookups of CloudTrail that several jobs ask for, each made once. */
interface History {
  /** Issues of a role since a moment. */
  issues(role: string, from: Instant): Promise<readonly CloudTrailRecord[]>
  before(role: string, until: Instant): Promise<readonly CloudTrailRecord[]>
  events(names: readonly string[], from: Instant): Promise<readonly CloudTrailRecord[]>
}

const historyOf = ({ reading, subject, now }: Following): History => {
  const known = new Map<string, Promise<readonly CloudTrailRecord[]>>()
  const once = (key: string, look: () => Promise<readonly CloudTrailRecord[]>) => {
    const answer = known.get(key) ?? look()
    known.set(key, answer)
    return answer
  }
  const each = async (values: readonly string[], look: (value: string) => Promise<readonly CloudTrailRecord[]>) => {
    const records: CloudTrailRecord[] = []
    for (const value of values) records.push(...(await look(value)))
    return records
  }
  const oldest = plus(now, -EVENT_HISTORY_SECONDS)
  return {
    issues: (role, from) =>
      each(arnsOf(role, subject), (value) =>
        once(`${value} since ${from}`, () => reading.lookup({ attribute: 'ResourceName', value, from })),
      ),
    before: (role, until) =>
      each(arnsOf(role, subject), (value) =>
        once(`${value} before ${until}`, () =>
          reading.glimpse({ attribute: 'ResourceName', value, from: plus(until, -USED_BEFORE), until: plus(until, -1) }),
        ),
      ),
    events: (names, from) =>
      each(names, (value) =>
        once(`${value} since ${from}`, () =>
          reading.lookup({ attribute: 'EventName', value, from: isBefore(from, oldest) ? oldest : from }),
        ),
      ),
  }
}

/** A role's ARN; of a name that a service took instead, those that it has without a path and under the console's for service roles. */
const arnsOf = (role: string, { accountId, partition }: Following['subject']): readonly string[] => {
  if (isRoleArn(role)) return [role]
  return ['', 'service-role/'].map((path) => `arn:${partition}:iam::${accountId}:role/${path}${role}`)
}

/** The roles that a job may run under. */
const rolesOf = async (
  job: PersistenceArtefact,
  artefacts: readonly PersistenceArtefact[],
  history: History,
): Promise<readonly string[]> => {
  const own = ownRoles(job)
  if (own.length > 0) return own
  // Made without a role, it runs with the rights of whoever called.
  if (isStart(job) && !needsRole(job.eventSource, job.eventName) && jobNamesOf(job).runs.length === 0) return []
  const things = { runs: [], things: [...jobNamesOf(job).things] }
  if (things.things.length === 0) return issuedFor(job, history)
  const siblings = artefacts.filter(
    (other) => other.succeeded && other.eventSource === job.eventSource && isNamedBy(jobNamesOf(other).things, things),
  )
  const shared = [...new Set(siblings.flatMap(ownRoles))]
  if (shared.length > 0) return shared
  const { carries = [] } = jobServiceOf(job.eventSource) ?? {}
  const described = await history.events(carries, plus(job.at, -EVENT_HISTORY_SECONDS))
  const roles = described
    .filter((record) => record.outcome === 'ok' && record.eventSource === job.eventSource)
    .filter(({ request, response }) => isNamedBy(textsWithin([request, response]), things))
    .flatMap((record) => [...rolesOfEvent(record).passed, ...rolesOfEvent(record).shown])
  if (roles.length > 0) return [...new Set(roles)]
  return issuedFor(job, history)
}

/** The roles of issues that name a job themselves, in their scope or their session. */
const issuedFor = async (job: PersistenceArtefact, history: History): Promise<readonly string[]> => {
  const issues = await history.events(['AssumeRole'], job.at)
  const named = issues.filter((record) => isIssueAfter(record, job) && isIssueForJob(record, job))
  return [...new Set(named.flatMap(({ requested: { roleArn } }) => (roleArn === undefined ? [] : [roleArn])))]
}

type Searching = Following & { readonly history: History; readonly since: Instant }

const issuesOf = async (
  job: PersistenceArtefact,
  role: string,
  { history, since, now, examined }: Searching,
): Promise<readonly JobIssue[]> => {
  const ofRole = (await history.issues(role, since)).filter((record) => isIssueAfter(record, job) && isOfRole(record, role))
  const alive = ofRole.filter((issue) => !isBefore(endOfIssue(issue), now))
  if (alive.length === 0) return []
  const service = jobServiceOf(job.eventSource)
  const isOwn = ({ eventSource, outcome }: CloudTrailRecord) => eventSource === job.eventSource && outcome === 'ok'
  const starts = (await history.events(service?.starts ?? [], since)).filter(isOwn)
  const ends = (await history.events(service?.ends ?? [], since)).filter(isOwn)
  const usedBefore = (await history.before(role, since)).some((record) => isIssueTo(record, job.eventSource))
  return alive.flatMap((issue) => {
    const tie = tieOf(issue, job, { role, starts, usedBefore })
    if (tie === undefined) return []
    const run = starts.map((start) => runIn(start, issue)).find((run) => run !== undefined)
    const ended = endOf(issue, job, { ends, examined, run })
    return [{ artefact: job, issue, tie, until: endOfIssue(issue), ...given({ ended, run }) }]
  })
}

interface Ends {
  readonly ends: readonly CloudTrailRecord[]
  readonly examined: ExaminedOf
  readonly run: string | undefined
}

/** What stopped a job, or deleted what it is a run of, after an issue; anybody may have. */
const endOf = (issue: CloudTrailRecord, job: PersistenceArtefact, { ends, examined, run }: Ends): JobIssue['ended'] => {
  const isAfter = (at: Instant) => !isBefore(at, issue.at)
  const { runs, things } = jobNamesOf(job)
  const names = { runs: run === undefined ? runs : [run], things }
  const end = ends.find(({ at, region, eventName, request }) => {
    if (region !== job.region || !isAfter(at)) return false
    const texts = textsWithin(request)
    if (texts.some((text) => isSessionOf(issue, text))) return true
    return isNamedBy(texts, names) || (eventName.startsWith('Delete') && isNamedBy(texts, { runs: [], things }))
  })
  if (end) return { by: end.eventName, at: end.at }
  if (job.undoneBy && isAfter(job.undoneBy.at)) return { by: 'the session itself', at: job.undoneBy.at }
  const look = examined(job)
  return look?.standing === 'gone' && isAfter(look.at) ? { by: 'somebody', at: look.at } : undefined
}

/** How sure it is that an issue is an artefact's: what started the job is surer than what it is a run of. */
const weightOf = ({ artefact, tie }: JobIssue): number => (tie === 'attacker' ? 2 : 0) + (isStart(artefact) ? 1 : 0)

/** Each issue with the artefact that it is most surely of, and of an artefact's issues the newest of each kind. */
const onePerIssue = (found: readonly JobIssue[]): readonly JobIssue[] => {
  const byIssue = new Map<string, JobIssue>()
  for (const one of found) {
    const other = byIssue.get(one.issue.eventId)
    if (!other || weightOf(one) > weightOf(other)) byIssue.set(one.issue.eventId, one)
  }
  const newest = new Map<string, JobIssue>()
  for (const one of byIssue.values()) {
    const { artefact, issue, tie, ended, run } = one
    const key = [artefact.eventId, issue.requested.roleArn, tie, ended === undefined, run].join(' ')
    const other = newest.get(key)
    if (!other || isBefore(other.issue.at, issue.at)) newest.set(key, one)
  }
  return [...newest.values()]
}
