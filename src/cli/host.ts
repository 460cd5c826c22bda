import type { KeyInput } from '../terminal/asking.ts'

export interface OutStream {
  write(text: string): boolean
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  readonly rows?: number | undefined
}

/** The machine and the process, as the commands see them: made by main, or by a test. */
export interface Host {
  readonly env: Record<string, string | undefined>
  readonly stdin: KeyInput & AsyncIterable<Uint8Array | string>
  /** Opens the terminal that the process was started from, while its standard input is something else; undefined where it has none. */
  openTerminal?(): Host['stdin'] | undefined
  readonly stdout: NodeJS.WritableStream & OutStream
  readonly stderr: NodeJS.WritableStream & OutStream
  readonly version: string
  /** How ir-cred is started here: `ir-cred`, `npx ir-cred`, `node bin/ir-cred.js`. Printed commands begin with it. */
  readonly commandName: string
  readonly pid: number
  readonly hostname: string
  readonly user: string
  /** Undefined where the system has none (Windows). */
  readonly uid: number | undefined
  readonly nullDevice: string
  readonly nodeVersion: string
  /** Sends signal 0, which shows whether a process runs. */
  kill(pid: number, signal: 0): unknown
  /** The machine's own time: for the lock and for showing skew, never for AWS. */
  clock(): Date
  /** Aborted by the first Ctrl-C, SIGTERM or SIGHUP. */
  readonly signal: AbortSignal
}
