import type { Host } from './host.ts'
import type { OutputRequest } from './options.ts'

/** A screen that can be redrawn: a terminal that is not dumb, and nobody asked for plain lines. */
export const canRedraw = (
  { env, stdout }: Pick<Host, 'env' | 'stdout'>,
  { plain, json }: Pick<OutputRequest, 'plain' | 'json'>,
): boolean => !json && !plain && stdout.isTTY === true && env.TERM !== 'dumb' && !env.ACCESSIBLE

/** Whether a person can be asked: input and output are both a terminal, and `--no-input` was not given. */
export const isInteractive = ({ stdin, stderr }: Pick<Host, 'stdin' | 'stderr'>, input: boolean | undefined): boolean =>
  input !== false && stdin.isTTY === true && stderr.isTTY === true

/** Whether a line on the error stream can be overwritten. Scripts read the other stream. */
export const canRewrite = ({ env, stderr }: Pick<Host, 'env' | 'stderr'>, { plain }: Pick<OutputRequest, 'plain'>): boolean =>
  !plain && stderr.isTTY === true && env.TERM !== 'dumb' && !env.ACCESSIBLE

/** Says on the error stream what is waited for. Scripts that read events, and `--quiet`, get nothing. */
export const sayWaiting =
  ({ stderr }: Pick<Host, 'stderr'>, { json, quiet }: Pick<OutputRequest, 'json' | 'quiet'>) =>
  (what: string): void => {
    if (!json && !quiet) stderr.write(`${what} …\n`)
  }
