import { gunzipSync } from 'node:zlib'
import { type DeflatePart, deflatePart, statedSize } from '../decode/gzip-file.ts'
import { type ByteModule, startByteModule } from './byte-module.ts'
import { BETWEEN, SEARCH_END, searchBy } from './search-memory.ts'

/** A larger file, compressed or not, is read as a stream. Bytes. */
export const MOST_IN_MEMORY = 32 * 2 ** 20

/** Memory that one log file after another is read into, unpacked and searched in: the next file overwrites the last. */
export interface FileMemory {
  /** Room to read a file into. */
  room(size: number): Buffer
  /** The contents of a gzip file. Undefined unless it is one complete, valid member of at most MOST_IN_MEMORY bytes. */
  gunzip(gzip: Buffer): Buffer | undefined
}

/** Where a file is in the memory. */
const FILE_AT = SEARCH_END
/** Most files fit. Bytes. */
const FIRST_ROOM = { file: 2 ** 20, contents: 2 ** 22 }

/** Room for a file, and for its contents. Bytes. */
interface Room {
  readonly file: number
  readonly contents: number
}

/** A memory of one size. A larger file needs another one: growing would take the memory away from whoever still looks at it. */
interface HeldMemory extends Room {
  readonly module: ByteModule
  readonly contentsAt: number
}

export const fileMemory = (): FileMemory => {
  let held = holdMemory(FIRST_ROOM)
  if (!held) return plainMemory()
  const fitting = (file: number, contents: number): HeldMemory | undefined => {
    if (!held || file > held.file || contents > held.contents)
      held = holdMemory({
        file: rounded(Math.max(file, FIRST_ROOM.file)),
        contents: rounded(Math.max(contents, FIRST_ROOM.contents)),
      })
    return held
  }
  return {
    room: (size) => fitting(size, 0)?.module.memory.subarray(FILE_AT, FILE_AT + size) ?? Buffer.allocUnsafeSlow(size),
    gunzip: (gzip) => {
      const [size, part] = [statedSize(gzip), deflatePart(gzip)]
      if (!part || size > MOST_IN_MEMORY || gzip.length > MOST_IN_MEMORY) return undefined
      const fit = fitting(gzip.length, size)
      return fit && unpack(fit, gzip, part, size)
    },
  }
}

const holdMemory = ({ file, contents }: Room): HeldMemory | undefined => {
  const contentsAt = FILE_AT + file + BETWEEN
  const module = startByteModule(contentsAt + contents + BETWEEN)
  if (!module) return undefined
  searchBy(module)
  return { module, file, contents, contentsAt }
}

const rounded = (size: number): number => 2 ** Math.ceil(Math.log2(size))

/** The contents of a gzip file; undefined where its data are damaged, or of another size or checksum than it states. */
const unpack = (
  { module: { memory, inflate, crc32 }, contentsAt }: HeldMemory,
  gzip: Buffer,
  { start, end, checksum }: DeflatePart,
  size: number,
): Buffer | undefined => {
  if (gzip.buffer !== memory.buffer || gzip.byteOffset !== FILE_AT) gzip.copy(memory, FILE_AT)
  if (inflate(FILE_AT + start, FILE_AT + end, contentsAt, contentsAt + size) !== size) return undefined
  return crc32(contentsAt, contentsAt + size) >>> 0 === checksum ? memory.subarray(contentsAt, contentsAt + size) : undefined
}

/** Where the module does not run. */
const plainMemory = (): FileMemory => {
  let buffer = Buffer.alloc(0)
  return {
    room: (size) => {
      if (size > buffer.length) buffer = Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(size + 1)))
      return buffer.subarray(0, size)
    },
    gunzip: (gzip) => {
      const size = statedSize(gzip)
      if (!deflatePart(gzip) || size > MOST_IN_MEMORY) return undefined
      try {
        const contents = gunzipSync(gzip, { maxOutputLength: size + 1 })
        return contents.length === size ? contents : undefined
      } catch {
        return undefined
      }
    },
  }
}
