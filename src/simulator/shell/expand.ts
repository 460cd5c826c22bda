import type { List, Otherwise, Word, WordPart } from './syntax.ts'

/** What a word may ask its shell for. */
export interface Expansion {
  /** A parameter's value, undefined when it is not set. */
  readonly valueOf: (name: string) => string | undefined
  /** The value of one that must be set where `set -u` holds. */
  readonly requiredValueOf: (name: string) => string
  readonly outputOf: (body: List) => string
  readonly fail: (message: string) => never
  readonly spend: (bytes: number) => void
}

interface Piece {
  readonly text: string
  readonly splits: boolean
}

const resolveOtherwise = (name: string, { operator, ifEmpty, word }: Otherwise, quoted: boolean, shell: Expansion): Piece[] => {
  const value = shell.valueOf(name)
  const isMissing = value === undefined || (ifEmpty && value === '')
  if (operator === '+') return isMissing ? [] : piecesOf(word, shell, true)
  if (!isMissing) return [{ text: value, splits: !quoted }]
  if (operator === '-') return piecesOf(word, shell, true)
  return shell.fail(`${name}: ${expandText(word, shell) || `parameter not set${ifEmpty ? ' or null' : ''}`}`)
}

const resolve = (part: WordPart, shell: Expansion, isOperand: boolean): Piece[] => {
  if (part.type === 'text') return [{ text: part.text, splits: isOperand && !part.quoted }]
  if (part.type === 'length') return [{ text: String(shell.requiredValueOf(part.name).length), splits: false }]
  if (part.type === 'substitution') return [{ text: shell.outputOf(part.body), splits: !part.quoted }]
  if (part.otherwise) return resolveOtherwise(part.name, part.otherwise, part.quoted, shell)
  return [{ text: shell.requiredValueOf(part.name), splits: !part.quoted }]
}

const piecesOf = (word: Word, shell: Expansion, isOperand = false): Piece[] =>
  word.flatMap((part) => {
    const pieces = resolve(part, shell, isOperand)
    for (const { text } of pieces) shell.spend(text.length)
    return pieces
  })

/** A word as one text, as on the right of `=`. */
export const expandText = (word: Word, shell: Expansion): string =>
  piecesOf(word, shell)
    .map(({ text }) => text)
    .join('')

/** A word as the fields it becomes: unquoted values are split at blanks, an empty one is no field at all. */
export const expandFields = (word: Word, shell: Expansion): string[] => {
  const fields: string[] = []
  let field: string | undefined
  for (const { text, splits } of piecesOf(word, shell)) {
    const [first = '', ...others] = splits ? text.split(/[ \t\n]+/) : [text]
    if (!splits || first !== '') field = (field ?? '') + first
    for (const other of others) {
      if (field !== undefined) fields.push(field)
      field = other === '' ? undefined : other
    }
  }
  return field === undefined ? fields : [...fields, field]
}
