import type { FoundFinding } from '../facts/facts.ts'

/** All findings of a fact, the one that was asked for first. */
export const allFindingsOf = ({ finding, onSameKey, onSamePrincipal, onSameInstance = [], onSameRole = [] }: FoundFinding) =>
  [finding, ...onSameKey, ...onSamePrincipal, ...onSameInstance, ...onSameRole] as const
