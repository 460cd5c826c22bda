import { type AthenaClient, GetTableMetadataCommand, type TableMetadata } from '@aws-sdk/client-athena'
import { isDenied } from '../../../aws/failure.ts'
import { Failure } from '../../../incident/values/failure.ts'
import { DOCUMENTED, type OptionalPart, quotedName, type TableName } from './athena-table.ts'
import { ATHENA_REFUSALS, refusalOf } from './refusals.ts'

/** What is known of a table before anything is read of it. */
export interface TableDescription {
  readonly parts: ReadonlySet<OptionalPart>
  /** What the table cannot show, a sentence each. */
  readonly limits: readonly string[]
  /** Those of them by which records may be missing that it could show. */
  readonly gaps: readonly string[]
  /** Whether its partition column `account` holds account ids. */
  readonly hasAccounts: boolean
}

const NEEDED = ['useridentity', 'eventtime', 'eventsource', 'eventname', 'sourceipaddress', 'useragent', 'eventid'] as const

const LACKS: Readonly<Record<OptionalPart, string>> = {
  ec2roledelivery: 'The Athena table has no ec2roledelivery: it cannot tell IMDSv1 from IMDSv2.',
  sourceidentity: 'The Athena table has no sourceidentity: source identities are not shown.',
  vpcendpointid: 'The Athena table has no vpcendpointid: calls through VPC endpoints cannot be distinguished from others.',
  vpcendpointaccountid: 'The Athena table has no vpcendpointaccountid: the account of a VPC endpoint is not shown.',
  additionaleventdata: 'The Athena table has no additionaleventdata: bytes that were transferred are not counted.',
  eventcategory: 'The Athena table has no eventcategory: data events are recognised by their API alone.',
  requestid:
    'The Athena table has no requestid: a call through a VPC endpoint of which the network activity was recorded too counts twice.',
  addendum: 'The Athena table has no addendum: a record that CloudTrail delivered again with more in it counts twice.',
}

/**
 * Reads what the table has, which costs nothing, so that no query is paid for that has to fail. Without the right to
 * (athena:GetTableMetadata) the table is taken for the one that AWS documents.
 * Throws a Failure when there is no such table, or when it is not one of CloudTrail records by the day.
 */
export const describeTable = async (client: AthenaClient, name: TableName): Promise<TableDescription> => {
  try {
    const command = new GetTableMetadataCommand({
      CatalogName: 'AwsDataCatalog',
      DatabaseName: name.database,
      TableName: name.table,
    })
    return descriptionOf(name, (await client.send(command)).TableMetadata ?? { Name: undefined })
  } catch (error) {
    if (error instanceof Failure) throw error
    if (isDenied(error) || /not authorized|access ?denied/i.test(String(error))) return UNKNOWN
    throw refusalOf(error, ATHENA_REFUSALS, 'read the description of the table')
  }
}

const PARTS = Object.keys(LACKS) as readonly OptionalPart[]

const limitsOf = (parts: ReadonlySet<OptionalPart>): readonly string[] =>
  PARTS.filter((part) => !parts.has(part)).map((part) => LACKS[part])

const UNKNOWN: TableDescription = { parts: DOCUMENTED, limits: limitsOf(DOCUMENTED), gaps: [], hasAccounts: false }

const descriptionOf = (
  name: TableName,
  { Columns = [], PartitionKeys = [], Parameters = {} }: TableMetadata,
): TableDescription => {
  const types = new Map(Columns.map((column) => [column.Name?.toLowerCase(), column.Type?.toLowerCase() ?? '']))
  const missing = NEEDED.filter((column) => !types.has(column))
  if (missing.length > 0) throw unsuitable(name, `it has no column ${missing.join(', ')}`)
  if (types.get('eventtime') !== 'string') throw unsuitable(name, `its eventtime is not text but ${types.get('eventtime')}`)
  if (!PartitionKeys.some((key) => key.Name?.toLowerCase() === 'timestamp'))
    throw unsuitable(name, 'it is not partitioned by "timestamp", the day, so that every query would read all of it')
  const session = types.get('useridentity') ?? ''
  const has = (part: OptionalPart) =>
    part === 'addendum' ? types.get(part)?.includes('originaleventid:') === true : types.has(part) || session.includes(`${part}:`)
  const parts = new Set(PARTS.filter(has))
  const isProjected = Parameters['projection.enabled']?.toLowerCase() === 'true'
  const gaps = isProjected ? [] : [NOT_PROJECTED]
  const template = Parameters['storage.location.template'] ?? ''
  return {
    parts,
    limits: [...limitsOf(parts), ...gaps, ...(ONE_FOLDER.test(template) ? [NO_NETWORK_ACTIVITY] : [])],
    gaps,
    hasAccounts: isProjected && ACCOUNT_IN_PATH.test(template),
  }
}

/** CloudTrail writes the account id before this folder ("Finding your CloudTrail log files"): the column holds what stands there. */
const ACCOUNT_IN_PATH = /\/\$\{account\}\/(?:CloudTrail|\$\{folder\})\//

/** Network activity events lie beside it, in the folder CloudTrail-NetworkActivity. */
const ONE_FOLDER = /\/CloudTrail\//

const NO_NETWORK_ACTIVITY =
  'The Athena table reads the folder CloudTrail alone: network activity events, such as calls that a VPC endpoint refused, are not in it.'

const NOT_PROJECTED =
  'The Athena table has no partition projection: days whose partitions nobody has added are missing without a word.'

const unsuitable = (name: TableName, why: string): Failure =>
  new Failure({
    kind: 'usage',
    what: `${quotedName(name)} is not a table of CloudTrail records by the day, as AWS documents it`,
    why,
    remedy: '`ir-cred investigate --print-athena-table` prints a CREATE TABLE for such a table',
  })
