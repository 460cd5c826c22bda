import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

/** Node 20 runs no TypeScript: a program that a test starts as a process of its own is bundled into a directory first. Gives the path to run. */
export const bundled = async (program: URL, directory: string): Promise<string> => {
  const file = join(directory, 'program.mjs')
  const bundle = await rolldown({ input: fileURLToPath(program), platform: 'node', logLevel: 'silent' })
  await bundle.write({ file, format: 'esm', codeSplitting: false })
  await bundle.close()
  return file
}

/** A process that answers each line it is given with one line. */
export interface Conversation {
  readonly pid: number
  ask(line: string): Promise<string>
  /** Ends it as a power cut would; resolves when it is gone. */
  kill(): Promise<void>
}

export const converse = (file: string): Conversation => {
  const child = spawn(process.execPath, [file])
  const answers: ((line: string) => void)[] = []
  const gone = ended(child)
  createInterface(child.stdout).on('line', (line) => answers.shift()?.(line))
  child.stderr.on('data', (data: Buffer) => answers.shift()?.(`crashed: ${data.toString()}`))
  return {
    pid: child.pid ?? 0,
    ask: (line) =>
      new Promise((resolve) => {
        answers.push(resolve)
        child.stdin.write(`${line}\n`)
      }),
    kill: async () => {
      child.kill('SIGKILL')
      await gone
    },
  }
}

export interface Run {
  readonly stdout: string
  readonly stderr: string
  readonly signal: NodeJS.Signals | null
}

/** Runs a program to its end, however that comes. */
export const run = async (command: string, args: readonly string[]): Promise<Run> => {
  const child = spawn(command, args)
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (data: Buffer) => {
    output.stdout += data.toString()
  })
  child.stderr.on('data', (data: Buffer) => {
    output.stderr += data.toString()
  })
  return { signal: await ended(child), ...output }
}

const ended = (child: ChildProcessWithoutNullStreams): Promise<NodeJS.Signals | null> =>
  new Promise((resolve) => {
    child.on('close', (_code, signal) => resolve(signal))
  })
