import { unreadReason } from '../../aws/failure.ts'
import type { Pages } from '../../aws/pager.ts'

/**
 * A read that an answer can do without. A refusal becomes a sentence in `incomplete` and gives undefined, so that what other reads
 * found stands. So does an answer that does not come: throttled for too long, no network, a member that is missing.
 * Throws what concerns the whole run: the responder's own expired credentials, an interruption, a bug.
 */
export type ReadOptional = <T>(operation: string, what: string, send: () => Promise<T>) => Promise<T | undefined>

/** Makes a ReadOptional that writes into a list of sentences; the same sentence is written once. */
export const readOptionalInto =
  (incomplete: string[]): ReadOptional =>
  async (operation, what, send) => {
    try {
      return await send()
    } catch (error) {
      const failure = unreadReason(error)
      if (failure === undefined) throw error
      const sentence = `${what} could not be read: ${operation} ${failure}`
      if (!incomplete.includes(sentence)) incomplete.push(sentence)
      return undefined
    }
  }

/** How to read what an answer can do without, and the list of what could not be read. */
export interface EnrichmentReader {
  readonly ask: ReadOptional
  readonly incomplete: string[]
}

/** Reads a list. What is not read of it, all or its end, becomes a sentence, written once. */
export const listOptional = async <T>(
  { ask, incomplete }: EnrichmentReader,
  operation: string,
  what: string,
  list: () => Promise<Pages<T>>,
): Promise<readonly T[]> => {
  const read = await ask(operation, what, list)
  if (read?.incomplete !== undefined) {
    const sentence = `${what} could not be read to the end: ${read.incomplete}`
    if (!incomplete.includes(sentence)) incomplete.push(sentence)
  }
  return read?.items ?? []
}

/** A name of IAM's inside a sentence of ours: IAM allows no other characters in names. */
export const plain = (name: string): string => name.replace(/[^\w+=,.@-]/g, '?').slice(0, 128)
