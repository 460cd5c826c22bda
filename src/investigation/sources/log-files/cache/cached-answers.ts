import { createHash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { deserialize, serialize } from 'node:v8'
import type { ReadRequest } from '../../../source.ts'
import { answerPath, type LogCache, prune, pruneAnswers, writeAnswer } from './cache-files.ts'
import type { FileStates } from './cached-logs.ts'
import { PREFACE } from './segment-layout.ts'

/** ReadHooks a larger answer takes as long as counting it again. Bytes. */
const LARGEST = 64 * 2 ** 20
const MOST_ANSWERS = 20

/** What an answer answers. */
export interface AskedOfLogs {
  /** The name of the answer in the cache. */
  readonly name: string
  /** The question as JSON, with the program, and a digest of the files as they were. The answer carries it. */
  readonly question: string
}

/** An answer as it is kept. */
interface KeptAnswer<Answer> {
  readonly question: string
  readonly answer: Answer
}

/**
 * What is asked of the log files. It differs when the questions, the fold, the program or the state of a file differ, or what else was
 * found (`found`, plain JSON: how many files were left out, and which could not be read).
 */
export const askedOfLogs = (
  asked: ReadRequest,
  fold: string,
  found: unknown,
  states: FileStates,
  { writer }: LogCache,
): AskedOfLogs => {
  const { questions, followChainedSessions, range } = asked
  const files = createHash('sha256')
    .update([...states.keys()].join('\0'))
    .update(numbersOf(states))
    .digest('hex')
  const question = JSON.stringify([PREFACE.mark, writer, fold, questions, followChainedSessions, range, found, files])
  return { name: createHash('sha256').update(question).digest('hex'), question }
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

/** The cached answer to this very question; undefined when there is none, it answers another, or it cannot be read. */
export const cachedAnswer = <Answer>(cache: LogCache, { name, question }: AskedOfLogs): Answer | undefined => {
  try {
    const kept: KeptAnswer<Answer> = deserialize(readKept(answerPath(cache, name)))
    // A name is only a hash, and a file can be given another one.
    return kept.question === question ? kept.answer : undefined
  } catch {
    return undefined
  }
}

/** Links are not followed, and pipes not waited for. Windows has neither flag. */
const PLAIN = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

const readKept = (path: string): Buffer => {
  const file = openSync(path, PLAIN)
  try {
    if (fstatSync(file).size > LARGEST) throw new RangeError('the answer is larger than any that is kept')
    return readFileSync(file)
  } finally {
    closeSync(file)
  }
}

/** Caches an answer, and removes what was used longest ago. */
export const cacheAnswer = (cache: LogCache, { name, question }: AskedOfLogs, answer: unknown, now: Date): void => {
  const kept: KeptAnswer<unknown> = { question, answer }
  const bytes = serialize(kept)
  if (bytes.length > Math.min(LARGEST, cache.maxBytes)) return
  prune(cache, new Set(), bytes.length, now)
  writeAnswer(cache, name, bytes)
  pruneAnswers(cache, MOST_ANSWERS)
}
