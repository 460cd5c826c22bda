import { CancelQueryCommand, DescribeQueryCommand, GetQueryResultsCommand, StartQueryCommand } from '@aws-sdk/client-cloudtrail'
import type { AwsClients } from '../../../aws/clients.ts'
import type { AwsClock } from '../../../aws/clock.ts'
import { emptyAnswer } from '../../../aws/failure.ts'
import type { RoleHistory } from '../../../incident/role-history.ts'
import { given } from '../../../incident/values/given.ts'
import type { RecordSource } from '../../source.ts'
import { refusalOf } from '../athena/refusals.ts'
import { inlined } from '../sql/query.ts'
import { type QueryEngine, type QueryState, type ResultPage, toTheEnd } from '../sql/query-engine.ts'
import type { Row } from '../sql/rows.ts'
import { sqlRoleHistory } from '../sql/sql-role-history.ts'
import { type SqlSourceOptions, sqlSource } from '../sql/sql-source.ts'
import { type EventDataStore, lakeStore, lakeWords } from './event-data-store.ts'
import { LAKE_REFUSALS } from './lake-refusals.ts'

export interface LakeOptions extends LakePlace {
  readonly clock: AwsClock
  /** The most bytes that the queries may read together. */
  readonly mostBytes?: number
}

/**
 * An event data store of CloudTrail Lake, for those who have one: since 31 May 2026 the service takes no new customers
 * ("CloudTrail Lake availability change"). It is asked the same questions as Athena, in the same SQL.
 */
export const lakeSource = (options: LakeOptions): RecordSource => sqlSource(storeOf(options))

/** A role's history in such a store. */
export const lakeRoleHistory = (options: LakeOptions): RoleHistory => sqlRoleHistory(storeOf(options))

const storeOf = ({ clock, mostBytes, ...place }: LakeOptions): SqlSourceOptions => ({
  name: lakeWords(place).name,
  engine: lakeEngine(place),
  clock,
  ...given({ mostBytes }),
  describe: async () => ({ dialect: lakeStore(place.store), limits: [] }),
})

export interface LakePlace {
  readonly client: AwsClients['cloudtrail']
  readonly store: EventDataStore
}

const ROWS_OF_A_PAGE = 1000

/** CloudTrail Lake, as it is spoken to: StartQuery, DescribeQuery, GetQueryResults, CancelQuery. */
const lakeEngine = ({ client, store }: LakePlace): QueryEngine => {
  const owner = store.accountId ? { EventDataStoreOwnerAccountId: store.accountId } : {}
  return {
    name: lakeWords({ store }).service,
    start: async (text, values) => {
      // Its QueryParameters are for the dashboards' own queries only ("StartQuery"), so the values stand in the text.
      const command = new StartQueryCommand({ QueryStatement: inlined(text, values), ...owner })
      const { QueryId } = await client.send(command, { abortSignal: toTheEnd() })
      if (!QueryId) throw emptyAnswer('StartQuery', 'the id of the query')
      return QueryId
    },
    look: async (id) => {
      const { QueryStatus, QueryStatistics, ErrorMessage } = await client.send(
        new DescribeQueryCommand({ QueryId: id, ...owner }),
      )
      if (!QueryStatus) throw emptyAnswer('DescribeQuery', 'the state of the query')
      return stateOf(QueryStatus, QueryStatistics?.BytesScanned ?? 0, ErrorMessage)
    },
    page: (id, token) => pageOf(client, { QueryId: id, NextToken: token, ...owner }),
    stop: async (id) => {
      await client.send(new CancelQueryCommand({ QueryId: id, ...owner }), { abortSignal: toTheEnd() })
    },
    failureOf: (trouble) => refusalOf(trouble, LAKE_REFUSALS, 'ask CloudTrail Lake'),
  }
}

const stateOf = (status: string, bytes: number, reason: string | undefined): QueryState => {
  if (status === 'FINISHED') return { state: 'finished', bytes }
  if (status === 'QUEUED' || status === 'RUNNING') return { state: 'running', bytes }
  return { state: 'failed', bytes, reason: reason ?? status }
}

/** A row comes as a list of its columns, each an object of one member; a NULL may be missing. */
const pageOf = async (
  client: AwsClients['cloudtrail'],
  asked: { readonly QueryId: string; readonly NextToken: string | undefined },
): Promise<ResultPage> => {
  const answer = await client.send(new GetQueryResultsCommand({ ...asked, MaxQueryResults: ROWS_OF_A_PAGE }))
  if (!answer.QueryStatus) throw emptyAnswer('GetQueryResults', 'the state of the query')
  const rows = (answer.QueryResultRows ?? []).map((columns): Row => Object.assign({}, ...columns))
  return { rows, next: answer.NextToken }
}
