import type { Gravity } from '../../../incident/facts/gravity.ts'
import type { Span } from '../../../incident/values/block.ts'
import type { CloudTrailRecord } from '../../record.ts'
import { loggingPayload } from './logging.ts'
import { policyPayload } from './policies.ts'
import { portPayload } from './ports.ts'

/** What an event left in detail: who is let in, which rights are given, which ports are open, what is still recorded. */
export interface Payload {
  /** Completes the sentence on what was left: ", which lets in 999988887777 (outside the account)". */
  readonly says: readonly Span[]
  /** Where the details make the deed graver, or less grave, than its event does. */
  readonly gravity?: Gravity
  /** Everything is switched on: nothing is to be undone. */
  readonly isSafe?: boolean
}

/** The details of an event, as far as its record has them. */
export const payloadOf = (record: CloudTrailRecord): Payload | undefined =>
  policyPayload(record) ?? portPayload(record) ?? loggingPayload(record)
