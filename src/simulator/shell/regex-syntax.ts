import { ALL_BYTES, classBytes } from './bytes.ts'

/** A piece of a pattern; `bytes[code]` says whether a byte belongs to the set. */
export type Node =
  | { readonly type: 'set'; readonly bytes: readonly boolean[] }
  | { readonly type: 'start' }
  | { readonly type: 'end' }
  | { readonly type: 'group'; readonly index: number; readonly alternatives: readonly Sequence[] }
  | { readonly type: 'back'; readonly index: number }
  | { readonly type: 'repeat'; readonly node: Node; readonly min: number; readonly max: number }

export type Sequence = readonly Node[]

export interface Regex {
  readonly alternatives: readonly Sequence[]
  readonly groups: number
  /** Whether the first way to match may be shorter than the longest, which POSIX asks for. */
  readonly isAmbiguous: boolean
}

export interface RegexDialect {
  /** ERE as of `grep -E`; otherwise BRE with GNU's `\|`, `\+` and `\?`. */
  readonly extended: boolean
  readonly ignoreCase: boolean
}

type Operator = '(' | ')' | '|' | '*' | '+' | '?' | '{' | '^' | '$'
type Symbol = { readonly length: number } & ({ readonly operator: Operator } | { readonly node: Node })

interface Reader {
  readonly pattern: string
  readonly dialect: RegexDialect
  at: number
  groups: number
  /** The groups that are complete: only those can be referred back to. */
  readonly closed: Set<number>
  depth: number
  isAmbiguous: boolean
}

const LONGEST_PATTERN = 4096
const DEEPEST_GROUP = 20
const MOST_REPETITIONS = 32_767

const everyByte = (belongs: (byte: string) => boolean): boolean[] => ALL_BYTES.map(belongs)

const setOf = (members: Iterable<string>, { ignoreCase }: RegexDialect, isNegated = false): Node => {
  const known = new Set([...members].flatMap((byte) => (ignoreCase ? [byte.toLowerCase(), byte.toUpperCase()] : [byte])))
  return { type: 'set', bytes: everyByte((byte) => known.has(byte) !== isNegated) }
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
  return { length: BRACKET_ITEM.lastIndex + 1 - at, node: setOf(members, dialect, isNegated) }
}

const wordBytes = [...(classBytes('alnum') ?? []), '_']
const spaceBytes = classBytes('space') ?? []

const escapedNode = (char: string, dialect: RegexDialect): Node => {
  if (/[1-9]/.test(char)) return { type: 'back', index: Number(char) }
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
  if (char === '.') return { length: 1, node: { type: 'set', bytes: everyByte(() => true) } }
  if (char === '*' || char === '^' || char === '$') return { length: 1, operator: char }
  const isEscaped = char === '\\'
  const shown = isEscaped ? pattern[at + 1] : char
  if (shown === undefined) throw new Error('Trailing backslash')
  const length = isEscaped ? 2 : 1
  if ('(){|+?'.includes(shown) && isEscaped !== dialect.extended) return { length, operator: shown as Operator }
  return { length, node: isEscaped ? escapedNode(shown, dialect) : setOf(shown, dialect) }
}

const INTERVALS = { basic: /(\d*)(,?)(\d*)\\\}/y, extended: /(\d*)(,?)(\d*)\}/y }

const readInterval = (reader: Reader): { min: number; max: number } => {
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

const TIMES: Readonly<Record<string, { min: number; max: number }>> = {
  '*': { min: 0, max: Number.POSITIVE_INFINITY },
  '+': { min: 1, max: Number.POSITIVE_INFINITY },
  '?': { min: 0, max: 1 },
}

/** The node with the repetitions written behind it. */
const readRepeats = (reader: Reader, first: Node): Node => {
  let node = first
  for (;;) {
    const symbol = readSymbol(reader)
    if (!symbol || !('operator' in symbol) || !'*+?{'.includes(symbol.operator)) return node
    reader.at += symbol.length
    const times = TIMES[symbol.operator] ?? readInterval(reader)
    if (node.type !== 'set') reader.isAmbiguous = true
    node = { type: 'repeat', node, ...times }
  }
}

const readGroup = (reader: Reader): Node => {
  reader.groups += 1
  reader.depth += 1
  if (reader.depth > DEEPEST_GROUP) throw new Error('Regular expression too big')
  const index = reader.groups
  const alternatives = readAlternatives(reader)
  const close = readSymbol(reader)
  if (!close || !('operator' in close) || close.operator !== ')') throw new Error('Unmatched ( or \\(')
  reader.at += close.length
  reader.depth -= 1
  reader.closed.add(index)
  return { type: 'group', index, alternatives }
}

const endsSequence = (symbol: Symbol | undefined, depth: number): boolean =>
  !symbol || ('operator' in symbol && (symbol.operator === '|' || (symbol.operator === ')' && depth > 0)))

/** In BRE `^` is an anchor only where a sequence starts, `$` only where it ends, and `*` at its start is a star. */
const operatorNode = (reader: Reader, operator: Operator, isFirst: boolean): Node => {
  const { dialect, depth } = reader
  if (operator === '(') return readGroup(reader)
  if (operator === '^' && (dialect.extended || isFirst)) return { type: 'start' }
  if (operator === '$' && (dialect.extended || endsSequence(readSymbol(reader), depth))) return { type: 'end' }
  if (operator === ')' && !dialect.extended) throw new Error('Unmatched ) or \\)')
  if (operator === '{' || ((operator === '+' || operator === '?') && !isFirst))
    throw new Error('Invalid preceding regular expression')
  return setOf(operator, dialect)
}

const checkReference = (symbol: Symbol, { closed }: Reader): void => {
  const isOpen = 'node' in symbol && symbol.node.type === 'back' && !closed.has(symbol.node.index)
  if (isOpen) throw new Error('Invalid back reference')
}

const readSequence = (reader: Reader): Sequence => {
  const nodes: Node[] = []
  for (;;) {
    const symbol = readSymbol(reader)
    if (!symbol || endsSequence(symbol, reader.depth)) return nodes
    reader.at += symbol.length
    checkReference(symbol, reader)
    const isFirst = nodes.every(({ type }) => type === 'start')
    const node =
      'node' in symbol
        ? symbol.node
        : operatorNode(reader, symbol.operator, symbol.operator === '^' ? nodes.length === 0 : isFirst)
    nodes.push(node.type === 'start' || node.type === 'end' ? node : readRepeats(reader, node))
  }
}

const readAlternatives = (reader: Reader): Sequence[] => {
  const alternatives = [readSequence(reader)]
  for (;;) {
    const symbol = readSymbol(reader)
    if (!symbol || !('operator' in symbol) || symbol.operator !== '|') return alternatives
    reader.at += symbol.length
    reader.isAmbiguous = true
    alternatives.push(readSequence(reader))
  }
}

/** Reads a POSIX regular expression. Throws an Error with the words of grep and sed. */
export const parseRegex = (pattern: string, dialect: RegexDialect): Regex => {
  if (pattern.length > LONGEST_PATTERN) throw new Error('Regular expression too big')
  const reader: Reader = { pattern, dialect, at: 0, groups: 0, closed: new Set(), depth: 0, isAmbiguous: false }
  const alternatives = readAlternatives(reader)
  return { alternatives, groups: reader.groups, isAmbiguous: reader.isAmbiguous }
}
