import { given } from '../../incident/values/given.ts'
import {
  type Cursor,
  deeper,
  isAtEnd,
  lookingAt,
  peek,
  skipBlanks,
  skipLines,
  syntaxError,
  takeChars,
  takeMatch,
  unexpected,
} from './cursor.ts'
import type { AndOr, Assignment, Branch, List, Pipeline, Redirection, ShellCommand, Word } from './syntax.ts'
import { readWord, startsWord } from './words.ts'

const RESERVED = /(?:if|then|elif|else|fi|for|while|until|do|done|case|esac|[{}!])(?=[\s;&|<>()]|$)/y
const REDIRECTION = /([0-9]?)(<<|<>|<&|>>|>\||>&|<|>)/y

const reservedWord = (cursor: Cursor): string | undefined => lookingAt(cursor, RESERVED)?.[0]

const expectReserved = (cursor: Cursor, word: string): void => {
  if (reservedWord(cursor) !== word) throw unexpected(cursor, word)
  takeChars(cursor, word.length)
}

const expectParenthesis = (cursor: Cursor): void => {
  if (peek(cursor) !== ')') throw unexpected(cursor, ')')
  takeChars(cursor)
}

const readRedirection = (cursor: Cursor): Redirection | undefined => {
  const [, digit, operator] = takeMatch(cursor, REDIRECTION) ?? []
  if (operator === undefined) return undefined
  if (operator === '<<') throw syntaxError(cursor, '"<<" unexpected (the simulated shell has no here-documents)')
  skipBlanks(cursor)
  if (!startsWord(cursor)) throw unexpected(cursor)
  const isInput = operator.startsWith('<')
  return {
    descriptor: digit ? Number(digit) : isInput ? 0 : 1,
    operator: operator.endsWith('&') ? '>&' : isInput ? '<' : '>',
    target: readWord(cursor),
  }
}

const readRedirections = (cursor: Cursor): Redirection[] => {
  const redirections: Redirection[] = []
  for (;;) {
    skipBlanks(cursor)
    const redirection = readRedirection(cursor)
    if (!redirection) return redirections
    redirections.push(redirection)
  }
}

const readAssignment = (cursor: Cursor): Assignment | undefined => {
  const name = takeMatch(cursor, /([A-Za-z_][A-Za-z0-9_]*)=/y)?.[1]
  return name === undefined ? undefined : { name, value: readWord(cursor) }
}

const readSimple = (cursor: Cursor): ShellCommand => {
  const line = cursor.line
  const assignments: Assignment[] = []
  const words: Word[] = []
  const redirections: Redirection[] = []
  for (;;) {
    redirections.push(...readRedirections(cursor))
    const assignment = words.length === 0 ? readAssignment(cursor) : undefined
    if (assignment) assignments.push(assignment)
    else if (startsWord(cursor)) words.push(readWord(cursor))
    else break
  }
  if (words.length + assignments.length + redirections.length === 0) throw unexpected(cursor)
  if (peek(cursor) === '(') throw unexpected(cursor)
  return { type: 'simple', line, assignments, words, redirections }
}

const readGroup = (cursor: Cursor, close: '}' | ')'): ShellCommand => {
  const line = cursor.line
  takeChars(cursor)
  const body = readList(cursor)
  if (body.length === 0) throw unexpected(cursor)
  if (close === '}') expectReserved(cursor, '}')
  else expectParenthesis(cursor)
  return { type: 'group', line, body, subshell: close === ')', redirections: readRedirections(cursor) }
}

const readNonEmptyList = (cursor: Cursor): List => {
  const list = readList(cursor)
  if (list.length === 0) throw unexpected(cursor)
  return list
}

const readIf = (cursor: Cursor): ShellCommand => {
  const line = cursor.line
  const branches: Branch[] = []
  for (let keyword = 'if'; reservedWord(cursor) === keyword; keyword = 'elif') {
    takeChars(cursor, keyword.length)
    const condition = readNonEmptyList(cursor)
    expectReserved(cursor, 'then')
    branches.push({ condition, body: readNonEmptyList(cursor) })
  }
  const hasElse = reservedWord(cursor) === 'else'
  if (hasElse) takeChars(cursor, 'else'.length)
  const otherwise = hasElse ? readNonEmptyList(cursor) : undefined
  expectReserved(cursor, 'fi')
  return { type: 'if', line, branches, ...given({ otherwise }), redirections: readRedirections(cursor) }
}

const readCommand = (cursor: Cursor): ShellCommand => {
  const word = reservedWord(cursor)
  if (word === 'if') return deeper(cursor, () => readIf(cursor))
  if (word === '{') return deeper(cursor, () => readGroup(cursor, '}'))
  if (peek(cursor) === '(') return deeper(cursor, () => readGroup(cursor, ')'))
  if (word !== undefined && /^(for|while|until|case)$/.test(word)) {
    throw syntaxError(cursor, `"${word}" unexpected (the simulated shell knows no loops and no case)`)
  }
  if (word !== undefined) throw unexpected(cursor)
  return readSimple(cursor)
}

const readPipeline = (cursor: Cursor): Pipeline => {
  const negated = reservedWord(cursor) === '!'
  if (negated) takeChars(cursor)
  skipBlanks(cursor)
  const commands = [readCommand(cursor)]
  skipBlanks(cursor)
  while (takeMatch(cursor, /\|(?!\|)/y)) {
    skipLines(cursor)
    commands.push(readCommand(cursor))
    skipBlanks(cursor)
  }
  return { negated, commands }
}

const readAndOr = (cursor: Cursor): AndOr => {
  const joined: { after?: '&&' | '||'; pipeline: Pipeline }[] = [{ pipeline: readPipeline(cursor) }]
  for (;;) {
    const operator = takeMatch(cursor, /&&|\|\|/y)?.[0]
    if (operator !== '&&' && operator !== '||') return joined
    skipLines(cursor)
    joined.push({ after: operator, pipeline: readPipeline(cursor) })
  }
}

const closesList = (cursor: Cursor): boolean =>
  isAtEnd(cursor) || peek(cursor) === ')' || /^(then|elif|else|fi|do|done|esac|\})$/.test(reservedWord(cursor) ?? '')

const readList = (cursor: Cursor): List => {
  const list: AndOr[] = []
  skipLines(cursor)
  while (!closesList(cursor)) {
    list.push(readAndOr(cursor))
    if (!takeMatch(cursor, /;(?!;)|\n/y)) break
    skipLines(cursor)
  }
  return list
}

const readNested = (cursor: Cursor, close: ')' | ''): List => {
  const list = readList(cursor)
  if (close === ')') expectParenthesis(cursor)
  else if (!isAtEnd(cursor)) throw unexpected(cursor)
  return list
}

/** A script about to be read. */
export const scriptCursor = (source: string): Cursor => ({ source, at: 0, line: 1, depth: 0, readNested })

/**
 * The commands of the next line that has any, or undefined at the end of the script. A shell runs each line before
 * it reads the next, so what stands above a syntax error has been done. Throws ShellSyntaxError.
 */
export const readLine = (cursor: Cursor): List | undefined => {
  skipLines(cursor)
  if (isAtEnd(cursor)) return undefined
  const list: AndOr[] = []
  do {
    list.push(readAndOr(cursor))
    if (!takeMatch(cursor, /;(?!;)/y)) break
    skipBlanks(cursor)
  } while (!isAtEnd(cursor) && peek(cursor) !== '\n')
  if (!isAtEnd(cursor) && !takeMatch(cursor, /\n/y)) throw unexpected(cursor)
  return list
}
