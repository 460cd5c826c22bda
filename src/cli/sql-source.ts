import { randomBytes } from 'node:crypto'
import type { RoleHistory } from '../incident/role-history.ts'
import type { AthenaOptions } from '../investigation/sources/athena/athena-source.ts'
import { athenaWords } from '../investigation/sources/athena/athena-table.ts'
import { lakeWords } from '../investigation/sources/lake/event-data-store.ts'
import type { LakeOptions } from '../investigation/sources/lake/lake-source.ts'
import type { AwsConnection } from './connection/aws-connection.ts'
import type { SqlSourceRequest } from './sql-source-request.ts'

type Place<K extends SqlSourceRequest['kind']> = Extract<SqlSourceRequest, { readonly kind: K }>

/** A table as Athena is asked for it in the connection's Region. The SDK's code is loaded here. */
export const athenaOptionsOf = async (
  { kind: _, ...place }: Place<'athena'>,
  { clock, setting, clientConfig }: AwsConnection,
): Promise<AthenaOptions> => {
  const { openAthena } = await import('../aws/open-clients.ts')
  const client = await openAthena(setting.region, clientConfig)
  return { ...place, client, clock, newToken: () => randomBytes(20).toString('hex') }
}

/** An event data store as CloudTrail Lake is asked for it in the connection's Region. */
export const lakeOptionsOf = ({ kind: _, ...place }: Place<'lake'>, { aws, clock, setting }: AwsConnection): LakeOptions => ({
  ...place,
  client: aws(setting.region).cloudtrail,
  clock,
})

/**
 * A role's history in a table or a store. The client is opened with each count: nothing waits for its code before, and somebody may
 * have signed in again since the last one.
 */
export const openRoleHistory = (request: SqlSourceRequest, connection: AwsConnection): RoleHistory =>
  request.kind === 'athena'
    ? {
        ...athenaWords(request),
        count: async (asked, limits) => {
          const { athenaRoleHistory } = await import('../investigation/sources/athena/athena-source.ts')
          return athenaRoleHistory(await athenaOptionsOf(request, connection)).count(asked, limits)
        },
      }
    : {
        ...lakeWords(request),
        count: async (asked, limits) => {
          const { lakeRoleHistory } = await import('../investigation/sources/lake/lake-source.ts')
          return lakeRoleHistory(lakeOptionsOf(request, connection)).count(asked, limits)
        },
      }
