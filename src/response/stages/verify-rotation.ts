import type { Rotation } from '../../incident/facts/facts.ts'
import { type Block, fields, list, text, warning } from '../../incident/values/block.ts'
import { blocked, defineStage, established } from '../stage.ts'
import { agentHeard } from './verify-rotation/agent.ts'
import { answerOf, sendScript, sentCommand } from './verify-rotation/command.ts'
import { witnesses } from './verify-rotation/corroboration.ts'
import { judgeRotation } from './verify-rotation/verdict.ts'

/**
 * Verifies that the instance has new credentials: what the instance says over SSM, and what somebody says who is not the
 * instance. A different key id alone proves nothing (IMDSv1 and IMDSv2 hand out different sets), nor does LastUpdated.
 */
export const verifyRotation = defineStage({
  id: 'verify-rotation',
  phase: 'contain',
  title: 'Verify the rotation',
  needs: ['subject', 'blastRadius', 'revocation', 'restart'],
  establishes: 'rotation',

  async assess(incident, context) {
    const { subject, blastRadius } = incident.facts
    if (!incident.assumed.includes('restart')) {
      const { restart } = incident.facts
      const command = await sentCommand(incident, context)
      if (command) {
        const answer = await answerOf(command, subject, context)
        const seen = await witnesses(incident, answer, context)
        return established<Rotation>({
          ...judgeRotation({ incident, answer, witnesses: seen, now: context.now() }),
          commandId: command.commandId,
        })
      }
      const heard = await agentHeard(subject, restart, context)
      if (!heard) {
        return blocked(
          `the SSM agent of ${subject.instanceId} has not been heard from since the start`,
          'agents can take up to half an hour; continue later. By hand: on the instance, read iam/security-credentials over IMDSv2 and compare the key id; never print the secret',
          'unconfirmed',
        )
      }
    }
    return {
      status: 'needed',
      effects: [
        {
          operation: 'ssm:SendCommand',
          resource: `instance/${subject.instanceId}`,
          sentence: `run the fixed read-only script on ${subject.instanceId} (${blastRadius.instance.platform}); it prints the key id and its times, never the secret`,
        },
      ],
      expected: {
        verdict: 'unverifiable',
        why: 'decided after the command',
        oldAccessKeyId: subject.accessKeyId,
        witnesses: [],
      },
    }
  },

  act: (incident, context) => sendScript(incident, context),

  describe: (rotation) => rotationBlocks(rotation),
})

const VERDICTS: Readonly<Record<Rotation['verdict'], string>> = {
  rotated: 'ROTATED',
  'rotated-unproven': 'ROTATED, UNPROVEN',
  'not-rotated': 'NOT ROTATED',
  unverifiable: 'UNVERIFIABLE',
}

const rotationBlocks = (rotation: Rotation): readonly Block[] => [
  text(`${VERDICTS[rotation.verdict]}: ${rotation.why}`),
  fields(
    ['old key', rotation.oldAccessKeyId],
    ['new key', `${rotation.newAccessKeyId ?? 'not known'} (reported by the instance)`],
    rotation.lastUpdated
      ? ['last updated', [{ at: rotation.lastUpdated }, ' (says nothing about when it was issued)']]
      : undefined,
    rotation.expiration ? ['expires', [{ at: rotation.expiration }]] : undefined,
  ),
  ...(rotation.witnesses.length > 0 ? [list(rotation.witnesses.map(({ kind, says }) => `${WITNESS[kind]}: ${says}`))] : []),
  ...(rotation.verdict === 'not-rotated'
    ? [warning('The instance still has old credentials. Stop and start it again; do not reboot it.')]
    : []),
]

const WITNESS = { cloudtrail: 'CloudTrail', agent: 'SSM agent' } as const
