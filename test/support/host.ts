import { PassThrough, Readable } from 'node:stream'
import type { Host } from '../../src/cli/host.ts'

interface HostOptions {
  readonly env?: Record<string, string | undefined>
  readonly input?: string | readonly Uint8Array[]
  /** Which streams are a terminal. */
  readonly terminal?: { readonly stdin?: boolean; readonly stdout?: boolean; readonly stderr?: boolean }
  readonly columns?: number
  /** Aborted as by Ctrl-C. */
  readonly signal?: AbortSignal
}

/** A machine and a process in memory, and what was written on its two streams. */
export const memoryHost = (options: HostOptions = {}): { host: Host; out(): string; err(): string } => {
  const { env = {}, input = '', terminal = {}, columns, signal = new AbortController().signal } = options
  const stream = (isTTY = false) => Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY, columns })
  const stdin = Object.assign(Readable.from(typeof input === 'string' ? [Buffer.from(input)] : input), {
    isTTY: terminal.stdin ?? false,
  })
  const stdout = stream(terminal.stdout)
  const stderr = stream(terminal.stderr)
  return {
    host: {
      env,
      stdin,
      stdout,
      stderr,
      version: '0.0.0',
      commandName: 'ir-cred',
      pid: 4711,
      hostname: 'recorder',
      user: 'alice',
      uid: process.getuid?.() ?? 1000,
      nullDevice: '/dev/null',
      nodeVersion: '24.0.0',
      kill: () => true,
      clock: () => new Date('2026-11-25T02:00:00Z'),
      signal,
    },
    out: () => stdout.read() ?? '',
    err: () => stderr.read() ?? '',
  }
}
