import type { Entry, IntendedEntry } from '../../src/incident/entry.ts'

/** The intents of an operation, in the order of the journal. */
export const intendedBy = (journal: readonly Entry[], operation: string): readonly IntendedEntry[] =>
  journal.flatMap((entry) => (entry.type === 'intended' && entry.effect.operation === operation ? [entry] : []))
