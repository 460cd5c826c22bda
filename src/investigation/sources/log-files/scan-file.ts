import { closeSync, createReadStream, openSync, readSync } from 'node:fs'
import { isText } from './containers/file-kind.ts'
import { countMatches, type ScannedFile } from './count-matches.ts'
import { CHUNK } from './decode/gzip-file.ts'
import { type ReadBuffers, readWhole } from './decode/read-file.ts'
import { fileError } from './discover/files-on-disk.ts'
import type { Matchers } from './match/matchers.ts'
import { eventsRead, faultOfEmpty, sentencesFor } from './scan-sentences.ts'

/**
 * Scans one log file: reads and decompresses it, finds its records and counts those that match. A small, intact file is read
 * at once; any other one, and an archive, as a stream. Throws the operating system's error when the file cannot be opened.
 */
export const scanFile = async <State>(path: string, buffers: ReadBuffers, matchers: Matchers<State>): Promise<ScannedFile> => {
  const { size, bytes } = readWhole(path, buffers)
  if (bytes && isText(bytes)) return scanBytes(bytes, size, path, buffers, matchers)
  const { LARGEST_PARQUET, scanParquetFile, scanStream } = await import('./scan-parts.ts')
  if (size > LARGEST_PARQUET && isParquet(path)) return scanParquetFile(path, size, matchers)
  const stream = createReadStream(path, { highWaterMark: CHUNK })
  const { broken, ...scanned } = await scanStream(stream, { name: path }, buffers, matchers)
  return broken === undefined ? scanned : { ...scanned, why: `${fileError(broken, path)}${eventsRead(scanned.events)}` }
}

const isParquet = (path: string): boolean => {
  const file = openSync(path, 'r')
  try {
    const head = Buffer.alloc(4)
    return readSync(file, head) === head.length && head.toString('latin1') === 'PAR1'
  } finally {
    closeSync(file)
  }
}

/** Scans the decompressed bytes of a log file. `size` is its size as stored. */
export const scanBytes = <State>(
  bytes: Buffer,
  size: number,
  name: string,
  buffers: ReadBuffers,
  matchers: Matchers<State>,
): ScannedFile => {
  const { read, found, undated, mention } = countMatches(bytes, buffers, matchers, name)
  const fault = read.fault ?? faultOfEmpty(read.events, bytes, mention)
  return {
    ...{ bytes: size, events: read.events, found, searched: matchers.targets.size },
    ...sentencesFor(name, fault, read.events, undated),
    ...(mention !== undefined && read.events > 0 ? { isMention: true as const } : {}),
  }
}
