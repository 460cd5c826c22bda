import { DAY_MS } from '../../../incident/values/duration.ts'
import { epochOf, type Instant } from '../../../incident/values/instant.ts'
import type { TimeRange } from '../../question.ts'
import { ABSENT, type SqlDialect, secondOf } from './dialect.ts'
import { all, type WhereCondition } from './query.ts'
import { hidingTokens } from './secrets.ts'
import { quotedName, type TableName } from './table-name.ts'

/** Parts that AWS has added to its example of a CloudTrail table over the years, or that it lacks. */
export type OptionalPart = 'ec2roledelivery' | 'sourceidentity' | 'vpcendpointid' | 'eventcategory'

/** What "Create the table for CloudTrail logs in Athena using partition projection" has. */
export const DOCUMENTED: ReadonlySet<OptionalPart> = new Set(['ec2roledelivery', 'vpcendpointid', 'eventcategory'])

/** A table as AWS documents it, as far as it has the optional parts: column names in lower case, times and JSON as text. */
export const athenaTable = (name: TableName, parts: ReadonlySet<OptionalPart> = DOCUMENTED): SqlDialect => {
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
      eventcategory: optional('eventcategory', 'eventcategory'),

      signin:
        "CASE WHEN eventsource = 'signin.amazonaws.com' THEN regexp_extract(responseelements, '\"(Success|Failure)\"', 1) END",
    },
    records: {
      eventid: 'eventid',
      eventtype: 'eventtype',
      errormessage: 'errormessage',
      readonly: 'readonly',
      requestparameters: hidingTokens('requestparameters'),
      responseelements: hidingTokens('responseelements'),
      resources: 'json_format(CAST(resources AS JSON))',
    },
    within,
  }
}

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
