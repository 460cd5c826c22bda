import { STORE_SERVICES } from '../../objects/stores.ts'
import { OUTBOUND_TOKEN_PATTERN } from '../../outbound-tokens.ts'
import { PERSISTENCE_RULES, UNDO_EVENT_NAMES } from '../../persistence/rules.ts'
import type { TimeRange } from '../../question.ts'
import { TOKEN_ISSUES } from '../../record-parameters.ts'
import { CALL_COLUMNS, matched, RECORD_COLUMNS, type SqlDialect } from './dialect.ts'
import { DATE, patternOf } from './name-pattern.ts'
import { all, type Query, type WhereCondition } from './query.ts'

/** The most records that are read one by one, the earliest: the analysis keeps no more. */
const WRITE_EVENTS_READ = 20_000

/** Characters of an event's time that stay the same within a minute, and within an hour. */
const LENGTHS = { minute: 16, hour: 13 } as const

/** The rows of a range with the columns of a call, and with the names that identify a principal. */
const events = (dialect: SqlDialect, range: TimeRange, more: readonly string[]): WhereCondition => {
  const { calls } = dialect
  const columns = [...CALL_COLUMNS.map((name) => named(calls[name], name)), ...names(dialect), ...more]
  const { text, values } = dialect.within(range)
  return { text: `(SELECT ${columns.join(', ')} FROM ${dialect.from} WHERE ${text}) AS events`, values }
}

/** A column under a name; where it has that name already, without saying so: a query for CloudTrail Lake has little room. */
const named = (column: string, name: string): string => (column === name ? name : `${column} AS ${name}`)

/** Role, session and user as `readRecord` takes them out of a record. */
const names = ({ calls: { arn, principalid, issuertype, issuerarn, issuername, username } }: SqlDialect): readonly string[] => [
  `coalesce(${matched(arn, ':assumed-role/([^/]+)/.+$', 1)}, ` +
    `CASE WHEN strpos(${issuerarn}, ':role/') > 0 THEN nullif(${issuername}, '') END) AS rolename`,
  `coalesce(${matched(arn, ':(assumed-role/[^/]+|federated-user)/(.+)$', 2)}, ` +
    `${matched(principalid, '^AROA[0-9A-Za-z_]+:(.+)$', 1)}) AS sessionname`,
  `coalesce(nullif(${username}, ''), CASE WHEN ${issuertype} = 'IAMUser' THEN nullif(${issuername}, '') END) AS callername`,
]

/**
 * The calls in a range, counted by everything that the counter counts by and by the minute or the hour, every event once.
 * One row for calls that have all of it in common: the session's summary, its hours, addresses, APIs, agents and keys all
 * come out of this one query, which so reads the logs, and is billed, only once.
 */
export const callsQuery = (
  dialect: SqlDialect,
  { asks, range, of, by }: { asks: string; range: TimeRange; of: WhereCondition; by: keyof typeof LENGTHS },
): Query => {
  const from = once(events(dialect, range, idsOf(dialect)), of)
  const columns = CALL_COLUMNS.join(', ')
  const text =
    `SELECT ${columns}, min(eventtime) AS firstseen, max(eventtime) AS lastseen, count(DISTINCT eventid || eventtime) AS events ` +
    `FROM ${from.text} GROUP BY ${columns}, substr(eventtime, 1, ${LENGTHS[by]})`
  return { asks, text, values: from.values }
}

/** What tells records of one call from those of another: `callid` is the same in a call's own record and in that of its network activity. */
const idsOf = ({ calls, records, eventTime, eventId }: SqlDialect): readonly string[] => {
  const isNetwork = `coalesce(${calls.eventcategory}, '') = 'NetworkActivity'`
  return [
    `${eventTime} AS eventtime`,
    `coalesce(nullif(${records.originalid}, ''), ${eventId}, '') AS eventid`,
    `coalesce(${eventId}, '') AS ownid`,
    `CASE WHEN nullif(${calls.vpcendpointid}, '') IS NOT NULL THEN nullif(${records.requestid}, '') END AS callid`,
    `CASE WHEN ${isNetwork} THEN 1 ELSE 0 END AS isnetwork`,
  ]
}

/**
 * Each call once, as `countRecordOnce` counts records: one delivery of a record, the fuller one, and of a call's network activity
 * nothing where the call's own record is there. Records without an id are left as they are.
 */
const once = (from: WhereCondition, of: WhereCondition): WhereCondition => {
  const callers = 'eventname, accesskeyid'
  const record = 'CASE WHEN isnetwork = 1 AND callid IS NOT NULL THEN callid ELSE eventid || eventtime END'
  const copy = `row_number() OVER (PARTITION BY ${record}, ${callers} ORDER BY CASE WHEN ownid = eventid THEN 1 ELSE 0 END, eventtime)`
  const twin = `min(isnetwork) OVER (PARTITION BY coalesce(callid, eventid || eventtime), ${callers})`
  return {
    text:
      `(SELECT *, ${copy} AS copy, ${twin} AS twin FROM ${from.text} WHERE ${of.text}) AS marked ` +
      "WHERE (copy = 1 OR eventid = '') AND (isnetwork = twin OR callid IS NULL)",
    values: [...from.values, ...of.values],
  }
}

