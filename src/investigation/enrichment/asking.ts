import { codeOf, errorMeaningOf, isAwsError, isDenied, isRefusal } from '../../aws/failure.ts'
import type { Pages } from '../../aws/pager.ts'
import { Failure } from '../../incident/values/failure.ts'

/**
 * Asks a witness. What it refuses to say becomes a sentence in `incomplete`, and gives undefined: what others say stands. So does
 * silence (throttled for too long, no network, an answer without what it is for): whoever asks would lose what he has found.
 * Throws what is no answer to the question: expired credentials of the responder's own, an interruption, a bug.
 */
export type Ask = <T>(operation: string, what: string, send: () => Promise<T>) => Promise<T | undefined>

/** Makes an Ask that writes into a list of sentences; the same sentence is written once. */
export const askInto =
  (incomplete: string[]): Ask =>
  async (operation, what, send) => {
    try {
      return await send()
    } catch (error) {
      const said = refusalIn(error) ?? silenceIn(error)
      if (said === undefined) throw error
      const sentence = `${what} could not be read: ${operation} ${said}`
      if (!incomplete.includes(sentence)) incomplete.push(sentence)
      return undefined
    }
  }

/** How to ask, and where to say what is not told. */
export interface EnrichmentReader {
  readonly ask: Ask
  readonly incomplete: string[]
}

/** Asks for a list. What is not read of it, all or its end, becomes a sentence; the same one is written once. */
export const listAsked = async <T>(
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

const silenceIn = (error: unknown): string | undefined => {
  if (error instanceof Failure && error.kind === 'unavailable') return 'answers without it'
  if (!isAwsError(error) || (error as Error).name === 'AbortError') return undefined
  const meaning = errorMeaningOf(error)
  if (meaning === 'throttled') return 'is throttled'
  return meaning === 'unavailable' ? 'gets no answer' : undefined
}

/** A name of IAM's inside a sentence of ours: IAM allows no other characters in names. */
export const plain = (name: string): string => name.replace(/[^\w+=,.@-]/g, '?').slice(0, 128)
