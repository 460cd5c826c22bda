import type { PrincipalRef } from '../question.ts'
import type { CloudTrailRecord } from '../record.ts'

/**
 * Answers a question record by record. Threads and pages each have a state of their own, and the states are merged: the order
 * of the records and duplicates do not change the answer. A state is plain data that can be sent to a thread; `add` and
 * `merge` change it in place.
 */
export interface Fold<State, Question, Answer> {
  readonly empty: () => State
  readonly add: (state: State, record: CloudTrailRecord) => void
  /** Adds somebody else's record that is about the principal, its instance, role or user, or that came from one of its addresses. */
  readonly addContext?: (state: State, record: CloudTrailRecord, about: PrincipalRef) => void
  /** Adds the other state's records; do not use the other one afterwards. */
  readonly merge: (into: State, other: State) => void
  readonly finish: (state: State, question: Question) => Answer
}

/** The state of a list of records. */
export const foldAll = <State>(fold: Fold<State, never, unknown>, records: Iterable<CloudTrailRecord>): State => {
  const state = fold.empty()
  for (const record of records) fold.add(state, record)
  return state
}
