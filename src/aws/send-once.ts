import type { SendingOutcome } from '../incident/entry.ts'
import { untrusted } from '../incident/values/untrusted.ts'
import { NOT_FROM_AWS } from './answers.ts'
import { codeOf, problemOf, requestIdOf } from './failure.ts'
import type { Middleware } from './middleware.ts'
import type { WriteLicence } from './read-only.ts'

interface SendableCommand {
  readonly input: object
  readonly middlewareStack: { add(middleware: Middleware, options: object): void }
}

interface Sender {
  send(command: unknown, options?: { abortSignal?: AbortSignal }): Promise<unknown>
}

export interface Sending {
  readonly sending: SendingOutcome
  readonly output?: unknown
  readonly error?: unknown
}

/** Replaces the SDK's retries for this one command: a write is sent once, because none of ours has a client token. */
const withoutRetries = (command: SendableCommand): void => {
  const once: Middleware = (next) => async (args) => next(args)
  command.middlewareStack.add(once, { name: 'retryMiddleware', step: 'finalizeRequest', priority: 'high', override: true })
}

/**
 * Sends a write once and says what is known of it. A 200 without an AWS request id is not AWS (a captive portal made
 * PutRolePolicy "succeed" in measurements): unknown, like every lost, cut or 5xx answer. Throttled, denied, invalid and
 * skewed ones were provably not applied.
 */
export const sendOnce = async (
  client: object,
  command: object,
  licence: WriteLicence,
  abortSignal: AbortSignal,
): Promise<Sending> => {
  const sendable = command as SendableCommand
  withoutRetries(sendable)
  licence.grant(sendable.input)
  try {
    const output = await (client as Sender).send(command, { abortSignal })
    const requestId = requestIdIn(output)
    if (requestId === undefined) {
      return { sending: { outcome: 'unknown', why: NO_REQUEST_ID }, output }
    }
    return { sending: { outcome: 'accepted', requestId }, output }
  } catch (error) {
    return { sending: outcomeOf(error), error }
  }
}

const NO_REQUEST_ID = 'the answer carries no AWS request id'

const requestIdIn = (output: unknown): string | undefined => {
  const metadata = (output as { $metadata?: { requestId?: string } } | undefined)?.$metadata
  return metadata?.requestId
}

const outcomeOf = (error: unknown): SendingOutcome => {
  if (problemOf(error) === 'unreachable') {
    return { outcome: 'unknown', why: codeOf(error) === NOT_FROM_AWS ? NO_REQUEST_ID : `${codeOf(error)}: the answer was lost` }
  }
  const requestId = requestIdOf(error)
  const message = untrusted(error instanceof Error ? error.message : String(error))
  return { outcome: 'refused', code: codeOf(error), message, ...(requestId ? { requestId } : {}) }
}
