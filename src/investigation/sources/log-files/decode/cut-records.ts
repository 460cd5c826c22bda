import { findText, findTexts, type SearchText, searchText } from '../match/byte-search.ts'
import { eachMatch, type SearchTerms, searchedFor } from '../match/search-terms.ts'
import { parsedBytes } from './json-text.ts'

/** Every record that CloudTrail delivers starts with this text. No JSON string contains it, because quotes in strings are escaped. */
const MARK = searchText('{"eventVersion":', 0)
const MARK_LENGTH = MARK.text.length

/** For text decoded as Latin-1, in which each byte is one character. */
const OPENING = /^(?:\xEF\xBB\xBF)?\s*(\{\s*"Records"\s*:\s*)?\[\s*$/
const CLOSING = /\]\s*\}\s*$/
const CLOSING_OF_LIST = /\]\s*$/

/** At most so many bytes stand before the first record, and after the last. */
const EDGE = 64
const FIRST_LENGTH = 4096

const COMMA = 0x2c
const BRACE = 0x7d

/** Where each record starts, and where the last one ends. The array is reused for the next file. */
export interface RecordPositions {
  starts: Int32Array
  count: number
  end: number
  readonly lastObjects: RecentLengths
  /** Where members were found that are searched for in each record. */
  readonly members: Int32Array
}

export const noPositions = (): RecordPositions => ({
  starts: new Int32Array(FIRST_LENGTH),
  count: 0,
  end: 0,
  lastObjects: noLengths(),
  members: new Int32Array(FIRST_LENGTH),
})

/**
 * Finds the records of a file in the form that CloudTrail delivers: one list of records without a gap. False for any other
 * form, and where a record starts inside another: such a file has to be parsed whole.
 */
export const findRecords = (bytes: Buffer, positions: RecordPositions): boolean => {
  positions.count = 0
  const first = findText(bytes, MARK, 0)
  if (first < 0 || first > EDGE) return false
  const opening = OPENING.exec(bytes.toString('latin1', 0, first))
  const tail = bytes.toString('latin1', Math.max(first, bytes.length - EDGE))
  const closing = (opening?.[1] ? CLOSING : CLOSING_OF_LIST).exec(tail)
  if (!opening || !closing) return false
  positions.end = bytes.length - (tail.length - closing.index)
  return findStarts(bytes, positions, first)
}

/** So many bytes of a file in the form that CloudTrail delivers are whole records; 0 where none ends in them. Begins with a record. */
export const wholeRecords = (bytes: Buffer): number => {
  for (let at = bytes.lastIndexOf(MARK.text); at > 0; at = bytes.lastIndexOf(MARK.text, at - 1)) {
    const comma = lastBefore(bytes, at)
    if (bytes[comma] === COMMA && endsLikeRecord(bytes, lastBefore(bytes, comma), noLengths())) return at
  }
  return 0
}

/** Where the first record starts in a file in that form; undefined for any other form. */
export const firstRecordIn = (bytes: Buffer): number | undefined => {
  const first = findText(bytes, MARK, 0)
  return first >= 0 && first <= EDGE && OPENING.test(bytes.toString('latin1', 0, first)) ? first : undefined
}

const findStarts = (bytes: Buffer, positions: RecordPositions, first: number): boolean => {
  for (let from = first; ; from = (positions.starts[positions.count - 1] ?? 0) + MARK_LENGTH) {
    if (positions.count === positions.starts.length) positions.starts = doubled(positions.starts)
    const found = findTexts(bytes, MARK, from, positions.starts, positions.count)
    if (found === 0) return true
    for (const end = positions.count + found; positions.count < end; ) {
      positions.count += 1
      if (positions.count > 1 && !followsRecord(bytes, positions)) return false
    }
  }
}

/** Whether the last record found follows the one before it, rather than lies inside it. */
const followsRecord = (bytes: Buffer, positions: RecordPositions): boolean => {
  const comma = lastBefore(bytes, positions.starts[positions.count - 1] ?? 0)
  const brace = lastBefore(bytes, comma)
  if (bytes[comma] !== COMMA || bytes[brace] !== BRACE) return false
  return endsLikeRecord(bytes, brace, positions.lastObjects) || parseRecord(bytes, positions, positions.count - 2) !== undefined
}

