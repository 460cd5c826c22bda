import { spawnSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  /** The bin to start; the checkout's own by default. */
  readonly bin?: string
  /** Arguments for Node itself, before the bin. */
  readonly node?: readonly string[]
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
}

/** A home of its own for everything a run could read or leave behind. */
const emptyHome = (): Record<string, string> => ({
  HOME: mkdtempSync(join(tmpdir(), 'ir-cred-test-')),
  PATH: process.env.PATH ?? '',
})

/** Starts ir-cred as a process without a terminal and waits for its end. It sees an empty home and none of our environment. */
export const runBin = (args: readonly string[], options: RunOptions = {}): Ran => {
  const { bin = 'bin/ir-cred.js', node = [], input = '', env = emptyHome() } = options
  const { status, stdout, stderr } = spawnSync(process.execPath, [...node, bin, ...args], {
    input,
    env,
    encoding: 'utf8',
    timeout: 60_000,
  })
  return { code: status, stdout, stderr }
}
