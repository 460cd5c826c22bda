import { isClockSkewError, isTransientError, StandardRetryStrategy } from '@smithy/core/retry'

type Refresh = StandardRetryStrategy['refreshRetryTokenForRetry']
type RetryErrorInfo = Parameters<Refresh>[1]

/**
 * The SDK's standard retries without one of their habits: while this machine's clock is 4 minutes off, the SDK takes every
 * error for the clock's and sends the call again, a missing policy and the answer to a DryRun too. Those are answers.
 */
export const standardRetries = (maxAttempts: number): StandardRetryStrategy => {
  const strategy = new StandardRetryStrategy({ maxAttempts })
  const refresh = strategy.refreshRetryTokenForRetry.bind(strategy)
  const refreshRetryTokenForRetry: Refresh = (token, info) => refresh(token, asIfTheClockWereRight(info))
  return Object.assign(strategy, { refreshRetryTokenForRetry })
}

const asIfTheClockWereRight = (info: RetryErrorInfo): RetryErrorInfo => {
  const { error, errorType } = info
  if (errorType !== 'TRANSIENT' || !error?.$metadata?.clockSkewCorrected || isClockSkewError(error)) return info
  const unmarked = Object.create(error, { $metadata: { value: { ...error.$metadata, clockSkewCorrected: false } } })
  return isTransientError(unmarked) ? info : { ...info, errorType: 'CLIENT_ERROR' }
}