const lastBefore = (bytes: Buffer, at: number): number => {
  let before = at - 1
  while ((bytes[before] ?? COMMA) <= 0x20) before -= 1
  return before
}

const doubled = (starts: Int32Array): Int32Array => {
  const more = new Int32Array(starts.length * 2)
  more.set(starts)
  return more
}

/** Parses the records that contain a search term. Stops with false at the first one that is not valid JSON by itself. */
export const parseMatches = (
  bytes: Buffer,
  positions: RecordPositions,
  searchTerms: SearchTerms,
  take: (record: unknown) => void,
): boolean => {
  const { mayCount } = searchTerms
  for (const index of matchingRecords(bytes, positions, searchTerms)) {
    if (mayCount && !namesApi(bytes, positions, index, mayCount)) continue
    const value = parseRecord(bytes, positions, index)
    if (value === undefined) return false
    take(value)
  }
  return true
}

/**
 * Parses every record, one at a time: parsing the whole file takes far more memory. Stops with false at the first one that is
 * not valid JSON by itself; a record that starts inside another comes after that other one.
 */
export const parseEach = (bytes: Buffer, positions: RecordPositions, take: (record: unknown) => void): boolean => {
  for (let index = 0; index < positions.count; index += 1) {
    const value = parseRecord(bytes, positions, index)
    if (value === undefined) return false
    take(value)
  }
  return true
}

const API = searchText('"eventName"', 0)
const API_LENGTH = 128

/** Whether some `eventName` in the record is one of the names; a record is parsed too where that cannot be seen in its bytes. */
const namesApi = (bytes: Buffer, positions: RecordPositions, index: number, isNamed: (eventName: string) => boolean): boolean => {
  const end = endOf(positions, index)
  let isSeen = false
  for (let at = findText(bytes, API, positions.starts[index] ?? 0); at >= 0 && at < end; at = findText(bytes, API, at + 1)) {
    const start = at + API.text.length
    const [, name] = /^\s*:\s*"([\w-]+)"/.exec(bytes.toString('latin1', start, Math.min(start + API_LENGTH, end))) ?? []
    if (name === undefined || isNamed(name)) return true
    isSeen = true
  }
  return !isSeen
}

/** All that is searched for in a file of this form. */
export const searchedInRecords = (searchTerms: SearchTerms): readonly SearchText[] => {
  const { addresses } = searchTerms
  return [MARK, ...(addresses ? [SOURCE, ...searchedFor(addresses.otherTerms)] : searchedFor(searchTerms))]
}

const matchingRecords = (bytes: Buffer, positions: RecordPositions, searchTerms: SearchTerms): ReadonlySet<number> => {
  const { addresses } = searchTerms
  const called = addresses && recordsFrom(bytes, positions, addresses.values)
  const matching = new Set<number>(called)
  eachMatch(bytes, called && addresses ? addresses.otherTerms : searchTerms, (at) => {
    const index = indexBefore(positions, at)
    if (index >= 0) matching.add(index)
    return endOf(positions, index)
  })
  return matching
}

const SOURCE = searchText('"sourceIPAddress"')
const LONGEST_ADDRESS = 64

/** The records of calls from the addresses; undefined where some record has no such member, as other tools write them. */
const recordsFrom = (
  bytes: Buffer,
  positions: RecordPositions,
  addresses: ReadonlySet<string>,
): ReadonlySet<number> | undefined => {
  const found = new Set<number>()
  const { members } = positions
  let index = -1
  for (let count = -1, from = 0; count !== 0; from = (members[count - 1] ?? 0) + SOURCE.text.length) {
    count = findTexts(bytes, SOURCE, from, members, 0)
    for (let each = 0; each < count; each += 1) {
      const at = members[each] ?? 0
      if (at >= endOf(positions, index)) index += 1
      // The next record has to be the one that the member stands in: one that was passed over has no such member.
      if (at < (positions.starts[index] ?? 0) || at >= endOf(positions, index)) return undefined
      if (addresses.has(stringAfter(bytes, at + SOURCE.text.length))) found.add(index)
    }
  }
  return index === positions.count - 1 ? found : undefined
}

/** The value of a member whose name ends at the position; empty where it is no short string. */
const stringAfter = (bytes: Buffer, at: number): string => {
  let start = at
  while (bytes[start] === COLON || (bytes[start] ?? QUOTE) <= 0x20) start += 1
  if (bytes[start] !== QUOTE) return ''
  let end = start + 1
  while (bytes[end] !== QUOTE && end - start < LONGEST_ADDRESS) end += 1
  return bytes.toString('latin1', start + 1, end)
}

