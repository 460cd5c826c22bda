import { PassThrough, Writable } from 'node:stream'
import type { Host } from '../../src/cli/host.ts'

export interface MemoryHost {
  readonly host: Host
  readonly out: () => string
  readonly err: () => string
}

const sink = () => {
  const chunks: string[] = []
  const stream = new Writable({
    decodeStrings: false,
    write: (chunk, _, done) => {
      chunks.push(String(chunk))
      done()
    },
  })
  return { stream, text: () => chunks.join('') }
}

/** A machine without a terminal, whose streams are kept. */
export const memoryHost = (env: Record<string, string | undefined>): MemoryHost => {
  const out = sink()
  const err = sink()
  const host: Host = {
    env,
    stdin: new PassThrough(),
    stdout: out.stream,
    stderr: err.stream,
    version: '0.0.0',
    commandName: 'ir-cred',
    pid: process.pid,
    hostname: 'test',
    user: 'tester',
    uid: process.getuid?.(),
    nullDevice: '/dev/null',
    nodeVersion: process.versions.node,
    kill: (pid, signal) => process.kill(pid, signal),
    clock: () => new Date('2026-11-25T02:00:00Z'),
    signal: new AbortController().signal,
  }
  return { host, out: out.text, err: err.text }
}
