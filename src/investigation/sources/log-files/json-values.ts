const OPENS = /[{[]/
const STRUCTURE = /["{}[\]]/g
/** The beginning of a list of records, or of an object that holds one as its first member. */
const LIST = /^(?:\{\s*"[^"]{1,40}"\s*:\s*)?\[/

export interface Values {
  readonly values: readonly unknown[]
  /** What is wrong, a clause: "it breaks off …", "1 of its records is not valid JSON". */
  readonly fault?: string
}

/**
 * Reads what JSON.parse refuses: JSON values one after the other (as Firehose and `jq` write them), and of values that break
 * off or are damaged the list items that are whole.
 */
export const valuesIn = (text: string): Values => {
  const reading: Reading = { text, values: [], broken: 0, readUntil: 0, problem: undefined }
  let at = nextValue(text, 0)
  while (OPENS.test(text.charAt(at)) && reading.problem === undefined) {
    const end = endOfValue(text, at) ?? text.length
    readValue(reading, at, end)
    at = nextValue(text, end)
  }
  if (at < text.length && reading.problem === undefined) reading.problem = at === nextValue(text, 0) ? 'no JSON' : 'damaged'
  return { values: reading.values, ...faultOf(reading) }
}

interface Reading {
  readonly text: string
  readonly values: unknown[]
  /** Values that begin and end, and are no JSON. */
  broken: number
  /** Characters up to the end of the last value that was read. */
  readUntil: number
  problem: 'no JSON' | 'damaged' | 'breaks off' | undefined
}

const readValue = (reading: Reading, at: number, end: number): void => {
  const text = reading.text.slice(at, end)
  if (keep(reading, text, end)) return
  const list = LIST.exec(text)
  if (list) readItems(reading, at + list[0].length)
  else if (endOfValue(text, 0) === undefined) reading.problem = 'breaks off'
  else reading.broken += 1
}

/** The items of a list that has no end, or of one with damaged items. */
const readItems = (reading: Reading, from: number): void => {
  const { text } = reading
  const brokenBefore = reading.broken
  let at = nextValue(text, from)
  while (OPENS.test(text.charAt(at))) {
    const end = endOfValue(text, at)
    if (end === undefined) break
    if (!keep(reading, text.slice(at, end), end)) reading.broken += 1
    at = nextValue(text, end)
  }
  if (at >= text.length || OPENS.test(text.charAt(at))) reading.problem = 'breaks off'
  else if (text.charAt(at) !== ']' || reading.broken === brokenBefore) reading.problem = 'damaged'
}

const keep = (reading: Reading, text: string, end: number): boolean => {
  const value = parsed(text)
  if (value === undefined) return false
  reading.values.push(value)
  reading.readUntil = end
  return true
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Past white space and commas. */
const nextValue = (text: string, from: number): number => {
  let at = from
  while (at < text.length && /[\s,\uFEFF]/.test(text.charAt(at))) at += 1
  return at
}

/** Just behind the object or list that begins at `from`; undefined when it does not end. */
const endOfValue = (text: string, from: number): number | undefined => {
  const next = new RegExp(STRUCTURE)
  next.lastIndex = from
  let depth = 0
  for (let found = next.exec(text); found; found = next.exec(text)) {
    const [character] = found
    if (character === '"') next.lastIndex = endOfString(text, found.index)
    else depth += OPENS.test(character) ? 1 : -1
    if (depth === 0) return next.lastIndex
  }
  return undefined
}

const endOfString = (text: string, from: number): number => {
  let at = text.indexOf('"', from + 1)
  while (at > 0 && isEscaped(text, at)) at = text.indexOf('"', at + 1)
  return at < 0 ? text.length : at + 1
}

const isEscaped = (text: string, at: number): boolean => {
  let before = at
  while (text.charAt(before - 1) === '\\') before -= 1
  return (at - before) % 2 === 1
}

const faultOf = ({ text, broken, readUntil, problem }: Reading): { readonly fault?: string } => {
  if (problem === 'no JSON') return { fault: 'it is not JSON' }
  const place = `read up to byte ${Buffer.byteLength(text.slice(0, readUntil))}`
  const faults = [
    ...(problem === 'breaks off' ? [`its JSON breaks off (${place})`] : []),
    ...(problem === 'damaged' ? [`its JSON is damaged (${place})`] : []),
    ...(broken > 0 ? [`${broken} of its values ${broken === 1 ? 'is' : 'are'} not valid JSON`] : []),
  ]
  return faults.length > 0 ? { fault: faults.join(', and ') } : {}
}
