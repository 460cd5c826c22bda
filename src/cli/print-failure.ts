import type { Failure } from '../incident/values/failure.ts'
import { show } from '../incident/values/show.ts'
import { usableWidth } from '../terminal/width.ts'
import { hang } from '../terminal/wrap.ts'
import { withCommandName } from './command-name.ts'
import type { Host } from './host.ts'

/** What happened, why, what to do, and the command that goes on, on the error stream: in a sentence each, never as a stack trace. */
export const printFailure = (
  { stderr, commandName }: Pick<Host, 'stderr' | 'commandName'>,
  failure: Failure,
  exitCode: number,
  next?: string,
): void => {
  const { what, why, remedy } = withCommandName({ what: failure.what, why: failure.why, remedy: failure.remedy }, commandName)
  const width = stderr.isTTY ? usableWidth(stderr.columns ?? 0) : Number.POSITIVE_INFINITY
  const lines = [
    '',
    ...hang('ir-cred: ', safe(why === undefined ? what : `${what}: ${why}`), width),
    ...(remedy === undefined ? [] : hang(' → ', safe(remedy), width)),
    // Never broken: it is there to be copied.
    ...(next === undefined ? [] : [`next: ${safe(next)}`]),
    `exit ${exitCode}`,
  ]
  stderr.write(`${lines.join('\n')}\n`)
}

/** The text may quote an AWS message or a file: escaped like everything that is shown. */
const safe = (text: string): string => show(text, 'tty')
