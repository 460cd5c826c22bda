import { DescribeSnapshotsCommand } from '@aws-sdk/client-ec2'
import { wholeList } from '../../../aws/pager.ts'
import type { SnapshotFact } from '../../../incident/facts/facts.ts'
import type { IncidentWith } from '../../../incident/incident.ts'
import { instantOf } from '../../../incident/values/instant.ts'
import type { Context } from '../../stage.ts'

/** The tag by which the snapshots of an incident are found again, by us and by a second responder. */
export const INCIDENT_TAG = 'ir-cred:incident'

/** The tag that says what the journal held when a snapshot was asked for: the first 16 hex digits of its head. */
export const JOURNAL_TAG = 'ir-cred:journal'

/** The snapshots tagged with this incident. */
export const snapshotsOf = async (incident: IncidentWith<'subject'>, context: Context): Promise<readonly SnapshotFact[]> => {
  const { subject } = incident.facts
  const Filters = [{ Name: `tag:${INCIDENT_TAG}`, Values: [incident.id] }]
  const items = await wholeList('snapshots of this incident', async (NextToken) => {
    const answer = await context
      .aws(subject.region)
      .ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'], Filters, NextToken }))
    return { items: answer.Snapshots, next: answer.NextToken }
  })
  return items.flatMap(({ SnapshotId, VolumeId, State, StartTime }) =>
    SnapshotId && VolumeId
      ? [
          {
            id: SnapshotId,
            volumeId: VolumeId,
            state: State ?? 'unknown',
            ...(StartTime ? { startedAt: instantOf(StartTime) } : {}),
          },
        ]
      : [],
  )
}
