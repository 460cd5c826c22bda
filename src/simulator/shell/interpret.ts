import { type ScriptBudget, spend } from './budget.ts'
import type { ScriptHost } from './command.ts'
import { type Expansion, expandFields, expandText } from './expand.ts'
import { programs } from './programs.ts'
import { setOptions } from './set-options.ts'
import { type AndOr, type List, type Pipeline, type Redirection, type ShellCommand, ShellSyntaxError } from './syntax.ts'
import { withoutTrailingNewlines } from './text.ts'

/** One shell, or a subshell with its own copy of everything it may change. */
export interface Shell {
  readonly variables: Map<string, string>
  readonly options: Set<string>
  readonly host: ScriptHost
  readonly budget: ScriptBudget
  /** The exit code of the last pipeline: `$?`. */
  status: number
  /** The exit code of the last substitution: that of a command that is nothing but assignments. */
  substituted: number
  line: number
}

interface Sink {
  text: string
}

/** Where a command reads and writes. Descriptors joined by `2>&1` share one sink. */
export interface Streams {
  readonly input: Sink
  readonly out: Sink
  readonly err: Sink
}

/** Leaves the shell or subshell it happens in. */
export class ShellExit extends Error {
  override readonly name = 'ShellExit'
  readonly status: number

  constructor(status: number, message = '') {
    super(message)
    this.status = status
  }
}

const write = (shell: Shell, sink: Sink, text: string): void => {
  spend(shell.budget, 'output', text.length)
  sink.text += text
}

const complain = (shell: Shell, streams: Streams, message: string): void =>
  write(shell, streams.err, `sh: ${shell.line}: ${message}\n`)

const inSubshell = (parent: Shell, streams: Streams, run: (shell: Shell) => number): number => {
  const shell: Shell = { ...parent, variables: new Map(parent.variables), options: new Set(parent.options) }
  try {
    return run(shell)
  } catch (failure) {
    if (!(failure instanceof ShellExit)) throw failure
    if (failure.message !== '') complain(shell, streams, failure.message)
    return failure.status
  }
}

const outputOf = (body: List, shell: Shell, streams: Streams): string => {
  const out: Sink = { text: '' }
  shell.substituted = inSubshell(shell, streams, (sub) => runList(body, sub, { ...streams, out }, false))
  return withoutTrailingNewlines(out.text.replaceAll('\0', ''))
}

const ALWAYS_SET: ReadonlyMap<string, string> = new Map(
  Object.entries({ '#': '0', $: '1', '0': 'sh', '@': '', '*': '', '!': '', '-': '' }),
)

const parameterOf = (name: string, shell: Shell): string | undefined =>
  name === '?' ? String(shell.status) : (shell.variables.get(name) ?? ALWAYS_SET.get(name))

const requiredValueOf = (name: string, shell: Shell): string => {
  const value = parameterOf(name, shell)
  if (value === undefined && shell.options.has('u')) throw new ShellExit(2, `${name}: parameter not set`)
  return value ?? ''
}

const expansionIn = (shell: Shell, streams: Streams): Expansion => ({
  valueOf: (name) => parameterOf(name, shell),
  requiredValueOf: (name) => requiredValueOf(name, shell),
  outputOf: (body) => outputOf(body, shell, streams),
  fail: (message) => {
    throw new ShellExit(2, message)
  },
  spend: (bytes) => spend(shell.budget, 'output', bytes),
})

/** The stream that `>&1` or `>/dev/stderr` names; `none` swallows. */
const streamNamed = (target: string, { out, err }: Streams, none: string): Sink | undefined => {
  if (target === '1' || target === '/dev/stdout') return out
  if (target === '2' || target === '/dev/stderr') return err
  return target === none ? { text: '' } : undefined
}

/** The streams after the redirections, or what could not be opened: the simulated instance has no files. */
const redirect = (redirections: readonly Redirection[], shell: Shell, before: Streams): Streams | string => {
  let streams = before
  for (const { descriptor, operator, target } of redirections) {
    const path = expandText(target, expansionIn(shell, before))
    if (operator === '<' && path !== '/dev/null') return `cannot open ${path}: No such file`
    const sink = streamNamed(path, streams, operator === '>&' ? '-' : '/dev/null')
    if (!sink && operator === '>&') throw new ShellSyntaxError(shell.line, 'Bad fd number')
    if (!sink) return `cannot create ${path}: Permission denied`
    if (descriptor <= 2) streams = { ...streams, [(['input', 'out', 'err'] as const)[descriptor] ?? 'err']: sink }
  }
  return streams
}

