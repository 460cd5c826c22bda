/** Where an answer comes from, and what AWS made of the request's signature. Times are milliseconds. */
export interface AnswerOrigin {
  readonly service?: string
  readonly host?: string
  /** The clock's `mark()` at the first byte of the answer. */
  readonly at?: number
  /** The time that the request was signed with, since the epoch. */
  readonly signedAt?: number | undefined
  /** Whether AWS accepted the signature, or refused it for its time. Absent: the answer does not say. */
  readonly verdict?: 'accepted' | 'skewed' | undefined
}

type Headers = Readonly<Record<string, string>>

/** The header that a simulated account adds to every answer: how fast its time runs. 60, 1, or 0 for "only during a wait". */
export const PACE_HEADER = 'x-simulated-pace'

/** What the clock of a responder's machine would show in the simulated account's time, in milliseconds since the epoch. */
const MACHINE_HEADER = 'x-simulated-machine-time'

/** A simulated account's pace, and the time on the machine of a responder in it; undefined for an answer without a pace that can be. */
export const simulatedIn = (headers: Headers): { readonly pace: number; readonly machine?: number } | undefined => {
  const pace = numberIn(headers, PACE_HEADER)
  if (pace === undefined || (pace !== 0 && pace < 1) || pace > FASTEST) return undefined
  const machine = numberIn(headers, MACHINE_HEADER)
  return { pace, ...(machine === undefined ? {} : { machine }) }
}

const FASTEST = 10_000

const numberIn = (headers: Headers, name: string): number | undefined =>
  /^\d{1,16}(?:\.\d+)?$/.test(headers[name] ?? '') ? Number(headers[name]) : undefined

/** "RFC 9110: HTTP Semantics", IMF-fixdate. Two Dates in one answer are no date. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/

/** The Date of an answer in milliseconds since the epoch; undefined where it has none, several, or comes out of a cache (`Age`). */
export const dateIn = (headers: Headers): number | undefined => {
  const { date = '', age } = headers
  const at = HTTP_DATE.test(date) && age === undefined ? Date.parse(date) : Number.NaN
  return Number.isNaN(at) ? undefined : at
}

const REQUEST_IDS = ['x-amzn-requestid', 'x-amz-request-id', 'x-amzn-request-id'] as const

/** The request id that AWS gave; an answer without one is not AWS's. */
export const requestIdIn = (headers: Headers): string | undefined =>
  REQUEST_IDS.map((name) => headers[name]).find((id) => id !== undefined)

export const hasRequestId = (headers: Headers): boolean => requestIdIn(headers) !== undefined

/** The content types of AWS's protocols; a page of a proxy has another one. */
const PROTOCOLS = /^(?:application\/(?:x-amz-json-1\.[01]|json|xml)|text\/xml)\b/i

/**
 * Whether an answer of an endpoint that is not AWS's own has at least the form of AWS's. Fakes of AWS give no request ids; whoever names one
 * on the command line vouches for it.
 */
export const isOfProtocol = (headers: Headers): boolean => PROTOCOLS.test(headers['content-type'] ?? '')
