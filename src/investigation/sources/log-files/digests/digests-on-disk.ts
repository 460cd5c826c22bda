import { createReadStream, readFileSync } from 'node:fs'
import { CHUNK } from '../decode/gzip-file.ts'
import { fileError } from '../discover/files-on-disk.ts'
import { contentHasher, type FileHash } from './content-hash.ts'
import { type Digest, readDigest, type UnreadDigest } from './digest.ts'

/** Reads a digest file of a disk. */
export const digestOnDisk = (path: string): Digest | UnreadDigest => {
  try {
    return readDigest(path, readFileSync(path))
  } catch (error) {
    return { path, why: fileError(error, path) }
  }
}

/** Hashes a log file of a disk. */
export const hashOnDisk = async (path: string): Promise<FileHash> => {
  const hasher = contentHasher()
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: CHUNK })) await hasher.write(chunk)
    return await hasher.end()
  } catch (error) {
    return { why: fileError(error, path) }
  }
}
