import { type AwsErrorMeaning, mayBeClock } from '../incident/values/aws-error-codes.ts'
import { MINUTE_MS } from '../incident/values/duration.ts'
import { type AnswerOrigin, dateIn } from './clock/answer.ts'
import type { AwsClock } from './clock.ts'
import { codeOf, errorMeaningOf } from './failure.ts'
import { type AnyClient, headersOf } from './middleware.ts'

/** What of an attempt is known at the first byte of its answer. */
interface FirstByte {
  readonly at: number
  readonly headers: Readonly<Record<string, string>>
}

const FIRST_BYTE = 'ir-cred first byte'

/**
 * Lets a clock hear every answer of a client, errors included. The time is taken at the first byte: an answer that is read slowly is
 * not a late one. What AWS made of the signature is known once the answer is read, or was lost in the middle.
 */
export const keepTime = (client: AnyClient, service: string, clock: AwsClock): void => {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      context[FIRST_BYTE] = undefined
      const hear = (verdict: AnswerOrigin['verdict'], signedAt: number | undefined): void => {
        const first = context[FIRST_BYTE] as FirstByte | undefined
        if (first) clock.setFrom(first.headers, { service, host: hostOf(args.request), at: first.at, signedAt, verdict })
      }
      const signedAt = signedAtOf(args.request)
      try {
        const result = await next(args)
        hear('accepted', signedAt)
        return result
      } catch (error) {
        const first = context[FIRST_BYTE] as FirstByte | undefined
        hear(verdictOf(error, signedAt, first && dateIn(first.headers)), signedAt)
        throw error
      }
    },
    { step: 'deserialize', priority: 'high', name: 'keepTime' },
  )
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const result = await next(args)
      context[FIRST_BYTE] = { at: clock.mark(), headers: headersOf(result.response) }
      return result
    },
    { step: 'deserialize', priority: 'low', name: 'firstByte' },
  )
}

/** Answers that AWS gives only to a caller whose signature it has accepted. */
const JUDGED: ReadonlySet<AwsErrorMeaning> = new Set(['denied', 'not-found', 'conflict', 'wrong-state'])

/** EC2 has one code for credentials that have ended and for a time that is off; a Date so far from the signature's means the latter. */
const OFF_MS = 4 * MINUTE_MS

const verdictOf = (error: unknown, signedAt: number | undefined, date: number | undefined): AnswerOrigin['verdict'] => {
  const meaning = errorMeaningOf(error)
  const isFar = signedAt !== undefined && date !== undefined && Math.abs(date - signedAt) > OFF_MS
  const message = error instanceof Error ? error.message : ''
  if (meaning === 'clock' || (isFar && mayBeClock(codeOf(error), message))) return 'skewed'
  return JUDGED.has(meaning) ? 'accepted' : undefined
}

interface SignedRequest {
  readonly hostname?: string
  readonly headers?: Readonly<Record<string, string>>
}

const hostOf = (request: unknown): string => (request as SignedRequest | undefined)?.hostname ?? ''

/** "20261125T120000Z", the time that a request was signed with ("Elements of an AWS API request signature"), in milliseconds. */
const signedAtOf = (request: unknown): number | undefined => {
  const text = (request as SignedRequest | undefined)?.headers?.['x-amz-date'] ?? ''
  const at = Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  return Number.isNaN(at) ? undefined : at
}

/**
 * Lets a client sign with this clock's time. The SDK would take the time of the last answer, whatever it was: one wrong Date and AWS
 * refuses every signature that follows.
 */
export const signInTime = (client: unknown, clock: AwsClock): void => {
  const { config } = client as { readonly config: object }
  Object.defineProperty(config, 'systemClockOffset', { get: () => clock.signingOffset(), set: () => {}, enumerable: true })
}
