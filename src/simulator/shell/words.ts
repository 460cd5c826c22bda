import { given } from '../../incident/values/given.ts'
import { type Cursor, deeper, isAtEnd, lookingAt, peek, syntaxError, takeChars, takeMatch } from './cursor.ts'
import type { Otherwise, Word, WordPart } from './syntax.ts'

interface Place {
  readonly quoted: boolean
  readonly stops: string
}

const PLAIN: Place = { quoted: false, stops: ' \t\n;&|<>()' }
const QUOTED: Place = { quoted: true, stops: '"' }
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y
const SPECIAL = /[0-9?#$@*!-]/y
const ESCAPABLE_IN_QUOTES = '$`"\\'

const text = (value: string, quoted: boolean): WordPart => ({ type: 'text', text: value, quoted })

const readSingleQuoted = (cursor: Cursor): WordPart => {
  const quoted = takeMatch(cursor, /'([^']*)'/y)
  if (!quoted) throw syntaxError(cursor, 'Unterminated quoted string')
  return text(quoted[1] ?? '', true)
}

const readDoubleQuoted = (cursor: Cursor): WordPart[] => {
  takeChars(cursor)
  const parts = readParts(cursor, QUOTED)
  if (takeChars(cursor) !== '"') throw syntaxError(cursor, 'Unterminated quoted string')
  return [text('', true), ...parts]
}

const readEscape = (cursor: Cursor, { quoted, stops }: Place): WordPart => {
  takeChars(cursor)
  if (isAtEnd(cursor)) return text('\\', true)
  const char = takeChars(cursor)
  if (char === '\n') return text('', quoted)
  const isEscape = !quoted || ESCAPABLE_IN_QUOTES.includes(char) || stops.includes(char)
  return text(isEscape ? char : `\\${char}`, true)
}

/** Backquotes take one level of backslashes away before their commands are read. */
const readBackquoted = (cursor: Cursor, quoted: boolean): WordPart => {
  const line = cursor.line
  const raw = takeMatch(cursor, /`((?:[^`\\]|\\[\s\S])*)`/y)?.[1]
  if (raw === undefined) throw syntaxError(cursor, 'EOF in backquote substitution')
  const source = raw.replace(quoted ? /\\([$`\\"])/g : /\\([$`\\])/g, '$1')
  const body = deeper(cursor, () => cursor.readNested({ ...cursor, source, at: 0, line }, ''))
  return { type: 'substitution', body, quoted }
}

const readOtherwise = (cursor: Cursor, quoted: boolean): Otherwise | undefined => {
  const [, colon, operator] = takeMatch(cursor, /(:?)([-+?])/y) ?? []
  if (operator !== '-' && operator !== '+' && operator !== '?') return undefined
  return { operator, ifEmpty: colon === ':', word: readParts(cursor, { quoted, stops: '}' }) }
}

const readBraced = (cursor: Cursor, quoted: boolean): WordPart => {
  takeChars(cursor, 2)
  const isLength = takeMatch(cursor, /#(?!\})/y) !== undefined
  const name = (takeMatch(cursor, NAME) ?? takeMatch(cursor, SPECIAL))?.[0]
  if (name === undefined) throw syntaxError(cursor, 'Bad substitution')
  const otherwise = isLength ? undefined : readOtherwise(cursor, quoted)
  if (isAtEnd(cursor)) throw syntaxError(cursor, "Missing '}'")
  if (takeChars(cursor) !== '}') throw syntaxError(cursor, 'Bad substitution')
  if (isLength) return { type: 'length', name, quoted }
  return { type: 'parameter', name, quoted, ...given({ otherwise }) }
}

const readSubstitution = (cursor: Cursor, quoted: boolean): WordPart => {
  takeChars(cursor, 2)
  if (peek(cursor) === '(') throw syntaxError(cursor, '"((" unexpected (the simulated shell does no arithmetic)')
  return { type: 'substitution', body: cursor.readNested(cursor, ')'), quoted }
}

const readDollar = (cursor: Cursor, quoted: boolean): WordPart => {
  const next = cursor.source[cursor.at + 1]
  if (next === '(') return deeper(cursor, () => readSubstitution(cursor, quoted))
  if (next === '{') return deeper(cursor, () => readBraced(cursor, quoted))
  takeChars(cursor)
  const name = (takeMatch(cursor, NAME) ?? takeMatch(cursor, SPECIAL))?.[0]
  return name === undefined ? text('$', quoted) : { type: 'parameter', name, quoted }
}

const readPart = (cursor: Cursor, place: Place): readonly WordPart[] => {
  const char = peek(cursor)
  if (char === '\\') return [readEscape(cursor, place)]
  if (char === "'" && !place.quoted) return [readSingleQuoted(cursor)]
  if (char === '"') return deeper(cursor, () => readDoubleQuoted(cursor))
  if (char === '$') return [readDollar(cursor, place.quoted)]
  if (char === '`') return [readBackquoted(cursor, place.quoted)]
  return [text(takeMatch(cursor, /[A-Za-z0-9_./:=,+-]+/y)?.[0] ?? takeChars(cursor), place.quoted)]
}

const readParts = (cursor: Cursor, place: Place): Word => {
  const parts: WordPart[] = []
  while (!isAtEnd(cursor) && !place.stops.includes(peek(cursor))) parts.push(...readPart(cursor, place))
  return parts
}

/** One word, with its quotes, parameters and substitutions; empty where no word starts. */
export const readWord = (cursor: Cursor): Word => readParts(cursor, PLAIN)

/** Whether a word starts here, not an operator or a blank. */
export const startsWord = (cursor: Cursor): boolean => lookingAt(cursor, /[^ \t\n;&|<>()]/y) !== undefined
