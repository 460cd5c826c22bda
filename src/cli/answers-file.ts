import { readFile } from 'node:fs/promises'
import { Failure } from '../incident/values/failure.ts'
import { printable } from './options.ts'

/**
 * Reads an answers file: a JSON object, stage id → approve, skip, or the word to type; and question → the answer's id. `known` are
 * the stage ids and questions. Throws Failure usage, also for a name that is neither: nobody would ask for its answer.
 */
export const readAnswers = async (path: string, known: readonly string[]): Promise<Readonly<Record<string, string>>> => {
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
  if (!Object.values(answers).every((value) => typeof value === 'string')) throw bad('every answer must be a string')
  const unknown = Object.keys(answers).filter((name) => !known.includes(name))
  if (unknown.length > 0)
    throw new Failure({
      kind: 'usage',
      what: `the answers file ${path} answers what nobody asks: ${unknown.map(printable).join(', ')}`,
      remedy: `the stages and questions are: ${known.join(' · ')}`,
    })
  return answers as Record<string, string>
}