/** The last record that starts at the position or before it; -1 when none does. */
const indexBefore = ({ starts, count }: RecordPositions, at: number): number => {
  let low = -1
  let high = count
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((starts[middle] ?? 0) <= at) low = middle
    else high = middle
  }
  return low
}

const endOf = ({ starts, count, end }: RecordPositions, index: number): number =>
  index + 1 < count ? (starts[index + 1] ?? end) : end

const parseRecord = (bytes: Buffer, positions: RecordPositions, index: number): unknown => {
  const next = endOf(positions, index)
  const end = index + 1 < positions.count ? lastBefore(bytes, next) : next
  return parsedBytes(bytes, positions.starts[index] ?? 0, end)
}

/** The members that CloudTrail writes last: strings, and an object of strings ("CloudTrail record contents"). */
const LAST_STRINGS: ReadonlySet<string> = new Set([
  ...['eventCategory', 'recipientAccountId', 'sessionCredentialFromConsole', 'sharedEventID', 'eventType', 'eventID'],
  ...['vpcEndpointId', 'vpcEndpointAccountId', 'requestID', 'apiVersion'],
])
const LAST_OBJECT = Buffer.from('"tlsDetails":')

const QUOTE = 0x22
const COLON = 0x3a
const BACKSLASH = 0x5c
const OPEN = 0x7b
const CLOSE = 0x7d

/** No string at the end of a record is longer. Bytes. */
const LONGEST_STRING = 512

/** Lengths of the last objects that records ended with: most objects have one of these lengths. */
interface RecentLengths {
  readonly lengths: Int32Array
  next: number
}

const RECENT = 16

export const noLengths = (): RecentLengths => ({ lengths: new Int32Array(RECENT).fill(1), next: 0 })

/**
 * Whether the bytes before the brace at `end` look like the end of a record that CloudTrail wrote. Something inside a record
 * can look like that too, but only when it was made to.
 */
export const endsLikeRecord = (bytes: Buffer, end: number, recent: RecentLengths): boolean => {
  const last = bytes[end - 1]
  if (last === CLOSE) return endsWithRecentLength(bytes, end - 1, recent) || endsWithObject(bytes, end - 1, recent)
  return last === QUOTE && endsWithString(bytes, end - 1)
}

/** Testing a few positions is much faster than a search for the opening brace. */
const endsWithRecentLength = (bytes: Buffer, end: number, { lengths }: RecentLengths): boolean => {
  for (let index = 0; index < RECENT; index += 1) {
    const at = end - (lengths[index] ?? 0)
    if (bytes[at] === OPEN && bytes[at - 1] === COLON && isLastObject(bytes, at)) return true
  }
  return false
}

const endsWithObject = (bytes: Buffer, end: number, recent: RecentLengths): boolean => {
  const at = bytes.lastIndexOf(OPEN, end)
  if (at < 0 || !isLastObject(bytes, at)) return false
  recent.lengths[recent.next] = end - at
  recent.next = (recent.next + 1) % RECENT
  return true
}

/** Whether the brace opens the object that CloudTrail writes last. */
const isLastObject = (bytes: Buffer, at: number): boolean => {
  const start = at - LAST_OBJECT.length
  for (let index = LAST_OBJECT.length - 1; index >= 0; index -= 1) if (bytes[start + index] !== LAST_OBJECT[index]) return false
  return true
}

const endsWithString = (bytes: Buffer, end: number): boolean => {
  const opening = quoteBefore(bytes, end)
  if (opening < 0 || bytes[opening - 1] !== COLON || bytes[opening - 2] !== QUOTE) return false
  const name = quoteBefore(bytes, opening - 2)
  return name >= 0 && LAST_STRINGS.has(bytes.toString('latin1', name + 1, opening - 2))
}

/** The quote that opens the string that closes at `end`; -1 for a long string, and for one with escapes. */
const quoteBefore = (bytes: Buffer, end: number): number => {
  let at = end - 1
  while (bytes[at] !== QUOTE && bytes[at] !== BACKSLASH && end - at < LONGEST_STRING) at -= 1
  return bytes[at] === QUOTE ? at : -1
}
