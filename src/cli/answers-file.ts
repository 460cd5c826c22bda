import { readFile } from 'node:fs/promises'
import { Failure } from '../incident/values/failure.ts'
import { LONGEST_REASON } from '../terminal/approval-dialogue.ts'
import type { ScriptedAnswer } from '../terminal/flag-responder.ts'
import { printable } from './options.ts'

/**
 * Reads an answers file: a JSON object, stage id → approve, skip, the word to type, or {"falseAlarm": reason}; and question → the answer's id. `known` are
 * the stage ids and questions. Throws Failure usage, also for a name that is neither: nobody would ask for its answer.
 */
export const readAnswers = async (path: string, known: readonly string[]): Promise<Readonly<Record<string, ScriptedAnswer>>> => {
  const bad = (why: string) =>
    new Failure({
      kind: 'usage',
      what: `the answers file ${path} cannot be used`,
      why,
      remedy: 'write a JSON object such as {"revoke-sessions": "approve"}',
    })
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw bad(error.code === 'ENOENT' ? 'there is no such file' : String(error.code))
  })
  let answers: unknown
  try {
    answers = JSON.parse(text)
  } catch {
    throw bad('it is not JSON')
  }
  if (typeof answers !== 'object' || answers === null || Array.isArray(answers)) throw bad('it is not a JSON object')
  if (!Object.values(answers).every(isAnswer))
    throw bad(`every answer must be a string, or {"falseAlarm": "the reason"} with at most ${LONGEST_REASON} characters`)
  const unknown = Object.keys(answers).filter((name) => !known.includes(name))
  if (unknown.length > 0)
    throw new Failure({
      kind: 'usage',
      what: `the answers file ${path} answers what nobody asks: ${unknown.map(printable).join(', ')}`,
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
