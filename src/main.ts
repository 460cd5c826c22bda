import { openSync, realpathSync } from 'node:fs'
import { hostname } from 'node:os'
import process from 'node:process'
import { ReadStream } from 'node:tty'
import { commandNameOf } from './cli/command-name.ts'
import { EXIT } from './cli/exit-code.ts'
import type { Host } from './cli/host.ts'
import { runCommandLine } from './cli/program.ts'
import { Failure } from './incident/values/failure.ts'
import { VERSION } from './version.ts'

type Streams = Pick<NodeJS.Process, 'stdin' | 'stdout' | 'stderr'>

/** Runs one command to its exit code. The only place that touches the process: signals, ids, the null device. */
export const main = async (argv: readonly string[], env: NodeJS.ProcessEnv, streams: Streams): Promise<number> => {
  const { signal, release } = interruption(streams)
  let opened: ReadStream | undefined
  const openTerminal = (): ReadStream | undefined => {
    opened ??= controllingTerminal()
    return opened
  }
  try {
    return await runCommandLine({ ...hostOf(env, streams, signal), openTerminal }, argv)
  } finally {
    release()
    // An open terminal keeps the process.
    opened?.destroy()
    if (signal.aborted) leaveSoon()
  }
}

/** What an interrupted run still waits for, such as credentials, does not hold it up. Output that was written gets out first. */
const leaveSoon = (): void => {
  setTimeout(() => process.exit(), LEAVE_AFTER).unref()
}

/** Milliseconds. */
const LEAVE_AFTER = 500

const hostOf = (env: NodeJS.ProcessEnv, { stdin, stdout, stderr }: Streams, signal: AbortSignal): Host => ({
  env,
  stdin,
  stdout,
  stderr,
  version: VERSION,
  commandName: commandNameOf({ script: process.argv[1] ?? 'ir-cred', cwd: process.cwd(), env, realPath }),
  pid: process.pid,
  hostname: hostname(),
  user: userName(env),
  uid: process.getuid?.(),
  nullDevice: process.platform === 'win32' ? 'NUL' : '/dev/null',
  nodeVersion: process.versions.node,
  kill: (pid, nothing) => process.kill(pid, nothing),
  clock: () => new Date(),
  signal,
})

const controllingTerminal = (): ReadStream | undefined => {
  try {
    return new ReadStream(openSync('/dev/tty', 'r'))
  } catch {
    return undefined
  }
}

const realPath = (path: string): string | undefined => {
  try {
    return realpathSync(path)
  } catch {
    return undefined
  }
}

/** Not os.userInfo(): that asks the name service over a socket, and a drill opens none. */
const userName = (env: NodeJS.ProcessEnv): string => env.USER ?? env.LOGNAME ?? `uid ${process.getuid?.() ?? 'unknown'}`

const unwritable = (code: string): Failure =>
  new Failure({
    kind: 'blocked',
    what: 'the output cannot be written',
    why: code === 'ENOSPC' ? 'the disk is full (ENOSPC)' : code,
    remedy: 'write it to another place, then continue',
  })

const SHOW_CURSOR = '\u001b[?25h'

/**
 * The first Ctrl-C (or SIGTERM, SIGHUP) waits for the outcome of what was sent and starts nothing new; the second ends at once.
 * A closed output (`| head`), or a full disk, ends the run in the same way.
 */
const interruption = ({ stdout, stderr }: Streams) => {
  const controller = new AbortController()
  const interrupt = (): void => {
    if (stderr.isTTY) stderr.write(SHOW_CURSOR)
    if (controller.signal.aborted) process.exit(EXIT.interrupted)
    controller.abort(new Failure({ kind: 'interrupted', what: 'interrupted' }))
  }
  // Every later write fails in the same way, and that is not a second Ctrl-C.
  const unwritten = ({ code = 'unknown error' }: NodeJS.ErrnoException): void => {
    if (controller.signal.aborted) return
    controller.abort(code === 'EPIPE' ? new Failure({ kind: 'interrupted', what: 'the output was closed' }) : unwritable(code))
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const name of signals) process.on(name, interrupt)
  stdout.on('error', unwritten)
  stderr.on('error', unwritten)
  return {
    signal: controller.signal,
    release: () => {
      for (const name of signals) process.off(name, interrupt)
    },
  }
}
