import type { Activity } from '../../../incident/facts/activity.ts'
import type { ChainedSession, PersistenceArtefact, SiblingKey } from '../../../incident/facts/activity-rows.ts'
import type { Context } from '../../stage.ts'

/** The lists of a trace that stages act on: all rows, whatever the journal had room for. */
export interface WholeActivity {
  readonly artefacts: readonly PersistenceArtefact[]
  readonly chainedSessions: readonly ChainedSession[]
  readonly siblingKeys: readonly SiblingKey[]
  /** Why these are not all rows, in sentences. */
  readonly incomplete: readonly string[]
}

/** The name under which the whole lists are kept as evidence. */
export const WHOLE_ACTIVITY = 'activity-whole'

/** The lists as they are kept; nothing where the fact holds every row. */
export const cutLists = (fact: Activity, whole: Activity): Omit<WholeActivity, 'incomplete'> | undefined => {
  const lists = [fact.artefacts, fact.chainedSessions, fact.siblingKeys]
  if (lists.every(({ rows, all }) => rows.length === all)) return undefined
  const { artefacts, chainedSessions, siblingKeys } = whole
  return { artefacts: artefacts.rows, chainedSessions: chainedSessions.rows, siblingKeys: siblingKeys.rows }
}

/** All rows that a stage acts on: of the fact, or of the evidence where the fact's lists are cut. */
export const wholeActivity = async (activity: Activity, { recall }: Pick<Context, 'recall'>): Promise<WholeActivity> => {
  const { artefacts, chainedSessions, siblingKeys, whole } = activity
  const rows = { artefacts: artefacts.rows, chainedSessions: chainedSessions.rows, siblingKeys: siblingKeys.rows }
  const cut = [
    ...more(artefacts, 'call that may have left something', 'calls that may have left something'),
    ...more(chainedSessions, 'chained session', 'chained sessions'),
    ...more(siblingKeys, 'other key of the session', 'other keys of the session'),
  ]
  if (cut.length === 0) return { ...rows, incomplete: [] }
  const kept = whole && (await recall(whole))
  return kept === undefined ? { ...rows, incomplete: cut } : { ...(JSON.parse(kept) as typeof rows), incomplete: [] }
}

const more = ({ rows, all }: { readonly rows: readonly unknown[]; readonly all: number }, one: string, many: string) => {
  const count = all - rows.length
  return count === 0 ? [] : [`${count} more ${count === 1 ? one : many}`]
}
