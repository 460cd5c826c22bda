import { createHash } from 'node:crypto'
import { type Untrusted, untrusted } from '../incident/values/untrusted.ts'
import { canonicalJson, isPlainObject } from './canonical.ts'

/** The format this version writes. A journal with a higher one is read up to there and never written to. */
const FORMAT = 1

/** What the chain needs of an entry: a JSON object with a type. */
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

/**
 * What is wrong with a line, as far as the file shows it. `newer`: only a newer ir-cred can read it. `unknown`: it is chained as it
 * should be, and what it holds is no entry that this version knows.
 */
export type LineProblem = 'changed' | 'missing' | 'added' | 'moved' | 'truncated' | 'newer' | 'unknown'

/** Why an entry that follows these ones is none that this version writes, as the rest of a sentence; undefined for one that is. */
export type EntryCheck = (entry: AnyEntry, before: readonly AnyEntry[], incident: string) => string | undefined

/** What a line that cannot be trusted says of itself. */
export interface LineClaims {
  /** Its number in the chain. */
  readonly sequence?: number
  readonly type?: Untrusted
  readonly at?: Untrusted
}

export interface Damage {
  /** The first line that cannot be trusted, counted from 1. A missing record is the one that belongs on this line. */
  readonly line: number
  readonly problem: LineProblem
  /** What is wrong with it, as the rest of a sentence that begins with the line. */
  readonly why: string
  /** What stands on that line; absent where it cannot be read. */
  readonly found?: LineClaims
  /** The format of that line, when it is one that only a newer ir-cred can read. */
  readonly newerFormat?: number
}

export interface Verified<E extends AnyEntry> {
  /** The entries of all lines before the first bad one. */
  readonly good: readonly E[]
  /** Their hashes, 64 hex digits each. */
  readonly hashes: readonly string[]
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
 * A whole line that holds no entry that `whyUnknown` lets pass is damage too, the last one as well.
 * The file alone does not show that it was cut off at the end of a line, or rewritten as a whole. For that, each write to AWS
 * carries the head of its moment in the user agent, which CloudTrail records.
 */
export const verify = <E extends AnyEntry>(
  bytes: Uint8Array,
  start: string,
  whyUnknown: (entry: E, before: readonly E[]) => string | undefined = () => undefined,
): Verified<E> => {
  const good: E[] = []
  const hashes: string[] = []
  let head = start
  let length = 0
  while (length < bytes.length) {
    const feed = bytes.indexOf(LINE_FEED, length)
    const end = feed < 0 ? bytes.length : feed
    const line: SealedLine<E> | Defect = feed < 0 ? UNFINISHED : openLine<E>(bytes.subarray(length, end), good.length + 1, head)
    if ('why' in line) {
      const isLast = end + 1 >= bytes.length
      const trouble =
        isLast && BY_A_CRASH.has(line.why)
          ? { tornTail: bytes.subarray(length) }
          : { damage: { line: good.length + 1, ...orMoved(line, bytes.subarray(end + 1), good.length + 1) } }
      return { good, hashes, head, length, ...trouble }
    }
    const unknown = whyUnknown(line.entry, good)
    if (unknown !== undefined) return { good, hashes, head, length, damage: unknownEntry(line, unknown) }
    good.push(line.entry)
    hashes.push(line.h)
    head = line.h
    length = end + 1
  }
  return { good, hashes, head, length }
}

/**
 * What is wrong with a torn tail, for an audit: a run that opens the journal sets the tail aside, whatever spoiled it. Bytes that end
 * with a line feed, or are a whole line but for it, were not left by an append that was cut off.
 */
export const tailDamage = (tail: Uint8Array, line: number, prev: string): Damage => {
  if (tail.at(-1) === LINE_FEED) {
    const defect = openLine(tail.subarray(0, -1), line, prev)
    return { line, ...('why' in defect ? defect : UNREADABLE) }
  }
  const isWhole = !('why' in openLine(tail.subarray(0, -1), line, prev))
  return { line, ...(isWhole ? { ...ALTERED, why: 'was changed: its last byte is not a line feed' } : UNFINISHED) }
}

type Defect = Omit<Damage, 'line'>

const LINE_FEED = 10
const UNFINISHED: Defect = { problem: 'truncated', why: 'was not written to its end' }
const UNREADABLE: Defect = { problem: 'changed', why: 'is not a line of an ir-cred journal' }
const ALTERED: Defect = { problem: 'changed', why: 'was changed: it does not match its hash' }

/** What a crash can do to the last line. A line that is whole and does not follow was put there. */
const BY_A_CRASH: ReadonlySet<string> = new Set([UNFINISHED, UNREADABLE, ALTERED].map(({ why }) => why))

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
  if (typeof line.v === 'number' && line.v > FORMAT) return ofNewerFormat(line, n, prev)
  if (line.v !== FORMAT || !isEntry<E>(line.entry)) return UNREADABLE
  const sealed = seal(prev, n, line.entry)
  // Compared as text and not only by hash: a changed byte that means the same to JSON.parse is a changed byte.
  if (canonicalJson(sealed) === text) return sealed
  return { ...(isSealed(text, line) ? misplaced(Number(line.n), n) : ALTERED), found: claimsOf(line) }
}

