import { codeOf, errorMeaningOf, isAwsError, isDenied, isRefusal } from '../../aws/failure.ts'
import type { Pages } from '../../aws/pager.ts'
import { Failure } from '../../incident/values/failure.ts'

/**
 * A read that an answer can do without. A refusal becomes a sentence in `incomplete` and gives undefined, so that what other reads
 * found stands. So does an answer that does not come: throttled for too long, no network, a member that is missing.
 * Throws what concerns the whole run: the responder's own expired credentials, an interruption, a bug.
 */
export type ReadOptional = <T>(operation: string, what: string, send: () => Promise<T>) => Promise<T | undefined>

/** Makes an ReadOptional that writes into a list of sentences; the same sentence is written once. */
export const readOptionalInto =
  (incomplete: string[]): ReadOptional =>
  async (operation, what, send) => {
    try {
      return await send()
    } catch (error) {
      const failure = refusalIn(error) ?? unavailabilityIn(error)
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

const refusalIn = (error: unknown): string | undefined => {
  if (!isAwsError(error) || !isRefusal(error)) return undefined
  if (isDenied(error)) return 'is denied'
  return `answers ${codeOf(error)
    .replace(/[^\w.]/g, '?')
    .slice(0, 80)}`
}

const unavailabilityIn = (error: unknown): string | undefined => {
  if (error instanceof Failure && error.kind === 'unavailable') return 'answers without it'
  if (!isAwsError(error) || (error as Error).name === 'AbortError') return undefined
  const meaning = errorMeaningOf(error)
  if (meaning === 'throttled') return 'is throttled'
  return meaning === 'unavailable' ? 'gets no answer' : undefined
}

/** A name of IAM's inside a sentence of ours: IAM allows no other characters in names. */
export const plain = (name: string): string => name.replace(/[^\w+=,.@-]/g, '?').slice(0, 128)
