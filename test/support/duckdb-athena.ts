import {
  GetQueryExecution$,
  GetQueryResults$,
  GetTableMetadata$,
  StartQueryExecution$,
  StopQueryExecution$,
  type TableMetadata,
} from '@aws-sdk/client-athena'
import * as lake from '@aws-sdk/client-cloudtrail'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { Row } from '../../src/investigation/sources/sql/rows.ts'
import { ServiceError } from '../../src/simulator/call.ts'
import { readAuthorization } from '../../src/simulator/wire/credential-scope.ts'
import { awsJson } from '../../src/simulator/wire/json.ts'
import type { Fault, WireRequest, WireResponse } from '../../src/simulator/wire/message.ts'
import { readOperation } from '../../src/simulator/wire/schema.ts'
import type { LoadedService } from '../../src/simulator/wire/services.ts'
import { queryTrino } from './duckdb-trino.ts'

type Input = Readonly<Record<string, unknown>>

/** A query as it was started, and how far it is. */
export interface StartedQuery {
  readonly id: string
  readonly text: string
  readonly values: readonly string[]
  readonly input: Input
  looks: number
  state: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED'
  reason?: string
  readonly result: { readonly names: readonly string[]; readonly rows: readonly Row[] }
}

export interface DuckDbAthenaOptions {
  readonly connection: DuckDBConnection
  /** The account's time, in milliseconds since the epoch. */
  readonly now: () => number
  /** Virtual seconds in a real second, as the account behind it tells them; 0 when it is left out. */
  readonly pace?: number
  /** How often a query has to be looked at until it has ended; 2 when it is left out. */
  readonly looks?: number
  /** Bytes that a query has read when it is looked at for the so-manyeth time; 1,000 each time when it is left out. */
  readonly bytes?: (look: number) => number
  /** Rows of a page, whatever was asked for. */
  readonly pageRows?: number
  /** The description of every table; undefined: the one that AWS documents, with sourceidentity. */
  readonly table?: TableMetadata
  /** Refuses a call, by throwing a ServiceError, or notes it. */
  readonly before?: (operation: string, input: Input) => void
  /** Whether the answer to a call is lost on its way, after it was carried out. */
  readonly losing?: (operation: string) => boolean
  /** Why a query fails that has started. */
  readonly failing?: (query: StartedQuery) => string | undefined
}

export interface DuckDbAthena {
  /** Answers for Athena and CloudTrail Lake, and leaves everything else to the account behind it. */
  readonly fault: Fault
  readonly queries: readonly StartedQuery[]
}

const serviceOf = (schemas: readonly unknown[]): LoadedService => {
  const operations = new Map(schemas.map(readOperation).map((operation) => [operation.name, operation]))
  // The wire knows no Athena, and no Lake in CloudTrail. Of a service it only asks for the operations here.
  return { name: 'cloudtrail', protocol: 'awsJson1_1', load: async () => ({}), operations }
}

const ATHENA = serviceOf([StartQueryExecution$, GetQueryExecution$, GetQueryResults$, StopQueryExecution$, GetTableMetadata$])
const LAKE = serviceOf([lake.StartQuery$, lake.DescribeQuery$, lake.GetQueryResults$, lake.CancelQuery$])

/** The columns of the table that `ir-cred investigate --print-athena-table` makes, as Athena describes them. */
export const DESCRIBED: TableMetadata = {
  Name: 'trail',
  Columns: [
    ...['eventversion', 'eventtime', 'eventsource', 'eventname', 'awsregion', 'sourceipaddress', 'useragent', 'errorcode'],
    ...['errormessage', 'requestparameters', 'responseelements', 'eventid', 'readonly', 'eventtype', 'recipientaccountid'],
    ...['vpcendpointid', 'vpcendpointaccountid', 'eventcategory', 'additionaleventdata', 'requestid'],
  ]
    .map((Name) => ({ Name, Type: 'string' }))
    .concat([
      {
        Name: 'useridentity',
        Type: 'struct<type:string,arn:string,sessioncontext:struct<ec2roledelivery:string,sourceidentity:string>>',
      },
      { Name: 'addendum', Type: 'struct<reason:string,originaleventid:string>' },
    ]),
  PartitionKeys: [{ Name: 'timestamp', Type: 'string' }],
  Parameters: { 'projection.enabled': 'true' },
}

