import { findCall } from './calls.ts'
import type { AnyClient } from './middleware.ts'

/** Which writes may leave: those that were licensed one by one, each after its intent was written down. */
export interface WriteLicence {
  grant(input: object): void
  holds(input: object): boolean
}

export const createWriteLicence = (): WriteLicence => {
  const granted = new WeakSet<object>()
  return { grant: (input) => void granted.add(input), holds: (input) => granted.has(input) }
}

/**
 * The read-only guard: nothing leaves a client that the table of calls does not know, and no write without a licence.
 * It stands before serialisation, so that a refused call never reaches the network; a dry run grants no licence at all.
 */
export const guardWrites = (client: AnyClient, service: string, licence: WriteLicence): void => {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const operation = String(context.commandName).replace(/Command$/, '')
      const call = findCall(service, operation, args.input)
      if (!call) throw new Error(`${service}:${operation} is not in the table of API calls (src/aws/calls.ts)`)
      if (call.access === 'write' && !licence.holds(args.input)) {
        throw new Error(`${service}:${operation} would change something, and no intent was written for it`)
      }
      return next(args)
    },
    { step: 'initialize', priority: 'high', name: 'readOnlyGuard' },
  )
}
