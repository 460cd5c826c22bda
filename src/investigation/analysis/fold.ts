import type { CloudTrailRecord } from '../record.ts'

/**
 * A question answered record by record. Threads and pages fold for themselves and are merged: in whatever order, and
 * with whatever duplicates, the answer is the same. A state is plain data that a thread can be sent; `add` and `merge`
 * change it in place.
 */
export interface Fold<State, Question, Answer> {
  readonly empty: () => State
  readonly add: (state: State, record: CloudTrailRecord) => void
  /** Adds the other state's records; the other one must not be used any more. */
  readonly merge: (into: State, other: State) => void
  readonly finish: (state: State, question: Question) => Answer
}

/** The state of a list of records. */
export const foldAll = <State>(fold: Fold<State, never, unknown>, records: Iterable<CloudTrailRecord>): State => {
  const state = fold.empty()
  for (const record of records) fold.add(state, record)
  return state
}
