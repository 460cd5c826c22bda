import type { PersistenceArtefact } from '../../../incident/facts/activity-rows.ts'
import { arnOf, isRoleArn, lastPart, roleOfArn, UUID } from '../../../incident/values/identifiers.ts'
import { type Instant, isBefore, secondsBetween } from '../../../incident/values/instant.ts'
import { serviceOf } from '../../../investigation/analysis/call-totals.ts'
import { startsJob, takesRolesFor } from '../../../investigation/persistence/job-services.ts'
import type { CloudTrailRecord } from '../../../investigation/record.ts'

/**
 * Whose an issue of credentials to a service is: `attacker` where something ties it to what the attacker left, `unclear` where the
 * workload's own jobs may have got it.
 */
export type IssueTie = 'attacker' | 'unclear'

/** Credentials that a service took for a job, with what the attacker left. */
export interface JobIssue {
  readonly artefact: PersistenceArtefact
  readonly issue: CloudTrailRecord
  readonly tie: IssueTie
  /** When the credentials expire. */
  readonly until: Instant
  /** What stopped or deleted the job since. */
  readonly ended?: { readonly by: string; readonly at: Instant }
  /** The run that got them, where its session and the record of its start show it. */
  readonly run?: string
}

/** Words of the rules for one run of a job; every other one is of what it is a run of. */
const RUNS: readonly string[] = [
  ...['build', 'buildBatch', 'glueRun', 'glueSession', 'execution', 'trainingJob', 'processingJob', 'tuningJob', 'transformJob'],
  ...['batchJob', 'emrRun', 'pipelineRun', 'automation'],
]
/** Words that are no name of a job. */
const NO_JOBS: readonly string[] = ['passedRoles', 'shownRoles', 'account', 'entered', 'role']

/** Names of an artefact's jobs: of single runs, and of what they are runs of. */
export interface JobNames {
  readonly runs: readonly string[]
  readonly things: readonly string[]
}

/** The names of the jobs that an artefact is about. */
export const jobNamesOf = ({ names }: PersistenceArtefact): JobNames => {
  const of = (isMeant: (word: string) => boolean) =>
    Object.entries(names).flatMap(([word, texts]) => (isMeant(word) && !NO_JOBS.includes(word) ? texts : []))
  return { runs: of((word) => RUNS.includes(word)), things: of((word) => !RUNS.includes(word)) }
}

/** Whether a record is a service's own issue of a role's credentials for the jobs of an artefact, after it. */
export const isIssueAfter = (record: CloudTrailRecord, { eventSource, at }: PersistenceArtefact): boolean =>
  isIssueTo(record, eventSource) && !isBefore(record.at, at)

/** Whether a record is an issue of a role's credentials to an event's service. */
export const isIssueTo = ({ eventName, outcome, invokedBy }: CloudTrailRecord, eventSource: string): boolean =>
  eventName.startsWith('AssumeRole') && outcome === 'ok' && invokedBy !== undefined && takesRolesFor(eventSource, invokedBy)

/** Whether an issue is of this role: an ARN, or a name where the record passed one. */
export const isOfRole = ({ requested: { roleArn } }: CloudTrailRecord, role: string): boolean =>
  roleArn !== undefined && (isRoleArn(role) ? roleArn === role : roleOfArn(roleArn)?.roleName === role)

/** Every text in a request or an answer. */
export const textsWithin = (value: unknown, depth = 12): readonly string[] => {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null || depth === 0) return []
  return Object.values(value).flatMap((inner) => textsWithin(inner, depth - 1))
}

/** A thing by all of its names: of `…:stack/name/id` and `…:stateMachine:name` the name too. */
const thingNames = (name: string): readonly string[] => {
  const resource = arnOf(name)?.resource
  return resource === undefined ? [name] : [name, ...resource.split(/[:/]/).slice(1)]
}

const runNamesOf = (name: string): readonly string[] => [name, lastPart(name)]

