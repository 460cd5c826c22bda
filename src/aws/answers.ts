import type { AnyClient, MiddlewareResult } from './middleware.ts'

/** The name of the error that an answer of somebody else is turned into. */
export const NOT_FROM_AWS = 'NotFromAws'

/**
 * Takes no answer for AWS's that carries no AWS request id: a captive portal's page, or nothing at all, reads as an empty
 * list ("no snapshots", "no such instance") and not as an error. The SDK tries a read again, and so it does where a success
 * cannot be read at all; for a write nothing is known.
 */
export const believeOnlyAws = (client: AnyClient): void => {
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        return believed(await next(args))
      } catch (error) {
        throw isUnreadable(error) ? Object.assign(error, { $retryable: {} }) : error
      }
    },
    { step: 'deserialize', priority: 'high', name: 'believeOnlyAws' },
  )
}

const believed = (result: MiddlewareResult): MiddlewareResult => {
  const { $metadata } = result.output
  if ($metadata?.requestId !== undefined) return result
  const error = new Error('the answer carries no AWS request id; a proxy or a captive portal may have given it')
  throw Object.assign(error, { name: NOT_FROM_AWS, $metadata: { ...$metadata }, $retryable: {} })
}

/** The SDK gives a 200 that it cannot read as an error of its parser, with the response hidden in it. */
const isUnreadable = (error: unknown): error is Error =>
  error instanceof Error && !('$fault' in error) && '$response' in error && statusOf(error.$response) === 200

const statusOf = (response: unknown): unknown =>
  typeof response === 'object' && response !== null && 'statusCode' in response ? response.statusCode : undefined
