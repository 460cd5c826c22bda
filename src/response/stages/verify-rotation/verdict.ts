import type { Rotation, Witness } from '../../../incident/facts/facts.ts'
import type { IncidentWith } from '../../../incident/incident.ts'
import { type Instant, isBefore, parseInstant } from '../../../incident/values/instant.ts'
import type { Answer } from './script.ts'

export interface RotationEvidence {
  readonly incident: IncidentWith<'subject' | 'revocation' | 'restart'>
  readonly answer: Answer
  readonly witnesses: readonly Witness[]
  readonly now: Instant
}

/**
 * The verdict on a rotation. The instance's word can refuse it and never prove it; so can LastUpdated, which lies up to half
 * an hour after the issue. Only a witness that is not the instance makes it "rotated".
 */
export const judgeRotation = ({ incident, answer, witnesses, now }: RotationEvidence): Omit<Rotation, 'commandId'> => {
  const { subject, revocation, restart } = incident.facts
  const old = { oldAccessKeyId: subject.accessKeyId }
  if (!answer.wellFormed) return { ...old, verdict: 'unverifiable', why: answer.why, witnesses: [] }
  const lastUpdated = parseInstant(answer.lastUpdated)
  const expiration = parseInstant(answer.expiration)
  const reported = {
    ...old,
    newAccessKeyId: answer.accessKeyId,
    ...(lastUpdated ? { lastUpdated } : {}),
    ...(expiration ? { expiration } : {}),
    witnesses,
  }
  const verdict = (name: Rotation['verdict'], why: string) => ({ ...reported, verdict: name, why })
  if (!lastUpdated || !expiration) return verdict('unverifiable', 'the times in the instance’s answer do not exist')
  if (answer.roleName !== subject.role.name) {
    return verdict('unverifiable', `the instance now has role ${answer.roleName}, not ${subject.role.name}`)
  }
  if (answer.accessKeyId === subject.accessKeyId) return verdict('not-rotated', 'the instance still has the stolen key')
  if (subject.earlierKeys.includes(answer.accessKeyId)) {
    return verdict('not-rotated', 'the instance has a key that was issued to it before the restart')
  }
  if (!isBefore(revocation.cutoff, restart.launchTime)) {
    return verdict('not-rotated', 'the instance was started before the cut-off')
  }
  if (isBefore(lastUpdated, revocation.cutoff)) {
    return verdict('not-rotated', 'the instance’s credentials were last updated before the cut-off, so they are denied')
  }
  if (isBefore(expiration, now)) return verdict('unverifiable', 'the key is different, and has expired already')
  if (witnesses.length === 0) {
    return verdict('rotated-unproven', 'the key is different, and nobody but the instance itself says that it is new')
  }
  return verdict('rotated', 'another key, after a restart after the cut-off, and a witness that is not the instance')
}
