import type { Failure } from '../incident/failure.ts'
import { show } from '../incident/show.ts'
import type { Host } from './host.ts'

/** What happened, why, and what to do, on the error stream: in a sentence each, never as a stack trace. */
export const tellFailure = ({ stderr }: Host, { what, why, remedy }: Failure, exitCode: number): void => {
  stderr.write(`\nir-cred: ${safe(what)}${why === undefined ? '' : `: ${safe(why)}`}\n`)
  if (remedy !== undefined) stderr.write(` → ${safe(remedy)}\n`)
  stderr.write(`exit ${exitCode}\n`)
}

/** The text may quote an AWS message or a file: escaped like everything that is shown. */
const safe = (text: string): string => show(text, 'tty')
