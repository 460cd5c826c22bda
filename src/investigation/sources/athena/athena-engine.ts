import {
  type AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena'
import { emptyAnswer } from '../../../aws/failure.ts'
import { literal } from './query.ts'
import { type QueryEngine, type QueryState, type ResultPage, toTheEnd } from './query-engine.ts'
import { ATHENA_REFUSALS, refusalOf } from './refusals.ts'
import type { Row } from './rows.ts'
import type { TableName } from './table-name.ts'

export interface AthenaPlace {
  readonly client: AthenaClient
  readonly table: TableName
  /** Default: Athena's own, `primary`. */
  readonly workGroup?: string
  /** Where results go, `s3://bucket/folder/`; not needed where the workgroup says it. */
  readonly output?: string
  /** A new text of 32 to 128 characters that no other query has: a start that is sent again starts nothing new. */
  readonly newToken: () => string
}

const ROWS_OF_A_PAGE = 1000

/** Athena, as it is spoken to: StartQueryExecution with bound values, GetQueryExecution, GetQueryResults, StopQueryExecution. */
export const athenaEngine = (place: AthenaPlace): QueryEngine => {
  const { client } = place
  return {
    name: 'Athena',
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
      ...(workGroup ? { WorkGroup: workGroup } : {}),
      ...(output ? { ResultConfiguration: { OutputLocation: output } } : {}),
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
