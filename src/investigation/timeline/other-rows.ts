import type { Finding } from '../../incident/finding/finding.ts'
import type { Incident, Intent } from '../../incident/incident.ts'
import { given } from '../../incident/values/given.ts'
import type { Instant } from '../../incident/values/instant.ts'
import { rawText } from '../../incident/values/untrusted.ts'
import type { TimelineRow } from './row.ts'

/** The rows of a finding: when GuardDuty saw the activity first and last, and when it wrote the finding. */
export const rowsOfFinding = (finding: Finding): readonly TimelineRow[] => {
  const { firstSeen, lastSeen, createdAt, updatedAt } = finding
  const moments: readonly (readonly [what: string, at: Instant | undefined])[] = [
    ['activity of the finding first seen', firstSeen],
    ['activity of the finding last seen', lastSeen === firstSeen ? undefined : lastSeen],
    ['finding created', createdAt],
    ['finding updated', updatedAt === createdAt ? undefined : updatedAt],
  ]
  return moments.flatMap(([what, at]) => (at === undefined ? [] : [findingRow(finding, what, at)]))
}

const findingRow = (finding: Finding, what: string, at: Instant): TimelineRow => {
  const { id, type, region, accountId, accessKeyId, action, title, userName } = finding
  const userAgent = action?.userAgent
  return {
    ...{ at, kind: 'finding', what, action: type, outcome: what, region, accountId, depth: 0, id, isRead: false },
    ...given({
      object: title ? rawText(title) : undefined,
      address: action?.remote?.ip,
      userAgent: userAgent ? rawText(userAgent) : undefined,
      accessKeyId,
      principal: userName,
    }),
  }
}

/** The rows of a response: the changes that were intended, with what became of them, the re-checks of the deny, and the end. */
export const rowsOfResponse = (incident: Incident): readonly TimelineRow[] => {
  const { id, openedAt, intents, rechecks, lastSeenAt, ended, falseAlarm } = incident
  const row = responseRow(id)
  return [
    ...(openedAt ? [row(openedAt, 'incident opened', 'respond', 'opened')] : []),
    ...intents.map((intent) => intentRow(id, intent)),
    ...Object.entries(lastSeenAt).map(([fact, at]) => row(at, 'fact seen', fact, 'seen')),
    ...rechecks.map(({ at, stage, stands, says }) => ({
      ...row(at, 'looked again', stage, stands ? 'stands' : 'does not stand'),
      object: says,
    })),
    ...(falseAlarm ? [row(falseAlarm.at, 'declared a false alarm', 'respond', 'false alarm')] : []),
    ...(ended ? [row(ended.at, 'response ended', 'respond', ended.ending)] : []),
  ]
}

const responseRow =
  (id: string) =>
  (at: Instant, what: string, action: string, outcome: string): TimelineRow => ({
    ...{ at, kind: 'response', what, action, outcome, userAgent: 'ir-cred', depth: 0, id, isRead: false },
  })

const intentRow = (incident: string, { at, effect, outcome, why, nonce }: Intent): TimelineRow => ({
  ...responseRow(incident)(at, 'response action', effect.operation, outcome ?? 'no answer in the journal'),
  ...{ object: effect.resource, id: `${incident} ${nonce}` },
  ...given({ errorCode: why }),
})
