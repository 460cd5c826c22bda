import type { AnyClient } from './middleware.ts'

/** The name of the error that an answer of somebody else is turned into. */
export const NOT_FROM_AWS = 'NotFromAws'

/**
 * Takes no answer for AWS's that carries no AWS request id: a captive portal's page, or nothing at all, reads as an empty
 * list ("no snapshots", "no such instance") and not as an error. The SDK tries a read again; for a write nothing is known.
 */
export const believeOnlyAws = (client: AnyClient): void => {
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args)
      const { $metadata } = result.output
      if ($metadata?.requestId !== undefined) return result
      const error = new Error('the answer carries no AWS request id; a proxy or a captive portal may have given it')
      throw Object.assign(error, { name: NOT_FROM_AWS, $metadata: { ...$metadata }, $retryable: {} })
    },
    { step: 'deserialize', priority: 'high', name: 'believeOnlyAws' },
  )
}
