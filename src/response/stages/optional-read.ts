import { unreadReason } from '../../aws/failure.ts'

/** What a stage could not read and can do without, a sentence each. */
export type Unread = string[]

/**
 * A read that a stage can do without: what it gives, or `otherwise` when it fails. Then `unread` says what is not known, which
 * operation failed, and why. Throws what concerns the whole run: the responder's own credentials, an interruption, a bug.
 */
export const readOr = async <T, O>(
  unread: Unread,
  { what, operation, otherwise }: { readonly what: string; readonly operation: string; readonly otherwise: O },
  read: () => Promise<T>,
): Promise<T | O> => {
  try {
    return await read()
  } catch (error) {
    const why = unreadReason(error)
    if (why === undefined) throw error
    unread.push(`${what} is not known: ${operation} ${why}`)
    return otherwise
  }
}
