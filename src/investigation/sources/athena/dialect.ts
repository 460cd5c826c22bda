import { SECOND_MS } from '../../../incident/values/duration.ts'
import { epochOf, type Instant } from '../../../incident/values/instant.ts'
import type { TimeRange } from '../../question.ts'
import type { CallColumn, RecordColumn } from './columns.ts'
import type { WhereCondition } from './query.ts'

/** How a table of CloudTrail records is asked: an Athena table, or an event data store of CloudTrail Lake. Both speak Trino's SQL. */
export interface SqlDialect {
  /** What stands behind FROM. */
  readonly from: string
  /** The most characters that a query may have. */
  readonly longest: number
  /** The moment of an event as text, `2026-03-01T12:00:00Z`. */
  readonly eventTime: string
  readonly eventId: string
  readonly calls: Readonly<Record<CallColumn, string>>
  readonly records: Readonly<Record<RecordColumn, string>>
  /** The rows of a range, so that as little as possible is read, and billed. */
  readonly within: (range: TimeRange) => WhereCondition
}

/** A column that the table does not have. */
export const ABSENT = 'CAST(NULL AS VARCHAR)'

/**
 * The next whole second, without a zone: CloudTrail's times are whole seconds, so that an event is at or after a moment
 * exactly when it is at or after the next whole second.
 */
export const secondOf = (instant: Instant, between: 'T' | ' '): string =>
  new Date(Math.ceil(epochOf(instant) / SECOND_MS) * SECOND_MS).toISOString().slice(0, 19).replace('T', between)
