import { readFile } from 'node:fs/promises'
import { Failure } from '../incident/values/failure.ts'

/** Reads an answers file: a JSON object, stage id → approve, skip, or the word to type. Throws Failure usage. */
export const readAnswers = async (path: string): Promise<Readonly<Record<string, string>>> => {
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
  return answers as Record<string, string>
}
