import type { CloudTrailRecord } from '../../record.ts'
import { loggingPayload } from './logging.ts'
import type { Payload } from './payload.ts'
import { policyPayload } from './policies.ts'
import { portPayload } from './ports.ts'

/** The details of an event, as far as its record has them. */
export const payloadOf = (record: CloudTrailRecord): Payload | undefined =>
  policyPayload(record) ?? portPayload(record) ?? loggingPayload(record)
