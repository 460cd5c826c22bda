import { type List, ShellSyntaxError } from './syntax.ts'

/** Where the reading of a script stands. Changes as it is read. */
export interface Cursor {
  readonly source: string
  at: number
  line: number
  depth: number
  /** Reads the commands of a substitution up to and with `close`, or up to the end. Words and commands hold each other. */
  readonly readNested: (cursor: Cursor, close: ')' | '') => List
}

/** A script nested deeper than this is refused, so that reading it cannot exhaust the stack. */
const DEEPEST = 50

/** Whether the whole script has been read. */
export const isAtEnd = (cursor: Cursor): boolean => cursor.at >= cursor.source.length

/** The next character, not taken; empty at the end. */
export const peek = (cursor: Cursor): string => cursor.source[cursor.at] ?? ''

/** The next `length` characters, taken. */
export const takeChars = (cursor: Cursor, length = 1): string => {
  const text = cursor.source.slice(cursor.at, cursor.at + length)
  cursor.at += text.length
  cursor.line += text.split('\n').length - 1
  return text
}

/** What a sticky pattern finds here, without taking it. */
export const lookingAt = (cursor: Cursor, pattern: RegExp): RegExpExecArray | undefined => {
  pattern.lastIndex = cursor.at
  return pattern.exec(cursor.source) ?? undefined
}

/** What a sticky pattern finds here, taken. */
export const takeMatch = (cursor: Cursor, pattern: RegExp): RegExpExecArray | undefined => {
  const match = lookingAt(cursor, pattern)
  if (match) takeChars(cursor, match[0].length)
  return match
}

/** Blanks, continued lines and a comment. */
export const skipBlanks = (cursor: Cursor): void => {
  takeMatch(cursor, /(?:[ \t]|\\\n)+/y)
  takeMatch(cursor, /#[^\n]*/y)
}

/** The same, and newlines. */
export const skipLines = (cursor: Cursor): void => {
  skipBlanks(cursor)
  while (takeMatch(cursor, /\n+/y)) skipBlanks(cursor)
}

/** The error for what stands here, to be thrown. */
export const syntaxError = (cursor: Cursor, message: string): ShellSyntaxError => new ShellSyntaxError(cursor.line, message)

/** What stands here where something else was expected, in dash's words. */
export const unexpected = (cursor: Cursor, expected?: string): ShellSyntaxError => {
  const token = lookingAt(cursor, /&&|\|\||;;|[;&|<>()]|\n|[^\s;&|<>()]+/y)?.[0]
  const found = token === undefined ? 'end of file' : token === '\n' ? 'newline' : `"${token}"`
  return syntaxError(cursor, `${found} unexpected${expected === undefined ? '' : ` (expecting "${expected}")`}`)
}

/** Reads something that may hold itself. */
export const deeper = <T>(cursor: Cursor, read: () => T): T => {
  if (cursor.depth >= DEEPEST) throw syntaxError(cursor, 'nested too deeply')
  cursor.depth += 1
  const result = read()
  cursor.depth -= 1
  return result
}
