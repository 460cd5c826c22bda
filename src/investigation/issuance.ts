import type { Instant } from '../incident/values/instant.ts'
import type { CloudTrailRecord } from './record.ts'

/** One set of credentials that a service issued for what it runs, as CloudTrail recorded it. */
export interface Issuance {
  readonly accessKeyId: string
  readonly at: Instant
}

/**
 * The credentials that a service itself issued to what it runs: CloudTrail's `AssumeRole` by ec2.amazonaws.com with the instance id as
 * session name, by lambda.amazonaws.com with the function's, by ecs-tasks.amazonaws.com with the task's. What runs there cannot forge
 * these records, which makes them corroboration of a rotation.
 */
export const issuancesTo = (
  sessionName: string,
  records: readonly CloudTrailRecord[],
  service = 'ec2.amazonaws.com',
): readonly Issuance[] =>
  records
    .filter(({ eventSource, eventName, outcome, invokedBy, accessKeyId, requested }) => {
      return (
        eventSource === 'sts.amazonaws.com' &&
        eventName === 'AssumeRole' &&
        outcome === 'ok' &&
        invokedBy === service &&
        // A call that a service makes on somebody's behalf carries his key; one of its own carries none.
        accessKeyId === undefined &&
        requested.roleSessionName === sessionName
      )
    })
    .flatMap(({ issuedAccessKeyId, at }) => (issuedAccessKeyId ? [{ accessKeyId: issuedAccessKeyId, at }] : []))
