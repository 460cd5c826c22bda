import { existsSync } from 'node:fs'
import { isIP } from 'node:net'
import { oneSpelling } from '../../incident/values/address.ts'
import { DAY_MS } from '../../incident/values/duration.ts'
import { Failure } from '../../incident/values/failure.ts'
import { given } from '../../incident/values/given.ts'
import { isInstanceId, isManagedNodeId, otherCredential } from '../../incident/values/identifiers.ts'
import { type Instant, instantOf, isBefore, parseInstant } from '../../incident/values/instant.ts'
import { openPlaceDatabase } from '../../investigation/geography/place-database.ts'
import type { PrincipalRef, Question, ScopeName, TimeRange } from '../../investigation/question.ts'
import { tableNameIn } from '../../investigation/sources/athena/athena-table.ts'
import type { TrailLogs } from '../../investigation/sources/athena/create-table.ts'
import { parseBucketAddress } from '../../investigation/sources/s3/bucket-address.ts'
import { accessKeyOption } from '../access-key-option.ts'
import type { ConnectionRequest } from '../connection/connection-request.ts'
import {
  type CommonOptions,
  connectionRequestOf,
  type OutputRequest,
  outputRequestOf,
  printable,
  type SqlOptions,
} from '../options.ts'
import { type SqlSourceRequest, sqlSourceRequestOf } from '../sql-source-request.ts'
import { type TimelineOptions, type TimelineRequest, timelineRequestOf } from './timeline-request.ts'

/** The options of `ir-cred investigate`, as commander parses them. Only this file reads them. */
export interface InvestigateOptions extends CommonOptions, SqlOptions, TimelineOptions {
  readonly accessKeyId?: string
  readonly role?: string
  readonly session?: string
  readonly instanceId?: string
  readonly ip?: string
  readonly user?: string
  /** A finding's id, ARN or file. */
  readonly finding?: string
  /** An incident of this machine. */
  readonly incident?: string
  /** Files and folders, or one bucket. */
  readonly logs?: readonly string[]
  readonly threads?: number
  readonly cache?: string
  readonly validate?: boolean
  readonly account?: readonly string[]
  /** `s3://bucket/prefix` of a trail; true when the option stands alone. */
  readonly printAthenaTable?: string | true
  readonly organization?: string
  readonly since?: string
  readonly until?: string
  readonly scope?: ScopeName
  readonly baselineDays?: number
  readonly wholeAccount?: boolean
  readonly accounts?: string
  readonly geoip?: string
  readonly asn?: string
  /** commander's spelling of --no-input: false when nobody is to be asked. */
  readonly input?: boolean
  /** Every row of every list. */
  readonly full?: boolean
}

/**
 * Who is investigated: directly, or by a finding or an incident, whose key it is unless a principal is named beside it. With none of
 * these the logs are asked who is in them.
 */
export interface TargetRequest {
  readonly principal?: PrincipalRef
  /** A finding's id, ARN or file, or `-`. */
  readonly finding?: string
  /** The id of an incident of this machine. */
  readonly incident?: string
}

/** Where CloudTrail's records come from. */
export type SourceRequest =
  | { readonly kind: 'event-history' }
  | {
      readonly kind: 'log-files'
      readonly paths: readonly string[]
      readonly threads?: number
      /** A folder that caches what was read, so that the next question does not read it again. */
      readonly cache?: string
      /** Compares the log files with the digest files beside them. */
      readonly validate?: boolean
    }
  | {
      readonly kind: 's3'
      readonly address: string
      /** Only these accounts of an organization's trail. */
      readonly accounts?: readonly string[]
      /** Only these Regions, and those where global services are recorded. */
      readonly regions?: readonly string[]
      /** Compares the log files with the trail's digest files. */
      readonly validate?: boolean
    }
  | SqlSourceRequest

/** The scope time: between two moments, or a part of the time around what a finding saw. */
export type ScopeRequest = { readonly times: TimeRange } | { readonly aroundFinding: ScopeName }

/** What the answer is compared and completed with. */
export interface EnrichmentFiles {
  /** The responder's own list of accounts: CSV or JSON. */
  readonly accounts?: string
  readonly countryDatabase?: string
  readonly asnDatabase?: string
}

/** One investigation, as the responder asks for it. */
export interface InvestigateRequest {
  readonly target: TargetRequest
  readonly source: SourceRequest
  /** How AWS is reached; undefined when log files alone are read. */
  readonly connection: ConnectionRequest | undefined
  readonly scope: ScopeRequest
  readonly baseline: Partial<Pick<Question, 'baselineDays' | 'wholeAccount'>>
  readonly files: EnrichmentFiles
  readonly output: OutputRequest
  /** Asked for: every call in order, after the answer. */
  readonly timeline: TimelineRequest | undefined
  /** False when nobody is to be asked: the chart is not opened for browsing. */
  readonly input: boolean | undefined
  /** Lists for people are not cut. */
  readonly full: boolean
  readonly stateDir: string | undefined
}

