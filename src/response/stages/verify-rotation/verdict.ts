import type { Rotation } from '../../../incident/facts/facts.ts'
import { holderOf } from '../../../incident/facts/subject.ts'
import type { IncidentWith } from '../../../incident/incident.ts'
import { given } from '../../../incident/values/given.ts'
import { type Instant, isBefore, parseInstant, wholeSecond } from '../../../incident/values/instant.ts'
import type { OtherSources } from './corroboration.ts'
import type { Answer } from './script.ts'

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
  if (answer.roleName !== holderOf(subject).name) {
    return verdict('unverifiable', `the instance now has role ${answer.roleName}, not ${holderOf(subject).name}`)
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
