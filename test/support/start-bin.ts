import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Ran } from './run-bin.ts'

export interface StartedBin {
  readonly pid: number | undefined
  /** Lines of standard output so far. */
  readonly lines: readonly string[]
  /** How it ended; `code` is null when a signal ended it. */
  readonly ended: Promise<Ran>
  /** The first line of standard output, also of those gone by, that the test is waiting for. Rejects when the process ends without it. */
  line(isIt: (line: string, index: number) => boolean): Promise<string>
  kill(signal: NodeJS.Signals): void
  /** Lets nobody read standard output any more. */
  closeStdout(): void
}

export interface StartOptions {
  readonly env: Readonly<Record<string, string>>
  readonly input?: string
  /** Ended by force after so many ms: a test must not wait for ever for a program that hangs. */
  readonly patience?: number
}

const BIN = 'bin/ir-cred.js'

/** Starts ir-cred as a process without a terminal, and does not wait for it: to look on while it runs, and to disturb it. */
export const startBin = (args: readonly string[], { env, input = '', patience = 80_000 }: StartOptions): StartedBin => {
  const chainedSession = spawn(process.execPath, [BIN, ...args], {
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: patience,
    killSignal: 'SIGKILL',
  })
  chainedSession.stdin.on('error', () => {})
  chainedSession.stdin.end(input)
  const lines: string[] = []
  const waiting = new Set<() => void>()
  let stderr = ''
  chainedSession.stderr.setEncoding('utf8').on('data', (data: string) => {
    stderr += data
  })
  createInterface(chainedSession.stdout).on('line', (line) => {
    lines.push(line)
    for (const look of waiting) look()
  })
  const ended = endOf(chainedSession).then((code) => ({ code, stdout: lines.map((line) => `${line}\n`).join(''), stderr }))
  const line: StartedBin['line'] = (isIt) =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = lines.find(isIt)
        if (found === undefined) return
        waiting.delete(look)
        resolve(found)
      }
      waiting.add(look)
      look()
      void ended.then(({ code }) => reject(new Error(`ir-cred ${args[0]} ended with ${code} and without the line:\n${stderr}`)))
    })
  return {
    pid: chainedSession.pid,
    lines,
    ended,
    line,
    kill: (signal) => void chainedSession.kill(signal),
    closeStdout: () => void chainedSession.stdout.destroy(),
  }
}

const endOf = (chainedSession: ChildProcess): Promise<number | null> =>
  new Promise((resolve, reject) => {
    chainedSession.once('error', reject)
    chainedSession.once('close', (code) => resolve(code))
  })

/** Starts ir-cred and waits for its end. */
export const ranBin = (args: readonly string[], options: StartOptions): Promise<Ran> => startBin(args, options).ended
