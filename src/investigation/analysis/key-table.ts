/**
 * A set of keys, each a few whole numbers of 32 bits, numbered in the order in which they came. It lives in typed arrays:
 * it is small, a worker can send it without copying objects, and looking up a key makes no garbage.
 */
export interface KeyTable {
  readonly width: number
  size: number
  /** The numbers of all keys, one key after the other. */
  keys: Uint32Array
  /** Where a key may be: its index plus one; zero is free. The length is a power of two, at most three quarters of it taken. */
  slots: Uint32Array
}

/** Few, because most tables stay empty: five hundred chained sessions have twenty thousand. */
const FIRST_SLOTS = 4

/** How many keys so many slots are for. */
const roomFor = (slots: number): number => (slots / 4) * 3

/** An empty table. It grows with its keys; of so many as are expected it does not have to. */
export const keyTable = (width: number, expected = 0): KeyTable => {
  let slots = FIRST_SLOTS
  while (roomFor(slots) < expected) slots *= 2
  return { width, size: 0, keys: new Uint32Array(width * roomFor(slots)), slots: new Uint32Array(slots) }
}

/** The index of the key, added when it is new: then the index is the size that the table had before. */
export const addKey = (table: KeyTable, key: ArrayLike<number>): number => {
  const slot = slotOf(table, key)
  const found = table.slots[slot] ?? 0
  if (found > 0) return found - 1
  const index = table.size
  if (index >= roomFor(table.slots.length)) {
    grow(table)
    return addKey(table, key)
  }
  for (let i = 0; i < table.width; i += 1) table.keys[index * table.width + i] = key[i] ?? 0
  table.slots[slot] = index + 1
  table.size += 1
  return index
}

/** The index of the key, or -1. */
export const indexOfKey = (table: KeyTable, key: ArrayLike<number>): number => (table.slots[slotOf(table, key)] ?? 0) - 1

/** The slot in which the key is, or the free one in which it would be. */
const slotOf = ({ width, keys, slots }: KeyTable, key: ArrayLike<number>): number => {
  const mask = slots.length - 1
  let slot = hashOf(width, key, 0) & mask
  for (;;) {
    const index = (slots[slot] ?? 0) - 1
    if (index < 0 || isSame(keys, index * width, key, width)) return slot
    slot = (slot + 1) & mask
  }
}

const isSame = (keys: Uint32Array, start: number, key: ArrayLike<number>, width: number): boolean => {
  for (let i = 0; i < width; i += 1) if (keys[start + i] !== key[i]) return false
  return true
}

/** The mixing of MurmurHash3 (Austin Appleby, public domain). */
const hashOf = (width: number, key: ArrayLike<number>, start: number): number => {
  let hash = 0x9747b28c
  for (let i = 0; i < width; i += 1) {
    let part = Math.imul(key[start + i] ?? 0, 0xcc9e2d51)
    part = (part << 15) | (part >>> 17)
    hash ^= Math.imul(part, 0x1b873593)
    hash = Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

const grow = (table: KeyTable): void => {
  const { width, size } = table
  const slots = new Uint32Array(table.slots.length * 2)
  const keys = new Uint32Array(width * roomFor(slots.length))
  keys.set(table.keys)
  const mask = slots.length - 1
  for (let index = 0; index < size; index += 1) {
    let slot = hashOf(width, keys, index * width) & mask
    while (slots[slot] !== 0) slot = (slot + 1) & mask
    slots[slot] = index + 1
  }
  table.keys = keys
  table.slots = slots
}
