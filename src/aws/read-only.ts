import { findCall } from './calls.ts'
import type { AnyClient } from './middleware.ts'

/** Which writes may be sent: only those opened one by one, each after its intent was journaled. */
export interface WriteGate {
  open(input: object): void
  isOpen(input: object): boolean
}

export const createWriteGate = (): WriteGate => {
  const opened = new WeakSet<object>()
  return { open: (input) => void opened.add(input), isOpen: (input) => opened.has(input) }
}

/**
 * The read-only guard: a client sends no operation that the table of calls does not list, and no write whose gate is closed.
 * It runs before serialisation, so that a refused call never reaches the network; a dry run opens no gate at all.
 */
export const guardWrites = (client: AnyClient, service: string, writeGate: WriteGate): void => {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const operation = String(context.commandName).replace(/Command$/, '')
      const call = findCall(service, operation, args.input)
      if (!call) throw new Error(`${service}:${operation} is not in the table of API calls (src/aws/calls.ts)`)
      if (call.access === 'write' && !writeGate.isOpen(args.input)) {
        throw new Error(`${service}:${operation} would change something, and no intent was written for it`)
      }
      return next(args)
    },
    { step: 'initialize', priority: 'high', name: 'readOnlyGuard' },
  )
}