/**
 * Reads the options of an investigation. What cannot be right by itself is refused here, before AWS is asked and before anything
 * is read that takes long or costs money. Throws Failure usage.
 */
export const investigateRequestOf = async (options: InvestigateOptions): Promise<InvestigateRequest> => {
  const scope = scopeRequestOf(options)
  const source = sourceRequestOf(options)
  const target = targetRequestOf(options, scope, source)
  const timeline = timelineRequestOf(options, options.json === true)
  const { baselineDays, wholeAccount, accounts, geoip, asn, input, stateDir } = options
  for (const database of [geoip, asn]) if (database !== undefined) await openPlaceDatabase(database)
  return {
    ...{ target, source, scope, timeline, input, stateDir },
    connection: asksAws(source, options) ? connectionRequestOf(options) : undefined,
    baseline: given({ baselineDays, wholeAccount }),
    files: given({ accounts, countryDatabase: geoip, asnDatabase: asn }),
    output: outputRequestOf(options),
    full: options.full ?? false,
  }
}

const NAME_ONE = 'name one: --access-key-id, --role, --session, --instance-id, --ip, --user, --finding or --incident'

const usage = (what: string, remedy: string = NAME_ONE): Failure => new Failure({ kind: 'usage', what, remedy })

const targetRequestOf = (options: InvestigateOptions, scope: ScopeRequest, { kind }: SourceRequest): TargetRequest => {
  const { finding, incident } = options
  const principal = principalOf(options)
  if (finding !== undefined && incident !== undefined) throw usage('a finding and an incident were named')
  const isNobody = !principal && finding === undefined && incident === undefined
  // Logs are read whole, so they can be asked who is in them.
  const canList = (kind === 'log-files' || kind === 's3') && 'times' in scope
  if (isNobody && !canList) throw usage('nobody to investigate was named', `${NAME_ONE}; --logs alone lists who is in them`)
  return given({ principal, finding, incident })
}

const SELECTORS = ['accessKeyId', 'role', 'session', 'instanceId', 'ip', 'user'] as const
const KINDS: Readonly<Record<(typeof SELECTORS)[number], PrincipalRef['kind']>> = {
  accessKeyId: 'access-key-id',
  role: 'role',
  session: 'session',
  instanceId: 'instance-id',
  ip: 'ip',
  user: 'user',
}

const principalOf = (options: InvestigateOptions): PrincipalRef | undefined => {
  const [name, ...others] = SELECTORS.filter((each) => options[each] !== undefined)
  if (name === undefined) return undefined
  const value = options[name] ?? ''
  if (others.length > 0) throw usage('more than one to investigate was named')
  // CloudTrail writes more than addresses there, such as `AWS Internal`.
  if (!(name === 'ip' ? /^\P{Cc}{1,256}$/u : /^[\x21-\x7e]{1,2048}$/).test(value))
    throw usage(`"${printable(value)}" is not what CloudTrail would write`)
  refuseOtherForm(name, value)
  return { kind: KINDS[name], value: name === 'ip' ? oneSpelling(value) : value }
}

/** A mistyped identifier would be answered with "no calls", which is wrong; and a secret would be shown. */
const refuseOtherForm = (name: (typeof SELECTORS)[number], value: string): void => {
  if (name === 'accessKeyId' && !(hasKeyForm(value) && otherCredential(value))) accessKeyOption(value)
  if (name === 'instanceId' && !isInstanceId(value) && !isManagedNodeId(value)) {
    throw usage(`"${printable(value)}" is not an instance id`, 'it looks like i-08faaaafb15777f5a')
  }
  // Besides addresses CloudTrail writes names of services, and logs hold masked and impossible addresses.
  if (name === 'ip' && isIP(value) === 0 && MISTYPED_ADDRESS.test(value)) {
    throw usage(`"${printable(value)}" is not an IP address`, 'give one address, as 198.51.100.23, not a network')
  }
}

/** A network, a part of an address, or nothing but space. */
const MISTYPED_ADDRESS = /^[\d.:a-f]+\/\d{1,3}$|^(?:\d{1,3}\.){0,2}\d{1,3}\.?$|^\s*$/i

/** Other credentials have ids of the same form, and CloudTrail has records of them. */
const hasKeyForm = (text: string): boolean => /^[A-Z0-9]{20}$/.test(text)

const scopeRequestOf = ({ since, until, scope }: InvestigateOptions): ScopeRequest => {
  const from = since === undefined ? undefined : timeOf('--since', since)
  const end = until === undefined ? undefined : timeOf('--until', until)
  if (scope !== undefined && (from || end)) throw usage('--scope was given together with --since or --until', 'give either')
  if (from && end && !isBefore(from, end)) throw usage('--since is not before --until', 'exchange them')
  return scope === undefined ? { times: given({ from, until: end }) } : { aroundFinding: scope }
}

const timeOf = (flag: string, text: string): Instant => {
  const instant = parseInstant(text)
  if (instant) return instant
  throw usage(`${flag} "${printable(text)}" is not a time`, 'write it as 2026-11-25T02:00:00Z')
}

