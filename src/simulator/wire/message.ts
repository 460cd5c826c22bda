/** An HTTP request as it reached the simulated account, whatever carried it. */
export interface WireRequest {
  readonly method: string
  /** The path as it was sent, still percent-encoded, without the query. */
  readonly path: string
  /** Decoded query parameters, in the order in which they were sent. */
  readonly query: readonly (readonly [name: string, value: string])[]
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  readonly sourceIp: string
}

/** An HTTP response before anything carries it. */
export interface WireResponse {
  readonly status: number
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Answers one request. Never rejects because of what the request says: every refusal is a response. */
export type Dispatch = (request: WireRequest) => Promise<WireResponse>

/**
 * Stands between a client and the simulated account: may wait, change the answer, lose it (by throwing) before or after `next`,
 * or never call `next` at all.
 */
export type Fault = (request: WireRequest, next: Dispatch) => Promise<WireResponse>

/** The body as text; bytes that are not UTF-8 become U+FFFD. */
export const bodyText = (request: WireRequest): string => new TextDecoder().decode(request.body)

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** The parameters of a query string (without its `?`). What is not valid percent-encoding is left as it is. */
export const parseQuery = (search: string): WireRequest['query'] =>
  search
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [name = '', ...value] = pair.split('=')
      return [decoded(name), decoded(value.join('='))]
    })
