import { given } from '../../incident/values/given.ts'
import type { CommandOutcome, Invocation } from './command.ts'
import { readOptions } from './options.ts'
import { compileRegex, type Regex } from './regex.ts'
import { linesOfText, readOperands, withoutNewline } from './text.ts'

type Spend = Invocation['spendMatching']

interface Substitution {
  readonly regex: Regex
  /** Texts, and the numbers of groups; 0 is the whole match. */
  readonly replacement: readonly (string | number)[]
  readonly everywhere: boolean
  readonly print: boolean
}

interface Edit {
  /** A line's number, the last line, or the lines that match. */
  readonly address?: number | '$' | Regex
  readonly isNegated: boolean
  readonly command: 'p' | 'd' | 'q' | Substitution
}

const LONGEST_SCRIPT = 10_000

interface ScriptReader {
  readonly script: string
  readonly extended: boolean
  readonly spend: Spend
  at: number
}

const takeMatch = (reader: ScriptReader, pattern: RegExp): RegExpExecArray | undefined => {
  pattern.lastIndex = reader.at
  const match = pattern.exec(reader.script) ?? undefined
  reader.at += match?.[0].length ?? 0
  return match
}

/** The text up to the delimiter; one that is escaped or, in a pattern, within brackets does not end it. */
const readDelimited = (reader: ScriptReader, delimiter: string, isPattern: boolean): string => {
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

const readRegex = (reader: ScriptReader, delimiter: string): Regex => {
  const pattern = readDelimited(reader, delimiter, true)
  if (pattern === '') throw new Error('no previous regular expression')
  return compileRegex(pattern, { extended: reader.extended, ignoreCase: false }, reader.spend)
}

const readAddress = (reader: ScriptReader): Edit['address'] => {
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

const readSubstitution = (reader: ScriptReader): Substitution => {
  const delimiter = takeMatch(reader, /[^\n\\]/y)?.[0]
  if (delimiter === undefined) throw new Error("unterminated `s' command")
  const regex = readRegex(reader, delimiter)
  const replacement = replacementOf(readDelimited(reader, delimiter, false), regex.groups)
  const flags = takeMatch(reader, /[gp]*/y)?.[0] ?? ''
  return { regex, replacement, everywhere: flags.includes('g'), print: flags.includes('p') }
}

const readEdit = (reader: ScriptReader): Edit => {
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
  return { isNegated, command, ...given({ address }) }
}

/** Reads a sed script. Throws an Error with sed's words for what it cannot read. */
const parseEdits = (script: string, extended: boolean, spend: Spend): Edit[] => {
  if (script.length > LONGEST_SCRIPT) throw new Error('script too long')
  const reader: ScriptReader = { script, extended, spend, at: 0 }
  const edits: Edit[] = []
  for (;;) {
    takeMatch(reader, /[\s;]*/y)
    if (reader.at >= script.length) return edits
    edits.push(readEdit(reader))
  }
}

interface Line {
  readonly number: number
  readonly isLast: boolean
  readonly hasNewline: boolean
}

/** The line after `s/…/…/`, and whether anything was replaced. */
const substitute = ({ regex, replacement, everywhere }: Substitution, text: string, spend: Spend): string | undefined => {
  let out = ''
  let from = 0
  let end = -1
  for (let match = regex.find(text, 0, spend); match; match = regex.find(text, from, spend)) {
    const { start, groups } = match
    const isEmptyAfterMatch = match.end === start && start === end
    const matched = text.slice(start, match.end)
    const replaced = replacement.map((piece) =>
      typeof piece === 'string' ? piece : piece === 0 ? matched : (groups[piece - 1] ?? ''),
    )
    out += text.slice(Math.max(end, 0), start) + (isEmptyAfterMatch ? '' : replaced.join(''))
    spend(replaced.reduce((sum, piece) => sum + piece.length, 1))
    end = match.end
    from = match.end > start ? match.end : match.end + 1
    if (!everywhere || from > text.length) break
  }
  return end < 0 ? undefined : out + text.slice(end)
}

const isAddressed = ({ address, isNegated }: Edit, text: string, line: Line, spend: Spend): boolean => {
  spend(1)
  if (address === undefined) return true
  const isMeant =
    address === '$'
      ? line.isLast
      : typeof address === 'number'
        ? address === line.number
        : address.find(text, 0, spend) !== undefined
  return isMeant !== isNegated
}

interface Printer {
  out: string
  lacksNewline: boolean
}

/** A last line without a newline stays without, unless something is printed after it. */
const print = (printer: Printer, text: string, { hasNewline }: Line): void => {
  printer.out += `${printer.lacksNewline ? '\n' : ''}${text}${hasNewline ? '\n' : ''}`
  printer.lacksNewline = !hasNewline
}

/** Edits one line; gives false where `q` ends the run. */
const editLine = (
  edits: readonly Edit[],
  original: string,
  line: Line,
  isQuiet: boolean,
  printer: Printer,
  spend: Spend,
): boolean => {
  let text = original
  for (const edit of edits) {
    if (!isAddressed(edit, text, line, spend)) continue
    if (edit.command === 'd') return true
    if (edit.command === 'q') {
      if (!isQuiet) print(printer, text, line)
      return false
    }
    const changed = edit.command === 'p' ? text : substitute(edit.command, text, spend)
    text = changed ?? text
    if (changed !== undefined && (edit.command === 'p' || edit.command.print)) print(printer, text, line)
  }
  if (!isQuiet) print(printer, text, line)
  return true
}

const editAll = (edits: readonly Edit[], text: string, isQuiet: boolean, spend: Spend): string => {
  const printer: Printer = { out: '', lacksNewline: false }
  const lines = linesOfText(text)
  for (const [index, content] of lines.entries()) {
    const line = { number: index + 1, isLast: index === lines.length - 1, hasNewline: content.endsWith('\n') }
    spend(content.length)
    if (!editLine(edits, withoutNewline(content), line, isQuiet, printer, spend)) break
  }
  return printer.out
}

/** sed with -n, -e, -E and the commands s, p, d and q, each with an address of a line, `$` or `/re/`. */
export const sed = ({ args, input, spendMatching }: Invocation): CommandOutcome => {
  const { flags, values, operands, unfit } = readOptions(args, { flags: 'nEr', valued: 'e' })
  if (unfit !== undefined) return { status: 1, err: `sed: invalid option -- '${unfit}'\n` }
  const scripts = values.get('e') ?? operands.slice(0, 1)
  if (scripts.length === 0) return { status: 1, err: 'Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...\n' }
  const { text, absent } = readOperands(values.has('e') ? operands : operands.slice(1), input)
  if (absent !== undefined) return { status: 2, err: `sed: can't read ${absent}: No such file or directory\n` }
  try {
    const edits = parseEdits(scripts.join('\n'), flags.has('E') || flags.has('r'), spendMatching)
    return { status: 0, out: editAll(edits, text, flags.has('n'), spendMatching) }
  } catch (failure) {
    if (failure instanceof Error && failure.name === 'Error')
      return { status: 1, err: `sed: -e expression #1: ${failure.message}\n` }
    throw failure
  }
}
