import type { Host } from './host.ts'
import type { CommonOptions, RunOptions } from './options.ts'

/** A screen that can be redrawn: a terminal that is not dumb, and nobody asked for plain lines. */
export const canRedraw = ({ env, stdout }: Host, { plain, json }: CommonOptions): boolean =>
  !json && !plain && stdout.isTTY === true && env.TERM !== 'dumb' && !env.ACCESSIBLE

/** Whether a person can be asked: input and output are both a terminal, and nobody forbade it. */
export const isInteractive = ({ stdin, stderr }: Host, { input }: Pick<RunOptions, 'input'>): boolean =>
  input !== false && stdin.isTTY === true && stderr.isTTY === true

/** A line on the error stream that can be written again: what a script reads stands on the other one. */
export const canRewrite = ({ env, stderr }: Host, { plain }: CommonOptions): boolean =>
  !plain && stderr.isTTY === true && env.TERM !== 'dumb' && !env.ACCESSIBLE