/** Whether a line matches its own hash, whatever stands before it: then it was written so, and is not where it was written. */
const isSealed = (text: string, { n, prev, entry }: Readonly<Record<string, unknown>>): boolean =>
  typeof n === 'number' && typeof prev === 'string' && isEntry(entry) && canonicalJson(seal(prev, n, entry)) === text

const misplaced = (found: number, expected: number): Defect => {
  if (found > expected) {
    const last = found - 1
    const records = last === expected ? `record ${expected} is` : `records ${expected} to ${last} are`
    return { problem: 'missing', why: `holds record ${found}: ${records} missing` }
  }
  if (found < expected) return { problem: 'added', why: `holds record ${found} a second time: it was added` }
  if (expected === 1) return { problem: 'changed', why: 'comes from the journal of another incident' }
  const before = expected - 1
  return {
    problem: 'changed',
    why: `does not follow from line ${before}: line ${before} was written anew, or this line comes from another journal`,
  }
}

/** A record that is not where it belongs but stands further down was moved. */
const orMoved = (defect: Defect, rest: Uint8Array, expected: number): Defect => {
  if (defect.problem !== 'missing') return defect
  const lines = new TextDecoder().decode(rest).split('\n')
  const isThere = lines.some((text) => text.includes(`"n":${expected},"prev":"`))
  return isThere
    ? { ...defect, problem: 'moved', why: `holds record ${defect.found?.sequence}: the records stand in another order` }
    : defect
}

const unknownEntry = (line: SealedLine<AnyEntry>, why: string): Damage => ({
  line: line.n,
  problem: 'unknown',
  why,
  found: claimsOf({ n: line.n, entry: line.entry }),
})

const ofNewerFormat = (line: Readonly<Record<string, unknown>>, n: number, prev: string): Defect => {
  if (isEntry(line.entry) && seal(prev, n, line.entry).h === line.h)
    return { problem: 'changed', why: 'was changed: its format number does not match its hash', found: claimsOf(line) }
  return {
    problem: 'newer',
    why: `has format ${line.v}, and this version of ir-cred reads up to format ${FORMAT}`,
    newerFormat: Number(line.v),
  }
}

const claimsOf = ({ n, entry }: Readonly<Record<string, unknown>>): LineClaims => {
  const { type, at } = isPlainObject(entry) ? entry : {}
  return {
    ...(typeof n === 'number' && { sequence: n }),
    ...(typeof type === 'string' && { type: untrusted(type) }),
    ...(typeof at === 'string' && { at: untrusted(at) }),
  }
}

const isEntry = <E extends AnyEntry>(value: unknown): value is E => isPlainObject(value) && typeof value.type === 'string'
