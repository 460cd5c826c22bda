import { constants } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { MINUTE_SECONDS, SECOND_MS } from '../incident/values/duration.ts'
import { Failure } from '../incident/values/failure.ts'
import { quotedPath } from '../incident/values/quoted.ts'
import type { Host } from './host.ts'

/** What reading a file that somebody named needs of the host: where to say that it waits, and when to stop. */
export type FileHost = Pick<Host, 'stderr' | 'signal'>

/** Bytes. The limit of a file that is read whole. */
const MOST_BYTES = 32 * 1024 * 1024

/** Why a named file cannot be read, as a clause: "it is a directory". */
export class Unreadable extends Error {
  override readonly name = 'Unreadable'
}

/** How long ir-cred waits in silence before it says so, and between two looks at a pipe. Milliseconds. */
const HINT_AFTER = SECOND_MS
const LOOK_EVERY = 20

/** A pipe that nobody writes to for so long is given up. Milliseconds. */
const GIVE_UP_AFTER = 10 * MINUTE_SECONDS * SECOND_MS

const CHUNK = 64 * 1024

/**
 * Reads a whole file that somebody named: a regular file, or a pipe as a shell's `<(…)` makes one. Throws `Unreadable` with the reason
 * for a directory, a device, more than `most` bytes, and a pipe that stays silent; Failure 'interrupted' when the run is.
 */
export const readNamedFile = async (path: string, host: FileHost, most: number = MOST_BYTES): Promise<Buffer> => {
  const file = await opened(path, most)
  try {
    return await readAll(file, path, host, most)
  } catch (error) {
    throw error instanceof Unreadable || error instanceof Failure ? error : new Unreadable(reasonOf(error))
  } finally {
    await file.close()
  }
}

/** Without waiting: opening a pipe the usual way blocks until somebody writes to it, and no Ctrl-C would end that. */
const opened = async (path: string, most: number): Promise<FileHandle> => {
  try {
    refuseOthers(await stat(path), most)
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0))
    // The name may stand for something else by now.
    try {
      refuseOthers(await file.stat(), most)
    } catch (error) {
      await file.close()
      throw error
    }
    return file
  } catch (error) {
    throw error instanceof Unreadable ? error : new Unreadable(reasonOf(error))
  }
}

type Stats = Awaited<ReturnType<typeof stat>>

const refuseOthers = (found: Stats, most: number): void => {
  if (found.isDirectory()) throw new Unreadable('it is a directory')
  if (found.isCharacterDevice() || found.isBlockDevice()) throw new Unreadable('it is a device, not a file')
  if (!found.isFile() && !found.isFIFO()) throw new Unreadable('it is not a file')
  if (found.size > most) throw new Unreadable(`it has ${found.size} bytes, and ${sizeWords(most)} is the limit`)
}

const sizeWords = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MB`

const readAll = async (file: FileHandle, path: string, host: FileHost, most: number): Promise<Buffer> => {
  const parts: Buffer[] = []
  let size = 0
  // A pipe that nobody has opened for writing yet gives 0 bytes, as one that has ended does.
  let begun = (await file.stat()).isFile()
  const patience = waiting(`${quotedPath(path)}, and nobody has written to it yet`, host)
  for (;;) {
    if (host.signal.aborted) throw interrupted()
    const buffer = Buffer.allocUnsafe(CHUNK)
    const read = await file.read(buffer, 0, CHUNK, null).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EAGAIN') return undefined
      throw error
    })
    if (read === undefined || (read.bytesRead === 0 && !begun)) {
      begun ||= read === undefined
      await patience.look()
      continue
    }
    begun = true
    if (read.bytesRead === 0) return Buffer.concat(parts)
    patience.heard()
    size += read.bytesRead
    if (size > most) throw new Unreadable(`it has more than ${sizeWords(most)}, which is the limit`)
    parts.push(buffer.subarray(0, read.bytesRead))
  }
}

/** Waits in small steps, says once what for, and gives up in the end. */
const waiting = (what: string, { stderr, signal }: FileHost) => {
  let since = performance.now()
  let said = false
  return {
    heard: () => {
      since = performance.now()
    },
    look: async (): Promise<void> => {
      const silent = performance.now() - since
      if (silent > GIVE_UP_AFTER) throw new Unreadable('nobody wrote to it for 10 minutes')
      if (silent > HINT_AFTER && !said) {
        stderr.write(hintOf(what))
        said = true
      }
      await pause(LOOK_EVERY, undefined, { signal }).catch(() => {
        throw interrupted()
      })
    },
  }
}

const hintOf = (what: string): string => `ir-cred: waiting for ${what}; Ctrl-C ends it\n`

/** As `readNamedFile`, for standard input. */
export const readStandardInput = ({ stdin, stderr, signal }: FileHost & Pick<Host, 'stdin'>): Promise<Buffer> => {
  const parts: Buffer[] = []
  let size = 0
  return new Promise((resolve, reject) => {
    const hint = setTimeout(() => stderr.write(hintOf('standard input, and nothing has come yet')), HINT_AFTER)
    const end = setTimeout(() => finish(() => reject(new Unreadable('nothing came for 10 minutes'))), GIVE_UP_AFTER)
    const finish = (settle: () => void): void => {
      clearTimeout(hint)
      clearTimeout(end)
      signal.removeEventListener('abort', onAbort)
      stdin.off('data', onData).off('end', onEnd).off('error', onError)
      stdin.pause()
      settle()
    }
    const onAbort = (): void => finish(() => reject(interrupted()))
    const onEnd = (): void => finish(() => resolve(Buffer.concat(parts)))
    const onError = (error: unknown): void => finish(() => reject(new Unreadable(reasonOf(error))))
    const onData = (part: Uint8Array | string): void => {
      clearTimeout(hint)
      end.refresh()
      const bytes = Buffer.from(part)
      size += bytes.length
      if (size > MOST_BYTES) finish(() => reject(new Unreadable(`more than ${sizeWords(MOST_BYTES)} came in`)))
      else parts.push(bytes)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    else stdin.on('data', onData).on('end', onEnd).on('error', onError)
  })
}

const interrupted = (): Failure => new Failure({ kind: 'interrupted', what: 'interrupted' })

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a directory',
  EACCES: 'you do not have permission to read it',
  EPERM: 'you do not have permission to read it',
  ENOTDIR: 'a part of its path is not a directory',
  ELOOP: 'it is a link that leads back to itself',
  ENAMETOOLONG: 'its name is too long',
  ERR_INVALID_ARG_VALUE: 'its name holds a null character',
}

const reasonOf = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
  return REASONS[code] ?? code
}
