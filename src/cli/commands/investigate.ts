import type { AddressLookup } from '../../incident/facts/activity.ts'
import type { Finding } from '../../incident/finding/finding.ts'
import type { Incident } from '../../incident/incident.ts'
import { DAY_SECONDS } from '../../incident/values/duration.ts'
import { plus } from '../../incident/values/instant.ts'
import { asciiJson } from '../../incident/values/show.ts'
import { activityFact } from '../../investigation/activity-fact.ts'
import type { ActivityState } from '../../investigation/analysis/activity-fold.ts'
import { findingPlaces } from '../../investigation/enrichment/guardduty/finding-places.ts'
import type { OtherFindings } from '../../investigation/enrichment/guardduty/other-findings.ts'
import { addressLookupOf, openGeography } from '../../investigation/geography/geography.ts'
import { activityJson, finishInvestigation, type Investigation } from '../../investigation/investigation.ts'
import { type PrincipalRef, type Question, questionOf, type ScopeName, type TimeRange } from '../../investigation/question.ts'
import type { Command, CommandEnding } from '../command.ts'
import type { AwsConnection } from '../connection/aws-connection.ts'
import { investigateAgain } from '../continuation.ts'
import { type End, FINISHED } from '../exit-code.ts'
import type { Host } from '../host.ts'
import { resumedConnection } from '../incident-run/resume.ts'
import { refuseWrong } from '../investigate/check-options.ts'
import type { Enrichment, EnrichmentRequest, WitnessOptions } from '../investigate/enrichment.ts'
import { incidentNamed, type TargetOptions, targetOf } from '../investigate/principal.ts'
import { scopeOf } from '../investigate/scope.ts'
import type { ProgressScreen } from '../investigate/screen.ts'
import { needsAws, openSource, type SourceOptions } from '../investigate/source.ts'
import { connectionRequestOf, outputRequestOf } from '../options.ts'
import { canRewrite, sayWaiting } from '../tty.ts'
import { printAthenaTable, type TableOptions } from './print-athena-table.ts'

export interface InvestigateOptions extends SourceOptions, TableOptions, TargetOptions, WitnessOptions {
  readonly since?: string
  readonly until?: string
  readonly scope?: ScopeName
  readonly baselineDays?: number
  readonly wholeAccount?: boolean
  readonly geoip?: string
  readonly asn?: string
  readonly input?: boolean
}

/** `ir-cred investigate`: what somebody did, by CloudTrail's word from any source, and by that of other witnesses. Reads only. */
export const investigateCommand: Command<InvestigateOptions> = {
  run: (host, options) => investigate(host, options),
  lastEvent: ({ commandName }, options) => ({
    incident: options.incident ?? '',
    again: investigateAgain(commandName, options),
  }),
}

const investigate = async (host: Host, options: InvestigateOptions): Promise<CommandEnding> => {
  if (options.printAthenaTable !== undefined) return printAthenaTable(host, options)
  await refuseWrong(options)
  const incident = await incidentNamed(host, options)
  // The journal knows as whom and where the incident was responded to.
  const connection = needsAws(options) ? await openConnection(host, options, incident) : undefined
  const target = await targetOf(options, { host, connection, incident })
  const accounts = await accountsIn(options)
  const asked = connection ? findingsOn(target.principal, connection) : undefined
  const before = asked?.catch(() => undefined)
  // A scope of a finding's needs the answer; its places are of use when there is one.
  const seen =
    options.scope && target.findings.length === 0
      ? ((await asked)?.findings ?? []).map(({ finding }) => finding)
      : target.findings
  const scope = scopeOf(options, seen)
  const question = questionFor(target.principal, scope, options)
  const source = await openSource(host, options, connection)
  const progress = await progressFor(host, options)
  const range = rangeOf(question)
  const gathered = await source.read(
    { questions: [question], followChainedSessions: true, range },
    { signal: host.signal, progress: (read) => progress.show(read), ...(await earlyFor(host, options, progress)) },
  )
  progress.clear()
  const known = [...target.findings, ...((await before)?.findings ?? []).map(({ finding }) => finding)]
  const { ownAddresses, revoked } = target
  const places = await placesFor(options, known)
  const found = await finishInvestigation(question, gathered, { places, ownAddresses, ...(revoked ? { revoked } : {}) })
  if (connection) progress.say('asking GuardDuty, IAM, Organizations and Detective')
  const testimony = await testimonyOn(found, { host, accounts, findings: target.findings }, connection)
  progress.clear()
  if (options.json) host.stdout.write(`${asciiJson({ ...activityJson(found), ...testimony.members })}\n`)
  else await (await screen()).tellPerson(host, options, found, testimony)
  await source.fillCache?.(range, { signal: host.signal, progress: (cached) => progress.show(cached, 'cached: ') })
  progress.clear()
  return { outcome: FINISHED, ...(options.json ? { announce: lastEvent(host, found) } : {}) }
}

