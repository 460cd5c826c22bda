import { CreateSnapshotsCommand, DescribeSnapshotsCommand, GetConsoleOutputCommand } from '@aws-sdk/client-ec2'
import { failureOf, isNotFound, unreadReason } from '../../aws/failure.ts'
import { wholeList } from '../../aws/pager.ts'
import { type Effect, SET_AT_SENDING } from '../../incident/entry.ts'
import { deletedSnapshotAlarm, type Evidence, type SnapshotFact } from '../../incident/facts/facts.ts'
import type { InstanceRoleSession } from '../../incident/facts/subject.ts'
import type { IncidentWith } from '../../incident/incident.ts'
import { type Block, list, text, warning } from '../../incident/values/block.ts'
import { given } from '../../incident/values/given.ts'
import { type Instant, instantOf, isBefore } from '../../incident/values/instant.ts'
import { type Blocked, type Context, defineStage, established, leftOut, notApplicable } from '../stage.ts'
import { describeInstance } from './identify-subject/resources.ts'
import { isOnInstance } from './on-instance.ts'
import { documentsOf, documentsStand, keptDocumentBlocks } from './preserve-evidence/subject-documents.ts'
import { firstStop } from './restart-instance/life.ts'

/** The tag by which the snapshots of an incident are found again, by ir-cred and by a second responder. */
const INCIDENT_TAG = 'ir-cred:incident'

/** The tag that holds the journal's head (its first 16 hex digits) at the time the snapshot was taken. */
const JOURNAL_TAG = 'ir-cred:journal'

/**
 * Preserves what the response destroys or changes: of an instance, snapshots of all volumes at one moment, the console output and the
 * description; of a function, tasks, a role or a user, what AWS says of it.
 */
export const preserveEvidence = defineStage({
  id: 'preserve-evidence',
  phase: 'contain',
  title: 'Preserve the evidence',
  needs: ['subject', 'blastRadius'],
  establishes: 'evidence',

  async assess(incident, context) {
    if (!isOnInstance(incident)) return documentsBefore(incident, context)
    const { subject, blastRadius } = incident.facts
    const { volumes } = blastRadius.instance
    if (volumes.length === 0) return notApplicable(`${subject.instanceId} has no EBS volumes to snapshot`)
    const stop = firstStop(incident)
    const taken = await takenSoFar(incident, stop?.at, context)
    if ('status' in taken) return taken
    const { snapshots, deleted } = taken
    const missing = volumes.filter(({ id }) => !snapshots.some(({ volumeId }) => volumeId === id))
    // What a stop has changed cannot be preserved any more: snapshots of now do not replace deleted ones.
    if (missing.length === 0 || (stop && deleted.length > 0))
      return established<Evidence>({ snapshots, ...given({ deleted: deleted.length > 0 ? deleted : undefined }) })
    return {
      status: 'needed',
      effects: [
        snapshotEffect(
          incident,
          missing.map(({ id }) => id),
        ),
      ],
      expected: { snapshots: volumes.map(({ id }) => ({ id: 'decided after the command', volumeId: id, state: 'pending' })) },
      acknowledgement: [
        ...deleted.map((snapshot) => warning(deletedSnapshotAlarm(snapshot))),
        stop
          ? warning('The instance was stopped already: snapshots of now do not show the volumes as they were before.')
          : text('The stop destroys the memory and the instance-store volumes. If you need a memory image, take it by hand now.'),
      ],
    }
  },

  async act(incident, context) {
    if (!isOnInstance(incident)) return
    const { subject, blastRadius } = incident.facts
    await keepDescription(subject, context)
    const nonce = context.nonce()
    const volumes = blastRadius.instance.volumes.map(({ id }) => id)
    const command = (journalHead: string) => new CreateSnapshotsCommand(snapshotsInput(incident, nonce, journalHead))
    await context.write(context.aws(subject.region).ec2, command, snapshotEffect(incident, volumes, nonce), { nonce })
  },

  recheck: {
    after: [],
    async look(incident, context) {
      const { snapshots, documents } = incident.facts.evidence
      if (documents) return documentsStand(incident.facts.evidence)
      const now = await snapshotsOf(incident, context)
      const deleted = await missingOf(snapshots, now, incident, context)
      if (deleted.length > 0) return { stands: false, says: deleted.map(deletedSnapshotAlarm).join('; ') }
      const states = snapshots.map(({ id, state }) => `${id} ${now.find((snapshot) => snapshot.id === id)?.state ?? state}`)
      return { stands: states.every((state) => !state.endsWith('error')), says: states.join(', ') }
    },
  },

  describe: (evidence) => (evidence.documents ? keptDocumentBlocks(evidence) : snapshotBlocks(evidence)),
})

/**
 * The documents of a subject without an instance. Those that an earlier run kept stay what they are: what is read after a change does
 * not show how it was.
 */
const documentsBefore = async (incident: IncidentWith<'subject'>, context: Context) => {
  const { evidence } = incident.earlier
  return established<Evidence>(evidence?.documents ? evidence : await documentsOf(incident.facts.subject, context))
}

