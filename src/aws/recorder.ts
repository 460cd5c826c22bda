import { given } from '../incident/values/given.ts'
import { codeOf } from './failure.ts'
import type { AnyClient } from './middleware.ts'

/** One call and how it ended: for `--verbose`, and for counting. */
export interface RecordedCall {
  readonly service: string
  readonly operation: string
  /** `ok`, or the error's code. */
  readonly outcome: string
  readonly requestId?: string
}

/** Calls `onCall` after every call of a client has ended. */
export const recordCalls = (client: AnyClient, service: string, onCall: (call: RecordedCall) => void): void => {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const operation = String(context.commandName).replace(/Command$/, '')
      try {
        const result = await next(args)
        const requestId = result.output.$metadata?.requestId
        onCall({ service, operation, outcome: 'ok', ...given({ requestId: requestId || undefined }) })
        return result
      } catch (error) {
        onCall({ service, operation, outcome: codeOf(error) })
        throw error
      }
    },
    { step: 'initialize', priority: 'normal', name: 'recorder' },
  )
}
