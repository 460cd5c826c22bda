import {
  type AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena'
import type { AwsClock } from '../../../aws/clock.ts'
import { emptyAnswer } from '../../../aws/failure.ts'
import type { RoleHistory } from '../../../incident/role-history.ts'
import { given } from '../../../incident/values/given.ts'
import type { RecordSource } from '../../source.ts'
import { literal } from '../sql/query.ts'
import { type QueryEngine, type QueryState, type ResultPage, toTheEnd } from '../sql/query-engine.ts'
import type { Row } from '../sql/rows.ts'
import { sqlRoleHistory } from '../sql/sql-role-history.ts'
import { type SqlSourceOptions, sqlSource } from '../sql/sql-source.ts'
import { type AthenaResults, athenaTable, athenaWords, checkResults, type TableName } from './athena-table.ts'
import { ATHENA_REFUSALS, refusalOf } from './refusals.ts'
import { describeTable } from './table-description.ts'

export interface AthenaOptions extends AthenaPlace {
  readonly clock: AwsClock
  /** The most bytes that the queries may read together. */
  readonly mostBytes?: number
}

/**
 * CloudTrail logs in S3, counted by Athena: for what one machine does not read in good time. Throws a Failure of kind
 * 'usage' for a workgroup or a folder for results that cannot be one.
 */
export const athenaSource = (options: AthenaOptions): RecordSource => sqlSource(tableOf(options))

/** A role's history in such a table. Throws as `athenaSource` does. */
export const athenaRoleHistory = (options: AthenaOptions): RoleHistory => sqlRoleHistory(tableOf(options))

const tableOf = ({ clock, mostBytes, ...place }: AthenaOptions): SqlSourceOptions => {
  const { client, table } = place
  checkResults(place)
  return {
    name: athenaWords(place).name,
    engine: athenaEngine(place),
    clock,
    ...given({ mostBytes }),
    describe: async () => {
      const { parts, hasAccounts, ...rest } = await describeTable(client, table)
      return { dialect: athenaTable(table, parts, hasAccounts), ...rest }
    },
  }
}

export interface AthenaPlace extends AthenaResults {
  readonly client: AthenaClient
  readonly table: TableName
  /** A new text of 32 to 128 characters that no other query has: a start that is sent again starts nothing new. */
  readonly newToken: () => string
}

const ROWS_OF_A_PAGE = 1000

/** Athena, as it is spoken to: StartQueryExecution with bound values, GetQueryExecution, GetQueryResults, StopQueryExecution. */
const athenaEngine = (place: AthenaPlace): QueryEngine => {
  const { client } = place
  return {
    name: athenaWords(place).service,
    start: (text, values) => start(place, text, values),
    look: async (id) => {
      const { QueryExecution } = await client.send(new GetQueryExecutionCommand({ QueryExecutionId: id }))
      const { State, StateChangeReason, AthenaError } = QueryExecution?.Status ?? {}
      if (!State) throw emptyAnswer('GetQueryExecution', 'the state of the query')
      const bytes = QueryExecution?.Statistics?.DataScannedInBytes ?? 0
      return stateOf(State, bytes, StateChangeReason ?? AthenaError?.ErrorMessage)
    },
    page: (id, token) => pageOf(client, id, token),
    stop: async (id) => {
      await client.send(new StopQueryExecutionCommand({ QueryExecutionId: id }), { abortSignal: toTheEnd() })
    },
    failureOf: (trouble) => refusalOf(trouble, ATHENA_REFUSALS, 'ask Athena'),
  }
}

const start = async (place: AthenaPlace, text: string, values: readonly string[]): Promise<string> => {
  const { client, table, workGroup, output, newToken } = place
  const { QueryExecutionId } = await client.send(
    new StartQueryExecutionCommand({
      QueryString: text,
      ExecutionParameters: values.map(literal),
      ClientRequestToken: newToken(),
      QueryExecutionContext: { Database: table.database },
      ...given({ WorkGroup: workGroup || undefined, ResultConfiguration: output ? { OutputLocation: output } : undefined }),
    }),
    { abortSignal: toTheEnd() },
  )
  if (!QueryExecutionId) throw emptyAnswer('StartQueryExecution', 'the id of the query')
  return QueryExecutionId
}

const stateOf = (state: string, bytes: number, reason: string | undefined): QueryState => {
  if (state === 'SUCCEEDED') return { state: 'finished', bytes }
  if (state === 'FAILED') return { state: 'failed', bytes, reason: reason ?? 'Athena gave no reason' }
  if (state === 'CANCELLED') return { state: 'failed', bytes, reason: reason ?? 'somebody cancelled the query' }
  return { state: 'running', bytes }
}

/** The first row of the first page holds the names of the columns. */
const pageOf = async (client: AthenaClient, id: string, token: string | undefined): Promise<ResultPage> => {
  const { ResultSet, NextToken } = await client.send(
    new GetQueryResultsCommand({ QueryExecutionId: id, MaxResults: ROWS_OF_A_PAGE, NextToken: token }),
  )
  const names = ResultSet?.ResultSetMetadata?.ColumnInfo?.map(({ Name }) => Name ?? '')
  if (!names || !ResultSet?.Rows) throw emptyAnswer('GetQueryResults', 'rows')
  const data = token === undefined ? ResultSet.Rows.slice(1) : ResultSet.Rows
  const rows = data.map(({ Data = [] }): Row => Object.fromEntries(names.map((name, index) => [name, Data[index]?.VarCharValue])))
  return { rows, next: NextToken }
}
