import { Failure } from './failure.ts'
import { cutOff, faultAt } from './json-fault.ts'
import { quoted } from './quoted.ts'
import { badBytes, refuseForeign } from './text-encoding.ts'

const LARGEST = 32 * 1024 * 1024
const DEEPEST = 64
const SPACE = /[ \t\n\r]*/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y
const WORD = /[-+.\w]+/y
const SCALAR = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/
/** Copying such members with `target[name] = value` would change the prototype of the target. */
const DROPPED: ReadonlySet<string> = new Set(['__proto__', 'constructor'])

interface Cursor {
  readonly text: string
  readonly name: string
  at: number
}

const match = (cursor: Cursor, pattern: RegExp): string | undefined => {
  pattern.lastIndex = cursor.at
  return pattern.exec(cursor.text)?.[0]
}

const skipSpace = (cursor: Cursor): void => {
  cursor.at += match(cursor, SPACE)?.length ?? 0
}

const unexpected = (cursor: Cursor, wanted: string): Failure => {
  if (cursor.at >= cursor.text.length) return cutOff(cursor.name, cursor.text, wanted)
  const found = match(cursor, WORD) ?? String.fromCodePoint(cursor.text.codePointAt(cursor.at) ?? 0)
  return faultAt(cursor.name, cursor.text, cursor.at, `stands ${quoted(found)}, where ${wanted} was expected`)
}

const skipEscape = (cursor: Cursor): void => {
  const escaped = match(cursor, ESCAPE)
  if (escaped === undefined && /^\\(?:u[0-9a-fA-F]{0,3})?$/.test(cursor.text.slice(cursor.at, cursor.at + 6)))
    throw cutOff(cursor.name, cursor.text, 'the rest of an escape')
  if (escaped === undefined) throw unexpected(cursor, 'an escape such as \\n or \\u0041')
  cursor.at += escaped.length
}

const readString = (cursor: Cursor): string => {
  const start = cursor.at
  cursor.at += 1
  for (let code = 0; code !== 0x22; ) {
    code = cursor.text.charCodeAt(cursor.at)
    if (Number.isNaN(code)) throw cutOff(cursor.name, cursor.text, 'the closing quote of a text')
    if (code < 0x20) throw unexpected(cursor, 'an escape such as \\n (a text has no line breaks or control characters)')
    if (code === 0x5c) skipEscape(cursor)
    else cursor.at += 1
  }
  return JSON.parse(cursor.text.slice(start, cursor.at))
}

const readScalar = (cursor: Cursor): unknown => {
  const word = match(cursor, WORD)
  if (word === undefined) throw unexpected(cursor, 'a value')
  const end = cursor.at + word.length
  if (!SCALAR.test(word) && end === cursor.text.length) throw cutOff(cursor.name, cursor.text, 'the rest of a value')
  if (!SCALAR.test(word)) throw unexpected(cursor, 'a value')
  cursor.at = end
  return JSON.parse(word)
}

/** Steps over one of the two marks, after white space; true when it was the closing one. */
const closes = (cursor: Cursor, closing: string): boolean => {
  skipSpace(cursor)
  const found = cursor.text[cursor.at]
  if (found !== ',' && found !== closing) throw unexpected(cursor, `a comma or "${closing}"`)
  cursor.at += 1
  return found === closing
}

const opensEmpty = (cursor: Cursor, closing: string): boolean => {
  cursor.at += 1
  skipSpace(cursor)
  if (cursor.text[cursor.at] !== closing) return false
  cursor.at += 1
  return true
}

const readMemberName = (cursor: Cursor, seen: Set<string>): string => {
  skipSpace(cursor)
  const start = cursor.at
  if (cursor.text[start] !== '"') throw unexpected(cursor, 'a member name in double quotes')
  const name = readString(cursor)
  // JSON.parse lets the last one win: whoever reads the file with another program may then see another finding.
  if (seen.has(name)) throw faultAt(cursor.name, cursor.text, start, `the member ${quoted(name)} stands twice in one object`)
  seen.add(name)
  skipSpace(cursor)
  if (cursor.text[cursor.at] !== ':') throw unexpected(cursor, 'a colon')
  cursor.at += 1
  return name
}

const readObject = (cursor: Cursor, depth: number): unknown => {
  const members: Record<string, unknown> = {}
  if (opensEmpty(cursor, '}')) return members
  const seen = new Set<string>()
  do {
    const name = readMemberName(cursor, seen)
    const value = readValue(cursor, depth)
    if (!DROPPED.has(name)) members[name] = value
  } while (!closes(cursor, '}'))
  return members
}

const readArray = (cursor: Cursor, depth: number): unknown => {
  const items: unknown[] = []
  if (opensEmpty(cursor, ']')) return items
  do items.push(readValue(cursor, depth))
  while (!closes(cursor, ']'))
  return items
}

const readValue = (cursor: Cursor, depth: number): unknown => {
  skipSpace(cursor)
  const first = cursor.text[cursor.at]
  if (first === '"') return readString(cursor)
  if (first !== '{' && first !== '[') return readScalar(cursor)
  if (depth >= DEEPEST) throw faultAt(cursor.name, cursor.text, cursor.at, `the nesting is deeper than ${DEEPEST} levels`)
  return first === '{' ? readObject(cursor, depth + 1) : readArray(cursor, depth + 1)
}

/**
 * Parses JSON more strictly than JSON.parse: a member named twice and nesting deeper than 64 levels are refused, and members
 * named `__proto__` or `constructor` are left out. A byte order mark is accepted. `name` is what the text is called in messages.
 * Throws a Failure of kind 'usage' that says what is wrong and where (line, column, byte offset), the same on every Node.
 */
export const parseStrictJson = (text: string, name: string): unknown => {
  const cursor: Cursor = { text, name, at: text.startsWith('\uFEFF') ? 1 : 0 }
  skipSpace(cursor)
  if (cursor.at === text.length) {
    const why = text === '' ? 'it has 0 bytes' : 'it holds nothing but white space'
    throw new Failure({ kind: 'usage', what: `${name} is empty`, why, remedy: 'Copy or export the file again.' })
  }
  const value = readValue(cursor, 0)
  skipSpace(cursor)
  if (cursor.at < text.length) throw unexpected(cursor, 'the end of the file')
  return value
}

/**
 * Decodes a file strictly. A byte order mark stays in the text, so that byte offsets hold; parseStrictJson skips it.
 * Throws a Failure of kind 'usage' for UTF-16, gzip and zip (with a hint), for invalid UTF-8 (with its place) and above 32 MB.
 */
export const decodeUtf8 = (bytes: Uint8Array, name: string): string => {
  if (bytes.length > LARGEST) {
    const why = `it has ${Math.ceil(bytes.length / 1024 / 1024)} MB, and a finding has a few kilobytes; 32 MB is the limit`
    throw new Failure({ kind: 'usage', what: `${name} is too large`, why, remedy: 'Cut out the finding you respond to.' })
  }
  refuseForeign(bytes, name)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw badBytes(bytes, name)
  }
}
