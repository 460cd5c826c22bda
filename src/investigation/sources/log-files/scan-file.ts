import { createReadStream } from 'node:fs'
import { whyUnreadable } from './file-trouble.ts'
import { PIECE, type ReadBuffers, readQuickly } from './read-log.ts'
import { type FileRead, scanBytes, shownBy } from './scan-bytes.ts'
import { scanPieces } from './scan-pieces.ts'
import type { Seekers } from './seekers.ts'

/** Counts the records of a file that the questions need. Throws what the operating system says. */
export const scanFile = async <State>(path: string, buffers: ReadBuffers, seekers: Seekers<State>): Promise<FileRead> => {
  const { size, isGzip, bytes } = readQuickly(path, buffers)
  const named = { name: path, isGzip }
  if (bytes) return scanBytes(bytes, size, named, buffers, seekers)
  const { broken, ...read } = await scanPieces(createReadStream(path, { highWaterMark: PIECE }), named, buffers, seekers)
  return broken === undefined ? read : { ...read, why: `${whyUnreadable(broken, path)}${shownBy(read.events)}` }
}
