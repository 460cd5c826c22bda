import { given } from '../../incident/values/given.ts'
import { Killed, newBudget } from './budget.ts'
import type { ScriptHost } from './command.ts'
import { runList, type Shell, ShellExit, type Streams } from './interpret.ts'
import { readLine, scriptCursor } from './parse.ts'
import { ShellSyntaxError } from './syntax.ts'

export interface ScriptResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

const KILLED = 137

const toBytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')
const fromBytes = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('utf8')

/** The host for a shell whose every character is a byte, as `head -c` and `cut -c` count them. */
const inBytes = ({ http, now, hostname }: ScriptHost): ScriptHost => ({
  http: ({ method, url, headers }) => {
    const decoded = Object.fromEntries(Object.entries(headers).map(([name, value]) => [fromBytes(name), fromBytes(value)]))
    const answer = http({ method: fromBytes(method), url: fromBytes(url), headers: decoded })
    return answer && { status: answer.status, body: toBytes(answer.body) }
  },
  ...given({ now, hostname }),
})

const runLines = (source: string, shell: Shell, streams: Streams): number => {
  const cursor = scriptCursor(source)
  for (let line = readLine(cursor); line; line = readLine(cursor)) runList(line, shell, streams, false)
  return shell.status
}

const exitCodeOf = (source: string, shell: Shell, streams: Streams): number => {
  try {
    return runLines(source, shell, streams)
  } catch (ending) {
    if (ending instanceof Killed) return KILLED
    if (ending instanceof ShellExit) {
      if (ending.message !== '') streams.err.text += `sh: ${shell.line}: ${ending.message}\n`
      return ending.status
    }
    if (!(ending instanceof ShellSyntaxError)) throw ending
    streams.err.text += `sh: ${ending.line}: Syntax error: ${ending.message}\n`
    return 2
  }
}

/**
 * Runs the commands of an AWS-RunShellScript document, one a line, as a POSIX shell on the simulated instance would.
 * Nothing is ever started and nothing but `host` is reached: the commands may come from anybody, and the computer that
 * simulates is not theirs. At most 10,000 commands and 1 MB of output, then exit code 137.
 */
export const runScript = (commands: readonly string[], host: ScriptHost): ScriptResult => {
  const streams: Streams = { input: { text: '' }, out: { text: '' }, err: { text: '' } }
  const shell: Shell = {
    variables: new Map(),
    options: new Set(),
    host: inBytes(host),
    budget: newBudget(),
    status: 0,
    substituted: 0,
    line: 1,
  }
  const exitCode = exitCodeOf(toBytes(commands.join('\n')), shell, streams)
  return { exitCode, stdout: fromBytes(streams.out.text), stderr: fromBytes(streams.err.text) }
}
