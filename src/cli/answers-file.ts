import { Failure } from '../incident/values/failure.ts'
import { quoted, quotedPath } from '../incident/values/quoted.ts'
import { decodeUtf8, parseStrictJson } from '../incident/values/strict-json.ts'
import { LONGEST_REASON } from '../terminal/approval-dialogue.ts'
import type { ScriptedAnswer } from '../terminal/flag-responder.ts'
import { type FileHost, readNamedFile, Unreadable } from './named-file.ts'

/** Bytes. Answers to all questions take far less. */
const MOST = 1024 * 1024

/**
 * Reads an answers file: a JSON object, stage id → approve, skip, the word to type, or {"falseAlarm": reason}; and question → the answer's id. `known` are
 * the stage ids and questions. Throws Failure usage, also for a name that is neither: nobody would ask for its answer.
 */
export const readAnswers = async (
  path: string,
  known: readonly string[],
  host: FileHost,
): Promise<Readonly<Record<string, ScriptedAnswer>>> => {
  const bad = (why: string) =>
    new Failure({
      kind: 'usage',
      what: `the answers file ${quotedPath(path)} cannot be used`,
      why,
      remedy: 'write a JSON object such as {"revoke-sessions": "approve"}',
    })
  const bytes = await readNamedFile(path, host, MOST).catch((error: unknown) => {
    throw error instanceof Unreadable ? bad(error.message) : error
  })
  const name = `the answers file ${quotedPath(path)}`
  const answers = parseStrictJson(decodeUtf8(bytes, name), name)
  if (typeof answers !== 'object' || answers === null || Array.isArray(answers)) throw bad('it is not a JSON object')
  if (!Object.values(answers).every(isAnswer))
    throw bad(`every answer must be a string, or {"falseAlarm": "the reason"} with at most ${LONGEST_REASON} characters`)
  const unknown = Object.keys(answers).filter((name) => !known.includes(name))
  if (unknown.length > 0)
    throw new Failure({
      kind: 'usage',
      what: `${name} answers what nobody asks: ${unknown.slice(0, 20).map(quoted).join(', ')}`,
      remedy: `the stages and questions are: ${known.join(' · ')}`,
    })
  return answers as Record<string, ScriptedAnswer>
}

/** A false alarm is nothing without its reason. */
const isAnswer = (value: unknown): value is ScriptedAnswer => {
  if (typeof value !== 'object' || value === null) return typeof value === 'string'
  const [[name, reason] = [], ...others] = Object.entries(value)
  if (name !== 'falseAlarm' || others.length > 0 || typeof reason !== 'string') return false
  return reason.trim() !== '' && reason.length <= LONGEST_REASON
}