const runProgram = (name: string, args: readonly string[], shell: Shell, streams: Streams): number => {
  const program = programs.get(name.replace(/^(\/usr)?\/bin\//, ''))
  if (!program) {
    complain(shell, streams, `${name}: not found`)
    return 127
  }
  const input = () => {
    const { text } = streams.input
    streams.input.text = ''
    return text
  }
  const spendMatching = (steps: number) => spend(shell.budget, 'matching', steps)
  const { status, out = '', err = '', complaint } = program({ args, input, host: shell.host, spendMatching })
  write(shell, streams.out, out)
  write(shell, streams.err, err)
  if (complaint !== undefined) complain(shell, streams, complaint)
  return status
}

/** As E2BIG: what a command does with its arguments may take time beyond their number. */
const MOST_FIELDS = 10_000

const exit = (argument: string | undefined, shell: Shell): never => {
  if (argument !== undefined && !/^\d{1,9}$/.test(argument)) throw new ShellExit(2, `exit: Illegal number: ${argument}`)
  throw new ShellExit(argument === undefined ? shell.status : Number(argument) % 256)
}

const runFields = (fields: readonly string[], shell: Shell, streams: Streams): number => {
  const [name = '', ...args] = fields
  if (shell.options.has('x')) write(shell, streams.err, `+ ${fields.join(' ')}\n`)
  if (fields.length > MOST_FIELDS) {
    complain(shell, streams, `${name}: Argument list too long`)
    return 126
  }
  if (name === 'exit') return exit(args[0], shell)
  if (name !== 'set') return runProgram(name, args, shell, streams)
  const illegal = setOptions(args, shell.options)
  if (illegal !== undefined) throw new ShellExit(2, `set: Illegal option ${illegal}`)
  return 0
}

type Simple = Extract<ShellCommand, { type: 'simple' }>

const runSimple = ({ line, words, assignments, redirections }: Simple, shell: Shell, before: Streams): number => {
  spend(shell.budget, 'commands', 1)
  shell.line = line
  shell.substituted = 0
  const expansion = expansionIn(shell, before)
  const fields = words.flatMap((word) => expandFields(word, expansion))
  const streams = redirect(redirections, shell, before)
  const values = assignments.map(({ name, value }) => [name, expandText(value, expansion)] as const)
  if (typeof streams === 'string') {
    complain(shell, before, streams)
    return 2
  }
  if (fields.length > 0) return runFields(fields, shell, streams)
  for (const [name, value] of values) shell.variables.set(name, value)
  return shell.substituted
}

const runCommand = (command: ShellCommand, shell: Shell, before: Streams, tested: boolean): number => {
  if (command.type === 'simple') return runSimple(command, shell, before)
  shell.line = command.line
  const streams = redirect(command.redirections, shell, before)
  if (typeof streams === 'string') {
    complain(shell, before, streams)
    return 2
  }
  if (command.type === 'group') {
    const run = (inner: Shell) => runList(command.body, inner, streams, tested)
    return command.subshell ? inSubshell(shell, streams, run) : run(shell)
  }
  const branch = command.branches.find(({ condition }) => runList(condition, shell, streams, true) === 0)
  return runList(branch ? branch.body : (command.otherwise ?? []), shell, streams, tested)
}

const runPiped = (commands: readonly ShellCommand[], shell: Shell, streams: Streams, tested: boolean): number => {
  let input = streams.input
  let status = 0
  for (const [index, command] of commands.entries()) {
    const out = index === commands.length - 1 ? streams.out : { text: '' }
    status = inSubshell(shell, streams, (sub) => runCommand(command, sub, { ...streams, input, out }, tested))
    input = out
  }
  return status
}

const leavesOnError = ({ negated, commands: [first, second] }: Pipeline): boolean =>
  !negated && (second !== undefined || first?.type === 'simple' || (first?.type === 'group' && first.subshell))

/** `tested`: its failure is looked at by `if`, `&&`, `||` or `!`, so `set -e` does not leave ("set", -e). */
const runPipeline = (pipeline: Pipeline, shell: Shell, streams: Streams, tested: boolean): number => {
  const { negated, commands } = pipeline
  const [only] = commands
  const isTested = tested || negated
  const status =
    only && commands.length === 1 ? runCommand(only, shell, streams, isTested) : runPiped(commands, shell, streams, isTested)
  shell.status = negated ? Number(status === 0) : status
  if (status !== 0 && !tested && shell.options.has('e') && leavesOnError(pipeline)) throw new ShellExit(status)
  return shell.status
}

const runAndOr = (joined: AndOr, shell: Shell, streams: Streams, tested: boolean): number => {
  let status = 0
  for (const [index, { after, pipeline }] of joined.entries()) {
    if (after !== undefined && (after === '&&') !== (status === 0)) continue
    status = runPipeline(pipeline, shell, streams, tested || index < joined.length - 1)
  }
  return status
}

/** Runs commands one after the other and gives the exit code of the last. Throws ShellExit to leave the shell. */
export const runList = (list: List, shell: Shell, streams: Streams, tested: boolean): number => {
  let status = 0
  for (const joined of list) status = runAndOr(joined, shell, streams, tested)
  return status
}
