import { codeOf, isAwsError, problemOf } from '../aws/failure.ts'
import { Failure } from '../incident/failure.ts'

/**
 * Asks a witness. What it refuses or fails to say becomes a sentence in `incomplete`, and gives undefined: what others say
 * stands. Throws what is no answer to the question: the responder's own credentials have expired, the run was interrupted, a bug.
 */
export type Ask = <T>(operation: string, what: string, send: () => Promise<T>) => Promise<T | undefined>

/** Makes an Ask that writes into a list of sentences; the same sentence is written once. */
export const askInto =
  (incomplete: string[]): Ask =>
  async (operation, what, send) => {
    try {
      return await send()
    } catch (error) {
      if (!isAnswer(error)) throw error
      const sentence = `${what} could not be read: ${operation} ${saidIn(error)}`
      if (!incomplete.includes(sentence)) incomplete.push(sentence)
      return undefined
    }
  }

/** An answer without what it is for is a Failure (`emptyAnswer`). */
const isAnswer = (error: unknown): error is Error =>
  isEmpty(error) || (isAwsError(error) && problemOf(error) !== 'expired' && (error as Error).name !== 'AbortError')

const isEmpty = (error: unknown): boolean => error instanceof Failure && error.kind === 'unavailable'

const saidIn = (error: unknown): string => {
  if (isEmpty(error)) return 'answers without it'
  const problem = problemOf(error)
  if (problem === 'denied') return 'is denied'
  if (problem === 'throttled') return 'is throttled'
  if (problem === 'unreachable') return 'got no answer'
  return `answers ${codeOf(error)
    .replace(/[^\w.]/g, '?')
    .slice(0, 80)}`
}

/** A name of IAM's inside a sentence of ours: IAM allows no other characters in names. */
export const plain = (name: string): string => name.replace(/[^\w+=,.@-]/g, '?').slice(0, 128)
