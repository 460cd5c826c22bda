import type { AddressLookup } from '../../incident/facts/activity.ts'
import type { Finding } from '../../incident/finding/finding.ts'
import type { Incident } from '../../incident/incident.ts'
import { DAY_SECONDS } from '../../incident/values/duration.ts'
import { given } from '../../incident/values/given.ts'
import { plus } from '../../incident/values/instant.ts'
import { asciiJson, asciiJsonPieces, show } from '../../incident/values/show.ts'
import { activityFact } from '../../investigation/activity-fact.ts'
import { activityJson } from '../../investigation/activity-json.ts'
import type { ActivityState } from '../../investigation/analysis/activity-fold.ts'
import type { OtherFindings } from '../../investigation/enrichment/guardduty/other-findings.ts'
import { addressLookupOf, openGeography } from '../../investigation/geography/geography.ts'
import { findingPlaces } from '../../investigation/geography/location.ts'
import { finishInvestigation, type Investigation, type KnownContext, leftBehind } from '../../investigation/investigation.ts'
import { type PrincipalRef, type Question, questionOf, type TimeRange } from '../../investigation/question.ts'
import type { ReadHooks, ReadResult, RecordSource } from '../../investigation/source.ts'
import { collectNowWhenLarge } from '../../investigation/sources/log-files/workers/collect-sooner.ts'
import { stopThreads, type WorkerThreads } from '../../investigation/sources/log-files/workers/start-threads.ts'
import type { CommandEnding } from '../command.ts'
import type { AwsConnection } from '../connection/aws-connection.ts'
import { type End, FINISHED } from '../exit-code.ts'
import type { Host } from '../host.ts'
import { resumedConnection } from '../incident-run/resume.ts'
import type { OutputRequest } from '../options.ts'
import { sayEndpoint } from '../say-endpoint.ts'
import { sayWaiting, type Terminal, terminalOf } from '../tty.ts'
import type { Enrichment, OwnKnowledge } from './enrichment.ts'
import type { EnrichmentFiles, InvestigateRequest } from './request.ts'
import type { ProgressScreen } from './screen.ts'
import { openSource } from './source.ts'
import { readIncident, scopeOf, targetOf } from './target.ts'
import type { readTimeline, Timeline, TimelineParts } from './timeline.ts'
import type { TimelineRequest } from './timeline-request.ts'

/**
 * Investigates what a principal did, by CloudTrail's records from any source, enriched by other AWS services. Worker threads that were
 * started for log files are used.
 */
export const runInvestigation = async (
  host: Host,
  request: InvestigateRequest,
  started?: WorkerThreads,
): Promise<CommandEnding> => {
  const { output, stateDir } = request
  const { signal } = host
  const terminal = terminalOf(host, output, request.input)
  const incident = await incidentOf(request.target.incident, host, stateDir)
  const connection = await connectionOf(request, incident, host)
  if (isOfNobody(request.target)) return whoIsThere(host, request, connection, { terminal, started })
  const target = await targetOf(request.target, { incident, connection, host })
  const accounts = await accountsIn(request.files, host)
  const asked = connection ? findingsOn(target.principal, connection) : undefined
  const before = asked?.catch(() => undefined)
  // Only a scope around a finding has to wait for GuardDuty's answer; without an answer its places are missing.
  const needsFinding = 'aroundFinding' in request.scope && target.findings.length === 0
  const seen = needsFinding ? findingsIn(await asked) : target.findings
  const question = questionOf(target.principal, { scope: scopeOf(request.scope, seen), ...request.baseline })
  const range = rangeOf(question)
  const source = await openSource(request.source, connection, { ...host, started })
  const progress = await progressOf(terminal, output)
  const read = await source.read(
    { questions: [question], followChainedSessions: true, range },
    { signal, progress: (so) => progress.show(so), ...(await earlyOf(terminal, output, progress)) },
  )
  progress.clear()
  const places = await placesOf([...target.findings, ...findingsIn(await before)], request.files)
  const { ownAddresses, reportedAddresses, revoked } = target
  const known = { places, ownAddresses, reportedAddresses, ...given({ revoked }) }
  const again: ReadHooks<ActivityState> = { signal, progress: (so) => progress.show(so) }
  const found = await finished(question, read, known, { source, again })
  progress.clear()
  if (connection) progress.say('asking GuardDuty, IAM, Organizations and Detective')
  const enrichment = await enrich(found, { accounts, findings: target.findings }, connection, host)
  progress.clear()
  const parts = { source, question, range, found, incident, findings: [...target.findings, ...findingsIn(await before)] }
  if (started && !readsAgain(request)) await stopThreads(started)
  collectNowWhenLarge()
  if (output.json) writeJson(host, { ...activityJson(found), ...enrichment.members })
  else if (!isPipedTimeline(request))
    await (await screen()).showInvestigation(
      terminal,
      found,
      enrichment,
      (reading) => openTimeline(parts, reading, true),
      request.full,
    )
  if (request.timeline) await tellTimeline(request.timeline, parts, progress, host)
  // Filled after the answer, because that takes longer than the answer.
  await source.fillCache?.(range, { signal, progress: (so) => progress.show(so, 'cached: ') })
  progress.clear()
  return { outcome: FINISHED, ...given({ announce: output.json ? lastEvent(host, found) : undefined }) }
}

