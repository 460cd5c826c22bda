import type { Entry } from '../incident/entry.ts'
import type { EvidenceRef } from '../incident/facts/evidence.ts'
import type { Facts } from '../incident/facts/facts.ts'
import { type Block, table, text } from '../incident/values/block.ts'

interface Kept {
  readonly number: number
  readonly name: string
  readonly ref: EvidenceRef
}

/** Every file kept as evidence, with its SHA-256, so that anybody can check that it is still the same. */
export const evidenceBlocks = (entries: readonly Entry[]): readonly Block[] => {
  const files = new Map<string, Kept>()
  for (const kept of entries.flatMap((entry, index) => keptBy(entry, index + 1))) {
    const key = `${kept.ref.file}\n${kept.ref.sha256}`
    if (!files.has(key)) files.set(key, kept)
  }
  if (files.size === 0) return [text('No evidence file was kept.')]
  return [
    table(
      ['File', 'What', 'SHA-256', 'Bytes', 'Journal'],
      [...files.values()].map(({ ref, name, number }) => [ref.file, name, ref.sha256, String(ref.bytes), String(number)]),
    ),
  ]
}

const keptBy = (entry: Entry, number: number): readonly Kept[] => {
  if (entry.type === 'kept') return [{ number, name: entry.name, ref: entry.ref }]
  if (entry.type !== 'established') return []
  return refsOf(entry.fact).map(([name, ref]) => ({ number, name, ref }))
}

/** Evidence that facts name by themselves, whether or not an entry tells of its keeping. */
const refsOf = ({ finding, revocation }: Partial<Facts>): readonly (readonly [name: string, ref: EvidenceRef])[] => [
  ...(finding ? [['finding', finding.document] as const] : []),
  ...(revocation?.priorDocument ? [['policy before the revocation', revocation.priorDocument] as const] : []),
]
