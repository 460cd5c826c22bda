import type { Span } from '../values/block.ts'
import type { Instant } from '../values/instant.ts'
import type { ChainedSession, PersistenceArtefact, Remedy } from './activity-rows.ts'
import { byDanger, type Danger } from './danger.ts'
import type { EvidenceRef } from './evidence.ts'

/**
 * How an artefact stands now, by what the service answered: `there` as it was left, `changed` since, `gone`, or `unknown`
 * because it could not be looked at.
 */
export type Standing = 'there' | 'changed' | 'gone' | 'unknown'

/** An artefact, and what a live look observed. */
export interface ExaminedArtefact {
  readonly artefact: PersistenceArtefact
  readonly standing: Standing
  /** What shows the standing, or why it is unknown. */
  readonly observed: readonly Span[]
  /** When it was observed, in AWS's time. */
  readonly at: Instant
  /** The rule's remedy, or a better one that the look allows. */
  readonly remedy: Remedy
  /** Of a credential that works: IAM shows that it has been used. */
  readonly used?: boolean
}

/** A chained session that the attacker may still use. */
export interface LiveSession {
  readonly chainedSession: ChainedSession
  /** When it expires. */
  readonly until: Instant
  readonly observed: readonly Span[]
  readonly remedy: Remedy
}

/** An access key created since the theft, of a user that an artefact names, that no event of the session explains. */
export interface UnexplainedKey {
  readonly user: string
  readonly accessKeyId: string
  readonly status: string
  readonly createdAt: Instant
  readonly remedy: Remedy
}

/** The persistence artefacts of the stolen session and its chained sessions, and how they stand. */
export interface Persistence {
  /** The most dangerous first; in the order of time in a journal of an earlier version. */
  readonly artefacts: readonly ExaminedArtefact[]
  /** Events that may have left an artefact and that the trace had no room for. */
  readonly notExamined?: number
  /** Removed by the session itself, as its records show. */
  readonly undone: readonly PersistenceArtefact[]
  /** Failed events: they left nothing. */
  readonly attempts: readonly PersistenceArtefact[]
  readonly liveSessions: readonly LiveSession[]
  readonly unexplainedKeys: readonly UnexplainedKey[]
  /** What could not be examined, a sentence each. */
  readonly incomplete: readonly string[]
  /** How many there are of each, when one of these lists is cut. */
  readonly counts?: PersistenceCounts
  /** Where the lists are kept whole, when one of them is cut. */
  readonly whole?: EvidenceRef
}

/** Artefacts by their standing, and the lengths of the other lists. */
export type PersistenceCounts = Readonly<
  Record<Standing | 'undone' | 'attempts' | 'liveSessions' | 'unexplainedKeys' | 'incomplete', number>
>

/** The numbers of the whole, also where the lists are cut. */
export const persistenceCounts = ({ counts, artefacts, ...lists }: Persistence): PersistenceCounts => {
  if (counts) return counts
  const { undone, attempts, liveSessions, unexplainedKeys, incomplete } = lists
  const have = (standing: Standing) => artefacts.filter((one) => one.standing === standing).length
  return {
    ...{ there: have('there'), changed: have('changed'), gone: have('gone'), unknown: have('unknown') },
    ...{ undone: undone.length, attempts: attempts.length, liveSessions: liveSessions.length },
    ...{ unexplainedKeys: unexplainedKeys.length, incomplete: incomplete.length },
  }
}

/** How many artefacts have one of these standings. */
export const countOf = (persistence: Persistence, ...standings: readonly Standing[]): number => {
  const counts = persistenceCounts(persistence)
  return standings.reduce((sum, standing) => sum + counts[standing], 0)
}