/** What others did since to what was left is read, by other threads where there are some, while the answers are worked out. */
const finished = async (
  question: Question,
  read: ReadResult<ActivityState>,
  known: KnownContext,
  { source, again }: { readonly source: RecordSource<ActivityState>; readonly again: ReadHooks<ActivityState> },
): Promise<Investigation> => {
  // Loaded on use.
  const { readUndoneByOthers, withUndoneByOthers } = await import('../../investigation/undone-by-others.ts')
  const { withDocumentsBefore } = await import('../../investigation/documents-before.ts')
  const left = await leftBehind(question, read, known.revoked)
  const [undone, own] = await Promise.all([
    readUndoneByOthers(left, source, again),
    finishInvestigation(question, read, known, left),
  ])
  return withDocumentsBefore(withUndoneByOthers(own, undone), source, again)
}

/** For a timeline: a person opens it from the screen. */
const readsAgain = ({ output, timeline }: InvestigateRequest): boolean => timeline !== undefined || !output.json

const isOfNobody = ({ principal, finding, incident }: InvestigateRequest['target']): boolean =>
  principal === undefined && finding === undefined && incident === undefined

/** Who is in the logs, where nobody was named. */
const whoIsThere = async (
  host: Host,
  request: InvestigateRequest,
  connection: AwsConnection | undefined,
  { terminal, started }: { readonly terminal: Terminal; readonly started: WorkerThreads | undefined },
): Promise<CommandEnding> => {
  const source = await openSource(request.source, connection, { ...host, started })
  const { listCallers } = await import('./list-callers.ts')
  const scope = scopeOf(request.scope, [])
  return listCallers(host, request, { source, scope, terminal, progress: await progressOf(terminal, request.output) })
}

const incidentOf = async (
  id: string | undefined,
  { env }: Pick<Host, 'env'>,
  stateDir: string | undefined,
): Promise<Incident | undefined> => {
  if (id === undefined) return undefined
  const { stateRoot } = await import('../../journal/directory.ts')
  return readIncident(stateRoot(env, stateDir), id)
}

/** AWS, when it is asked at all; for an incident as its journal says, save for the endpoint, which only the command line gives. */
const connectionOf = async (
  { connection, output }: InvestigateRequest,
  incident: Incident | undefined,
  host: Host,
): Promise<AwsConnection | undefined> => {
  if (!connection) return undefined
  const { openLive } = await import('../connection/live.ts')
  const request = incident ? resumedConnection(connection, incident) : connection
  const opened = await openLive(request, host, { observer: { onCall: () => {} }, say: sayWaiting(host, output) })
  sayEndpoint(opened, host, output)
  return opened
}

const accountsIn = async ({ accounts }: EnrichmentFiles, host: Host): Promise<OwnKnowledge['accounts']> =>
  accounts === undefined ? new Map() : (await import('./accounts-file.ts')).readAccounts(accounts, host)

/** Loaded on use, as the clients of AWS are: log files alone need neither. */
const awsEnrichment = () => import('./enrich.ts')

