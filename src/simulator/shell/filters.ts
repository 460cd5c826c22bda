import { ALL_BYTES, classBytes } from './bytes.ts'
import type { CommandOutcome, Invocation, Program } from './command.ts'
import { lastValue, type OptionNames, type Options, readOptions } from './options.ts'
import { linesOfText, readOperands, unescaped, withoutNewline } from './text.ts'

const filter =
  (name: string, names: OptionNames, change: (text: string, options: Options) => string | undefined): Program =>
  ({ args, input }) => {
    const options = readOptions(args, names)
    const { text, absent } = readOperands(options.operands, input)
    const out = options.unfit === undefined ? change(text, options) : undefined
    if (out === undefined) return { status: 1, err: `${name}: invalid option or value in '${args.join(' ')}'\n` }
    if (absent === undefined) return { status: 0, out }
    return { status: 1, out, err: `${name}: ${absent}: No such file or directory\n` }
  }

/** `-5` is the old way to write `-n 5`. */
const withCount =
  (program: Program): Program =>
  (invocation) =>
    program({ ...invocation, args: invocation.args.flatMap((arg) => (/^-\d+$/.test(arg) ? ['-n', arg.slice(1)] : [arg])) })

const countOf = (text: string): number | undefined => (/^\d{1,15}$/.test(text) ? Number(text) : undefined)

/** Standard input as it is. */
export const cat = filter('cat', { flags: 'u' }, (text) => text)

/** The first lines (`-n`, 10 by default) or bytes (`-c`). */
export const head = withCount(
  filter('head', { valued: 'nc' }, (text, options) => {
    const bytes = lastValue(options, 'c')
    const count = countOf(bytes ?? lastValue(options, 'n') ?? '10')
    if (count === undefined) return undefined
    return bytes === undefined ? linesOfText(text).slice(0, count).join('') : text.slice(0, count)
  }),
)

/** The last lines (`-n 3`), or those from one on (`-n +3`). */
export const tail = withCount(
  filter('tail', { valued: 'n' }, (text, options) => {
    const wanted = lastValue(options, 'n') ?? '10'
    const isFromStart = wanted.startsWith('+')
    const count = countOf(isFromStart ? wanted.slice(1) : wanted)
    if (count === undefined) return undefined
    const lines = linesOfText(text)
    return lines.slice(isFromStart ? Math.max(0, count - 1) : Math.max(0, lines.length - count)).join('')
  }),
)

const MOST_RANGES = 100
const LONGEST_SET = 1_000

/** The columns of a list such as `1,3-5,7-`, as a test of a column's number. */
const columnsOf = (list: string): ((column: number) => boolean) | undefined => {
  const ranges = list.split(',').map((range) => /^(\d{1,9})?(-)?(\d{1,9})?$/.exec(range))
  if (ranges.length > MOST_RANGES || ranges.some((range) => !range || (range[1] ?? range[3]) === undefined)) return undefined
  return (column) =>
    ranges.some((range) => {
      const from = Number(range?.[1] ?? 1)
      const to = range?.[2] === undefined ? from : Number(range[3] ?? Number.POSITIVE_INFINITY)
      return column >= from && column <= to
    })
}

/** Fields (`-f`, separated by `-d`) or bytes (`-c`) of each line. */
export const cut = filter('cut', { valued: 'dfc', flags: 's' }, (text, options) => {
  const characters = lastValue(options, 'c')
  const isWanted = columnsOf(characters ?? lastValue(options, 'f') ?? '')
  const delimiter = characters === undefined ? (lastValue(options, 'd') ?? '\t') : ''
  if (!isWanted || delimiter.length > 1) return undefined
  const cutLine = (line: string): string[] => {
    if (delimiter !== '' && !line.includes(delimiter)) return options.flags.has('s') ? [] : [line]
    return [
      line
        .split(delimiter)
        .filter((_field, index) => isWanted(index + 1))
        .join(delimiter),
    ]
  }
  return linesOfText(text)
    .flatMap((line) => cutLine(withoutNewline(line)))
    .map((line) => `${line}\n`)
    .join('')
})

const setOf = (text: string): string[] | undefined => {
  if (text.length > LONGEST_SET) return undefined
  const set: string[] = []
  const plain = text.replace(/\[:(\w+):\]/g, (whole, name: string) => classBytes(name)?.join('') ?? whole)
  const chars = [...plain.matchAll(/\\(?:[0-7]{1,3}|[\s\S])|[\s\S]/g)].map(([char]) => unescaped(char, (escaped) => escaped))
  for (let index = 0; index < chars.length; index += 1) {
    const [from = '', dash, to] = chars.slice(index, index + 3)
    const isRange = dash === '-' && to !== undefined
    if (isRange && to < from) return undefined
    set.push(...(isRange ? ALL_BYTES.slice(from.charCodeAt(0), to.charCodeAt(0) + 1) : [from]))
    if (isRange) index += 2
  }
  return set
}

const translate = (text: string, from: readonly string[], to: readonly string[]): string => {
  const replacements = new Map(from.map((char, index) => [char, to[index] ?? to.at(-1) ?? char] as const))
  return text.replace(/[\s\S]/g, (char) => replacements.get(char) ?? char)
}

/** Translates bytes, deletes them (`-d`) or squeezes runs of them (`-s`); `-c` means all others. */
export const tr = ({ args, input }: Invocation): CommandOutcome => {
  const { flags, operands, unfit } = readOptions(args, { flags: 'dcCs' })
  const [first, second] = operands.map(setOf)
  const isComplete = first && (second ? second.length > 0 : flags.has('d') || flags.has('s'))
  if (unfit !== undefined || !isComplete) return { status: 1, err: `tr: cannot translate by '${args.join(' ')}'\n` }
  const from = flags.has('c') || flags.has('C') ? ALL_BYTES.filter((byte) => !first.includes(byte)) : first
  const deleted = flags.has('d') ? without(input(), new Set(from)) : input()
  const changed = second && !flags.has('d') ? translate(deleted, from, second) : deleted
  return { status: 0, out: flags.has('s') ? squeeze(changed, new Set(second ?? from)) : changed }
}

const without = (text: string, gone: ReadonlySet<string>): string =>
  text.replace(/[\s\S]/g, (char) => (gone.has(char) ? '' : char))

const squeeze = (text: string, repeated: ReadonlySet<string>): string =>
  text.replace(/([\s\S])\1+/g, (run, char: string) => (repeated.has(char) ? char : run))
