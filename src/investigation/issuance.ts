import type { Instant } from '../incident/values/instant.ts'
import type { CloudTrailRecord } from './record.ts'

/** One set of credentials that EC2 issued to an instance, as CloudTrail recorded it. */
export interface Issuance {
  readonly accessKeyId: string
  readonly at: Instant
}

/**
 * The credentials that EC2 itself issued to an instance: CloudTrail's `AssumeRole` by ec2.amazonaws.com with the instance
 * id as session name. The instance cannot forge these records, which makes them corroboration of a rotation.
 */
export const issuancesTo = (instanceId: string, records: readonly CloudTrailRecord[]): readonly Issuance[] =>
  records
    .filter(({ eventSource, eventName, outcome, invokedBy, accessKeyId, requested }) => {
      return (
        eventSource === 'sts.amazonaws.com' &&
        eventName === 'AssumeRole' &&
        outcome === 'ok' &&
        invokedBy === 'ec2.amazonaws.com' &&
        // A call that a service makes on somebody's behalf carries his key; one of its own carries none.
        accessKeyId === undefined &&
        requested.roleSessionName === instanceId
      )
    })
    .flatMap(({ issuedAccessKeyId, at }) => (issuedAccessKeyId ? [{ accessKeyId: issuedAccessKeyId, at }] : []))
