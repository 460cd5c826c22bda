import type { Instant } from '../incident/instant.ts'
import type { CloudTrailRecord } from './record.ts'

/** One set of credentials that EC2 issued to an instance, as CloudTrail recorded it. */
export interface Issuance {
  readonly accessKeyId: string
  readonly at: Instant
}

/**
 * The credentials that EC2 itself issued to an instance: CloudTrail's `AssumeRole` by ec2.amazonaws.com with the instance
 * id as session name. The instance cannot forge these records, which makes them a witness for a rotation.
 */
export const issuancesTo = (instanceId: string, records: readonly CloudTrailRecord[]): readonly Issuance[] =>
  records
    .filter(({ eventName, invokedBy, requested, outcome }) => {
      return (
        eventName === 'AssumeRole' &&
        outcome === 'ok' &&
        invokedBy === 'ec2.amazonaws.com' &&
        requested.roleSessionName === instanceId
      )
    })
    .flatMap(({ issuedAccessKeyId, at }) => (issuedAccessKeyId ? [{ accessKeyId: issuedAccessKeyId, at }] : []))
