/** Deeper than this nobody wraps a record. */
const DEEPEST = 12

/**
 * The CloudTrail records in a JSON value, as they are: of a log file, a list, EventBridge's `detail`, LookupEvents'
 * `CloudTrailEvent`, or whatever else a tool has wrapped around them. A record is an object with an eventName; nothing
 * inside a record is one.
 */
export const recordDocuments = (value: unknown): unknown[] => {
  const found: unknown[] = []
  gather(value, DEEPEST, found)
  return found
}

const gather = (value: unknown, depth: number, found: unknown[]): void => {
  if (depth === 0) return
  if (typeof value === 'string') gatherText(value, depth, found)
  else if (Array.isArray(value)) for (const item of value) gather(item, depth - 1, found)
  else if (typeof value === 'object' && value !== null) gatherObject(value, depth, found)
}

const gatherObject = (value: object, depth: number, found: unknown[]): void => {
  if ('eventName' in value && typeof value.eventName === 'string') found.push(value)
  else for (const member of Object.values(value)) gather(member, depth - 1, found)
}

/** A record that travels as a text: in LookupEvents' answer, in a log group, in a search engine's export. */
const gatherText = (text: string, depth: number, found: unknown[]): void => {
  if (!/^\s*[{[]/.test(text) || !text.includes('eventName')) return
  try {
    gather(JSON.parse(text), depth - 1, found)
  } catch {
    // A text that only looks like JSON holds no record.
  }
}
