import type { PersistenceArtefact } from '../../../incident/facts/activity-rows.ts'
import { lastPart } from '../../../incident/values/identifiers.ts'
import { type Instant, isBefore } from '../../../incident/values/instant.ts'
import type { CloudTrailRecord } from '../../../investigation/record.ts'
import { endOfIssue } from './issue-end.ts'
import { MOST, type TrailReading } from './reading.ts'
import { type ExaminedOf, isLeft } from './standing.ts'

/** The kinds of artefact behind which code of the attacker may run under another role. */
const COMPUTE = /^(?:RunInstances|CreateFunction|UpdateFunctionCode|UpdateFunctionConfiguration|RunTask|StartTask)/

/** Whether a session is named after what an event made or changed: `issuedToCompute` follows these. */
export const isComputeEvent = (eventName: string): boolean => COMPUTE.test(eventName)

/** The words of the rules for what gets credentials of a role: a session is named after it. */
const COMPUTE_NAMES = ['instances', 'function', 'ecsTasks']

/**
 * What AWS issued to compute that the attacker made or changed, since then: whoever controls its code holds these credentials. One that
 * has expired by now is held no longer; the compute itself is among what is left behind.
 */
export const issuedToCompute = async (
  artefacts: readonly PersistenceArtefact[],
  examined: ExaminedOf,
  reading: TrailReading,
  now: Instant,
) => {
  const compute = artefacts.filter((artefact) => isComputeEvent(artefact.eventName) && isLeft(artefact, examined))
  const issued: { readonly artefact: PersistenceArtefact; readonly issue: CloudTrailRecord }[] = []
  const named = compute.flatMap((artefact) =>
    COMPUTE_NAMES.flatMap((word) => artefact.names[word] ?? []).map((name) => ({ artefact, name })),
  )
  if (named.length > MOST)
    reading.incomplete.push(`${named.length - MOST} more instances and functions of the attacker’s were not followed`)
  for (const { artefact, name } of named.slice(0, MOST)) {
    const session = lastPart(name)
    const records = await reading.lookup({ attribute: 'ResourceName', value: session, from: artefact.at })
    const issue = records.find(
      ({ eventName, outcome, invokedBy, requested }) =>
        eventName === 'AssumeRole' && outcome === 'ok' && invokedBy !== undefined && requested.roleSessionName === session,
    )
    if (issue && !isBefore(endOfIssue(issue), now)) issued.push({ artefact, issue })
  }
  return issued
}
