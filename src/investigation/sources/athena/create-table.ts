import { Failure } from '../../../incident/values/failure.ts'
import type { Instant } from '../../../incident/values/instant.ts'
import { quoted } from '../../../incident/values/quoted.ts'
import { REGION } from '../../../incident/values/region.ts'
import type { TableName } from './athena-table.ts'

/** Where a trail puts its log files, and what of them a table is to show. */
export interface TrailLogs {
  readonly table: TableName
  readonly bucket: string
  /** The trail's prefix in the bucket, where it has one. */
  readonly prefix?: string
  readonly accounts: readonly string[]
  readonly regions: readonly string[]
  /** `o-…`, for the logs of an organisation's trail. */
  readonly organizationId?: string
  /** The first day of the logs, in UTC. */
  readonly from: Instant
}

/**
 * As "Create the table for CloudTrail logs in Athena using partition projection" has them, with what it lacks: sourceidentity,
 * vpcendpointaccountid and addendum.
 */
const COLUMNS = `  eventversion STRING,
  useridentity STRUCT<
    type: STRING,
    principalid: STRING,
    arn: STRING,
    accountid: STRING,
    invokedby: STRING,
    accesskeyid: STRING,
    username: STRING,
    onbehalfof: STRUCT<
      userid: STRING,
      identitystorearn: STRING>,
    sessioncontext: STRUCT<
      attributes: STRUCT<
        mfaauthenticated: STRING,
        creationdate: STRING>,
      sessionissuer: STRUCT<
        type: STRING,
        principalid: STRING,
        arn: STRING,
        accountid: STRING,
        username: STRING>,
      ec2roledelivery: STRING,
      sourceidentity: STRING,
      webidfederationdata: STRUCT<
        federatedprovider: STRING,
        attributes: MAP<STRING, STRING>>>>,
  eventtime STRING,
  eventsource STRING,
  eventname STRING,
  awsregion STRING,
  sourceipaddress STRING,
  useragent STRING,
  errorcode STRING,
  errormessage STRING,
  requestparameters STRING,
  responseelements STRING,
  additionaleventdata STRING,
  requestid STRING,
  eventid STRING,
  readonly STRING,
  resources ARRAY<STRUCT<
    arn: STRING,
    accountid: STRING,
    type: STRING>>,
  eventtype STRING,
  apiversion STRING,
  recipientaccountid STRING,
  serviceeventdetails STRING,
  sharedeventid STRING,
  vpcendpointid STRING,
  vpcendpointaccountid STRING,
  eventcategory STRING,
  addendum STRUCT<
    reason: STRING,
    updatedfields: STRING,
    originalrequestid: STRING,
    originaleventid: STRING>,
  tlsdetails STRUCT<
    tlsversion: STRING,
    ciphersuite: STRING,
    clientprovidedhostheader: STRING>`

/**
 * The statement that creates a table of a trail's log files, to be run in Athena's query editor: with partition projection
 * by account, Region and day, so that a query reads the days it is about and nobody has to add partitions.
 * Throws a Failure of kind 'usage' for a part that cannot be what it should be.
 */
export const createTable = (logs: TrailLogs): string => {
  const { table, accounts, regions, from } = logs
  for (const check of CHECKS) check(logs)
  const folder = folderOf(logs)
  const properties = [
    ['projection.enabled', 'true'],
    ['projection.account.type', 'enum'],
    ['projection.account.values', accounts.join(',')],
    ['projection.folder.type', 'enum'],
    ['projection.folder.values', FOLDERS.join(',')],
    ['projection.region.type', 'enum'],
    ['projection.region.values', regions.join(',')],
    ['projection.timestamp.type', 'date'],
    ['projection.timestamp.format', 'yyyy/MM/dd'],
    ['projection.timestamp.interval', '1'],
    ['projection.timestamp.interval.unit', 'DAYS'],
    ['projection.timestamp.range', `${from.slice(0, 10).replaceAll('-', '/')},NOW`],
    ['storage.location.template', `${folder}\${account}/\${folder}/\${region}/\${timestamp}`],
  ]
  return `CREATE EXTERNAL TABLE IF NOT EXISTS \`${table.database}\`.\`${table.table}\` (
${COLUMNS}
)
PARTITIONED BY (
  \`account\` STRING,
  \`folder\` STRING,
  \`region\` STRING,
  \`timestamp\` STRING
)
ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'
STORED AS INPUTFORMAT 'com.amazon.emr.cloudtrail.CloudTrailInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION '${folder}'
TBLPROPERTIES (
${properties.map(([name, value]) => `  '${name}' = '${value}'`).join(',\n')}
)
`
}

/** A trail delivers network activity events beside its other events ("Finding your CloudTrail log files"). */
const FOLDERS = ['CloudTrail', 'CloudTrail-NetworkActivity']

/** "Finding your CloudTrail log files". */
const folderOf = ({ bucket, prefix, organizationId }: TrailLogs): string => {
  const parts = [bucket, ...(prefix ?? '').split('/').filter(Boolean), 'AWSLogs', ...(organizationId ? [organizationId] : [])]
  return `s3://${parts.join('/')}/`
}

const check =
  (what: string, pattern: RegExp, texts: (logs: TrailLogs) => readonly string[]) =>
  (logs: TrailLogs): void => {
    const wrong = texts(logs).find((text) => !pattern.test(text))
    if (wrong === undefined) return
    throw new Failure({ kind: 'usage', what: `${quoted(wrong)} is not ${what}`, remedy: `give ${what} as AWS writes it` })
  }

/** The parts stand in quotes, and in a list with commas: none of them may hold either. */
const CHECKS = [
  check('the name of a bucket', /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, ({ bucket }) => [bucket]),
  check('the prefix of a trail', /^[\w!.*()/ =:@+-]{0,200}$/, ({ prefix }) => [prefix ?? '']),
  check('an account', /^\d{12}$/, ({ accounts }) => atLeastOne(accounts)),
  check('a Region', REGION, ({ regions }) => atLeastOne(regions)),
  check('the id of an organisation', /^o-[a-z0-9]{10,32}$/, ({ organizationId }) => (organizationId ? [organizationId] : [])),
]

const atLeastOne = (texts: readonly string[]): readonly string[] => (texts.length === 0 ? [''] : texts)
