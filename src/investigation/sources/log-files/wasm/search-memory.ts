import { type ByteModule, MOST_TEXTS } from './byte-module.ts'

/** A text that bytes are searched for. */
export interface TextToFind {
  readonly text: Buffer
  /** Where in the text two bytes are that are rare together; undefined for a single byte. */
  readonly pair: number | undefined
}

/** Bytes between two places: the module reads and writes some behind the end. */
export const BETWEEN = 8192
/** Where the texts are that are searched for, behind the module's own data. */
const TEXTS_AT = 0x10000
const LONGEST_TEXT = 4096
/** Where the places are written where they stand. */
const PLACES_AT = TEXTS_AT + MOST_TEXTS * LONGEST_TEXT + BETWEEN
/** Of each text that is found ahead, and of all texts together. */
const MOST_AHEAD = 2 ** 13
const MOST_PLACES = MOST_AHEAD * (MOST_TEXTS - 1)
/** Where a text is found by itself. */
const ALONE = MOST_TEXTS - 1
const ALONE_PLACES_AT = PLACES_AT + 4 * MOST_PLACES
/** The memory from here on is the caller's. */
export const SEARCH_END = ALONE_PLACES_AT + 4 * MOST_AHEAD + BETWEEN

/** A memory that is searched by the module in it. */
interface SearchedMemory {
  readonly module: ByteModule
  readonly places: Int32Array
  /** The texts that the module has, by index. */
  readonly texts: (TextToFind | undefined)[]
  /** Bytes in which texts were found ahead: the first so many of `texts`. */
  ahead: Ahead
}

interface Ahead {
  readonly start: number
  readonly end: number
  readonly count: number
}

const NOTHING_AHEAD: Ahead = { start: 0, end: 0, count: 0 }

/** The memories there are. */
const searched = new WeakMap<ArrayBufferLike, SearchedMemory>()

/** Lets bytes in the module's memory be found by it. */
export const searchBy = (module: ByteModule): void => {
  const { buffer } = module.memory
  const places = new Int32Array(buffer, 0, SEARCH_END / 4)
  searched.set(buffer, { module, places, texts: [], ahead: NOTHING_AHEAD })
}

/**
 * Finds the texts in the bytes in one pass, where the bytes lie in such a memory: until `use` ends, `findInMemory` knows where they stand.
 * The bytes must not change meanwhile.
 */
export const whileFound = <T>(bytes: Buffer, texts: readonly TextToFind[], use: () => T): T => {
  const memory = searched.get(bytes.buffer)
  if (!memory) return use()
  const first = texts.filter(isSearchable).slice(0, MOST_TEXTS - 1)
  for (const [index, text] of first.entries()) setText(memory, index, text)
  const start = bytes.byteOffset
  const end = start + bytes.length
  memory.module.findAll(0, first.length, start, end, PLACES_AT, MOST_AHEAD)
  memory.ahead = { start, end, count: first.length }
  try {
    return use()
  } finally {
    memory.ahead = NOTHING_AHEAD
  }
}

const isSearchable = ({ text, pair }: TextToFind): boolean => pair !== undefined && text.length <= LONGEST_TEXT

const setText = (memory: SearchedMemory, index: number, search: TextToFind): void => {
  if (memory.texts[index] === search) return
  const at = TEXTS_AT + index * LONGEST_TEXT
  search.text.copy(memory.module.memory, at)
  memory.module.setText(index, at, search.text.length, search.pair ?? 0)
  memory.texts[index] = search
}

/**
 * Finds a text in bytes that lie in such a memory, from `from` on, and writes its positions into the array from `at` on, as far as there
 * is room and at most MOST_AHEAD. Gives how many; undefined for other bytes. Takes half the time of Buffer.indexOf.
 */
export const findInMemory = (
  bytes: Buffer,
  search: TextToFind,
  from: number,
  into: Int32Array,
  at: number,
): number | undefined => {
  const memory = searched.get(bytes.buffer)
  if (!memory || !isSearchable(search)) return undefined
  const start = bytes.byteOffset
  const range = { from: start + from, end: start + bytes.length, most: into.length - at }
  const found = foundAhead(memory, search, range) ?? findAlone(memory, search, range)
  for (let index = 0; index < found.count; index += 1) into[at + index] = (memory.places[found.first + index] ?? 0) - start
  return found.count
}

interface Range {
  readonly from: number
  readonly end: number
  readonly most: number
}

/** Places by their index among all places. */
interface Found {
  readonly first: number
  readonly count: number
}

/** Undefined where the text was not found ahead in these bytes, or stands in more places than were noted. */
const foundAhead = ({ module, places, texts, ahead }: SearchedMemory, search: TextToFind, range: Range): Found | undefined => {
  if (range.end > ahead.end || range.from < ahead.start) return undefined
  const index = texts.indexOf(search)
  if (index < 0 || index >= ahead.count) return undefined
  const all = module.placesOf(index)
  if (all === MOST_AHEAD) return undefined
  const room = (PLACES_AT >> 2) + index * MOST_AHEAD
  const first = firstFrom(places, room, room + all, range.from)
  const last = firstFrom(places, first, room + all, range.end - search.text.length + 1)
  return { first, count: Math.min(range.most, last - first) }
}

/** The index of the first place that is not before `from`. */
const firstFrom = (places: Int32Array, start: number, end: number, from: number): number => {
  let [low, high] = [start, end]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((places[middle] ?? 0) < from) low = middle + 1
    else high = middle
  }
  return low
}

const findAlone = (memory: SearchedMemory, search: TextToFind, { from, end, most }: Range): Found => {
  setText(memory, ALONE, search)
  const room = Math.min(most, MOST_AHEAD)
  memory.module.findAll(ALONE, 1, from, end, ALONE_PLACES_AT, room)
  return { first: ALONE_PLACES_AT >> 2, count: memory.module.placesOf(ALONE) }
}
