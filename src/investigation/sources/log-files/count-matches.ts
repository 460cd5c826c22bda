import { isCallOf, searchTermOf } from '../../question.ts'
import type { ReadBuffers } from './decode/read-file.ts'
import { type RecordsRead, readRecords } from './decode/read-records.ts'
import { countRecord, type Matchers, searchTermsOf, type Target } from './match/matchers.ts'
import { noteRecord, noteSpan } from './match/record-span.ts'

/** What the scan of one log file found. */
export interface ScannedFile {
  /** Size as stored: on disk or in the bucket, compressed. */
  readonly bytes: number
  /** CloudTrail records in it. */
  readonly events: number
  /** Why some of it could not be read: a sentence. */
  readonly why?: string
  /** The principal's search term stands in it, and none of its records was the principal's. */
  readonly isMention?: true
  /** New targets that its records lead to. */
  readonly found: readonly Target[]
  /** The whole file was searched for so many of the matchers' targets, from the first on. */
  readonly searched: number
}

export interface CountedMatches {
  readonly read: RecordsRead
  readonly found: readonly Target[]
  /** Records without a valid time that name who was asked for. */
  readonly undated: number
  /** A principal's search term that stands in the bytes, where no record was the principal's. */
  readonly mention: string | undefined
  readonly isOwn: boolean
}

/** Counts the records that match. When they lead to new targets, the bytes are searched again for all of them. */
export const countMatches = <State>(
  bytes: Buffer,
  buffers: ReadBuffers,
  matchers: Matchers<State>,
  path?: string,
): CountedMatches => {
  const found: Target[] = []
  noteSpan(matchers.span, bytes)
  for (;;) {
    const before = found.length
    const counting = recordCounting(matchers, found)
    const terms = searchTermsOf(matchers, path)
    if (terms) terms.met.own = false
    const read = readRecords(bytes, terms, buffers.positions, counting)
    const isSearched = read.isDelivered && terms !== undefined
    const mention = counting.isOwn() || (isSearched && !terms.met.own) ? undefined : termIn(bytes, matchers)
    if (found.length === before) return { read, found, undated: counting.undated(), mention, isOwn: counting.isOwn() }
  }
}

/** Takes records and counts those of the matchers' targets. */
export const recordCounting = <State>(matchers: Matchers<State>, found: Target[]) => {
  const { questions } = matchers.asked
  let undated = 0
  let isOwn = false
  return {
    // A record that is taken again counts once: folds know records by their ids.
    take: (document: unknown): void => {
      const record = matchers.read(document)
      if (record) {
        noteRecord(matchers.span, record)
        found.push(...countRecord(matchers, record))
        isOwn ||= questions.some(({ principal }) => isCallOf(principal, record))
      } else if (namesAsked(matchers, document)) undated += 1
    },
    restart: (): void => {
      undated = 0
    },
    undated: () => undated,
    isOwn: () => isOwn,
  }
}

/** Whether it names one that was asked for. Sessions that they lead to are known in one thread sooner than in another. */
const namesAsked = <State>({ isEveryRecordCounted, asked }: Matchers<State>, document: unknown): boolean => {
  if (isEveryRecordCounted) return true
  const text = JSON.stringify(document)
  return asked.questions.some(({ principal }) => text.includes(searchTermOf(principal)))
}

/**
 * A search term of the callers that were asked for, and that stands in the bytes. That a resource is only named says nothing: it makes no
 * calls.
 */
export const termIn = <State>(bytes: Buffer, { asked }: Matchers<State>): string | undefined =>
  asked.questions
    .flatMap(({ principal }) => (principal.kind === 'resource' ? [] : [searchTermOf(principal)]))
    .find((term) => term.length > 1 && bytes.includes(term))
