import type { Entry } from '../incident/entry.ts'
import { keptEvidence } from '../incident/kept-evidence.ts'
import { type Block, table, text } from '../incident/values/block.ts'

/** Every file kept as evidence, with its SHA-256, so that anybody can check that it is still the same. */
export const evidenceBlocks = (entries: readonly Entry[]): readonly Block[] => {
  const files = keptEvidence(entries)
  if (files.length === 0) return [text('No evidence file was kept.')]
  return [
    table(
      ['File', 'What', 'SHA-256', 'Bytes', 'Journal'],
      files.map(({ ref, name, number }) => [ref.file, name, ref.sha256, String(ref.bytes), String(number)]),
    ),
  ]
}
