import { duration } from '../incident/values/duration.ts'
import { findCall } from './calls.ts'
import { isOfProtocol } from './clock/answer.ts'
import { type AnyClient, headersOf, type MiddlewareResult } from './middleware.ts'

/** The name of the error for an answer that AWS did not give. */
const NOT_FROM_AWS = 'NotFromAws'
/** The name of the error for an answer of AWS that is cut off or changed. */
const UNREADABLE = 'UnreadableAnswer'
/** The names of the errors for an answer that does not come to its end in time, and for one that is larger than any of AWS's. */
const SLOW = 'SlowAnswer'
const TOO_LARGE = 'OversizedAnswer'

const STRANGE = new Set([NOT_FROM_AWS, UNREADABLE, SLOW, TOO_LARGE])

/** What is wrong with an answer that came and says nothing, with operation, HTTP status and content type; undefined for other errors. */
export const strangeAnswerOf = (error: unknown): string | undefined =>
  error instanceof Error && STRANGE.has(error.name) ? error.message : undefined

/**
 * Accepts only AWS's own answers: a captive portal's page or an empty body would otherwise read as an empty list ("no snapshots",
 * "no such instance"). The SDK tries a read again; of a write nothing is known.
 */
export const believeOnlyAws = (client: AnyClient, service: string, at: Believed = {}): void => {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const operation = String(context.commandName).replace(/Command$/, '')
      const call = `${service}:${operation}`
      try {
        const isRead = at.elsewhere === true && findCall(service, operation, args.input)?.access === 'read'
        return believed(call, await next(args), isRead)
      } catch (error) {
        throw strangeIn(call, error) ?? error
      }
    },
    { step: 'deserialize', priority: 'high', name: 'believeOnlyAws' },
  )
}

/** What a client sends its requests to. */
interface Believed {
  /** An endpoint that is not AWS's own. What it answers to a read needs no request id; a write without one is unknown until it is read back. */
  readonly elsewhere?: boolean
}

const believed = (call: string, result: MiddlewareResult, isReadElsewhere: boolean): MiddlewareResult => {
  const { $metadata } = result.output
  if ($metadata?.requestId !== undefined) return result
  if (isReadElsewhere && isOfProtocol(headersOf(result.response)) && saysSomething(result.output)) return result
  throw strange(call, { response: result.response, status: $metadata?.httpStatusCode })
}

/** An answer without any member may be an empty body. */
const saysSomething = ({ $metadata: _, ...members }: MiddlewareResult['output']): boolean =>
  Object.values(members).some((member) => member !== undefined)

/** What the SDK makes of an answer that it cannot read, or in which it finds no error code; the response is hidden in it. */
const strangeIn = (call: string, error: unknown): Error | undefined => {
  if (!(error instanceof Error) || !('$response' in error) || strangeAnswerOf(error) !== undefined) return undefined
  const { requestId, httpStatusCode } = ('$metadata' in error ? error.$metadata : {}) as Metadata
  const answer = { response: error.$response, status: httpStatusCode ?? statusOf(error.$response), requestId, cause: error }
  if (!('$fault' in error)) {
    // The connection broke, or time was up, while the body came in: the SDK tries again, as before the body.
    const isCutOff = 'code' in error || /^(?:Timeout|Abort)Error$/.test(error.name)
    return isCutOff ? Object.assign(error, { $retryable: {} }) : strange(call, answer)
  }
  return /^Unknown(?:Error)?$/.test(error.name) && requestId === undefined ? strange(call, answer) : undefined
}

interface Metadata {
  readonly requestId?: string
  readonly httpStatusCode?: number
}

interface StrangeAnswer {
  readonly response: unknown
  readonly status: unknown
  readonly requestId?: string | undefined
  readonly cause?: Error
}

/** The HTTP status stands in the message alone: it is not AWS's, so it decides nothing. */
const strange = (call: string, { response, status, requestId, cause }: StrangeAnswer): Error => {
  const answer = `HTTP ${status ?? 'without status'}, ${contentTypeOf(response)}`
  const message =
    requestId === undefined
      ? `the answer to ${call} (${answer}) carries no AWS request id; a proxy or a captive portal may have given it`
      : `the answer to ${call} (${answer}, request ${requestId}) cannot be read; it was cut off, or a proxy changed it`
  return Object.assign(new Error(message, { cause }), {
    ...{ name: requestId === undefined ? NOT_FROM_AWS : UNREADABLE },
    ...{ $metadata: {}, $retryable: {} },
  })
}

/** The error for an answer that has not come to its end. The SDK tries again, unless it was the last attempt that there is time for. */
export const slowAnswer = (call: string, seconds: number, final?: 'final'): Error =>
  Object.assign(new Error(`the answer to ${call} did not come to its end within ${duration(seconds)}`), {
    ...{ name: SLOW, $metadata: {} },
    ...(final ? {} : { $retryable: {} }),
  })

/** The error for an answer that was cut off because of its size, in bytes. */
export const tooLargeAnswer = (call: string, response: unknown, most: number): Error =>
  Object.assign(
    new Error(
      `the answer to ${call} (HTTP ${statusOf(response)}, ${contentTypeOf(response)}) is larger than ${most / 1024} KB; ir-cred stopped reading it`,
    ),
    { name: TOO_LARGE, $metadata: {}, $retryable: {} },
  )

const contentTypeOf = (response: unknown): string =>
  /^[\w.+-]+\/[\w.+-]+/.exec(headersOf(response)['content-type'] ?? '')?.[0] ?? 'no content type'

const statusOf = (response: unknown): unknown =>
  typeof response === 'object' && response !== null && 'statusCode' in response ? response.statusCode : undefined
