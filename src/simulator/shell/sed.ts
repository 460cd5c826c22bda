import type { CommandOutcome, Invocation } from './command.ts'
import { readOptions } from './options.ts'
import { findMatch } from './regex-match.ts'
import { type Edit, parseEdits, type Substitution } from './sed-syntax.ts'
import { linesOfText, readOperands, withoutNewline } from './text.ts'

type Spend = Invocation['spendMatching']

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
  for (let match = findMatch(regex, text, 0, spend); match; match = findMatch(regex, text, from, spend)) {
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
        : findMatch(address, text, 0, spend) !== undefined
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
    const edits = parseEdits(scripts.join('\n'), flags.has('E') || flags.has('r'))
    return { status: 0, out: editAll(edits, text, flags.has('n'), spendMatching) }
  } catch (failure) {
    if (failure instanceof Error && failure.name === 'Error')
      return { status: 1, err: `sed: -e expression #1: ${failure.message}\n` }
    throw failure
  }
}
