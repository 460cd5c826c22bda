import { createHash } from 'node:crypto'
import { createGunzip, type Gunzip } from 'node:zlib'
import { isGzip } from '../decode/gzip-file.ts'

/** The hash of a log file, or why there is none: a sentence. */
export type FileHash = { readonly hash: string } | { readonly why: string }

/** Takes a file chunk by chunk. */
export interface ContentHasher {
  write(chunk: Buffer): Promise<void>
  end(): Promise<FileHash>
}

/** So many bytes show whether a file is compressed. */
const MARK = 2

/** Hashes a file's contents, decompressed: that is what a digest names. A file that was unpacked has the same hash. */
export const contentHasher = (): ContentHasher => {
  const hash = createHash('sha256')
  let head: Buffer | undefined = Buffer.alloc(0)
  let gunzip: Gunzip | undefined
  let failure: Error | undefined
  const take = async (chunk: Buffer): Promise<void> => {
    if (!gunzip) hash.update(chunk)
    else if (!failure) await new Promise<void>((resolve) => gunzip?.write(chunk, () => resolve()))
  }
  const begin = async (bytes: Buffer): Promise<void> => {
    head = undefined
    if (isGzip(bytes))
      gunzip = createGunzip()
        .on('data', (data: Buffer) => void hash.update(data))
        .on('error', (error) => {
          failure = error
        })
    await take(bytes)
  }
  return {
    write: async (chunk) => {
      if (head === undefined) return take(chunk)
      head = Buffer.concat([head, chunk])
      if (head.length >= MARK) await begin(head)
    },
    end: async () => {
      if (head !== undefined) await begin(head)
      if (gunzip && !failure) await new Promise<void>((resolve) => gunzip?.on('close', () => resolve()).end())
      return failure ? { why: `It cannot be decompressed: ${failure.message}.` } : { hash: hash.digest('hex') }
    },
  }
}