const sourceRequestOf = (options: InvestigateOptions): SourceRequest => {
  const { logs, athena, lake, threads, cache, validate, account: accounts, region: regions } = options
  if ([logs, athena, lake].filter((named) => named !== undefined).length > 1)
    throw usage('more than one source was named', 'name one: --logs, --athena or --lake')
  if (cache !== undefined && logs?.includes(FROM_STANDARD_INPUT))
    throw usage('--cache keeps files, not standard input', 'leave out --cache')
  if (validate) refuseValidation(options)
  const sql = sqlSourceRequestOf(options)
  if (sql) return sql
  if (logs === undefined) return { kind: 'event-history' }
  const bucket = bucketIn(logs)
  if (bucket === undefined) return { kind: 'log-files', paths: present(logs), ...given({ threads, cache, validate }) }
  parseBucketAddress(bucket)
  return { kind: 's3', address: bucket, ...given({ accounts, regions, validate }) }
}

/** Digests lie beside log files only. */
const refuseValidation = ({ logs, athena, lake }: InvestigateOptions): void => {
  const other = athena !== undefined ? 'an Athena table' : lake !== undefined ? 'CloudTrail Lake' : 'event history'
  const place = logs === undefined ? other : logs.includes(FROM_STANDARD_INPUT) ? 'standard input' : undefined
  if (place === undefined) return
  throw usage(
    `--validate compares log files with the digest files beside them, and ${place} has none`,
    'name the folder or the bucket of the trail: --logs <folder> or --logs s3://bucket/prefix',
  )
}

const bucketIn = (places: readonly string[]): string | undefined => {
  const bucket = places.find((place) => place.startsWith('s3://'))
  if (bucket === undefined || places.length === 1) return bucket
  throw usage(`${bucket} was named together with other logs`, 'name one bucket, with one --logs; ask again for the others')
}

/** Log files that another program writes. */
export const FROM_STANDARD_INPUT = '-'

/** A file that is damaged is one of many; a place that is not there was mistyped, and what it holds would be missed. */
const present = (places: readonly string[]): readonly string[] => {
  const missing = places.find((place) => place !== FROM_STANDARD_INPUT && !existsSync(place))
  if (missing === undefined) return places
  throw usage(
    `there are no log files at "${printable(missing)}": no such file or folder`,
    'name a folder or a file that is there',
  )
}

/** Log files alone need no AWS; the enrichment does, when the responder says as which principal it is asked. */
const asksAws = ({ kind }: SourceRequest, { profile, assumeRole, endpointUrl }: InvestigateOptions): boolean =>
  kind !== 'log-files' || [profile, assumeRole, endpointUrl].some((named) => named !== undefined)

/** The logs that `--print-athena-table` prints a statement for. */
export interface AthenaTableRequest {
  readonly logs: TrailLogs
  /** What was not given, and stands in the statement as an example. */
  readonly examples: readonly string[]
}

const EXAMPLE = {
  place: 's3://my-trail-bucket',
  athena: 'default.cloudtrail_logs',
  account: ['111122223333'],
  region: ['us-east-1'],
}

const YEAR_MS = 365 * DAY_MS

/** Reads the options of an Athena table. A part that was not given is an example. Throws Failure usage for one that is wrong. */
export const athenaTableRequestOf = (options: InvestigateOptions, now: Date): AthenaTableRequest => {
  const { printAthenaTable, athena, account, organization: organizationId, region, since } = options
  const place = printAthenaTable === true ? undefined : printAthenaTable
  const examples = [
    ...(place === undefined ? [`the bucket (${EXAMPLE.place})`] : []),
    ...(athena === undefined ? [`--athena ${EXAMPLE.athena}`] : []),
    ...(account === undefined ? [`--account ${EXAMPLE.account}`] : []),
    ...(region === undefined ? [`--region ${EXAMPLE.region}`] : []),
    ...(since === undefined ? ['--since (a year ago)'] : []),
  ]
  const logs = {
    table: tableNameIn(athena ?? EXAMPLE.athena),
    ...trailBucketIn(place ?? EXAMPLE.place),
    accounts: account ?? EXAMPLE.account,
    regions: region ?? EXAMPLE.region,
    ...given({ organizationId }),
    from: since === undefined ? instantOf(new Date(now.getTime() - YEAR_MS)) : timeOf('--since', since),
  }
  return { logs, examples }
}

const trailBucketIn = (place: string): Pick<TrailLogs, 'bucket' | 'prefix'> => {
  const [, bucket, prefix] = /^s3:\/\/([^/]{1,255})(?:\/(.*))?$/s.exec(place) ?? []
  if (bucket) return { bucket, ...given({ prefix: prefix?.replace(/\/$/, '') || undefined }) }
  throw usage(`"${printable(place)}" is not a place in S3`, 'give --print-athena-table s3://bucket or s3://bucket/prefix')
}
