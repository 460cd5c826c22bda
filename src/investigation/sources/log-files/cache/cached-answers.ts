import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { deserialize, serialize } from 'node:v8'
import type { ReadRequest } from '../../../source.ts'
import { answerPath, type LogCache, prune, pruneAnswers, writeAnswer } from './cache-files.ts'
import type { FileStates } from './cached-logs.ts'
import { PREFACE } from './segment-layout.ts'

/** ReadHooks a larger answer takes as long as counting it again. Bytes. */
const LARGEST = 64 * 2 ** 20
const MOST_ANSWERS = 20

/**
 * The name of an answer. It differs when the questions, the fold, the program or the state of a file differ, or what else was
 * found (`found`, plain JSON: how many files were left out, and which could not be read).
 */
export const answerName = (
  asked: ReadRequest,
  fold: string,
  found: unknown,
  states: FileStates,
  { writer }: LogCache,
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

/** The numbers as bytes: writing a hundred thousand numbers as text takes longer than looking up all files. */
const numbersOf = (states: FileStates): Float64Array => {
  const numbers = new Float64Array(3 * states.size)
  let at = 0
  for (const state of states.values()) {
    numbers.set(state ? [state.size, state.modified, state.statusChanged] : [-1, -1, -1], at)
    at += 3
  }
  return numbers
}

/** The cached answer of this name; undefined when there is none or it cannot be read. */
export const cachedAnswer = <Answer>(cache: LogCache, name: string): Answer | undefined => {
  try {
    return deserialize(readFileSync(answerPath(cache, name)))
  } catch {
    return undefined
  }
}

/** Caches an answer, and removes what was used longest ago. */
export const cacheAnswer = (cache: LogCache, name: string, answer: unknown, now: Date): void => {
  const bytes = serialize(answer)
  if (bytes.length > Math.min(LARGEST, cache.maxBytes)) return
  prune(cache, new Set(), bytes.length, now)
  writeAnswer(cache, name, bytes)
  pruneAnswers(cache, MOST_ANSWERS)
}
