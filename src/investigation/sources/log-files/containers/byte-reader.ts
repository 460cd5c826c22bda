/** Bytes that come in chunks, read in the sizes that a format has. */
export interface ByteReader {
  /** So many bytes, or fewer at the end, without taking them. */
  peek(length: number): Promise<Buffer>
  /** So many bytes, or fewer at the end. */
  take(length: number): Promise<Buffer>
  /** What came next, whatever its size; undefined at the end. */
  next(): Promise<Buffer | undefined>
  /** Puts bytes back before the others. */
  unread(bytes: Buffer): void
  /** Bytes that were taken so far. */
  taken(): number
}

export const byteReader = (chunks: AsyncIterable<Buffer>): ByteReader => {
  const source = chunks[Symbol.asyncIterator]()
  let waiting: Buffer = Buffer.alloc(0)
  let taken = 0
  const fill = async (length: number): Promise<void> => {
    const parts = [waiting]
    let size = waiting.length
    while (size < length) {
      const { value, done } = await source.next()
      if (done) break
      parts.push(value)
      size += value.length
    }
    if (parts.length > 1) waiting = Buffer.concat(parts)
  }
  const takeWaiting = (length: number): Buffer => {
    const bytes = waiting.subarray(0, length)
    waiting = waiting.subarray(length)
    taken += bytes.length
    return bytes
  }
  return {
    peek: async (length) => {
      await fill(length)
      return waiting.subarray(0, length)
    },
    take: async (length) => {
      await fill(length)
      return takeWaiting(length)
    },
    next: async () => {
      await fill(1)
      return waiting.length === 0 ? undefined : takeWaiting(waiting.length)
    },
    unread: (bytes) => {
      taken -= bytes.length
      waiting = waiting.length === 0 ? bytes : Buffer.concat([bytes, waiting])
    },
    taken: () => taken,
  }
}

/** All that is left. */
export async function* restOf(reader: ByteReader): AsyncGenerator<Buffer> {
  for (let chunk = await reader.next(); chunk !== undefined; chunk = await reader.next()) yield chunk
}

/** So many bytes, in chunks. */
export async function* limited(reader: ByteReader, length: number): AsyncGenerator<Buffer> {
  let left = length
  while (left > 0) {
    const chunk = await reader.next()
    if (chunk === undefined) return
    if (chunk.length > left) reader.unread(chunk.subarray(left))
    const part = chunk.subarray(0, left)
    left -= part.length
    yield part
  }
}