/**
 * Athena and CloudTrail Lake for tests: the SDK's own traffic on the one side, DuckDB on the other. A query is run when it
 * is started, and told to be running for a while.
 */
export const duckDbAthena = (options: DuckDbAthenaOptions): DuckDbAthena => {
  const queries: StartedQuery[] = []
  const recorder = { ...options, queries }
  const fault: Fault = async (request, next) => {
    const service = servedBy(request)
    if (!service) return next(request)
    const { status, headers, body } = await answer(request, service, recorder)
    const asked = request.headers['x-amz-target']?.split('.').at(-1) ?? ''
    if (options.losing?.(asked)) throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
    const common = { date: new Date(options.now()).toUTCString(), 'x-amzn-requestid': `athena-${queries.length}` }
    return { status, headers: { ...headers, ...common, 'x-simulated-pace': String(options.pace ?? 0) }, body }
  }
  return { fault, queries }
}

const servedBy = (request: WireRequest): LoadedService | undefined => {
  const service = readAuthorization(request)?.service
  const operation = request.headers['x-amz-target']?.split('.').at(-1) ?? ''
  if (service === 'athena') return ATHENA
  return service === 'cloudtrail' && LAKE.operations.has(operation) ? LAKE : undefined
}

type Recorder = DuckDbAthenaOptions & { readonly queries: StartedQuery[] }

const answer = async (request: WireRequest, service: LoadedService, recorder: Recorder): Promise<WireResponse> => {
  const context = { service: {}, requestId: '' }
  const { operation, asked, readInput } = awsJson.route(request, service)
  if (!operation) return awsJson.writeError(new ServiceError('UnknownOperationException', asked), context)
  try {
    const input = readInput(operation)
    recorder.before?.(operation.name, input)
    const run = (service === ATHENA ? ATHENA_OPERATIONS : LAKE_OPERATIONS)[operation.name]
    if (!run) throw new ServiceError('UnknownOperationException', asked)
    return awsJson.writeOutput(operation, await run(input, recorder), context)
  } catch (error) {
    const known = error instanceof ServiceError ? error : new ServiceError('InternalServerException', String(error), 500)
    return awsJson.writeError(known, context)
  }
}

type Run = (input: Input, recorder: Recorder) => object | Promise<object>

const invalid = (message: string): ServiceError => new ServiceError('InvalidRequestException', message)

const start = async (recorder: Recorder, text: string, values: readonly string[], input: Input): Promise<StartedQuery> => {
  const query = {
    id: `00000000-0000-4000-9000-${String(recorder.queries.length).padStart(12, '0')}`,
    text,
    values,
    input,
    looks: 0,
  }
  try {
    const result = await queryTrino(recorder.connection, text, values)
    recorder.queries.push({ ...query, state: 'RUNNING', result })
  } catch (error) {
    recorder.queries.push({ ...query, state: 'FAILED', reason: String(error), result: { names: [], rows: [] } })
  }
  return found(query.id, recorder)
}

const found = (id: unknown, { queries }: Recorder): StartedQuery => {
  const query = queries.find((each) => each.id === id)
  if (!query) throw invalid(`QueryExecution ${String(id)} was not found`)
  return query
}

/** Looks at a query, which thereby comes nearer to its end; gives what it has read. */
const look = (query: StartedQuery, { looks = 2, bytes = (count) => 1000 * count, failing }: Recorder): number => {
  query.looks += 1
  if (query.state === 'RUNNING' && query.looks > looks) {
    const reason = failing?.(query)
    query.state = reason === undefined ? 'SUCCEEDED' : 'FAILED'
    if (reason !== undefined) query.reason = reason
  }
  return bytes(query.looks)
}

const stop = (id: unknown, recorder: Recorder): void => {
  const query = found(id, recorder)
  if (query.state === 'RUNNING') Object.assign(query, { state: 'CANCELLED', reason: 'Query cancelled by user' })
}

