import type { AwsClock } from '../../../aws/clock.ts'
import type { RecordSource } from '../../source.ts'
import { sqlSource } from '../athena/sql-source.ts'
import { type LakePlace, lakeEngine } from './lake-engine.ts'
import { lakeStore } from './lake-store.ts'

export interface LakeOptions extends LakePlace {
  readonly clock: AwsClock
  /** The most bytes that the queries may read together. */
  readonly mostBytes?: number
}

/**
 * An event data store of CloudTrail Lake, for those who have one: since 31 May 2026 the service takes no new customers
 * ("CloudTrail Lake availability change"). It is asked the same questions as Athena, in the same SQL.
 */
export const lakeSource = ({ clock, mostBytes, ...place }: LakeOptions): RecordSource =>
  sqlSource({
    name: `CloudTrail Lake event data store ${place.store.id}`,
    engine: lakeEngine(place),
    clock,
    ...(mostBytes === undefined ? {} : { mostBytes }),
    describe: async () => ({ dialect: lakeStore(place.store), limits: [] }),
  })
