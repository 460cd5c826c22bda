import type { PromptStreams } from '../terminal/asking.ts'
import type { Host } from './host.ts'
import type { OutputRequest } from './options.ts'

/** The streams of the process as a person sees them, and what can be done on them. */
export interface Terminal {
  readonly input: Host['stdin']
  readonly out: Host['stdout']
  readonly err: Host['stderr']
  /** What stands on the output can be redrawn: it is a terminal, not a dumb one, and plain lines were not asked for. */
  readonly redraws: boolean
  /** A line on the error stream can be overwritten. */
  readonly rewrites: boolean
  /** A person can be asked: input and error stream are both a terminal, and `--no-input` was not given. */
  readonly interactive: boolean
  /** NO_COLOR is not set (no-color.org). */
  readonly allowsColour: boolean
  /** TERM. */
  readonly kind: string | undefined
  /** How ir-cred is started here. */
  readonly commandName: string
  /** The responder's time zone. */
  readonly zone: string
  /** Aborted when the run is interrupted. */
  readonly signal: AbortSignal
}

/** `input` is commander's name for `--no-input`: false when nobody is to be asked. */
export const terminalOf = (
  { env, stdin, stdout, stderr, commandName, signal }: Host,
  { plain }: Pick<OutputRequest, 'plain'>,
  input: boolean | undefined,
): Terminal => {
  const canDraw = !plain && env.TERM !== 'dumb' && !env.ACCESSIBLE
  return {
    ...{ input: stdin, out: stdout, err: stderr, commandName, signal },
    redraws: canDraw && stdout.isTTY === true,
    rewrites: canDraw && stderr.isTTY === true,
    interactive: input !== false && stdin.isTTY === true && stderr.isTTY === true,
    allowsColour: !env.NO_COLOR,
    kind: env.TERM,
    // Asked for on use: Node takes its time.
    get zone() {
      return env.TZ ?? Intl.DateTimeFormat().resolvedOptions().timeZone
    },
  }
}

/** The host with its terminal as the input, where a document was piped in and a person sits at the error stream. */
export const atItsTerminal = (host: Host, isPiped: boolean, input: boolean | undefined): Host => {
  if (!isPiped || input === false || host.stdin.isTTY === true || host.stderr.isTTY !== true) return host
  const stdin = host.openTerminal?.()
  return stdin ? { ...host, stdin } : host
}

/** Where a person at the terminal is asked. The prompts are drawn on the error stream: the output may be read by a program. */
export const promptStreamsOf = ({ input, out, err, allowsColour, signal }: Terminal): PromptStreams => ({
  ...{ input, output: err, signal },
  columns: () => out.columns ?? 80,
  rows: () => out.rows ?? 24,
  colour: allowsColour,
})

/** Says on the error stream what is waited for. Scripts that read events, and `--quiet`, get nothing. */
export const sayWaiting =
  ({ stderr }: Pick<Host, 'stderr'>, { json, quiet }: Pick<OutputRequest, 'json' | 'quiet'>) =>
  (what: string): void => {
    if (!json && !quiet) stderr.write(`${what} …\n`)
  }
