import { RE2JS, RE2JSException } from 're2js'
import { ALL_BYTES, classBytes } from './bytes.ts'

/** Pays for matching before it is done; throws when the script has no steps left. */
export type SpendSteps = (steps: number) => void

export interface RegexDialect {
  /** ERE as of `grep -E`; otherwise BRE with GNU's `\|`, `\+` and `\?`. */
  readonly extended: boolean
  readonly ignoreCase: boolean
}

export interface Match {
  readonly start: number
  readonly end: number
  /** The text of each `\(…\)`, counted from 1; what took part in no match is empty. */
  readonly groups: readonly string[]
}

export interface Regex {
  readonly groups: number
  /** The leftmost, longest match at or after `from`, as POSIX asks. */
  readonly find: (text: string, from: number, spend: SpendSteps) => Match | undefined
}

const LONGEST_PATTERN = 4096
/** Instructions of a compiled pattern, with everything that an interval repeats. RE2 itself has no such limit. */
const MOST_INSTRUCTIONS = 4000
/** Compiling an instruction takes as long as about a hundred steps of matching. */
const STEPS_TO_COMPILE = 100
const DEEPEST_GROUP = 20
const MOST_REPETITIONS = 32_767

/**
 * Reads a POSIX regular expression, for RE2: a pattern that anybody may send is matched in linear time. Back references are not
 * known to RE2, and refused. Throws an Error with the words of grep and sed for what cannot be read.
 */
export const compileRegex = (pattern: string, dialect: RegexDialect, spend: SpendSteps): Regex => {
  if (pattern.length > LONGEST_PATTERN) throw new Error('Regular expression too big')
  const { source, size } = readAlternatives({ pattern, dialect, at: 0, depth: 0, groups: 0 })
  spend(size * STEPS_TO_COMPILE)
  const re2 = compiled(source)
  const groups = re2.groupCount()
  const instructions = re2.programSize()
  const find: Regex['find'] = (text, from, spend) => {
    // The most that RE2 can do: every instruction at every byte that is left.
    spend(instructions * (text.length - from + 1))
    const matcher = re2.matcher(text)
    if (!matcher.find(from)) return undefined
    const groupsFound = Array.from({ length: groups }, (_group, index) => matcher.group(index + 1) ?? '')
    return { start: matcher.start(), end: matcher.end(), groups: groupsFound }
  }
  return { groups, find }
}

const compiled = (source: string): RE2JS => {
  try {
    return RE2JS.compile(source, RE2JS.LONGEST_MATCH | RE2JS.DOTALL)
  } catch (error) {
    if (error instanceof RE2JSException) throw new Error('Regular expression too big')
    throw error
  }
}

type Operator = '(' | ')' | '|' | '*' | '+' | '?' | '{' | '^' | '$'

/** A translated part of a pattern, in RE2's syntax, and about how many instructions it is compiled to. */
interface Piece {
  readonly source: string
  readonly size: number
  readonly isAnchor?: boolean
}

type Symbol = { readonly length: number } & ({ readonly operator: Operator } | { readonly piece: Piece })

interface Reader {
  readonly pattern: string
  readonly dialect: RegexDialect
  at: number
  depth: number
  /** Groups that are complete. */
  groups: number
}

const START: Piece = { source: '\\A', size: 1, isAnchor: true }
const END: Piece = { source: '\\z', size: 1, isAnchor: true }

