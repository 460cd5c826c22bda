import { closeSync, constants, openSync, writeFileSync } from 'node:fs'
import type { Finding } from '../../incident/finding/finding.ts'
import type { Incident } from '../../incident/incident.ts'
import { Failure } from '../../incident/values/failure.ts'
import { quotedPath } from '../../incident/values/quoted.ts'
import { principalOfChainedSession } from '../../investigation/analysis/obtained-credentials.ts'
import type { Investigation } from '../../investigation/investigation.ts'
import { type Question, questionOf, type TimeRange } from '../../investigation/question.ts'
import { principalName, type ReadHooks, type RecordSource } from '../../investigation/source.ts'
import { timelineLines } from '../../investigation/timeline/formats.ts'
import { rowsOfFinding, rowsOfResponse } from '../../investigation/timeline/other-rows.ts'
import { rowOfRecord } from '../../investigation/timeline/record-row.ts'
import { type SortedRows, sortedRows } from '../../investigation/timeline/sorted-rows.ts'
import type { Host } from '../host.ts'
import type { TimelineRequest } from './timeline-request.ts'

/** What a timeline is made from. */
export interface TimelineParts {
  readonly source: RecordSource
  readonly question: Question
  readonly range: TimeRange
  readonly found: Investigation
  readonly findings: readonly Finding[]
  readonly incident: Incident | undefined
}

/** The rows of a timeline in order, and what is missing among them. Dispose of the rows when they are no longer needed. */
export interface Timeline {
  readonly sorted: SortedRows
  readonly incomplete: readonly string[]
}

/**
 * Reads the source a second time and puts every call of the principal and of its chained sessions in order, with the findings and
 * the response. With `keepsRecords` each row has its whole record.
 */
export const readTimeline = async (
  { source, question, range, found, findings, incident }: TimelineParts,
  reading: Pick<ReadHooks<never>, 'signal' | 'progress'>,
  keepsRecords: boolean,
): Promise<Timeline> => {
  if (!source.readRecords) throw new Error(`the source ${source.name} cannot be read record by record`)
  const sorted = sortedRows()
  try {
    const sessions = chainedQuestions(question, found)
    const questions = [question, ...sessions.map(({ question: one }) => one)]
    const report = await source.readRecords(questions, range, reading, (record, number) => {
      const row = rowOfRecord(record, number === 0 ? 0 : (sessions[number - 1]?.depth ?? 1))
      const whole = keepsRecords ? record.document : undefined
      sorted.add(whole ? { ...row, record: whole } : row)
    })
    for (const row of findings.flatMap(rowsOfFinding)) sorted.add(row)
    for (const row of incident ? rowsOfResponse(incident) : []) sorted.add(row)
    return { sorted, incomplete: [...report.incomplete, ...report.badFiles.map(({ path, why }) => `${path}: ${why}`)] }
  } catch (error) {
    sorted.dispose()
    throw error
  }
}

/** The chained sessions that are known, each once. */
const chainedQuestions = (asked: Question, { chain }: Investigation) => {
  const met = new Set([principalName(asked.principal)])
  return chain.links.flatMap(({ chainedSession, depth }) => {
    const principal = chainedSession.succeeded ? principalOfChainedSession(chainedSession) : undefined
    if (!principal || met.has(principalName(principal))) return []
    met.add(principalName(principal))
    return [{ question: questionOf(principal), depth }]
  })
}

/** Writes the timeline to its file, or to standard output. Throws Failure blocked for a file that cannot be written. */
export const writeTimeline = async (
  { sorted }: Timeline,
  { file, ...writing }: TimelineRequest,
  { stdout, signal }: Pick<Host, 'stdout' | 'signal'>,
): Promise<void> => {
  const lines = timelineLines(writing, sorted.rows())
  if (file === undefined) return pour(lines, stdout, signal)
  const opened = attempt(file, () => openSync(file, NEW_OR_EMPTIED, 0o600))
  try {
    for (const text of chunked(lines)) {
      signal.throwIfAborted()
      attempt(file, () => writeFileSync(opened, text))
    }
  } finally {
    closeSync(opened)
  }
}

/** A link where the file belongs is not followed. Windows has no such flag. */
const NEW_OR_EMPTIED = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | (constants.O_NOFOLLOW ?? 0)

const attempt = <T>(file: string, work: () => T): T => {
  try {
    return work()
  } catch (error) {
    throw new Failure({
      kind: 'blocked',
      what: `the timeline could not be written to ${quotedPath(file)}`,
      why: error instanceof Error ? error.message : String(error),
      remedy: 'name a file in a folder that you may write to, or - for standard output',
      cause: error,
    })
  }
}

const CHUNK = 2 ** 16

function* chunked(lines: Iterable<string>): Generator<string> {
  let text = ''
  for (const line of lines) {
    text += line
    if (text.length < CHUNK) continue
    yield text
    text = ''
  }
  if (text !== '') yield text
}

/** A reader that is slow is waited for: rows are never all held. */
const pour = async (lines: Iterable<string>, stdout: Host['stdout'], signal: AbortSignal): Promise<void> => {
  for (const text of chunked(lines)) {
    signal.throwIfAborted()
    if (!stdout.write(text)) await drained(stdout, signal)
  }
}

const drained = (stdout: Host['stdout'], signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const settle = (finish: () => void): void => {
      stdout.off('drain', onDrain).off('close', onDrain)
      signal.removeEventListener('abort', onAbort)
      finish()
    }
    const onDrain = (): void => settle(resolve)
    const onAbort = (): void => settle(() => reject(signal.reason))
    stdout.once('drain', onDrain).once('close', onDrain)
    signal.addEventListener('abort', onAbort)
  })
