import { createHash } from 'node:crypto'
import { canonicalJson, isPlainObject } from './canonical.ts'

/** The format this version writes. A journal with a higher one is read up to there and never written to. */
const FORMAT = 1

/** All the journal knows about its entries: that they are JSON objects and say what type they are. */
export interface AnyEntry {
  readonly type: string
}

/** One line of the journal: an entry, its number (from 1), the hash of the line before, and its own hash over all of that. */
export interface SealedLine<E extends AnyEntry> {
  readonly v: typeof FORMAT
  readonly n: number
  readonly prev: string
  readonly entry: E
  readonly h: string
}

export interface Damage {
  /** The first line that cannot be trusted, counted from 1. */
  readonly line: number
  /** What is wrong with it, as the rest of a sentence that begins with the line. */
  readonly why: string
  /** The format of that line, when it is one that only a newer ir-cred can read. */
  readonly newerFormat?: number
}

export interface Verified<E extends AnyEntry> {
  /** The entries of all lines before the first bad one. */
  readonly good: readonly E[]
  /** Hash of the last good line; the chain's start when there is none. 64 hex digits. */
  readonly head: string
  /** How many bytes the good lines take. */
  readonly length: number
  readonly damage?: Damage
  /** The bytes of a last line that was not completely written. */
  readonly tornTail?: Uint8Array
}

/** SHA-256 in hex. */
export const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex')

/** What the first line's `prev` is: it names the incident, so that a journal put into another incident's directory is noticed. */
export const chainStart = (incident: string): string => sha256(`ir-cred journal of ${incident}`)

/** Links an entry to the line before it. Throws TypeError for an entry that is not plain JSON. */
export const seal = <E extends AnyEntry>(previousHash: string, n: number, entry: E): SealedLine<E> => {
  const content = { v: FORMAT, n, prev: previousHash, entry } as const
  return { ...content, h: sha256(canonicalJson(content)) }
}

/** A sealed line as it stands in the file, with its line feed. */
export const sealedText = <E extends AnyEntry>(line: SealedLine<E>): string => `${canonicalJson(line)}\n`

/**
 * Reads a journal's bytes as far as they can be trusted. Each append is made durable before the next begins, so a crash can only
 * spoil the last line: that is a torn tail. A bad line with others after it is damage. A newer format is never taken for a torn tail.
 * What nobody can see from here is a journal cut off exactly at a line's end or rewritten as a whole: for that, heads are
 * shown and sent to AWS in the user agent.
 */
export const verify = <E extends AnyEntry>(bytes: Uint8Array, start: string): Verified<E> => {
  const good: E[] = []
  let head = start
  let length = 0
  while (length < bytes.length) {
    const feed = bytes.indexOf(LINE_FEED, length)
    const end = feed < 0 ? bytes.length : feed
    const line: SealedLine<E> | Defect = feed < 0 ? UNFINISHED : openLine<E>(bytes.subarray(length, end), good.length + 1, head)
    if ('why' in line) {
      const isLast = end + 1 >= bytes.length && line.newerFormat === undefined
      const trouble = isLast ? { tornTail: bytes.subarray(length) } : { damage: { line: good.length + 1, ...line } }
      return { good, head, length, ...trouble }
    }
    good.push(line.entry)
    head = line.h
    length = end + 1
  }
  return { good, head, length }
}

type Defect = Omit<Damage, 'line'>

const LINE_FEED = 10
const UNFINISHED: Defect = { why: 'was not written to its end' }
const UNREADABLE: Defect = { why: 'is not a line of an ir-cred journal' }
const ALTERED: Defect = { why: 'was altered: it does not match its hash' }
const MISPLACED: Defect = {
  why: 'does not follow from what stands before it: a line was removed, moved or comes from another incident',
}

const openLine = <E extends AnyEntry>(bytes: Uint8Array, n: number, prev: string): SealedLine<E> | Defect => {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return checkLine<E>(text, JSON.parse(text), n, prev)
  } catch {
    return UNREADABLE
  }
}

const checkLine = <E extends AnyEntry>(text: string, line: unknown, n: number, prev: string): SealedLine<E> | Defect => {
  if (!isPlainObject(line)) return UNREADABLE
  if (typeof line.v === 'number' && line.v > FORMAT) return newer(line.v)
  if (line.v !== FORMAT || !isEntry<E>(line.entry)) return UNREADABLE
  if (line.n !== n || line.prev !== prev) return MISPLACED
  const sealed = seal(prev, n, line.entry)
  // Compared as text and not only by hash: a changed byte that means the same to JSON.parse is a changed byte.
  return canonicalJson(sealed) === text ? sealed : ALTERED
}

const newer = (format: number): Defect => ({
  why: `has format ${format}, and this version of ir-cred reads up to format ${FORMAT}`,
  newerFormat: format,
})

const isEntry = <E extends AnyEntry>(value: unknown): value is E => isPlainObject(value) && typeof value.type === 'string'
