import type { AwsClock } from '../../../aws/clock.ts'
import { Failure } from '../../../incident/values/failure.ts'
import { quoted } from '../../../incident/values/quoted.ts'
import type { RecordSource } from '../../source.ts'
import { type AthenaPlace, athenaEngine } from './athena-engine.ts'
import { athenaTable } from './athena-table.ts'
import { sqlSource } from './sql-source.ts'
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
export const athenaSource = ({ clock, mostBytes, ...place }: AthenaOptions): RecordSource => {
  const { client, table, workGroup, output } = place
  if (workGroup !== undefined && !/^[\w.-]{1,128}$/.test(workGroup)) throw wrong(workGroup, 'an Athena workgroup', 'its name')
  if (output !== undefined && !/^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:\/[\w!.*'()/ =:@+,-]*)?$/.test(output))
    throw wrong(output, 'a folder for Athena’s results', 's3://bucket/folder/')
  return sqlSource({
    name: `Athena table ${table.database}.${table.table}`,
    engine: athenaEngine(place),
    clock,
    ...(mostBytes === undefined ? {} : { mostBytes }),
    describe: async () => {
      const { parts, limits } = await describeTable(client, table)
      return { dialect: athenaTable(table, parts), limits }
    },
  })
}

const wrong = (text: string, kind: string, form: string): Failure =>
  new Failure({ kind: 'usage', what: `${quoted(text)} is not ${kind}`, remedy: `give ${form}` })
