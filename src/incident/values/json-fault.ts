import { Buffer } from 'node:buffer'
import { Failure } from './failure.ts'

/** Where in a text: lines and columns count from 1 (columns in UTF-16 units, as editors do), bytes of UTF-8 from 0. */
const placeOf = (text: string, index: number): string => {
  const before = text.slice(0, index)
  const lineStart = before.lastIndexOf('\n') + 1 || (text.startsWith('\uFEFF') ? 1 : 0)
  let line = 1
  for (let at = before.indexOf('\n'); at >= 0; at = before.indexOf('\n', at + 1)) line += 1
  return `line ${line}, column ${index - lineStart + 1} (byte offset ${Buffer.byteLength(before)})`
}

/** A text that is not as it has to be: kind 'usage', with what is wrong and where. `problem` follows "at line 1, column 2: ". */
export const faultAt = (name: string, text: string, index: number, problem: string): Failure =>
  new Failure({
    kind: 'usage',
    what: `${name} is not valid JSON`,
    why: `at ${placeOf(text, index)} ${problem}`,
    remedy: 'Correct the file at that place, or export it again.',
  })

/** A text that ends before the JSON in it does: kind 'usage'. */
export const cutOff = (name: string, text: string, wanted: string): Failure =>
  new Failure({
    kind: 'usage',
    what: `${name} is cut off`,
    why: `it ends at ${placeOf(text, text.length)}, where ${wanted} was expected`,
    remedy: 'Copy or export the whole file again.',
  })

/** Bytes that are no UTF-8; `valid` is the text before them. Kind 'usage'. */
export const notUtf8 = (name: string, valid: string, problem: string): Failure =>
  new Failure({
    kind: 'usage',
    what: `${name} is not valid UTF-8`,
    why: `at ${placeOf(valid, valid.length)} ${problem}`,
    remedy: 'Save the file as UTF-8 and try again. Identifiers are never guessed from damaged text.',
  })