/** The numbers in words, the worst first: "2 persistence artefacts are still there, 1 is gone, 1 attempt failed". */
export const standingCounts = (persistence: Persistence): string => {
  const { undone, attempts, liveSessions, unexplainedKeys } = persistenceCounts(persistence)
  const rows: readonly (readonly [count: number, one: string, many: string])[] = [
    [countOf(persistence, 'there'), 'is still there', 'are still there'],
    [countOf(persistence, 'changed'), 'was changed since', 'were changed since'],
    [countOf(persistence, 'unknown'), 'could not be checked', 'could not be checked'],
    [countOf(persistence, 'gone'), 'is gone', 'are gone'],
    [undone, 'was removed by the session itself', 'were removed by the session itself'],
  ]
  const counts = rows.filter(([count]) => count > 0).map(([count, one, many]) => [count, count === 1 ? one : many] as const)
  const [first, ...others] = counts
  const artefacts = first ? [`${first[0]} persistence artefact${first[0] === 1 ? '' : 's'} ${first[1]}`] : []
  return [
    ...artefacts,
    ...others.map(([count, verb]) => `${count} ${verb}`),
    ...some(persistence.notExamined ?? 0, 'more was not looked at', 'more were not looked at'),
    ...some(liveSessions, 'chained session is live', 'chained sessions are live'),
    ...some(unexplainedKeys, 'new access key is unexplained', 'new access keys are unexplained'),
    ...some(attempts, 'attempt failed', 'attempts failed'),
  ].join(', ')
}

const some = (count: number, one: string, many: string): readonly string[] =>
  count === 0 ? [] : [`${count} ${count === 1 ? one : many}`]

/** Something by which the attacker may come back. Sessions of one role have one remedy, and are one way. */
export type WayBack = { readonly danger: Danger; readonly at: Instant; readonly remedy: Remedy } & (
  | { readonly kind: 'artefact'; readonly examined: ExaminedArtefact }
  | { readonly kind: 'session'; readonly sessions: readonly LiveSession[] }
  | { readonly kind: 'key'; readonly key: UnexplainedKey }
)

/**
 * Every way back that may be open, the most dangerous first, and of equal danger the newest first: a later one may depend on an
 * earlier one. In this order they are removed.
 */
export const waysBack = ({ artefacts, liveSessions, unexplainedKeys }: Persistence): readonly WayBack[] => {
  const ways: readonly WayBack[] = [
    ...artefacts
      .filter(({ standing }) => standing !== 'gone')
      .map((examined) => ({
        ...{ kind: 'artefact' as const, examined, remedy: examined.remedy, at: examined.artefact.at },
        danger: dangerOf(examined),
      })),
    ...sessionsByRemedy(liveSessions).map((sessions) => ({
      ...{ kind: 'session' as const, sessions, remedy: sessions[0].remedy, at: sessions[0].chainedSession.at },
      danger: 'session' as const,
    })),
    ...unexplainedKeys.map((key) => ({
      ...{ kind: 'key' as const, key, remedy: key.remedy, at: key.createdAt },
      danger: 'credential' as const,
    })),
  ]
  return byDanger(ways, ({ danger, at }) => ({ danger, at }))
}

/** How dangerous an artefact is, by what it is and by what was seen of it. */
const dangerOf = ({ used, artefact: { danger = 'permission' } }: ExaminedArtefact): Danger => (used ? 'used-credential' : danger)

/** Artefacts in the order of `waysBack`. */
export const artefactsByDanger = (artefacts: readonly ExaminedArtefact[]): readonly ExaminedArtefact[] =>
  byDanger(artefacts, (examined) => ({ danger: dangerOf(examined), at: examined.artefact.at }))

const sessionsByRemedy = (sessions: readonly LiveSession[]): readonly (readonly [LiveSession, ...LiveSession[]])[] => {
  const groups = new Map<string, [LiveSession, ...LiveSession[]]>()
  for (const session of sessions) {
    const { remedy } = session
    const key = 'command' in remedy ? remedy.command : remedy.sentence
    const group = groups.get(key)
    if (group) group.push(session)
    else groups.set(key, [session])
  }
  return [...groups.values()]
}

/** What is unproven while something that was left behind may be there. */
export const NO_WAY_BACK_UNPROVEN =
  'that the attacker has no way back: hunt-persistence lists what may still be there, and the command that removes it'

/** Whether the attacker may have a way back: an artefact that is not gone or was not looked at, a live session, an unexplained key. */
export const leavesWayBack = (persistence: Persistence): boolean => waysBackCount(persistence) > 0

/** How many artefacts, live sessions and keys may be a way back. */
export const waysBackCount = (persistence: Persistence): number => {
  const { there, changed, unknown, liveSessions, unexplainedKeys } = persistenceCounts(persistence)
  return there + changed + unknown + liveSessions + unexplainedKeys + (persistence.notExamined ?? 0)
}
