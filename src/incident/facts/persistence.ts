import type { Span } from '../values/block.ts'
import type { Instant } from '../values/instant.ts'
import type { ChainedSession, PersistenceArtefact, Remedy } from './activity-rows.ts'

/**
 * How something that was left stands now: there as it was left; there, but not as it was left; gone; or not known, because
 * nobody could look. Only what the service answered counts.
 */
export type Standing = 'there' | 'changed' | 'gone' | 'unknown'

/** Something that was left, and what was seen of it. */
export interface ExaminedArtefact {
  readonly artefact: PersistenceArtefact
  readonly standing: Standing
  /** What was seen, or why nothing was. */
  readonly observed: readonly Span[]
  /** When it was looked at, in AWS's time. */
  readonly at: Instant
  /** The record's remedy, or a better one that what was seen allows. */
  readonly remedy: Remedy
}

/** A session that the attacker obtained and that may still be used. */
export interface LiveSession {
  readonly chainedSession: ChainedSession
  /** When it ends by itself. */
  readonly until: Instant
  readonly observed: readonly Span[]
  readonly remedy: Remedy
}

/** A key of a user whom the session touched, made since the theft, though no record shows that the session made it. */
export interface UnexplainedKey {
  readonly user: string
  readonly accessKeyId: string
  readonly status: string
  readonly createdAt: Instant
  readonly remedy: Remedy
}

/** What a stolen session and its chained sessions left behind, and what of it is still there. */
export interface Persistence {
  /** In the order of time. */
  readonly artefacts: readonly ExaminedArtefact[]
  /** Calls that may have left something, and that nobody looked after: there were too many. */
  readonly notExamined?: number
  /** Taken away again by the session itself, as its records show. */
  readonly undone: readonly PersistenceArtefact[]
  /** Refused: nothing was left. */
  readonly attempts: readonly PersistenceArtefact[]
  readonly liveSessions: readonly LiveSession[]
  readonly unexplainedKeys: readonly UnexplainedKey[]
  /** What was not looked at, a sentence each. */
  readonly incomplete: readonly string[]
}

/** How many of what was left stand in one way. */
export const countOf = ({ artefacts }: Pick<Persistence, 'artefacts'>, ...standings: readonly Standing[]): number =>
  artefacts.filter(({ standing }) => standings.includes(standing)).length

/** The numbers in words, what is worst first: "2 persistence artefacts are still there, 1 is gone, 1 attempt was refused". */
export const standingCounts = (persistence: Persistence): string => {
  const { undone, attempts, liveSessions, unexplainedKeys } = persistence
  const rows: readonly (readonly [count: number, one: string, many: string])[] = [
    [countOf(persistence, 'there'), 'is still there', 'are still there'],
    [countOf(persistence, 'changed'), 'is there in another form', 'are there in another form'],
    [countOf(persistence, 'unknown'), 'could not be looked at', 'could not be looked at'],
    [countOf(persistence, 'gone'), 'is gone', 'are gone'],
    [undone.length, 'was taken away again by the session itself', 'were taken away again by the session itself'],
  ]
  const counts = rows.filter(([count]) => count > 0).map(([count, one, many]) => [count, count === 1 ? one : many] as const)
  const [first, ...others] = counts
  const artefacts = first ? [`${first[0]} persistence artefact${first[0] === 1 ? '' : 's'} ${first[1]}`] : []
  return [
    ...artefacts,
    ...others.map(([count, verb]) => `${count} ${verb}`),
    ...some(persistence.notExamined ?? 0, 'more was not looked at', 'more were not looked at'),
    ...some(liveSessions.length, 'other session is still alive', 'other sessions are still alive'),
    ...some(unexplainedKeys.length, 'more new key was seen', 'more new keys were seen'),
    ...some(attempts.length, 'attempt was refused', 'attempts were refused'),
  ].join(', ')
}

const some = (count: number, one: string, many: string): readonly string[] =>
  count === 0 ? [] : [`${count} ${count === 1 ? one : many}`]

/** Whether a way back may be open: something is there, could not be or was not looked at, or may still be used. */
export const leavesWayBack = (persistence: Persistence): boolean =>
  countOf(persistence, 'there', 'changed', 'unknown') +
    persistence.liveSessions.length +
    persistence.unexplainedKeys.length +
    (persistence.notExamined ?? 0) >
  0
