import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts'
import type { SendingOutcome } from '../incident/entry.ts'
import { given } from '../incident/values/given.ts'
import { untrusted } from '../incident/values/untrusted.ts'
import { strangeAnswerOf } from './answers.ts'
import { codeOf, errorMeaningOf, requestIdOf } from './failure.ts'
import type { Middleware } from './middleware.ts'
import type { WriteGate } from './read-only.ts'

interface SendableCommand {
  readonly input: object
  readonly middlewareStack: { add(middleware: Middleware, options: object): void }
}

interface Sender {
  send(command: unknown, options?: { abortSignal?: AbortSignal }): Promise<unknown>
}

/** What one sending of a write needs besides client and command. */
export interface SendingTerms {
  readonly writeGate: WriteGate
  readonly abortSignal: AbortSignal
  /** The first 16 hex digits of the journal's head once the intent is on disk. They become part of the user agent. */
  readonly journalHead: string
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
 * Puts `journal/<head>` into the user agent of this one command. CloudTrail records the user agent of each call, so AWS's own log
 * says what the journal held when the call was made ("CloudTrail record contents", userAgent).
 */
const withJournalHead = (command: SendableCommand, head: string): void => {
  const announce: Middleware = (next, context) => {
    const others = Array.isArray(context.userAgent) ? context.userAgent : []
    context.userAgent = [...others, ['journal', head]]
    return next
  }
  // A command that is sent again carries the newer head: `override` replaces the older one.
  command.middlewareStack.add(announce, { name: 'journalHead', step: 'initialize', override: true })
}

/**
 * Sends a write once and says what is known of it. An answer without an AWS request id is not AWS's (a captive portal made
 * PutRolePolicy "succeed" in measurements): the outcome is unknown, as after every lost, cut or 5xx answer. A write that AWS
 * refused, for whatever reason, was not applied.
 */
export const sendOnce = async (
  client: object,
  command: object,
  { writeGate, abortSignal, journalHead }: SendingTerms,
): Promise<Sending> => {
  const sendable = command as SendableCommand
  withoutRetries(sendable)
  withJournalHead(sendable, journalHead)
  writeGate.open(sendable.input)
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

/** A refusal of AWS with an encoded authorization message has some thousand characters. */
const LONGEST_MESSAGE = 16_384

const outcomeOf = (error: unknown): SendingOutcome => {
  const code = codeOf(error)
  if (errorMeaningOf(error) === 'unavailable')
    return { outcome: 'unknown', why: strangeAnswerOf(error) ?? `${code}: the answer was lost` }
  const requestId = requestIdOf(error)
  const message = untrusted((error instanceof Error ? error.message : String(error)).slice(0, LONGEST_MESSAGE))
  return { outcome: 'refused', code, message, ...given({ requestId: requestId || undefined }) }
}

/** Lets the clients sign with AWS's time: a read of STS answers it in its `Date` header. Throws what the read throws. */
export const setClockByRead = async (sts: STSClient): Promise<void> => {
  await sts.send(new GetCallerIdentityCommand({}))
}
