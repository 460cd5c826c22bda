/** Members that CloudTrail writes last: with a text, and with an object of texts ("CloudTrail record contents"). */
const LAST_TEXTS: ReadonlySet<string> = new Set([
  ...['eventCategory', 'recipientAccountId', 'sessionCredentialFromConsole', 'sharedEventID', 'eventType', 'eventID'],
  ...['vpcEndpointId', 'vpcEndpointAccountId', 'requestID', 'apiVersion'],
])
const LAST_OBJECT = Buffer.from('"tlsDetails":')

const QUOTE = 0x22
const COLON = 0x3a
const BACKSLASH = 0x5c
const OPEN = 0x7b
const CLOSE = 0x7d

/** Longer than any text at the end of a record. Bytes. */
const FAR = 512

/** The lengths of the objects that records ended with: most are as long as one of the last few. Room to work in. */
export interface KnownEnds {
  readonly lengths: Int32Array
  next: number
}

const FEW = 16

export const knownEnds = (): KnownEnds => ({ lengths: new Int32Array(FEW).fill(1), next: 0 })

/**
 * Whether the bytes up to the brace at `end` are the end of a record as CloudTrail writes it, seen from behind. They may
 * belong to something inside a record all the same, but only to something that was made to look so.
 */
export const endsLikeRecord = (bytes: Buffer, end: number, known: KnownEnds): boolean => {
  const last = bytes[end - 1]
  if (last === CLOSE) return endsWithKnownObject(bytes, end - 1, known) || endsWithObject(bytes, end - 1, known)
  return last === QUOTE && endsWithText(bytes, end - 1)
}

/** Looking at a few places is much faster than looking for the place. */
const endsWithKnownObject = (bytes: Buffer, end: number, { lengths }: KnownEnds): boolean => {
  for (let index = 0; index < FEW; index += 1) {
    const at = end - (lengths[index] ?? 0)
    if (bytes[at] === OPEN && bytes[at - 1] === COLON && isLastObject(bytes, at)) return true
  }
  return false
}

const endsWithObject = (bytes: Buffer, end: number, known: KnownEnds): boolean => {
  const at = bytes.lastIndexOf(OPEN, end)
  if (at < 0 || !isLastObject(bytes, at)) return false
  known.lengths[known.next] = end - at
  known.next = (known.next + 1) % FEW
  return true
}

/** Whether the brace opens the object that records end with. */
const isLastObject = (bytes: Buffer, at: number): boolean => {
  const start = at - LAST_OBJECT.length
  for (let index = LAST_OBJECT.length - 1; index >= 0; index -= 1) if (bytes[start + index] !== LAST_OBJECT[index]) return false
  return true
}

const endsWithText = (bytes: Buffer, end: number): boolean => {
  const opening = quoteBefore(bytes, end)
  if (opening < 0 || bytes[opening - 1] !== COLON || bytes[opening - 2] !== QUOTE) return false
  const name = quoteBefore(bytes, opening - 2)
  return name >= 0 && LAST_TEXTS.has(bytes.toString('latin1', name + 1, opening - 2))
}

/** The quote that opens the text that closes at `end`; -1 for a long text, and for one with escapes. */
const quoteBefore = (bytes: Buffer, end: number): number => {
  let at = end - 1
  while (bytes[at] !== QUOTE && bytes[at] !== BACKSLASH && end - at < FAR) at -= 1
  return bytes[at] === QUOTE ? at : -1
}