/** Whether texts of a request name a run of the job, or, with none known, the job. */
export const isNamedBy = (texts: readonly string[], { runs, things }: JobNames): boolean => {
  const said = new Set(texts.flatMap(thingNames))
  return runs.length > 0
    ? runs.flatMap(runNamesOf).some((name) => said.has(name))
    : things.flatMap(thingNames).some((name) => said.has(name))
}

/** Long enough not to be met by chance in a session's name. */
const isDistinct = (name: string): boolean => UUID.test(name) || name.length >= 24

/** Whether the session of an issue is named after a run: `AWSCodeBuild-<id>`, `Automation-<id>`, the id itself. */
export const isSessionOf = ({ requested: { roleSessionName = '' } }: CloudTrailRecord, run: string): boolean =>
  runNamesOf(run).some((name) => roleSessionName === name || (isDistinct(name) && roleSessionName.endsWith(`-${name}`)))

/** The resources that an issue says it is for, where it says one of the artefact's service. */
const scopesOf = ({ sourceArn, issuedTo }: CloudTrailRecord, { eventSource }: PersistenceArtefact): readonly string[] =>
  [sourceArn, issuedTo].filter((arn) => arn !== undefined && arnOf(arn)?.service === serviceOf(eventSource)) as string[]

/** Whether an issue is for one of these names: they stand in its scope, or its session is named so. */
const isFor = (issue: CloudTrailRecord, names: readonly string[], artefact: PersistenceArtefact): boolean => {
  const isHere = (arn: string) => {
    const { region = '', accountId = '' } = arnOf(arn) ?? {}
    return region === artefact.region && (artefact.accountId === undefined || accountId === artefact.accountId)
  }
  const scopes = scopesOf(issue, artefact).filter(isHere).flatMap(thingNames)
  return names.some((name) => isSessionOf(issue, name) || thingNames(name).some((part) => scopes.includes(part)))
}

/** Whether an issue names the job itself. */
export const isIssueForJob = (issue: CloudTrailRecord, artefact: PersistenceArtefact): boolean => {
  const { runs, things } = jobNamesOf(artefact)
  return isFor(issue, [...runs, ...things], artefact)
}

/** The run that an issue's session is named after, of those that a start's record names. */
export const runIn = (start: CloudTrailRecord, issue: CloudTrailRecord): string | undefined =>
  textsWithin([start.response, start.request]).find((text) => isDistinct(lastPart(text)) && isSessionOf(issue, text))

/** Seconds in which a job that was started gets its credentials. */
const START = 900

/** What decides whose an issue is. */
export interface TieContext {
  /** The role, as the event named it. */
  readonly role: string
  /** Starts of jobs of the service, by anybody. */
  readonly starts: readonly CloudTrailRecord[]
  /** The service took the role's credentials before the attacker left anything. */
  readonly usedBefore: boolean
}

/** Whose an issue is; undefined where it is for something else than what the attacker left. */
export const tieOf = (
  issue: CloudTrailRecord,
  artefact: PersistenceArtefact,
  { role, starts, usedBefore }: TieContext,
): IssueTie | undefined => {
  const { runs, things } = jobNamesOf(artefact)
  const isStart = startsJob(artefact.eventSource, artefact.eventName)
  if (isFor(issue, runs, artefact)) return 'attacker'
  const start = starts.find((record) => runIn(record, issue) !== undefined)
  if (start) {
    const isOfThing = isNamedBy(textsWithin([start.request, start.response]), { runs: [], things })
    return start.eventId === artefact.eventId || (!isStart && isOfThing) ? 'attacker' : undefined
  }
  const isNamed = isFor(issue, things, artefact)
  if (isNamed && !isStart) return 'attacker'
  if (!isNamed && scopesOf(issue, artefact).length > 0) return undefined
  if (isStart && secondsBetween(artefact.at, issue.at) <= START) return 'attacker'
  const isPassed = artefact.names.passedRoles?.includes(role) === true
  return isPassed && !usedBefore ? 'attacker' : 'unclear'
}
