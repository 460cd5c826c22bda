/** A request that cannot be read as its protocol says: the dispatcher answers it in the service's own words. */
export class Malformed extends Error {
  override readonly name = 'Malformed'
}

/** What `read` gives; whatever it throws means that the request is malformed. */
export const orMalformed = <T>(read: () => T): T => {
  try {
    return read()
  } catch (error) {
    throw error instanceof Malformed ? error : new Malformed(error instanceof Error ? error.message : String(error))
  }
}