/** The records in a range by which somebody made, changed, took away or was handed something, the earliest first. */
export const writeEventsQuery = (dialect: SqlDialect, range: TimeRange, of: WhereCondition): Query =>
  recordsQuery(dialect, range, all(of, writeEventCondition), { asks: 'what was made or handed out', most: WRITE_EVENTS_READ })

/** The most records that are read to count what they touched. */
export const TOUCHES_READ = 50_000

/** The records in a range that may have touched a bucket, a secret, a key …, the earliest first. */
export const touchesQuery = (dialect: SqlDialect, range: TimeRange, of: WhereCondition): Query => {
  const sources = STORE_SERVICES.map((service) => `'${service}.amazonaws.com'`).join(', ')
  const touching = all(of, { text: `eventsource IN (${sources})`, values: [] })
  return recordsQuery(dialect, range, touching, { asks: 'what was touched', most: TOUCHES_READ })
}

/** Every record in a range, one by one: a result of more pages than are read is reported as incomplete. */
export const everyRecordQuery = (dialect: SqlDialect, range: TimeRange, of: WhereCondition): Query =>
  recordsQuery(dialect, range, of, { asks: 'the records one by one', most: EVERY_RECORD })

const EVERY_RECORD = 2_000_000

/** Records one by one, the earliest first. */
export const recordsQuery = (
  dialect: SqlDialect,
  range: TimeRange,
  wanted: WhereCondition,
  { asks, most }: { readonly asks: string; readonly most: number },
): Query => {
  const { records } = dialect
  const from = events(dialect, range, [
    `${dialect.eventTime} AS eventtime`,
    ...RECORD_COLUMNS.map((name) => named(records[name], name)),
  ])
  // Not column by column: a query for CloudTrail Lake has little room.
  const text = `SELECT * FROM ${from.text} WHERE ${wanted.text} ORDER BY eventtime, eventid LIMIT ${most}`
  return { asks, text, values: [...from.values, ...wanted.values] }
}

/** What `grouping` gives for the rows of each list of `othersQuery`: a bit for each column that a row is not grouped by. */
export const OTHERS = { api: '3', userAgent: '5', source: '6' } as const

/** What everybody else in the account used in a range, each with its first moment: APIs, user agents and addresses. */
export const othersQuery = (dialect: SqlDialect, range: TimeRange, of: WhereCondition): Query => {
  const from = events(dialect, range, [`${dialect.eventTime} AS eventtime`])
  const text =
    'SELECT grouping(eventname, useragent, sourceipaddress) AS list, eventsource, eventname, useragent, sourceipaddress, ' +
    `min(eventtime) AS firstseen FROM ${from.text} WHERE ${of.text} ` +
    'GROUP BY GROUPING SETS ((eventsource, eventname), (useragent), (sourceipaddress))'
  return { asks: 'what everybody else in the account used', text, values: [...from.values, ...of.values] }
}

/** The accounts and Regions that have records in a range, each with its first and last one, and whether it has data events. */
export const coverageQuery = (dialect: SqlDialect, range: TimeRange): Query => {
  const from = events(dialect, range, [`${dialect.eventTime} AS eventtime`])
  const text =
    "SELECT coalesce(nullif(recipientaccountid, ''), accountid) AS account, awsregion, min(eventtime) AS firstseen, " +
    "max(eventtime) AS lastseen, max(CASE WHEN eventcategory = 'Data' THEN 1 ELSE 0 END) AS hasdata " +
    `FROM ${from.text} GROUP BY coalesce(nullif(recipientaccountid, ''), accountid), awsregion`
  return { asks: 'what the records cover', text, values: from.values }
}

const LEAVING = [...[...PERSISTENCE_RULES.keys()].map((event) => event.slice(event.indexOf(':') + 1)), ...UNDO_EVENT_NAMES]

const TOKEN_NAME = new RegExp(`^(?:${OUTBOUND_TOKEN_PATTERN})$`)

/** The names that the pattern of tokens does not find. */
const OTHER_NAMES = [...TOKEN_ISSUES, ...LEAVING].filter((name) => !TOKEN_NAME.test(name))

/** Rows that may be write events, by the event's name alone: whether they are is decided by `isWriteEvent` when they have come. */
export const writeEventCondition: WhereCondition = {
  text: `regexp_like(eventname, '^(${patternOf(OTHER_NAMES)}|${OUTBOUND_TOKEN_PATTERN})(${DATE}|)$')`,
  values: [],
}
