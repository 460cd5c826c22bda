import type { Rotation } from '../../incident/facts/facts.ts'
import type { IncidentWith } from '../../incident/incident.ts'
import { type Block, fields, list, text, warning } from '../../incident/values/block.ts'
import { given } from '../../incident/values/given.ts'
import { type Instant, isBefore, parseInstant, wholeSecond } from '../../incident/values/instant.ts'
import { blocked, defineStage, established } from '../stage.ts'
import { type Answer, answerOf, sendScript, sentCommand } from './verify-rotation/command.ts'
import { agentPing, type OtherSources, otherSources } from './verify-rotation/corroboration.ts'

/**
 * Verifies that the instance has new credentials: by the instance's answer over SSM, and by a source that is not the instance.
 * A different key id alone proves nothing (IMDSv1 and IMDSv2 deliver different sets), and neither does LastUpdated.
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
        const sources = await otherSources(incident, answer, context)
        return established<Rotation>({
          ...judgeRotation({ incident, answer, ...sources, now: context.now() }),
          commandId: command.commandId,
        })
      }
      if ((await agentPing(subject, restart, context)) === undefined) {
        return blocked(
          `the SSM agent of ${subject.instanceId} has not called since the start`,
          'an agent can take up to half an hour: continue later. By hand: on the instance, read iam/security-credentials over IMDSv2 and compare the key id; never print the secret',
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
          undo: 'there is nothing to undo: the script only reads',
        },
      ],
      expected: {
        verdict: 'unverifiable',
        why: 'decided after the command',
        oldAccessKeyId: subject.accessKeyId,
        corroboration: [],
      },
    }
  },

  act: (incident, context) => sendScript(incident, context),

  describe: (rotation) => rotationBlocks(rotation),
})

const VERDICTS: Readonly<Record<Rotation['verdict'], string>> = {
  rotated: 'ROTATED',
  renewed: 'RENEWED',
  'rotated-unproven': 'ROTATED, UNPROVEN',
  contradicted: 'CONTRADICTED',
  'not-rotated': 'NOT ROTATED',
  unverifiable: 'UNVERIFIABLE',
}

const rotationBlocks = (rotation: Rotation): readonly Block[] => [
  text(`${VERDICTS[rotation.verdict]}: ${rotation.why}`),
  fields(
    ['old key', rotation.oldAccessKeyId],
    ['new key', `${rotation.newAccessKeyId ?? 'not known'} (reported by the instance)`],
    rotation.lastUpdated ? ['last updated', [{ at: rotation.lastUpdated }, ' (not the time of the issue)']] : undefined,
    rotation.expiration ? ['expires', [{ at: rotation.expiration }]] : undefined,
  ),
  ...(rotation.corroboration.length > 0
    ? [list(rotation.corroboration.map(({ kind, says }) => `${SOURCES[kind]}: ${says}`))]
    : []),
  ...(rotation.verdict === 'contradicted'
    ? [warning('Treat the instance as the attacker’s: isolate it, keep it for forensics, and rebuild it.')]
    : []),
  ...(rotation.verdict === 'not-rotated'
    ? [warning('The instance still has old credentials. Stop and start it again; do not reboot it.')]
    : []),
]

const SOURCES = { cloudtrail: 'CloudTrail', agent: 'SSM agent' } as const

export interface RotationEvidence extends OtherSources {
  readonly incident: IncidentWith<'subject' | 'revocation' | 'restart'>
  readonly answer: Answer
  readonly now: Instant
}

/**
 * The verdict on a rotation. The instance's answer can refute it and never prove it; so can LastUpdated, which is up to half
 * an hour later than the issue. "Rotated" takes CloudTrail's record of the issue of that very key: the SSM agent shows that the
 * instance has new credentials, but not which, and an attacker on the instance can report any.
 */
export const judgeRotation = ({
  incident,
  answer,
  corroboration,
  contradiction,
  now,
}: RotationEvidence): Omit<Rotation, 'commandId'> => {
  const { subject, revocation, restart } = incident.facts
  const old = { oldAccessKeyId: subject.accessKeyId }
  if (!answer.wellFormed) return { ...old, verdict: 'unverifiable', why: answer.why, corroboration: [] }
  const lastUpdated = parseInstant(answer.lastUpdated)
  const expiration = parseInstant(answer.expiration)
  const reported = {
    ...old,
    newAccessKeyId: answer.accessKeyId,
    ...given({ lastUpdated, expiration }),
    corroboration,
  }
  const verdict = (name: Rotation['verdict'], why: string) => ({ ...reported, verdict: name, why })
  if (!lastUpdated || !expiration) return verdict('unverifiable', 'the instance’s answer holds a time that does not exist')
  if (answer.roleName !== subject.role.name) {
    return verdict('unverifiable', `the instance now has role ${answer.roleName}, not ${subject.role.name}`)
  }
  if (answer.accessKeyId === subject.accessKeyId) return verdict('not-rotated', 'the instance still has the stolen key')
  // Where somebody else restarted it before this response began, CloudTrail shows that the key was issued at that start.
  const issuedAtStart = corroboration.some(
    ({ kind, at }) => kind === 'cloudtrail' && !isBefore(at, wholeSecond(restart.launchTime)),
  )
  if (subject.earlierKeys.includes(answer.accessKeyId) && !issuedAtStart) {
    return verdict('not-rotated', 'the instance has a key that was issued to it before the restart')
  }
  if (!isBefore(revocation.cutoff, restart.launchTime)) {
    return verdict('not-rotated', 'the instance was started before the cut-off')
  }
  if (isBefore(lastUpdated, revocation.cutoff)) {
    return verdict('not-rotated', 'the instance’s credentials were last updated before the cut-off, so they are denied')
  }
  if (contradiction !== undefined)
    return verdict('contradicted', `${contradiction}. Somebody on the instance may have made the answer up`)
  if (isBefore(expiration, now)) return verdict('unverifiable', 'the key is another one, and has expired already')
  if (corroboration.length === 0) {
    return verdict('rotated-unproven', 'the key is another one, and only the instance itself says that it is new')
  }
  if (!corroboration.some(({ kind }) => kind === 'cloudtrail')) {
    return verdict(
      'renewed',
      'the SSM agent shows that the instance has credentials issued after the cut-off; CloudTrail does not show yet that the reported key is among them',
    )
  }
  return verdict('rotated', 'another key, after a restart after the cut-off, corroborated by CloudTrail’s record of its issue')
}
