import type { ChainedSession, PersistenceArtefact } from '../../src/incident/facts/activity-rows.ts'
import type { ExaminedArtefact, Persistence, Standing } from '../../src/incident/facts/persistence.ts'
import type { Instant } from '../../src/incident/values/instant.ts'
import { untrusted } from '../../src/incident/values/untrusted.ts'

const AT = '2026-11-25T01:30:00Z' as Instant

/** A user that the session created. */
export const artefactLike = (parts: Partial<PersistenceArtefact> = {}): PersistenceArtefact => ({
  technique: { id: 'T1136.003', name: 'Create Account: Cloud Account' },
  left: ['user ', untrusted('eve')],
  remedy: { command: 'aws iam delete-user --user-name eve' },
  names: { user: ['eve'] },
  eventId: 'event-1',
  at: AT,
  eventSource: 'iam.amazonaws.com',
  eventName: 'CreateUser',
  region: 'us-east-1',
  accountId: '111122223333',
  succeeded: true,
  ...parts,
})

export const examinedLike = (standing: Standing, parts: Partial<PersistenceArtefact> = {}): ExaminedArtefact => {
  const artefact = artefactLike(parts)
  return { artefact, standing, observed: ['seen'], at: AT, remedy: artefact.remedy }
}

export const persistenceLike = (parts: Partial<Persistence> = {}): Persistence => ({
  artefacts: [],
  undone: [],
  attempts: [],
  liveSessions: [],
  unexplainedKeys: [],
  incomplete: [],
  ...parts,
})

/** A session of role deploy that the stolen one obtained. */
export const chainedSessionLike = (parts: Partial<ChainedSession> = {}): ChainedSession => ({
  how: 'AssumeRole',
  at: '2026-11-25T11:30:00Z' as Instant,
  eventId: 'event-2',
  succeeded: true,
  accessKeyId: 'ASIAXCSEC6TNCHAINED1',
  roleArn: untrusted('arn:aws:iam::111122223333:role/ops/deploy'),
  depth: 1,
  revoked: false,
  ...parts,
})
