/** The part of an SDK client that middlewares need, the same for every service. */
export interface AnyClient {
  readonly middlewareStack: { add(middleware: Middleware, options: object): void }
}

export interface MiddlewareArguments {
  readonly input: object
  /** From the step `build` on: the HTTP request, signed at the step `deserialize`. */
  readonly request?: unknown
}

export interface MiddlewareResult {
  readonly response: unknown
  readonly output: { readonly $metadata?: { readonly requestId?: string; readonly httpStatusCode?: number } }
}

export type Middleware = (
  next: (args: MiddlewareArguments) => Promise<MiddlewareResult>,
  context: Record<string, unknown>,
) => (args: MiddlewareArguments) => Promise<MiddlewareResult>

/** The headers of an answer, lower case, whatever the transport was. */
export const headersOf = (response: unknown): Readonly<Record<string, string>> => {
  if (typeof response !== 'object' || response === null || !('headers' in response)) return {}
  const { headers } = response
  if (typeof headers !== 'object' || headers === null) return {}
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]))
}
