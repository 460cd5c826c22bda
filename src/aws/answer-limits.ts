import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { SECOND_MS } from '../incident/values/duration.ts'
import { slowAnswer, tooLargeAnswer } from './answers.ts'
import type { AwsClock } from './clock.ts'
import type { AnyClient } from './middleware.ts'

/**
 * What an answer may take and hold. Bytes are counted before anything is parsed. The largest answer of AWS that ir-cred asks for is a
 * page of 50 CloudTrail events of 256 KB ("Quotas in AWS CloudTrail").
 */
export interface AnswerLimits {
  /** From sending to the last byte of one attempt, in seconds. */
  readonly attempt: number
  /** All attempts of one call together, pauses between them not counted, in seconds. */
  readonly call: number
  /** Bytes. */
  readonly body: number
  /** Bytes of an error. */
  readonly errorBody: number
}

export const ANSWER_LIMITS: AnswerLimits = { attempt: 30, call: 60, body: 32 * 2 ** 20, errorBody: 2 ** 18 }

/** A download is as long as it is: it must only bring so many bytes in each so many seconds. */
const DOWNLOAD = { command: 'GetObjectCommand', seconds: 30, bytes: 2 ** 15 }

/** Seconds of a call that its attempts have taken so far. */
const SPENT = 'ir-cred seconds spent'

/** Ends every answer of a client that is too slow or too large with an error that says so. The SDK's own limits end only silence. */
export const limitAnswers = (client: AnyClient, service: string, clock: AwsClock, limits: AnswerLimits = ANSWER_LIMITS): void => {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const spent = Number(context[SPENT] ?? 0)
      const call = `${service}:${String(context.commandName).replace(/Command$/, '')}`
      const left = Math.min(limits.attempt, limits.call - spent)
      if (left <= 0) throw slowAnswer(call, limits.call, 'final')
      const stopwatch = clock.stopwatch()
      const attempt = deadlineOf(left, () => slowAnswer(call, left))
      context[ATTEMPT] = { attempt, call }
      try {
        return await Promise.race([next(args), attempt.over])
      } finally {
        attempt.clear()
        context[SPENT] = spent + stopwatch()
      }
    },
    { step: 'deserialize', priority: 'high', name: 'attemptDeadline' },
  )
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const result = await next(args)
      const { attempt, call } = context[ATTEMPT] as Attempt
      const isDownload = context.commandName === DOWNLOAD.command
      limitBody(result.response, { call, limits, isDownload, deadline: attempt.signal })
      return result
    },
    { step: 'deserialize', priority: 'low', name: 'answerLimits' },
  )
}

const ATTEMPT = 'ir-cred attempt'

interface Attempt {
  readonly attempt: Deadline
  readonly call: string
}

interface Deadline {
  /** Rejects when the time is over. */
  readonly over: Promise<never>
  /** Aborts with the same error. */
  readonly signal: AbortSignal
  clear(): void
}

const deadlineOf = (seconds: number, error: () => Error): Deadline => {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(error()), seconds * SECOND_MS)
  const over = new Promise<never>((_, reject) => {
    controller.signal.addEventListener('abort', () => reject(controller.signal.reason), { once: true })
  })
  return { over, signal: controller.signal, clear: () => clearTimeout(timer) }
}

interface BodyLimits {
  readonly call: string
  readonly limits: AnswerLimits
  readonly isDownload: boolean
  readonly deadline: AbortSignal
}

interface HttpAnswer {
  readonly statusCode: number
  body?: unknown
}

const limitBody = (response: unknown, { call, limits, isDownload, deadline }: BodyLimits): void => {
  const answer = response as HttpAnswer
  const isError = answer.statusCode >= 300
  const most = isError ? limits.errorBody : limits.body
  if (isDownload && !isError) {
    if (answer.body instanceof Readable) keepMoving(answer.body, call)
  } else if (answer.body instanceof Readable)
    answer.body = counted(answer.body, deadline, () => tooLargeAnswer(call, answer, most), most)
  else if (answer.body instanceof Uint8Array && answer.body.byteLength > most) throw tooLargeAnswer(call, answer, most)
}

/** The same bytes, as long as they are not too many. The connection ends with the first that is. */
const counted = (body: Readable, signal: AbortSignal, tooLarge: () => Error, most: number): Readable => {
  let bytes = 0
  const counter = new Transform({
    transform: (chunk: Uint8Array, _, done) => {
      bytes += chunk.byteLength
      if (bytes > most) done(tooLarge())
      else done(null, chunk)
    },
  })
  const ended = (): void => void counter.destroy(signal.reason)
  signal.addEventListener('abort', ended, { once: true })
  // Whoever reads the counter gets the error; here only its end is waited for.
  void pipeline(body, counter)
    .catch(() => undefined)
    .finally(() => signal.removeEventListener('abort', ended))
  return counter
}

/** Ends a download that brings next to nothing. One that nobody reads for the moment is left alone. */
const keepMoving = (body: Readable, call: string): void => {
  let before = 0
  let bytes = 0
  const push = body.push.bind(body)
  body.push = (chunk: Uint8Array | null, encoding) => {
    bytes += chunk?.byteLength ?? 0
    return push(chunk, encoding)
  }
  const watch = setInterval(() => {
    const isWaitedFor = body.readableLength === 0
    if (isWaitedFor && bytes - before < DOWNLOAD.bytes) body.destroy(slowAnswer(call, DOWNLOAD.seconds))
    before = bytes
  }, DOWNLOAD.seconds * SECOND_MS)
  watch.unref()
  body.once('close', () => clearInterval(watch))
}
