import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { deserialize, serialize } from 'node:v8'
import type { ReadRequest } from '../../../source.ts'
import type { FileStates } from './cached-logs.ts'
import { PREFACE } from './segment.ts'
import { answerPath, type CachePlace, prune, pruneAnswers, writeAnswer } from './segment-files.ts'

/** Larger ones are as soon counted again. Bytes. */
const LARGEST = 64 * 2 ** 20
/** Answers that are kept, the youngest. */
const KEPT = 20

/**
 * The name of an answer: the same only for the same question, counted in the same way by the same program, to the same files as
 * they are now, where as much besides them was found (`found`, plain JSON: files left out, and those that could not be read).
 */
export const answerName = (
  asked: ReadRequest,
  fold: string,
  found: unknown,
  states: FileStates,
  { writer }: CachePlace,
): string => {
  const { questions, followChainedSessions, range } = asked
  const hash = createHash('sha256').update(
    JSON.stringify([PREFACE.mark, writer, fold, questions, followChainedSessions, range, found]),
  )
  return hash
    .update([...states.keys()].join('\0'))
    .update(numbersOf(states))
    .digest('hex')
}

/** The numbers as they are in memory: to write out a hundred thousand of them would take longer than to look all files up. */
const numbersOf = (states: FileStates): Float64Array => {
  const numbers = new Float64Array(3 * states.size)
  let at = 0
  for (const state of states.values()) {
    numbers.set(state ? [state.size, state.changed, state.altered] : [-1, -1, -1], at)
    at += 3
  }
  return numbers
}

/** The answer that was kept under the name; undefined when there is none, or it cannot be read. */
export const keptAnswer = <Answer>(place: CachePlace, name: string): Answer | undefined => {
  try {
    return deserialize(readFileSync(answerPath(place, name)))
  } catch {
    return undefined
  }
}

/** Keeps an answer, counted and whole, in place of what has not been of use for longest. */
export const keepAnswer = (place: CachePlace, name: string, answer: unknown, now: Date): void => {
  const bytes = serialize(answer)
  if (bytes.length > Math.min(LARGEST, place.most)) return
  prune(place, new Set(), bytes.length, now)
  writeAnswer(place, name, bytes)
  pruneAnswers(place, KEPT)
}