const openConnection = async (
  host: Host,
  options: InvestigateOptions,
  incident: Incident | undefined,
): Promise<AwsConnection> => {
  const { openLive } = await import('../connection/live.ts')
  const request = connectionRequestOf(options)
  const say = sayWaiting(host, outputRequestOf(options))
  return openLive(incident ? resumedConnection(request, incident) : request, host, { observer: { onCall: () => {} }, say })
}

const NOBODY_ASKED: Enrichment = {
  questions: [],
  members: { finding: null, account: null, permissions: null, otherFindings: null, detective: null },
}

const accountsIn = async ({ accounts }: WitnessOptions): Promise<EnrichmentRequest['accounts']> =>
  accounts === undefined ? new Map() : (await import('../investigate/accounts-file.ts')).readAccounts(accounts)

/** Loaded on use, as the clients of AWS are: log files alone need neither. */
const witnesses = () => import('../investigate/enrich.ts')

const findingsOn = async (principal: PrincipalRef, connection: AwsConnection): Promise<OtherFindings> =>
  (await witnesses()).findingsOn(principal, connection)

const testimonyOn = async (
  found: Investigation,
  asking: EnrichmentRequest,
  connection: AwsConnection | undefined,
): Promise<Enrichment> => {
  if (connection) return (await witnesses()).askWitnesses(activityFact(found), asking, connection)
  if (asking.accounts.size + asking.findings.length === 0) return NOBODY_ASKED
  return (await import('../investigate/enrichment.ts')).unaskedTestimony(activityFact(found), asking)
}

/** GuardDuty's own words come first, then the responder's databases, then the one that npm may have installed. */
const placesFor = async ({ geoip, asn }: InvestigateOptions, findings: readonly Finding[]): Promise<AddressLookup> =>
  addressLookupOf(
    await openGeography({
      known: findingPlaces(findings),
      ...(geoip ? { countryDatabase: geoip } : {}),
      ...(asn ? { asnDatabase: asn } : {}),
    }),
  )

const questionFor = (principal: Question['principal'], scope: TimeRange, options: InvestigateOptions): Question => {
  const { baselineDays, wholeAccount } = options
  return questionOf(principal, {
    scope,
    ...(baselineDays === undefined ? {} : { baselineDays }),
    ...(wholeAccount ? { wholeAccount } : {}),
  })
}

/** The scope, and the baseline before it. */
const rangeOf = ({ scope: { from, until }, baselineDays }: Question): TimeRange => ({
  ...(from ? { from: plus(from, -baselineDays * DAY_SECONDS) } : {}),
  ...(until ? { until } : {}),
})

/** Loaded on use: a script, which reads JSON, does not pay for what draws. */
const screen = () => import('../investigate/screen.ts')

const progressFor = async (host: Host, options: InvestigateOptions): Promise<ProgressScreen> =>
  options.quiet !== true && canRewrite(host, outputRequestOf(options))
    ? (await screen()).progressOn(host)
    : { show: () => {}, say: () => {}, clear: () => {} }

/** The first calls of a reading that takes long: for a person, who waits. */
const earlyFor = async (host: Host, options: InvestigateOptions, progress: ProgressScreen) => {
  if (options.json || options.quiet) return {}
  const { earlyLines } = await screen()
  return {
    early: (question: Question, state: ActivityState): void => {
      progress.clear()
      host.stderr.write(`${earlyLines(question, state, host.stderr.columns ?? 0).join('\n')}\n`)
    },
  }
}

const lastEvent =
  ({ stdout }: Host, { incomplete }: Investigation) =>
  (end: End): void => {
    const nothing = { incident: '', writes: 0, unproven: incomplete, alarms: [] }
    stdout.write(`${asciiJson({ type: 'ended', ...end, ...nothing })}\n`)
  }
