import { needleOf, type Principal } from '../../question.ts'
import { find, type SearchText, searchText } from './byte-search.ts'

/** Texts one of which stands in every record that is looked for: what the bytes of a log file are searched for. */
export interface Needles {
  readonly texts: readonly SearchText[]
  /** Access key ids that begin alike, where there are many: one search for their beginning finds all of them. */
  readonly keys?: KeyNeedles
  /** The codes of all characters in the texts. */
  readonly characters: ReadonlySet<number>
}

export interface KeyNeedles {
  readonly beginning: SearchText
  readonly length: number
  readonly ids: ReadonlySet<string>
}

const BEGINNING = 'ASIA'
const KEY_LENGTH = 20
const MANY = 4

/**
 * What to search for; undefined when only reading every record will do, because a text may be written in more than one way
 * in JSON, or is so short that it is everywhere.
 */
export const needlesFor = (principals: readonly Principal[]): Needles | undefined => {
  const texts = [...new Set(principals.flatMap(textsOf))]
  if (!texts.every(isWrittenOneWay)) return undefined
  const keys = texts.filter((text) => text.startsWith(BEGINNING) && text.length === KEY_LENGTH)
  const together = keys.length >= MANY ? keys : []
  return {
    texts: texts.filter((text) => !together.includes(text)).map((text) => searchText(text)),
    ...(together.length > 0 ? { keys: { beginning: searchText(BEGINNING), length: KEY_LENGTH, ids: new Set(together) } } : {}),
    characters: new Set(texts.flatMap((text) => [...text].map((character) => character.charCodeAt(0)))),
  }
}

/** Root is told by its kind of principal too, which is written with a capital. */
const textsOf = (principal: Principal): string[] =>
  principal.kind === 'user' && principal.value === 'root' ? ['root', 'Root'] : [needleOf(principal)]

const isWrittenOneWay = (text: string): boolean => /^[\x20-\x7e]{2,}$/.test(text) && !/["\\/]/.test(text)

const ESCAPE = searchText('\\u00')
const ESCAPE_LENGTH = ESCAPE.text.length

/**
 * Whether a character of a needle is written as `\u0041` somewhere: then a search may miss it. Most writers escape only
 * what they must; some escape `<`, `>`, `&`, `=` and `'`.
 */
export const mayHide = (bytes: Buffer, { characters }: Needles): boolean => {
  for (let at = find(bytes, ESCAPE, 0); at >= 0; at = find(bytes, ESCAPE, at + 1)) {
    const code = Number.parseInt(bytes.toString('latin1', at + ESCAPE_LENGTH, at + ESCAPE_LENGTH + 2), 16)
    if (characters.has(code)) return true
  }
  return false
}

/**
 * Tells `hit` where needles stand, from the beginning of the bytes to their end for each of them; `hit` gives a place behind
 * it to search on from.
 */
export const eachHit = (bytes: Buffer, { texts, keys }: Needles, hit: (at: number) => number): void => {
  for (const text of texts) each(bytes, text, hit)
  if (keys) each(bytes, keys.beginning, (at) => (isKey(bytes, at, keys) ? hit(at) : at + 1))
}

const each = (bytes: Buffer, text: SearchText, hit: (at: number) => number): void => {
  let at = find(bytes, text, 0)
  while (at >= 0) at = find(bytes, text, Math.max(hit(at), at + 1))
}

const isKey = (bytes: Buffer, at: number, { length, ids }: KeyNeedles): boolean =>
  ids.has(bytes.toString('latin1', at, at + length))
