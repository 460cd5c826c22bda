import type { EvidenceRef } from '../incident/evidence.ts'
import { sha256 } from '../journal/chain.ts'
import { evidenceStore } from '../journal/evidence.ts'
import { redactSecrets } from '../journal/redact.ts'

export type Keep = (name: string, content: unknown) => Promise<EvidenceRef>

const textOf = (content: unknown): string =>
  redactSecrets(typeof content === 'string' ? content : JSON.stringify(content, null, 2))

/** Keeps evidence on disk under the incident's directory, secrets redacted. */
export const keepIn = (directory: string): Keep => {
  const store = evidenceStore(directory)
  return (name, content) => store.keep(`${name}.json`, textOf(content ?? null))
}

/** Keeps nothing, and gives what would be kept: for dry runs. What it was given can be kept later. */
export const keepInMemory = (): {
  readonly keep: Keep
  readonly kept: readonly { readonly name: string; readonly content: unknown }[]
} => {
  const kept: { name: string; content: unknown }[] = []
  const keep: Keep = async (name, content) => {
    kept.push({ name, content })
    const text = textOf(content ?? null)
    return { file: `(not kept) ${name}.json`, sha256: sha256(text), bytes: Buffer.byteLength(text) }
  }
  return { keep, kept }
}