const snapshotBlocks = ({ snapshots, deleted = [] }: Evidence): readonly Block[] => [
  ...deleted.map((snapshot) => warning(deletedSnapshotAlarm(snapshot))),
  list(
    snapshots.map(
      ({ id, volumeId, state, afterStop }) =>
        `${id} of ${volumeId}, ${state}${afterStop ? ', taken after the stop: it does not show the volume as it was before' : ''}`,
    ),
  ),
  ...(snapshots.some(({ state }) => state === 'error') ? [warning('A snapshot failed: that volume is not preserved.')] : []),
  text(
    'All snapshots show the same moment, that of the call. A snapshot can be pending for a long time; the instance can be stopped meanwhile.',
  ),
]

interface Taken {
  readonly snapshots: readonly SnapshotFact[]
  readonly deleted: readonly SnapshotFact[]
}

/** What is preserved by now. Where EC2 does not say, nothing is taken on a guess, and the response goes on without the stage. */
const takenSoFar = async (
  incident: IncidentWith<'subject'>,
  stoppedAt: Instant | undefined,
  context: Context,
): Promise<Taken | Blocked> => {
  try {
    const snapshots = (await snapshotsOf(incident, context)).map((snapshot) => inRelationTo(stoppedAt, snapshot))
    return { snapshots, deleted: await deletedSince(incident, snapshots, context) }
  } catch (error) {
    if (unreadReason(error) === undefined) throw error
    const {
      what,
      why,
      remedy = 'look in the console, then continue',
      kind,
    } = failureOf(error, 'list the snapshots of this incident')
    return leftOut(why === undefined ? what : `${what} (${why})`, remedy, kind === 'identity' ? 'identity' : 'unavailable')
  }
}

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
            ...given({ startedAt: StartTime ? instantOf(StartTime) : undefined }),
          },
        ]
      : [],
  )
}

const inRelationTo = (stop: Instant | undefined, snapshot: SnapshotFact): SnapshotFact =>
  stop !== undefined && snapshot.startedAt !== undefined && isBefore(stop, snapshot.startedAt)
    ? { ...snapshot, afterStop: true }
    : snapshot

/** The snapshots that an earlier run saw and EC2 no longer has. */
const deletedSince = async (
  incident: IncidentWith<'subject'>,
  now: readonly SnapshotFact[],
  context: Context,
): Promise<readonly SnapshotFact[]> => {
  const { evidence } = incident.earlier
  if (!evidence) return []
  return [...(evidence.deleted ?? []), ...(await missingOf(evidence.snapshots, now, incident, context))]
}

/** Those of the known snapshots that EC2 does not have. A list that lacks one proves nothing: each is asked for by its id. */
const missingOf = async (
  known: readonly SnapshotFact[],
  now: readonly SnapshotFact[],
  { facts: { subject } }: IncidentWith<'subject'>,
  context: Context,
): Promise<readonly SnapshotFact[]> => {
  const missing: SnapshotFact[] = []
  for (const snapshot of known) {
    if (now.some(({ id }) => id === snapshot.id)) continue
    try {
      await context.aws(subject.region).ec2.send(new DescribeSnapshotsCommand({ SnapshotIds: [snapshot.id] }))
    } catch (error) {
      if (!isNotFound(error)) throw error
      missing.push(snapshot)
    }
  }
  return missing
}

const snapshotsInput = ({ id, facts: { subject } }: IncidentWith<'subject'>, nonce: string, journalHead: string) => ({
  InstanceSpecification: { InstanceId: subject.instanceId },
  Description: `ir-cred ${id}`,
  TagSpecifications: [
    {
      ResourceType: 'snapshot' as const,
      Tags: [
        { Key: INCIDENT_TAG, Value: id },
        { Key: JOURNAL_TAG, Value: journalHead },
        { Key: 'ir-cred:nonce', Value: nonce },
      ],
    },
  ],
})

const snapshotEffect = (incident: IncidentWith<'subject'>, volumes: readonly string[], nonce = SET_AT_SENDING): Effect => ({
  operation: 'ec2:CreateSnapshots',
  resource: `instance/${incident.facts.subject.instanceId}`,
  parameters: snapshotsInput(incident, nonce, SET_AT_SENDING),
  sentence: `take a snapshot of ${volumes.join(' and ')} at one point in time`,
  cost: 'you pay for the storage of the snapshots until you delete them',
  undo: 'delete the snapshots when the incident is closed',
})

/** The raw description and the console's last output, before the stop changes both. Console output may be refused or empty. */
const keepDescription = async ({ instanceId, region }: InstanceRoleSession, context: Context): Promise<void> => {
  await context.keep('instance-before', await describeInstance(context, region, instanceId))
  try {
    const { Output, Timestamp } = await context.aws(region).ec2.send(new GetConsoleOutputCommand({ InstanceId: instanceId }))
    await context.keep('console-output', { timestamp: Timestamp, output: Buffer.from(Output ?? '', 'base64').toString('utf8') })
  } catch (error) {
    if (unreadReason(error) === undefined) throw error
    context.progress('ir-cred cannot read the console output, and goes on without it')
  }
}