const page = ({ state, result }: StartedQuery, token: unknown, size: number) => {
  if (state !== 'SUCCEEDED') throw invalid(`Query has not yet finished. Current state: ${state}`)
  const from = Number(token ?? 0)
  const rows = result.rows.slice(from, from + size)
  return { rows, next: from + size < result.rows.length ? { NextToken: String(from + size) } : {} }
}

const ATHENA_OPERATIONS: Readonly<Record<string, Run>> = {
  GetTableMetadata: (_, { table = DESCRIBED }) => ({ TableMetadata: table }),
  StartQueryExecution: async (input, recorder) => {
    const { QueryString, ExecutionParameters = [], ClientRequestToken = '' } = input
    if (String(ClientRequestToken).length < 32) throw invalid('ClientRequestToken must have length at least 32')
    const before = recorder.queries.find((query) => query.input.ClientRequestToken === ClientRequestToken)
    const { id } = before ?? (await start(recorder, String(QueryString), ExecutionParameters as string[], input))
    return { QueryExecutionId: id }
  },
  GetQueryExecution: ({ QueryExecutionId }, recorder) => {
    const query = found(QueryExecutionId, recorder)
    const DataScannedInBytes = look(query, recorder)
    const Status = { State: query.state, ...(query.reason ? { StateChangeReason: query.reason } : {}) }
    return { QueryExecution: { QueryExecutionId: query.id, Status, Statistics: { DataScannedInBytes } } }
  },
  GetQueryResults: ({ QueryExecutionId, NextToken, MaxResults }, recorder) => {
    const query = found(QueryExecutionId, recorder)
    const { names } = query.result
    const { rows, next } = page(query, NextToken, recorder.pageRows ?? Number(MaxResults))
    const cells = (values: readonly (string | undefined)[]) => ({
      Data: values.map((VarCharValue) => (VarCharValue === undefined ? {} : { VarCharValue })),
    })
    const data = rows.map((row) => cells(names.map((name) => row[name])))
    const Rows = NextToken === undefined ? [cells(names), ...data] : data
    return { ResultSet: { Rows, ResultSetMetadata: { ColumnInfo: names.map((Name) => ({ Name, Type: 'varchar' })) } }, ...next }
  },
  StopQueryExecution: ({ QueryExecutionId }, recorder) => {
    stop(QueryExecutionId, recorder)
    return {}
  },
}

const LAKE_STATES = { RUNNING: 'RUNNING', SUCCEEDED: 'FINISHED', FAILED: 'FAILED', CANCELLED: 'CANCELLED' } as const

/** Lake writes the id of an event data store without quotes, which DuckDB needs. */
const withQuotedStore = (text: string): string => text.replace(/FROM ([0-9a-f-]{36})/g, 'FROM "$1"')

const LAKE_OPERATIONS: Readonly<Record<string, Run>> = {
  StartQuery: async (input, recorder) => {
    const text = String(input.QueryStatement)
    if (text.length > 10_000) throw new ServiceError('InvalidQueryStatementException', 'The query statement is too long')
    return { QueryId: (await start(recorder, withQuotedStore(text), [], input)).id }
  },
  DescribeQuery: ({ QueryId }, recorder) => {
    const query = found(QueryId, recorder)
    const QueryStatistics = { BytesScanned: look(query, recorder) }
    return {
      QueryId,
      QueryStatus: LAKE_STATES[query.state],
      QueryStatistics,
      ...(query.reason ? { ErrorMessage: query.reason } : {}),
    }
  },
  GetQueryResults: ({ QueryId, NextToken, MaxQueryResults }, recorder) => {
    const query = found(QueryId, recorder)
    const { rows, next } = page(query, NextToken, recorder.pageRows ?? Number(MaxQueryResults))
    const QueryResultRows = rows.map((row) => Object.entries(row).map(([name, value]) => ({ [name]: value })))
    return { QueryStatus: 'FINISHED', QueryResultRows, ...next }
  },
  CancelQuery: ({ QueryId }, recorder) => {
    stop(QueryId, recorder)
    return { QueryId, QueryStatus: 'CANCELLED' }
  },
}
