import { gunzipSync } from 'node:zlib'
import { type DeflatePart, deflatePart, statedSize } from '../decode/gzip-file.ts'
import { type ByteModule, startByteModule } from './byte-module.ts'

/** A larger file, compressed or not, is read as a stream. Bytes. */
export const MOST_IN_MEMORY = 32 * 2 ** 20

/** Memory that one log file after another is read into, unpacked and searched in: the next file overwrites the last. */
export interface FileMemory {
  /** Room to read a file into. */
  room(size: number): Buffer
  /** The contents of a gzip file. Undefined unless it is one complete, valid member of at most MOST_IN_MEMORY bytes. */
  gunzip(gzip: Buffer): Buffer | undefined
}

/** Bytes between two places: the module reads and writes some behind the end. */
const BETWEEN = 8192
/** Where the text is that is searched for, behind the module's own data. */
const TEXT_AT = 0x10000
const LONGEST_TEXT = 4096
/** Where the places are written where it stands. */
const PLACES_AT = TEXT_AT + LONGEST_TEXT + BETWEEN
const MOST_PLACES = 2 ** 14
const FILE_AT = PLACES_AT + 4 * MOST_PLACES + BETWEEN
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
  const { buffer } = module.memory
  searched.set(buffer, { module, places: new Int32Array(buffer, PLACES_AT, MOST_PLACES), text: undefined })
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

interface Searched {
  readonly module: ByteModule
  readonly places: Int32Array
  /** What was searched for last: it lies in the memory. */
  text: Buffer | undefined
}

/** The memories there are. */
const searched = new WeakMap<ArrayBufferLike, Searched>()

/**
 * Finds a text in bytes that lie in such a memory, from `from` on, and writes its positions into the array from `at` on, as far as there
 * is room. Gives how many; undefined for other bytes. `rarest` are places of two bytes in the text. Takes half the time of Buffer.indexOf.
 */
export const findInMemory = (
  bytes: Buffer,
  text: Buffer,
  rarest: readonly [number, number],
  from: number,
  into: Int32Array,
  at: number,
): number | undefined => {
  const search = searched.get(bytes.buffer)
  if (!search || text.length > LONGEST_TEXT) return undefined
  const { module, places } = search
  if (search.text !== text) {
    text.copy(module.memory, TEXT_AT)
    search.text = text
  }
  const start = bytes.byteOffset
  const most = Math.min(MOST_PLACES, into.length - at)
  const [first, second] = rarest
  const count = module.find(TEXT_AT, text.length, first, second, start + from, start + bytes.length, PLACES_AT, most)
  for (let index = 0; index < count; index += 1) into[at + index] = (places[index] ?? 0) - start
  return count
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
