import { DAY_MS } from '../../../incident/values/duration.ts'
import { Failure } from '../../../incident/values/failure.ts'
import { epochOf, type Instant } from '../../../incident/values/instant.ts'
import { quoted } from '../../../incident/values/quoted.ts'
import type { TimeRange } from '../../question.ts'
import { ABSENT, assumedRole, hidingTokens, matched, refusalPart, type SqlDialect, secondOf } from '../sql/dialect.ts'
import { all, type WhereCondition } from '../sql/query.ts'

/** How sentences name a table, and the service that counts in it. */
export const athenaWords = ({ table }: { readonly table: TableName }) => ({
  name: `Athena table ${table.database}.${table.table}`,
  service: 'Athena',
})

/** Parts that AWS has added to its example of a CloudTrail table over the years, or that it lacks. */
export type OptionalPart =
  | 'ec2roledelivery'
  | 'sourceidentity'
  | 'vpcendpointid'
  | 'vpcendpointaccountid'
  | 'eventcategory'
  | 'additionaleventdata'
  | 'requestid'
  | 'addendum'

/** What "Create the table for CloudTrail logs in Athena using partition projection" has. */
export const DOCUMENTED: ReadonlySet<OptionalPart> = new Set([
  'ec2roledelivery',
  'vpcendpointid',
  'eventcategory',
  'additionaleventdata',
  'requestid',
])

/**
 * A table as AWS documents it, as far as it has the optional parts: column names in lower case, times and JSON as text; with
 * partitions of accounts in a column `account` where it `hasAccounts`.
 */
export const athenaTable = (name: TableName, parts: ReadonlySet<OptionalPart> = DOCUMENTED, hasAccounts = false): SqlDialect => {
  const session = 'useridentity.sessioncontext'
  const optional = (part: OptionalPart, column: string) => (parts.has(part) ? column : ABSENT)
  return {
    from: quotedName(name),
    longest: 262_144,
    eventTime: 'eventtime',
    eventId: 'eventid',
    calls: {
      kind: 'useridentity.type',
      principalid: 'useridentity.principalid',
      arn: 'useridentity.arn',
      accountid: 'useridentity.accountid',
      invokedby: 'useridentity.invokedby',
      accesskeyid: 'useridentity.accesskeyid',
      username: 'useridentity.username',
      issued: `${session}.attributes.creationdate`,
      issuertype: `${session}.sessionissuer.type`,
      issuerarn: `${session}.sessionissuer.arn`,
      issuername: `${session}.sessionissuer.username`,
      delivery: optional('ec2roledelivery', `${session}.ec2roledelivery`),
      sourceidentity: optional('sourceidentity', `${session}.sourceidentity`),
      eventsource: 'eventsource',
      eventname: 'eventname',
      awsregion: 'awsregion',
      sourceipaddress: 'sourceipaddress',
      useragent: 'useragent',
      errorcode: 'errorcode',
      recipientaccountid: 'recipientaccountid',
      vpcendpointid: optional('vpcendpointid', 'vpcendpointid'),
      vpcendpointaccountid: optional('vpcendpointaccountid', 'vpcendpointaccountid'),
      eventcategory: optional('eventcategory', 'eventcategory'),
      refusal: refusalPart('errormessage'),
      signin:
        "CASE WHEN eventsource = 'signin.amazonaws.com' THEN regexp_extract(responseelements, '\"(Success|Failure)\"', 1) END",
      assumedrole: assumedRole(matched('requestparameters', '"roleArn"\\s*:\\s*"([^"]+)"', 1), 'errormessage'),
    },
    records: {
      eventid: 'eventid',
      eventtype: 'eventtype',
      errormessage: 'errormessage',
      readonly: 'readonly',
      requestid: optional('requestid', 'requestid'),
      originalid: optional('addendum', 'addendum.originaleventid'),
      requestparameters: hidingTokens('requestparameters'),
      responseelements: hidingTokens('responseelements'),
      resources: 'json_format(CAST(resources AS JSON))',
      additionaleventdata: optional('additionaleventdata', 'additionaleventdata'),
    },
    within,
    ...(hasAccounts ? { ofAccount } : {}),
  }
}

const ofAccount = (accountId: string): WhereCondition => ({ text: '"account" = ?', values: [accountId] })

const within = ({ from, until }: TimeRange): WhereCondition =>
  all(
    // A log file lies under the day of its delivery, which may be the one after its records' ("Finding your CloudTrail log files").
    ...(from ? [{ text: '"timestamp" >= ?', values: [dayOf(from, -DAY_MS)] }] : []),
    ...(until ? [{ text: '"timestamp" <= ?', values: [dayOf(until, DAY_MS)] }] : []),
    ...(from ? [{ text: 'substr(eventtime, 1, 19) >= ?', values: [secondOf(from, 'T')] }] : []),
    ...(until ? [{ text: 'substr(eventtime, 1, 19) < ?', values: [secondOf(until, 'T')] }] : []),
  )

/** A partition: the day, as CloudTrail writes it into the path of its log files. */
const dayOf = (instant: Instant, shift: number): string =>
  new Date(epochOf(instant) + shift).toISOString().slice(0, 10).replaceAll('-', '/')

/** Who runs the queries, and where their results go. */
export interface AthenaResults {
  /** Default: Athena's own, `primary`. */
  readonly workGroup?: string
  /** Where results go, `s3://bucket/folder/`; not needed where the workgroup says it. */
  readonly output?: string
}

const OUTPUT = /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:\/[\w!.*'()/ =:@+,-]*)?$/

/** Throws a Failure of kind 'usage' for a workgroup or a folder for results that cannot be one. */
export const checkResults = ({ workGroup, output }: AthenaResults): void => {
  if (workGroup !== undefined && !/^[\w.-]{1,128}$/.test(workGroup)) throw wrong(workGroup, 'an Athena workgroup', 'its name')
  if (output !== undefined && !OUTPUT.test(output)) throw wrong(output, 'a folder for Athena’s results', 's3://bucket/folder/')
}

const wrong = (text: string, kind: string, form: string): Failure =>
  new Failure({ kind: 'usage', what: `${quoted(text)} is not ${kind}`, remedy: `give ${form}` })

/** A table of the AWS Glue Data Catalog. */
export interface TableName {
  readonly database: string
  readonly table: string
}

/** Athena's own rule is stricter ("Name databases, tables, and columns"); AWS Glue makes databases with a hyphen too. */
const NAME = /^[a-z0-9_][a-z0-9_-]{0,254}$/

/** Reads `database.table`. Throws a Failure of kind 'usage' for anything else. */
export const tableNameIn = (text: string): TableName => {
  const [database = '', table = '', ...more] = text.toLowerCase().split('.')
  if (more.length === 0 && NAME.test(database) && NAME.test(table)) return { database, table }
  throw new Failure({
    kind: 'usage',
    what: `${quoted(text)} is not the name of an Athena table`,
    why: 'it has the form database.table, of lower-case letters, digits and underscores',
    remedy: 'give --athena database.table; `ir-cred investigate --print-athena-table` prints a table to create',
  })
}

/** The name as a query has it, each part quoted. */
export const quotedName = ({ database, table }: TableName): string => `"${database}"."${table}"`
