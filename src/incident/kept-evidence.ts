import type { Entry } from './entry.ts'
import type { EvidenceRef } from './facts/evidence.ts'
import type { Facts } from './facts/facts.ts'

/** A file of evidence, as one line of the journal names it. */
export interface KeptEvidence {
  /** The number of the entry that names it, from 1. */
  readonly number: number
  readonly name: string
  readonly ref: EvidenceRef
}

/** Every file of evidence that the journal names, once for each content, in the journal's order. */
export const keptEvidence = (entries: readonly Entry[]): readonly KeptEvidence[] => {
  const files = new Map<string, KeptEvidence>()
  for (const kept of entries.flatMap((entry, index) => keptBy(entry, index + 1))) {
    const key = `${kept.ref.file}\n${kept.ref.sha256}`
    if (!files.has(key)) files.set(key, kept)
  }
  return [...files.values()]
}

const keptBy = (entry: Entry, number: number): readonly KeptEvidence[] => {
  switch (entry.type) {
    case 'kept':
      return [{ number, name: entry.name, ref: entry.ref }]
    case 'checkpoint':
      return [{ number, name: `what ${entry.stage} had read so far`, ref: entry.ref }]
    case 'established':
      return namedBy(entry.fact).map(([name, ref]) => ({ number, name, ref }))
    default:
      return []
  }
}

/** Evidence that facts name by themselves, whether or not an entry says that it was kept. */
const namedBy = ({ finding }: Partial<Facts>): readonly (readonly [name: string, ref: EvidenceRef])[] =>
  finding ? [['finding', finding.document]] : []
