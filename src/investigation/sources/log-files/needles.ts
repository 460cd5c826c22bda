import { isTemporaryKeyId } from '../../../incident/values/identifiers.ts'
import { type PrincipalRef, searchTermOf } from '../../question.ts'
import { find, type SearchText, searchText } from './byte-search.ts'

/** Texts one of which stands in every record that is looked for: what the bytes of a log file are searched for. */
export interface Needles {
  readonly texts: readonly SearchText[]
  /** Access key ids that begin alike, where there are many: one search for their beginning finds all of them. */
  readonly families: readonly KeyFamily[]
  /** The codes of all characters in the texts. */
  readonly characters: ReadonlySet<number>
}

/** Key ids with the same beginning. */
interface KeyFamily {
  readonly beginning: SearchText
  readonly ids: ReadonlySet<string>
  /** The last four bytes of each id as a number: looking there first makes no text of the many other ids. */
  readonly endings: ReadonlySet<number>
}

const KEY_LENGTH = 20
/** What the ids of one account have in common. */
const ACCOUNT_LENGTH = 12
const KIND_LENGTH = 4
const MANY = 4

/**
 * What to search for; undefined when only reading every record will do, because a text may be written in more than one way
 * in JSON, or is so short that it is everywhere.
 */
export const needlesFor = (principals: readonly PrincipalRef[]): Needles | undefined => {
  const texts = [...new Set(principals.flatMap(textsOf))]
  if (!texts.every(isWrittenOneWay)) return undefined
  const families = familiesOf(texts.filter((text) => isTemporaryKeyId(text)))
  const together = new Set(families.flatMap(({ ids }) => [...ids]))
  return {
    texts: texts.filter((text) => !together.has(text)).map((text) => searchText(text)),
    families,
    characters: new Set(texts.flatMap((text) => [...text].map((character) => character.charCodeAt(0)))),
  }
}

/** Those of one account, and when there are more accounts than searches pay for, all of them. */
const familiesOf = (ids: readonly string[]): readonly KeyFamily[] => {
  if (ids.length < MANY) return []
  const beginnings = new Set(ids.map((id) => id.slice(0, ACCOUNT_LENGTH)))
  const length = beginnings.size < MANY ? ACCOUNT_LENGTH : KIND_LENGTH
  return [...new Set(ids.map((id) => id.slice(0, length)))].map((beginning) => {
    const family = ids.filter((id) => id.startsWith(beginning))
    const endings = new Set(family.map((id) => endingAt(Buffer.from(id, 'latin1'), 0)))
    return { beginning: searchText(family.length === 1 ? (family[0] ?? '') : beginning), ids: new Set(family), endings }
  })
}

/** Root is told by its kind of principal too, which is written with a capital. */
const textsOf = (principal: PrincipalRef): string[] =>
  principal.kind === 'user' && principal.value === 'root' ? ['root', 'Root'] : [searchTermOf(principal)]

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
export const eachHit = (bytes: Buffer, { texts, families }: Needles, hit: (at: number) => number): void => {
  for (const text of texts) each(bytes, text, hit)
  for (const family of families) each(bytes, family.beginning, (at) => (isKey(bytes, at, family) ? hit(at) : at + 1))
}

const each = (bytes: Buffer, text: SearchText, hit: (at: number) => number): void => {
  let at = find(bytes, text, 0)
  while (at >= 0) at = find(bytes, text, Math.max(hit(at), at + 1))
}

const isKey = (bytes: Buffer, at: number, { ids, endings }: KeyFamily): boolean =>
  endings.has(endingAt(bytes, at)) && ids.has(bytes.toString('latin1', at, at + KEY_LENGTH))

/** The last four bytes of the key id that begins at the place; 0 where there are none. */
const endingAt = (bytes: Buffer, at: number): number => {
  const end = at + KEY_LENGTH
  if (end > bytes.length) return 0
  return ((bytes[end - 4] ?? 0) << 24) | ((bytes[end - 3] ?? 0) << 16) | ((bytes[end - 2] ?? 0) << 8) | (bytes[end - 1] ?? 0)
}