const findingsOn = async (principal: PrincipalRef, connection: AwsConnection): Promise<OtherFindings> =>
  (await awsEnrichment()).findingsOn(principal, connection)

const findingsIn = (found: OtherFindings | undefined): readonly Finding[] => (found?.findings ?? []).map(({ finding }) => finding)

const enrich = async (
  found: Investigation,
  own: OwnKnowledge,
  connection: AwsConnection | undefined,
  { signal, commandName }: Pick<Host, 'signal' | 'commandName'>,
): Promise<Enrichment> => {
  if (connection) return (await awsEnrichment()).enrichFromAws(activityFact(found), own, connection, { signal, commandName })
  if (own.accounts.size + own.findings.length === 0) return NOT_ENRICHED
  return (await import('./enrichment.ts')).enrichFromFiles(activityFact(found), own)
}

const NOT_ENRICHED: Enrichment = {
  sections: [],
  members: { finding: null, account: null, permissions: null, otherFindings: null, detective: null },
}

/** GuardDuty's own words come first, then the responder's databases, then the one that npm may have installed. */
const placesOf = async (
  findings: readonly Finding[],
  { countryDatabase, asnDatabase }: EnrichmentFiles,
): Promise<AddressLookup> =>
  addressLookupOf(await openGeography({ known: findingPlaces(findings), ...given({ countryDatabase, asnDatabase }) }))

/** The scope, and the baseline before it. */
const rangeOf = ({ scope: { from, until }, baselineDays }: Question): TimeRange =>
  given({ from: from && plus(from, -baselineDays * DAY_SECONDS), until })

/** Rows for another program have standard output for themselves; a timeline as text follows the answer. */
const isPipedTimeline = ({ timeline }: InvestigateRequest): boolean =>
  timeline !== undefined && timeline.file === undefined && timeline.format !== 'text'

const openTimeline = async (...[parts, reading, keepsRecords]: Parameters<typeof readTimeline>): Promise<Timeline> =>
  (await timelines()).readTimeline(parts, reading, keepsRecords)

const timelines = () => import('./timeline.ts')

/** Reads the source once more and writes the timeline. What is missing in it is said on the error stream. */
const tellTimeline = async (
  request: TimelineRequest,
  parts: TimelineParts,
  progress: ProgressScreen,
  host: Host,
): Promise<void> => {
  const { signal, stderr } = host
  const timeline = await openTimeline(parts, { signal, progress: (so) => progress.show(so, 'timeline: ') }, false)
  progress.clear()
  try {
    await (await timelines()).writeTimeline(timeline, request, host)
  } finally {
    timeline.sorted.dispose()
  }
  const known = new Set(parts.found.incomplete)
  for (const why of timeline.incomplete)
    if (!known.has(why)) stderr.write(`${show(`ir-cred: the timeline is incomplete: ${why}`, 'tty')}\n`)
}

/** Loaded on use: a script, which reads JSON, does not pay for what draws. */
const screen = () => import('./screen.ts')

const progressOf = async ({ err, rewrites }: Terminal, { quiet }: OutputRequest): Promise<ProgressScreen> =>
  !quiet && rewrites ? (await screen()).progressOn(err) : { show: () => {}, say: () => {}, clear: () => {} }

/** A person who waits sees the first calls of a reading that takes long. */
const earlyOf = async ({ err }: Terminal, { json, quiet }: OutputRequest, progress: ProgressScreen) => {
  if (json || quiet) return {}
  const { earlyLines } = await screen()
  return {
    early: (question: Question, state: ActivityState): void => {
      progress.clear()
      err.write(`${earlyLines(question, state, err.columns ?? 0).join('\n')}\n`)
    },
  }
}

const writeJson = ({ stdout }: Pick<Host, 'stdout'>, answer: Readonly<Record<string, unknown>>): void => {
  for (const piece of asciiJsonPieces(answer)) stdout.write(piece)
  stdout.write('\n')
}

const lastEvent =
  ({ stdout }: Pick<Host, 'stdout'>, { incomplete }: Investigation) =>
  (end: End): void => {
    const nothing = { incident: '', writes: 0, unproven: incomplete, alarms: [] }
    stdout.write(`${asciiJson({ type: 'ended', ...end, ...nothing })}\n`)
  }
