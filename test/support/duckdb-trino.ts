import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import type { Row } from '../../src/investigation/sources/sql/rows.ts'

/** A database in memory that understands the SQL of these queries: Trino's functions that DuckDB has not, or has otherwise. */
export const openTrino = async (): Promise<DuckDBConnection> => {
  const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect()
  for (const macro of MACROS) await connection.run(`CREATE MACRO ${macro}`)
  return connection
}

const MACROS = [
  'json_format(value) AS CAST(value AS VARCHAR)',
  'regexp_like(value, pattern) AS regexp_matches(value, pattern)',
  // Trino replaces every match, and calls a group $1.
  "trino_regexp_replace(value, pattern, instead) AS regexp_replace(value, pattern, replace(instead, '$1', '\\1'), 'g')",
  'array_join(list, glue) AS array_to_string(list, glue)',
  // Trino's third argument is a length.
  'slice(list, start, length) AS list_slice(list, start, start + length - 1)',
  "date_format(moment, form) AS strftime(moment, replace(form, '%i', '%M'))",
]

/** DuckDB's `element_at` gives the value of a map as a list. */
const inDuckDb = (text: string): string =>
  text.replaceAll('regexp_replace(', 'trino_regexp_replace(').replaceAll('element_at(', 'map_extract_value(')

/** A literal of SQL as the text it means. Athena reads the values of a query so; anything else is refused, as it is there. */
const meaningOf = (literal: string): string => {
  if (!/^'(?:[^']|'')*'$/.test(literal)) throw new Error(`SYNTAX_ERROR: ${literal} is not a string`)
  return literal.slice(1, -1).replaceAll("''", "'")
}

/** Runs a query with the literals of its values; rows as both services give them: every value a text, NULL missing. */
export const queryTrino = async (connection: DuckDBConnection, text: string, literals: readonly string[] = []) => {
  const result = await connection.runAndReadAll(inDuckDb(text), literals.map(meaningOf))
  const names = result.columnNames()
  const rows = result.getRowsJS().map(
    (values): Row =>
      Object.fromEntries(
        names.flatMap((name, index) => {
          const value = values[index]
          return value === null || value === undefined ? [] : [[name, String(value)]]
        }),
      ),
  )
  return { names, rows }
}

const text = (path: string): string => `d ->> '$.${path}'`
const json = (path: string): string => `CASE WHEN json_type(d, '$.${path}') <> 'NULL' THEN CAST(d -> '$.${path}' AS VARCHAR) END`
const struct = (members: Readonly<Record<string, string>>): string =>
  `struct_pack(${Object.entries(members)
    .map(([name, value]) => `${name} := ${value}`)
    .join(', ')})`

const session = 'userIdentity.sessionContext'
const issuer = struct({
  type: text(`${session}.sessionIssuer.type`),
  principalid: text(`${session}.sessionIssuer.principalId`),
  arn: text(`${session}.sessionIssuer.arn`),
  accountid: text(`${session}.sessionIssuer.accountId`),
  username: text(`${session}.sessionIssuer.userName`),
})
const identity = (creationDate: string, more: Readonly<Record<string, string>>): string =>
  struct({
    type: text('userIdentity.type'),
    principalid: text('userIdentity.principalId'),
    arn: text('userIdentity.arn'),
    accountid: text('userIdentity.accountId'),
    invokedby: text('userIdentity.invokedBy'),
    accesskeyid: text('userIdentity.accessKeyId'),
    username: text('userIdentity.userName'),
    sessioncontext: struct({
      attributes: struct({ mfaauthenticated: text(`${session}.attributes.mfaAuthenticated`), creationdate: creationDate }),
      sessionissuer: issuer,
      ec2roledelivery: text(`${session}.ec2RoleDelivery`),
      ...more,
    }),
  })

const COMMON = {
  eventversion: text('eventVersion'),
  eventsource: text('eventSource'),
  eventname: text('eventName'),
  awsregion: text('awsRegion'),
  sourceipaddress: text('sourceIPAddress'),
  useragent: text('userAgent'),
  errorcode: text('errorCode'),
  errormessage: text('errorMessage'),
  eventid: text('eventID'),
  eventtype: text('eventType'),
  recipientaccountid: text('recipientAccountId'),
  vpcendpointid: text('vpcEndpointId'),
  vpcendpointaccountid: text('vpcEndpointAccountId'),
  requestid: text('requestID'),
  addendum: `CASE WHEN json_type(d, '$.addendum') = 'OBJECT' THEN ${struct({
    reason: text('addendum.reason'),
    originaleventid: text('addendum.originalEventID'),
  })} END`,
  eventcategory: text('eventCategory'),
}

const resource = struct({ arn: "r ->> '$.ARN'", accountid: "r ->> '$.accountId'", type: "r ->> '$.type'" })

/** As AWS documents the table, by the day on which a record was delivered: here the day after for those near midnight. */
const athenaColumns = (hasSourceIdentity: boolean) => ({
  ...COMMON,
  useridentity: identity(
    text(`${session}.attributes.creationDate`),
    hasSourceIdentity ? { sourceidentity: text(`${session}.sourceIdentity`) } : {},
  ),
  eventtime: text('eventTime'),
  readonly: text('readOnly'),
  requestparameters: json('requestParameters'),
  responseelements: json('responseElements'),
  additionaleventdata: json('additionalEventData'),
  resources: `[${resource} for r in CAST(coalesce(d -> '$.resources', '[]') AS JSON[])]`,
  timestamp: `strftime(CAST(${text('eventTime')} AS TIMESTAMP) + INTERVAL 30 MINUTE, '%Y/%m/%d')`,
})

const textMap = (path: string): string =>
  `CAST(CASE WHEN json_type(d, '$.${path}') = 'OBJECT' THEN d -> '$.${path}' END AS MAP(VARCHAR, VARCHAR))`

/** As "Supported SQL schemas for event data stores" has it. */
const LAKE_COLUMNS = {
  ...COMMON,
  useridentity: identity(`CAST(${text(`${session}.attributes.creationDate`)} AS TIMESTAMP)`, {
    sourceidentity: text(`${session}.sourceIdentity`),
  }),
  eventtime: `CAST(${text('eventTime')} AS TIMESTAMP)`,
  readonly: `CAST(${text('readOnly')} AS BOOLEAN)`,
  requestparameters: textMap('requestParameters'),
  responseelements: textMap('responseElements'),
  eventjson: 'CAST(d AS VARCHAR)',
}

/** Makes a table of records (their JSON documents) under a quoted name, such as `"logs"."trail"`. */
export const makeTable = async (
  connection: DuckDBConnection,
  name: string,
  documents: readonly unknown[],
  as: 'athena' | 'athena with sourceidentity' | 'lake' = 'athena with sourceidentity',
): Promise<void> => {
  const columns = as === 'lake' ? LAKE_COLUMNS : athenaColumns(as !== 'athena')
  const list = Object.entries(columns).map(([column, value]) => `${value} AS "${column}"`)
  const [schema, ...table] = name.split('.')
  if (table.length > 0) await connection.run(`CREATE SCHEMA IF NOT EXISTS ${schema}`)
  const from = '(SELECT unnest(CAST($1 AS JSON[])) AS d)'
  await connection.run(`CREATE OR REPLACE TABLE ${name} AS SELECT ${list.join(', ')} FROM ${from}`, [JSON.stringify(documents)])
}
