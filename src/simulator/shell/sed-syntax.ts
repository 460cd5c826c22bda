import { parseRegex, type Regex } from './regex-syntax.ts'

export interface Substitution {
  readonly regex: Regex
  /** Texts, and the numbers of groups; 0 is the whole match. */
  readonly replacement: readonly (string | number)[]
  readonly everywhere: boolean
  readonly print: boolean
}

export interface Edit {
  /** A line's number, the last line, or the lines that match. */
  readonly address?: number | '$' | Regex
  readonly isNegated: boolean
  readonly command: 'p' | 'd' | 'q' | Substitution
}

const LONGEST_SCRIPT = 10_000

interface Reader {
  readonly script: string
  readonly extended: boolean
  at: number
}

const takeMatch = (reader: Reader, pattern: RegExp): RegExpExecArray | undefined => {
  pattern.lastIndex = reader.at
  const match = pattern.exec(reader.script) ?? undefined
  reader.at += match?.[0].length ?? 0
  return match
}

/** The text up to the delimiter; one that is escaped or, in a pattern, within brackets does not end it. */
const readDelimited = (reader: Reader, delimiter: string, isPattern: boolean): string => {
  let text = ''
  for (;;) {
    const bracket = isPattern ? takeMatch(reader, /\[\^?\]?(?:\[:\w+:\]|[^\]\n])*\]/y)?.[0] : undefined
    const char = bracket ?? reader.script[reader.at]
    if (char === undefined) throw new Error('unterminated command or address regex')
    if (bracket !== undefined) {
      text += bracket
      continue
    }
    const escaped = char === '\\' ? (reader.script[reader.at + 1] ?? '') : ''
    reader.at += 1 + escaped.length
    if (char === delimiter) return text
    text += escaped === delimiter ? delimiter : char + escaped
  }
}

const readRegex = (reader: Reader, delimiter: string): Regex => {
  const pattern = readDelimited(reader, delimiter, true)
  if (pattern === '') throw new Error('no previous regular expression')
  return parseRegex(pattern, { extended: reader.extended, ignoreCase: false })
}

const readAddress = (reader: Reader): Edit['address'] => {
  const simple = takeMatch(reader, /\d{1,9}|\$/y)?.[0]
  if (simple !== undefined) return simple === '$' ? '$' : Number(simple)
  return takeMatch(reader, /\//y) ? readRegex(reader, '/') : undefined
}

const replacementOf = (text: string, groups: number): (string | number)[] =>
  text.split(/(\\[\s\S]|&)/).map((piece) => {
    if (piece === '&') return 0
    if (!piece.startsWith('\\')) return piece
    const reference = Number(piece[1])
    if (reference > groups) throw new Error(`invalid reference \\${reference} on \`s' command's RHS`)
    return Number.isNaN(reference) ? (piece[1] === 'n' ? '\n' : piece.slice(1)) : reference
  })

const readSubstitution = (reader: Reader): Substitution => {
  const delimiter = takeMatch(reader, /[^\n\\]/y)?.[0]
  if (delimiter === undefined) throw new Error("unterminated `s' command")
  const regex = readRegex(reader, delimiter)
  const replacement = replacementOf(readDelimited(reader, delimiter, false), regex.groups)
  const flags = takeMatch(reader, /[gp]*/y)?.[0] ?? ''
  return { regex, replacement, everywhere: flags.includes('g'), print: flags.includes('p') }
}

const readEdit = (reader: Reader): Edit => {
  const address = readAddress(reader)
  const isNegated = takeMatch(reader, /[ \t]*(!)?[ \t]*/y)?.[1] !== undefined
  const name = takeMatch(reader, /[\s\S]/y)?.[0] ?? ''
  const command = name === 's' ? readSubstitution(reader) : name
  if (typeof command === 'string' && command !== 'p' && command !== 'd' && command !== 'q') {
    throw new Error(name === '' ? 'missing command' : `unknown command: \`${name}'`)
  }
  const extra = takeMatch(reader, /[ \t]*([^\s;])/y)?.[1]
  if (extra !== undefined)
    throw new Error(typeof command === 'string' ? 'extra characters after command' : "unknown option to `s'")
  return { isNegated, command, ...(address === undefined ? {} : { address }) }
}

/** Reads a sed script. Throws an Error with sed's words for what it cannot read. */
export const parseEdits = (script: string, extended: boolean): Edit[] => {
  if (script.length > LONGEST_SCRIPT) throw new Error('script too long')
  const reader: Reader = { script, extended, at: 0 }
  const edits: Edit[] = []
  for (;;) {
    takeMatch(reader, /[\s;]*/y)
    if (reader.at >= script.length) return edits
    edits.push(readEdit(reader))
  }
}
