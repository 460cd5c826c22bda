import { hostname } from 'node:os'
import process from 'node:process'
import { setImmediate } from 'node:timers/promises'
import { CommanderError } from 'commander'
import { EXIT, exitCodeOf } from './cli/exit-code.ts'
import { foreseen } from './cli/foreseen.ts'
import type { Host } from './cli/host.ts'
import { createProgram } from './cli/program.ts'
import { Failure } from './incident/values/failure.ts'
import { VERSION } from './version.ts'

type Streams = Pick<NodeJS.Process, 'stdin' | 'stdout' | 'stderr'>

/** Runs one command to its exit code. The only place that touches the process: signals, ids, the null device. */
export const main = async (argv: readonly string[], env: NodeJS.ProcessEnv, streams: Streams): Promise<number> => {
  const { signal, release } = interruption(streams)
  const host = hostOf(env, streams, signal)
  let exitCode: number = EXIT.bug
  const program = createProgram(host, (code) => {
    exitCode = code
  })
  program.exitOverride().configureOutput({
    writeOut: (text) => void streams.stdout.write(text),
    writeErr: (text) => void streams.stderr.write(text),
  })
  for (const command of program.commands) command.exitOverride().copyInheritedSettings(program)
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return await delivered(exitCode, host)
  } catch (error) {
    return await delivered(await endWith(error, host, argv), host)
  } finally {
    release()
    if (signal.aborted) leaveSoon()
  }
}

/** What is still on its way (credentials that nobody gives) does not hold up a run that was interrupted; output is let go first. */
const leaveSoon = (): void => {
  setTimeout(() => process.exit(), LEAVE_AFTER).unref()
}

const LEAVE_AFTER = 500

/** A result that could not be written is no result. The error of a write comes a turn after it. */
const delivered = async (exitCode: number, host: Host): Promise<number> => {
  await setImmediate()
  const { aborted, reason } = host.signal
  if (exitCode !== EXIT.finished || !aborted || !(reason instanceof Failure) || reason.kind !== 'blocked') return exitCode
  await tell(host, reason, EXIT.blocked)
  return EXIT.blocked
}

/** Loaded on use: what ends well does not pay for the lines of a failure. */
const tell = async (host: Host, failure: Failure, code: number): Promise<void> => {
  const { tellFailure } = await import('./cli/print-failure.ts')
  tellFailure(host, failure, code)
}

const endWith = async (error: unknown, host: Host, [first]: readonly string[]): Promise<number> => {
  // commander has said what is wrong; its own exit code for bad usage is 1. `ir-cred help` it ends with process.exitCode.
  if (error instanceof CommanderError) return error.exitCode === 0 || first === 'help' ? EXIT.finished : EXIT.usage
  const failure = foreseen(error, host.signal)
  if (failure) {
    const code = exitCodeOf(failure.kind)
    await tell(host, failure, code)
    return code
  }
  throw error
}

const hostOf = (env: NodeJS.ProcessEnv, { stdin, stdout, stderr }: Streams, signal: AbortSignal): Host => ({
  env,
  stdin,
  stdout,
  stderr,
  version: VERSION,
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
 * The first Ctrl-C (or SIGTERM, SIGHUP) lets what has been sent be settled and starts nothing new; the second ends at once.
 * A reader that goes away (`| head`), or a disk that takes no more output, ends the run in the same way, after the journal.
 */
const interruption = ({ stdout, stderr }: Streams) => {
  const controller = new AbortController()
  const interrupt = (): void => {
    if (stderr.isTTY) stderr.write(SHOW_CURSOR)
    if (controller.signal.aborted) process.exit(EXIT.interrupted)
    controller.abort(new Failure({ kind: 'interrupted', what: 'interrupted' }))
  }
  // Every further write fails in the same way, so that this is no second Ctrl-C.
  const unheard = ({ code = 'unknown error' }: NodeJS.ErrnoException): void => {
    if (controller.signal.aborted) return
    controller.abort(
      code === 'EPIPE' ? new Failure({ kind: 'interrupted', what: 'nobody reads the output any more' }) : unwritable(code),
    )
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const name of signals) process.on(name, interrupt)
  stdout.on('error', unheard)
  stderr.on('error', unheard)
  return {
    signal: controller.signal,
    release: () => {
      for (const name of signals) process.off(name, interrupt)
    },
  }
}
