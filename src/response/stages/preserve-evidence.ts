import { CreateSnapshotsCommand, GetConsoleOutputCommand } from '@aws-sdk/client-ec2'
import { isRefusal } from '../../aws/failure.ts'
import type { Effect } from '../../incident/entry.ts'
import type { Evidence } from '../../incident/facts/facts.ts'
import type { Subject } from '../../incident/facts/subject.ts'
import { list, text, warning } from '../../incident/values/block.ts'
import { type Context, defineStage, established, notApplicable } from '../stage.ts'
import { describeInstance } from './identify-subject/resources.ts'
import { INCIDENT_TAG, JOURNAL_TAG, snapshotsOf } from './preserve-evidence/snapshots.ts'

/** Preserves what the stop would destroy or change: a snapshot of every volume at one point in time, console output, the description. */
export const preserveEvidence = defineStage({
  id: 'preserve-evidence',
  phase: 'contain',
  title: 'Preserve the evidence',
  needs: ['subject', 'blastRadius'],
  establishes: 'evidence',

  async assess(incident, context) {
    const { subject, blastRadius } = incident.facts
    const { volumes } = blastRadius.instance
    if (volumes.length === 0) return notApplicable(`${subject.instanceId} has no EBS volumes to snapshot`)
    const snapshots = await snapshotsOf(incident, context)
    const missing = volumes.filter(({ id }) => !snapshots.some(({ volumeId }) => volumeId === id))
    if (missing.length === 0) return established<Evidence>({ snapshots })
    return {
      status: 'needed',
      effects: [
        snapshotEffect(
          subject,
          missing.map(({ id }) => id),
        ),
      ],
      expected: { snapshots: volumes.map(({ id }) => ({ id: 'decided after the command', volumeId: id, state: 'pending' })) },
      acknowledgement: [
        text('Memory and instance-store contents are lost at the stop. If you need a memory image, take it now, by hand.'),
      ],
    }
  },

  async act(incident, context) {
    const { subject, blastRadius } = incident.facts
    await keepDescription(subject, context)
    const nonce = context.nonce()
    const volumes = blastRadius.instance.volumes.map(({ id }) => id)
    const command = (journalHead: string) =>
      new CreateSnapshotsCommand({
        InstanceSpecification: { InstanceId: subject.instanceId },
        Description: `ir-cred ${incident.id}`,
        TagSpecifications: [
          {
            ResourceType: 'snapshot',
            Tags: [
              { Key: INCIDENT_TAG, Value: incident.id },
              { Key: JOURNAL_TAG, Value: journalHead },
              { Key: 'ir-cred:nonce', Value: nonce },
            ],
          },
        ],
      })
    await context.write(context.aws(subject.region).ec2, command, snapshotEffect(subject, volumes), { nonce })
  },

  recheck: {
    after: [],
    async look(incident, context) {
      const now = await snapshotsOf(incident, context)
      const states = incident.facts.evidence.snapshots.map(
        ({ id }) => `${id} ${now.find((snapshot) => snapshot.id === id)?.state ?? 'GONE'}`,
      )
      return { stands: states.every((state) => !/(GONE|error)$/.test(state)), says: states.join(', ') }
    },
  },

  describe: ({ snapshots }) => [
    list(snapshots.map(({ id, volumeId, state }) => `${id} of ${volumeId}, ${state}`)),
    ...(snapshots.some(({ state }) => state === 'error')
      ? [warning('A snapshot failed: the disk of that volume is not preserved.')]
      : []),
    text(
      'Each is of one point in time, the moment of the call; a snapshot may be pending for long, and the instance can be stopped meanwhile.',
    ),
  ],
})

const snapshotEffect = ({ instanceId }: Subject, volumes: readonly string[]): Effect => ({
  operation: 'ec2:CreateSnapshots',
  resource: `instance/${instanceId}`,
  sentence: `take a snapshot of ${volumes.join(' and ')} at one point in time`,
  cost: 'storage of the snapshots, until they are deleted',
  undo: 'delete the snapshots when the case is closed',
})

/** The raw description and the console's last output, before the stop changes both. Console output may be refused or empty. */
const keepDescription = async ({ instanceId, region }: Subject, context: Context): Promise<void> => {
  await context.keep('instance-before', await describeInstance(context, region, instanceId))
  try {
    const { Output, Timestamp } = await context.aws(region).ec2.send(new GetConsoleOutputCommand({ InstanceId: instanceId }))
    await context.keep('console-output', { timestamp: Timestamp, output: Buffer.from(Output ?? '', 'base64').toString('utf8') })
  } catch (error) {
    if (!isRefusal(error)) throw error
    context.progress('the console output could not be read; going on without it')
  }
}
