import { hash64 } from '../fingerprint.ts'
import { addKey, indexOfKey, type KeyTable, keyTable } from './key-table.ts'

/**
 * Texts that are stored once and numbered in the order in which they came. They live as bytes one after the other: hundreds of
 * thousands of addresses as strings and entries of a map take ten times the memory.
 */
export interface TextTable {
  /** Two halves of a hash, and how many other texts with the same hash came before. */
  readonly keys: KeyTable
  /** Of each text a byte that tells its encoding, and its characters. */
  bytes: Uint8Array
  /** Where each text begins, and where the next one would. */
  starts: Uint32Array
  /** Texts that were met lately. */
  readonly recent: Map<string, number>
}

const FIRST_BYTES = 32
const FIRST_TEXTS = 4
const MOST_RECENT = 500

export const textTable = (): TextTable => ({
  keys: keyTable(3),
  bytes: new Uint8Array(FIRST_BYTES),
  starts: new Uint32Array(FIRST_TEXTS),
  recent: new Map(),
})

/** How many texts there are. */
export const textCount = ({ keys }: TextTable): number => keys.size

/** The number of the text, which is added when it is new: then it is the number of texts before. */
export const addText = (table: TextTable, text: string): number => {
  const known = table.recent.get(text)
  if (known !== undefined) return known
  const [low, high] = hash64(text)
  const before = table.keys.size
  for (let others = 0; ; others += 1) {
    const number = addKey(table.keys, [low, high, others])
    if (number === before) store(table, text)
    else if (textWithNumber(table, number) !== text) continue
    if (table.recent.size >= MOST_RECENT) table.recent.clear()
    table.recent.set(text, number)
    return number
  }
}

/** The number of the text, or -1. */
export const numberOfText = (table: TextTable, text: string): number => {
  const known = table.recent.get(text)
  if (known !== undefined) return known
  const [low, high] = hash64(text)
  for (let others = 0; ; others += 1) {
    const number = indexOfKey(table.keys, [low, high, others])
    if (number < 0 || textWithNumber(table, number) === text) return number
  }
}

const LATIN1 = 0
const UTF16 = 1

/** The text with this number. */
export const textWithNumber = ({ bytes, starts }: TextTable, number: number): string => {
  const start = starts[number] ?? 0
  const end = starts[number + 1] ?? start
  const encoding = bytes[start] === LATIN1 ? 'latin1' : 'utf16le'
  return viewOf(bytes).toString(encoding, start + 1, end)
}

const views = new WeakMap<Uint8Array, Buffer>()

const viewOf = (bytes: Uint8Array): Buffer => {
  const known = views.get(bytes)
  if (known) return known
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  views.set(bytes, view)
  return view
}

const BEYOND_LATIN1 = /[^\0-\xff]/

/** UTF-16 keeps what UTF-8 cannot: half a character, which JSON can write. */
const store = (table: TextTable, text: string): void => {
  const number = table.keys.size - 1
  const isWide = BEYOND_LATIN1.test(text)
  const encoded = Buffer.from(text, isWide ? 'utf16le' : 'latin1')
  const start = table.starts[number] ?? 0
  const end = start + 1 + encoded.length
  if (end > table.bytes.length) {
    const more = new Uint8Array(Math.max(2 * table.bytes.length, end))
    more.set(table.bytes)
    table.bytes = more
  }
  if (number + 1 >= table.starts.length) {
    const more = new Uint32Array(2 * table.starts.length)
    more.set(table.starts)
    table.starts = more
  }
  table.bytes[start] = isWide ? UTF16 : LATIN1
  table.bytes.set(encoded, start + 1)
  table.starts[number + 1] = end
}

/** Adds the texts of another table; gives for each of its numbers the number here. */
export const mergeTexts = (into: TextTable, other: TextTable): Uint32Array =>
  Uint32Array.from({ length: other.keys.size }, (_, number) => addText(into, textWithNumber(other, number)))
