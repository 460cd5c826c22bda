import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'

export interface ProcessRun {
  /** Seconds from its start to its end. */
  readonly wall: number
  /** Seconds of CPU, all threads. */
  readonly cpu: number
  /** The most memory that it had, in MB. */
  readonly memory: number
  readonly stdout: string
}

/** For Node: what it used is told by a file that is loaded before the program. */
export const measuredNode = (...args: readonly string[]): readonly string[] => [
  process.execPath,
  '--require',
  './test/bench/used.cjs',
  ...args,
]

const TICKS_A_SECOND = 100

/** The seconds of CPU that a running process and its ended children have used, where Linux tells; otherwise undefined. */
export const cpuSoFar = (pid: number | undefined): number | undefined => {
  try {
    const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '')
    const ticks = afterName.split(' ').slice(11, 15).map(Number)
    return ticks.reduce((sum, each) => sum + each, 0) / TICKS_A_SECOND
  } catch {
    return undefined
  }
}

/** An environment without anybody's AWS credentials and with a home of its own. */
export const lonelyEnvironment = (home: string): Record<string, string> => ({ HOME: home, PATH: process.env.PATH ?? '' })

/** The end of what a failed program has said, as one line for a note. */
export const lastOf = (stderr: string): string => stderr.replace(/\s+/g, ' ').trim().slice(-300)

/** Runs a program that writes what it used to the file BENCH_USED. Throws when it does not end with 0. */
export const runMeasured = async ([command = '', ...args]: readonly string[], home: string): Promise<ProcessRun> => {
  const used = join(home, 'used.txt')
  rmSync(used, { force: true })
  const begun = performance.now()
  const child = spawn(command, args, {
    env: { ...lonelyEnvironment(home), BENCH_USED: used },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const status = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  const wall = (performance.now() - begun) / 1000
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${lastOf(stderr)}`)
  const [cpu = Number.NaN, memory = Number.NaN] = readFileSync(used, 'utf8').split(' ').map(Number)
  return { wall, cpu, memory, stdout }
}
