import type { CommandOutcome, Invocation } from './command.ts'
import { lastValue, type Options, readOptions } from './options.ts'
import { compileRegex, type Regex } from './regex.ts'
import { linesOfText, readOperands, withoutNewline } from './text.ts'

type Spend = Invocation['spendMatching']

const matchesIn = (regex: Regex, line: string, spend: Spend): string[] => {
  const found: string[] = []
  for (let from = 0; from <= line.length; ) {
    const match = regex.find(line, from, spend)
    if (!match) break
    if (match.end > match.start) found.push(line.slice(match.start, match.end))
    from = Math.max(match.end, match.start + 1)
  }
  return found
}

const shown = (selected: readonly string[], regex: Regex, { flags }: Options, spend: Spend): string[] => {
  if (flags.has('q')) return []
  if (flags.has('c')) return [String(selected.length)]
  if (!flags.has('o')) return [...selected]
  return flags.has('v') ? [] : selected.flatMap((line) => matchesIn(regex, line, spend))
}

const select = (pattern: string, options: Options, text: string, spend: Spend): CommandOutcome => {
  const { flags } = options
  const regex = compileRegex(pattern, { extended: flags.has('E'), ignoreCase: flags.has('i') }, spend)
  const isSelected = (line: string) => (regex.find(line, 0, spend) !== undefined) !== flags.has('v')
  const selected = linesOfText(text).map(withoutNewline).filter(isSelected)
  const out = shown(selected, regex, options, spend).map((line) => `${line}\n`)
  return { status: selected.length > 0 ? 0 : 1, out: out.join('') }
}

/** grep with -o, -E, -q, -i, -c, -v and -e: exit code 0 when a line is selected, 1 when none is, 2 for trouble. */
export const grep = ({ args, input, spendMatching }: Invocation): CommandOutcome => {
  const options = readOptions(args, { flags: 'oEqicv', valued: 'e' })
  if (options.unfit !== undefined) return { status: 2, err: `grep: invalid option -- '${options.unfit}'\n` }
  const given = lastValue(options, 'e')
  const [pattern, ...operands] = given === undefined ? options.operands : [given, ...options.operands]
  if (pattern === undefined) return { status: 2, err: 'Usage: grep [OPTION]... PATTERNS [FILE]...\n' }
  const { text, absent } = readOperands(operands, input)
  if (absent !== undefined) return { status: 2, err: `grep: ${absent}: No such file or directory\n` }
  try {
    return select(pattern, options, text, spendMatching)
  } catch (failure) {
    if (failure instanceof Error && failure.name === 'Error') return { status: 2, err: `grep: ${failure.message}\n` }
    throw failure
  }
}
