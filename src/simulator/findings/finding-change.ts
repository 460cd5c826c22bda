import { SECOND_MS } from '../../incident/values/duration.ts'
import { given } from '../../incident/values/given.ts'
import type { Account, ActorEvent } from '../account/account.ts'
import type { FindingDocument } from '../account/detection.ts'

type Members = Readonly<Record<string, unknown>>

const membersOf = (value: unknown): Members => (typeof value === 'object' && value !== null ? { ...value } : {})

/** The finding with some members of its Service changed. */
export const withService = (finding: FindingDocument, changes: Members): FindingDocument => ({
  ...finding,
  Service: { ...membersOf(finding.Service), ...changes },
})

/** How CloudTrail, and so GuardDuty, names a refusal. */
const errorCodeOf = (event: ActorEvent): string | undefined => {
  if (event.outcome === 'ok') return undefined
  return event.action.startsWith('ec2:') ? 'Client.UnauthorizedOperation' : 'AccessDenied'
}

/** The call of an event as a finding's action names it. */
export const calledApi = (event: ActorEvent): { Api: string; ServiceName: string; ErrorCode?: string } => {
  const [service = '', api = ''] = event.action.split(':')
  const errorCode = errorCodeOf(event)
  return { Api: api, ServiceName: `${service}.amazonaws.com`, ...given({ ErrorCode: errorCode }) }
}

const latestAction = (service: Members, event: ActorEvent): Members => {
  const action = membersOf(service.Action)
  const { ErrorCode: _, ...call } = membersOf(action.AwsApiCallAction)
  return { ...action, AwsApiCallAction: { ...call, ...calledApi(event) } }
}

/**
 * The finding seen once more, and written by GuardDuty at `updatedAt` (ms). "GuardDuty finding aggregation": the count grows,
 * the details of the latest occurrence replace those of the one before.
 */
const seenAgain = (finding: FindingDocument, event: ActorEvent, updatedAt: number): FindingDocument => {
  const service = membersOf(finding.Service)
  const { Count } = service
  const changed = withService(finding, {
    Count: (typeof Count === 'number' ? Count : 0) + 1,
    EventLastSeen: new Date(event.at).toISOString(),
    Action: latestAction(service, event),
  })
  return { ...changed, UpdatedAt: new Date(updatedAt).toISOString() }
}

/** Counts an event in a finding `delay` seconds after it happened, if the finding is there by then. */
export const countLater = (account: Account, id: string, delay: number, event: ActorEvent): void => {
  const updatedAt = event.at + delay * SECOND_MS
  account.agenda.add(updatedAt, () => {
    const finding = account.findings.get(id)
    if (finding) account.findings.set(id, seenAgain(finding, event, updatedAt))
  })
}

/** Lets a finding grow with what the actors do from now on: each event that `concerns` it is counted `delay` seconds later. */
export const follow = (account: Account, id: string, delay: number, concerns: (event: ActorEvent) => boolean): void => {
  account.actorListeners.push((event) => {
    if (concerns(event)) countLater(account, id, delay, event)
  })
}
