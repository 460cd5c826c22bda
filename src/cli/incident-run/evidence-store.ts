import type { EvidenceRef } from '../../incident/facts/evidence.ts'
import { sha256 } from '../../journal/chain.ts'
import { evidenceStore } from '../../journal/evidence.ts'
import { redactSecrets } from '../../journal/redact.ts'

/** Where evidence is kept, and had again. */
export interface EvidenceKeeper {
  readonly keep: (name: string, content: unknown) => Promise<EvidenceRef>
  /** Undefined when it is not there, or not as it was. */
  readonly recall: (ref: EvidenceRef) => Promise<string | undefined>
}

const textOf = (content: unknown): string =>
  redactSecrets(typeof content === 'string' ? content : JSON.stringify(content, null, 2))

/** Keeps evidence on disk under the incident's directory, secrets redacted. */
export const evidenceStoreIn = (directory: string): EvidenceKeeper => {
  const store = evidenceStore(directory)
  return { keep: (name, content) => store.keep(`${name}.json`, textOf(content ?? null)), recall: store.recall }
}

/** Keeps evidence in memory alone: for dry runs. What it was given can be kept later. */
export const evidenceStoreInMemory = (): EvidenceKeeper & {
  readonly kept: readonly { readonly name: string; readonly content: unknown }[]
} => {
  const kept: { name: string; content: unknown }[] = []
  const texts = new Map<string, string>()
  return {
    kept,
    keep: async (name, content) => {
      kept.push({ name, content })
      const text = textOf(content ?? null)
      const ref = { file: `(not kept) ${kept.length}-${name}.json`, sha256: sha256(text), bytes: Buffer.byteLength(text) }
      texts.set(ref.file, text)
      return ref
    },
    recall: async ({ file, sha256: hash }) => {
      const text = texts.get(file)
      return text !== undefined && sha256(text) === hash ? text : undefined
    },
  }
}