const hex = (byte: string): string => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`

/** A set of bytes, each written as its number: no byte means anything else to RE2 then. */
const setOf = (members: Iterable<string>, { ignoreCase }: RegexDialect, isNegated = false): Piece => {
  const known = new Set([...members].flatMap((byte) => (ignoreCase ? [byte.toLowerCase(), byte.toUpperCase()] : [byte])))
  return { source: `[${isNegated ? '^' : ''}${[...known].map(hex).join('')}]`, size: 1 }
}

const rangeBytes = (from: string, to: string): string[] => {
  if (to < from) throw new Error('Invalid range end')
  return ALL_BYTES.slice(from.charCodeAt(0), to.charCodeAt(0) + 1)
}

const BRACKET_ITEM = /\[:(\w+):\]|([\s\S])-([^\]])|([\s\S])/y

const readBracket = ({ pattern, at, dialect }: Reader): Symbol => {
  const isNegated = pattern[at + 1] === '^'
  const first = at + (isNegated ? 2 : 1)
  const members: string[] = []
  BRACKET_ITEM.lastIndex = first
  while (pattern[BRACKET_ITEM.lastIndex] !== ']' || BRACKET_ITEM.lastIndex === first) {
    const item = BRACKET_ITEM.exec(pattern)
    if (!item) throw new Error('Unmatched [, [^, [:, [., or [=')
    const [, name, from = '', to = '', single = ''] = item
    const named = name === undefined ? undefined : classBytes(name)
    if (name !== undefined && !named) throw new Error('Invalid character class name')
    members.push(...(named ?? (single === '' ? rangeBytes(from, to) : [single])))
  }
  return { length: BRACKET_ITEM.lastIndex + 1 - at, piece: setOf(members, dialect, isNegated) }
}

const wordBytes = [...(classBytes('alnum') ?? []), '_']
const spaceBytes = classBytes('space') ?? []

const escaped = (char: string, { dialect, groups }: Reader): Piece => {
  if (/[1-9]/.test(char)) throw new Error(Number(char) > groups ? 'Invalid back reference' : 'Back references are not simulated')
  if (char === 'n') return setOf('\n', dialect)
  if (char === 'w' || char === 'W') return setOf(wordBytes, dialect, char === 'W')
  if (char === 's' || char === 'S') return setOf(spaceBytes, dialect, char === 'S')
  return setOf(char, dialect)
}

const readSymbol = (reader: Reader): Symbol | undefined => {
  const { pattern, at, dialect } = reader
  const char = pattern[at]
  if (char === undefined) return undefined
  if (char === '[') return readBracket(reader)
  if (char === '.') return { length: 1, piece: { source: '.', size: 1 } }
  if (char === '*' || char === '^' || char === '$') return { length: 1, operator: char }
  const isEscaped = char === '\\'
  const shown = isEscaped ? pattern[at + 1] : char
  if (shown === undefined) throw new Error('Trailing backslash')
  const length = isEscaped ? 2 : 1
  if ('(){|+?'.includes(shown) && isEscaped !== dialect.extended) return { length, operator: shown as Operator }
  return { length, piece: isEscaped ? escaped(shown, reader) : setOf(shown, dialect) }
}

const INTERVALS = { basic: /(\d*)(,?)(\d*)\\\}/y, extended: /(\d*)(,?)(\d*)\}/y }

interface Times {
  readonly min: number
  readonly max: number
}

const readInterval = (reader: Reader): Times => {
  const interval = INTERVALS[reader.dialect.extended ? 'extended' : 'basic']
  interval.lastIndex = reader.at
  const [text = '', from = '', comma = '', to = ''] = interval.exec(reader.pattern) ?? []
  const min = Number(from)
  const max = comma === '' ? min : to === '' ? Number.POSITIVE_INFINITY : Number(to)
  const isFit = text !== '' && from + to !== '' && max >= min && (max <= MOST_REPETITIONS || to === '') && min <= MOST_REPETITIONS
  if (!isFit) throw new Error('Invalid content of \\{\\}')
  reader.at += text.length
  return { min, max }
}

const TIMES: Readonly<Record<string, Times>> = {
  '*': { min: 0, max: Number.POSITIVE_INFINITY },
  '+': { min: 1, max: Number.POSITIVE_INFINITY },
  '?': { min: 0, max: 1 },
}

const repeated = ({ source, size }: Piece, { min, max }: Times): Piece => {
  const copies = max === Number.POSITIVE_INFINITY ? min + 1 : max
  return bounded({
    source: `(?:${source}){${min},${max === Number.POSITIVE_INFINITY ? '' : max}}`,
    size: (size + 1) * copies + 1,
  })
}

/** Throws for a piece that would take too long to compile. */
const bounded = (piece: Piece): Piece => {
  if (piece.size > MOST_INSTRUCTIONS) throw new Error('Regular expression too big')
  return piece
}

/** The piece with the repetitions written behind it. */
const readRepeats = (reader: Reader, first: Piece): Piece => {
  let piece = first
  for (;;) {
    const symbol = readSymbol(reader)
    if (!symbol || !('operator' in symbol) || !'*+?{'.includes(symbol.operator)) return piece
    reader.at += symbol.length
    piece = repeated(piece, TIMES[symbol.operator] ?? readInterval(reader))
  }
}

const readGroup = (reader: Reader): Piece => {
  reader.depth += 1
  if (reader.depth > DEEPEST_GROUP) throw new Error('Regular expression too big')
  const { source, size } = readAlternatives(reader)
  const close = readSymbol(reader)
  if (!close || !('operator' in close) || close.operator !== ')') throw new Error('Unmatched ( or \\(')
  reader.at += close.length
  reader.depth -= 1
  reader.groups += 1
  return { source: `(${source})`, size: size + 2 }
}

const endsSequence = (symbol: Symbol | undefined, depth: number): boolean =>
  !symbol || ('operator' in symbol && (symbol.operator === '|' || (symbol.operator === ')' && depth > 0)))

/** In BRE `^` is an anchor only where a sequence starts, `$` only where it ends, and `*` at its start is a star. */
const readOperator = (reader: Reader, operator: Operator, isFirst: boolean): Piece => {
  const { dialect, depth } = reader
  if (operator === '(') return readGroup(reader)
  if (operator === '^' && (dialect.extended || isFirst)) return START
  if (operator === '$' && (dialect.extended || endsSequence(readSymbol(reader), depth))) return END
  if (operator === ')' && !dialect.extended) throw new Error('Unmatched ) or \\)')
  if (operator === '{' || ((operator === '+' || operator === '?') && !isFirst))
    throw new Error('Invalid preceding regular expression')
  return setOf(operator, dialect)
}

const readSequence = (reader: Reader): Piece => {
  let [source, size, isStart, isFirst] = ['', 0, true, true]
  for (;;) {
    const symbol = readSymbol(reader)
    if (!symbol || endsSequence(symbol, reader.depth)) return { source, size }
    reader.at += symbol.length
    const read =
      'piece' in symbol ? symbol.piece : readOperator(reader, symbol.operator, symbol.operator === '^' ? isStart : isFirst)
    const piece = read.isAnchor ? read : readRepeats(reader, read)
    source += piece.source
    size = bounded({ source, size: size + piece.size }).size
    isStart = false
    isFirst &&= piece === START
  }
}

const readAlternatives = (reader: Reader): Piece => {
  let { source, size } = readSequence(reader)
  for (;;) {
    const symbol = readSymbol(reader)
    if (!symbol || !('operator' in symbol) || symbol.operator !== '|') return { source, size }
    reader.at += symbol.length
    const other = readSequence(reader)
    source += `|${other.source}`
    size = bounded({ source, size: size + other.size + 1 }).size
  }
}
