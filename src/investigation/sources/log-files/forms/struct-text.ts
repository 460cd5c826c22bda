/**
 * Reads a text that stands for an object: JSON, or as Hive and Trino print a structure, `{type=AssumedRole, arn=…}`. Undefined
 * for any other text, and for none.
 */
export const objectInText = (text: string): unknown => {
  const trimmed = text.trim()
  if (!/^[{[]/.test(trimmed)) return undefined
  try {
    return JSON.parse(trimmed)
  } catch {
    return structIn(trimmed)
  }
}

const MOST_NESTED = 12
/** Where a value ends: at the next member, or with its structure. A value may hold commas and equals signs itself. */
const END_OF_VALUE = /, (?=[A-Za-z]\w*=)|\}/g
const END_OF_ITEM = /, |\]/g
const NAME = /\s*([A-Za-z]\w*)=/y

interface Reading {
  readonly text: string
  at: number
  depth: number
}

const structIn = (text: string): unknown => {
  const reading: Reading = { text, at: 0, depth: 0 }
  const value = text.startsWith('{') ? readStruct(reading) : readList(reading)
  return reading.at === text.length ? value : undefined
}

const readStruct = (reading: Reading): Record<string, unknown> | undefined => {
  const found: Record<string, unknown> = {}
  reading.depth += 1
  reading.at += 1
  while (reading.depth <= MOST_NESTED) {
    if (reading.text[reading.at] === '}') return closed(reading, found)
    const name = matchAt(NAME, reading)
    if (name === undefined) return undefined
    const value = readMember(reading, END_OF_VALUE)
    if (value !== undefined && name !== '__proto__') found[name] = value
    if (reading.text.startsWith(', ', reading.at)) reading.at += 2
    else if (reading.text[reading.at] !== '}') return undefined
  }
  return undefined
}

const readList = (reading: Reading): unknown[] | undefined => {
  const found: unknown[] = []
  reading.depth += 1
  reading.at += 1
  while (reading.depth <= MOST_NESTED) {
    if (reading.text[reading.at] === ']') return closed(reading, found)
    const value = readMember(reading, END_OF_ITEM)
    if (value !== undefined) found.push(value)
    if (reading.text.startsWith(', ', reading.at)) reading.at += 2
    else if (reading.text[reading.at] !== ']') return undefined
  }
  return undefined
}

const closed = <T>(reading: Reading, value: T): T => {
  reading.at += 1
  reading.depth -= 1
  return value
}

const matchAt = (expression: RegExp, reading: Reading): string | undefined => {
  expression.lastIndex = reading.at
  const [all, name] = expression.exec(reading.text) ?? []
  reading.at += all?.length ?? 0
  return name
}

const readMember = (reading: Reading, ending: RegExp): unknown => {
  const first = reading.text[reading.at]
  if (first === '{') return readStruct(reading)
  if (first === '[') return readList(reading)
  ending.lastIndex = reading.at
  const end = ending.exec(reading.text)?.index ?? reading.text.length
  const text = reading.text.slice(reading.at, end)
  reading.at = end
  return text === 'null' || text === '' ? undefined : text
}
