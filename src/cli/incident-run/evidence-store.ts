import type { EvidenceRef, Redacted } from '../../incident/facts/evidence.ts'
import { given } from '../../incident/values/given.ts'
import { newTally } from '../../incident/values/redaction/kinds.ts'
import { redactContent } from '../../incident/values/redaction/redact-json.ts'
import { sha256 } from '../../journal/chain.ts'
import { evidenceStore } from '../../journal/evidence.ts'

/** Where evidence is kept, and had again. */
export interface EvidenceKeeper {
  readonly keep: (name: string, content: unknown) => Promise<EvidenceRef>
  /** Undefined when it is not there, or not as it was. */
  readonly recall: (ref: EvidenceRef) => Promise<string | undefined>
}

interface Kept {
  readonly text: string
  /** Absent where there was nothing to redact. */
  readonly redacted?: Redacted
}

const redactedForm = (content: unknown): Kept => {
  const original = typeof content === 'string' ? content : JSON.stringify(content, null, 2)
  const tally = newTally()
  const text = redactContent(original, tally)
  if (text === original) return { text }
  return { text, redacted: { counts: tally.counts(), sha256: sha256(original), bytes: Buffer.byteLength(original) } }
}

/** Keeps evidence on disk under the incident's directory, secrets redacted. The reference says what was redacted. */
export const evidenceStoreIn = (directory: string): EvidenceKeeper => {
  const store = evidenceStore(directory)
  return {
    keep: async (name, content) => {
      const { text, redacted } = redactedForm(content ?? null)
      return { ...(await store.keep(`${name}.json`, text)), ...given({ redacted }) }
    },
    recall: store.recall,
  }
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
      const { text, redacted } = redactedForm(content ?? null)
      const file = `(not kept) ${kept.length}-${name}.json`
      const ref = { file, sha256: sha256(text), bytes: Buffer.byteLength(text), ...given({ redacted }) }
      texts.set(ref.file, text)
      return ref
    },
    recall: async ({ file, sha256: hash }) => {
      const text = texts.get(file)
      return text !== undefined && sha256(text) === hash ? text : undefined
    },
  }
}
