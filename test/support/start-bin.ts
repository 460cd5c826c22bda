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
  /** The bin to start; the checkout's own by default. */
  readonly bin?: string
  readonly env: Readonly<Record<string, string>>
  readonly input?: string
  /** Ended by force after so many ms: a test must not wait for ever for a program that hangs. */
  readonly patience?: number
}

const BIN = 'bin/ir-cred.js'

/** Starts ir-cred as a process without a terminal, and does not wait for it: to look on while it runs, and to disturb it. */
export const startBin = (
  args: readonly string[],
  { bin = BIN, env, input = '', patience = 80_000 }: StartOptions,
): StartedBin => {
  const started = spawn(process.execPath, [bin, ...args], {
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: patience,
    killSignal: 'SIGKILL',
  })
  started.stdin.on('error', () => {})
  started.stdin.end(input)
  const lines: string[] = []
  const waiting = new Set<() => void>()
  let stderr = ''
  started.stderr.setEncoding('utf8').on('data', (data: string) => {
    stderr += data
  })
  createInterface(started.stdout).on('line', (line) => {
    lines.push(line)
    for (const look of waiting) look()
  })
  const ended = endOf(started).then((code) => ({ code, stdout: lines.map((line) => `${line}\n`).join(''), stderr }))
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
    pid: started.pid,
    lines,
    ended,
    line,
    kill: (signal) => void started.kill(signal),
    closeStdout: () => void started.stdout.destroy(),
  }
}

const endOf = (started: ChildProcess): Promise<number | null> =>
  new Promise((resolve, reject) => {
    started.once('error', reject)
    started.once('close', (code) => resolve(code))
  })

/** Starts ir-cred and waits for its end. */
export const ranBin = (args: readonly string[], options: StartOptions): Promise<Ran> => startBin(args, options).ended
