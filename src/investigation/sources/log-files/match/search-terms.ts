import { isTemporaryKeyId } from '../../../../incident/values/identifiers.ts'
import { type PrincipalRef, searchTermOf } from '../../../question.ts'
import { findText, type SearchText, searchText, standsAt } from './byte-search.ts'

/** Texts that the bytes of a log file are searched for: every record of the targets contains at least one. */
export interface SearchTerms {
  readonly texts: readonly SearchText[]
  /** The same, those that start alike together: one search for what they share finds all of them. */
  readonly groups: readonly TextGroup[]
  /** Many access key ids that start alike: one search for the prefix finds all of them. */
  readonly keyGroups: readonly KeyGroup[]
  /** Those among the texts that stand for the principals that were asked for, and whether the bytes held one since this was cleared. */
  readonly own: ReadonlySet<SearchText>
  readonly met: { own: boolean }
  /** Many addresses, whose texts are among the others: in CloudTrail's own form one search for the member that holds them finds all. */
  readonly addresses?: { readonly values: ReadonlySet<string>; readonly otherTerms: SearchTerms }
  /** Only records of these APIs count; all where it is missing. */
  readonly mayCount?: (eventName: string) => boolean
  /** Codes of the characters in all texts. */
  readonly characters: ReadonlySet<number>
}

/** Texts that start alike, or one text. */
interface TextGroup {
  readonly shared: SearchText
  readonly texts: readonly SearchText[]
}

/** Access key ids with the same prefix. */
interface KeyGroup {
  readonly prefix: SearchText
  readonly ids: ReadonlySet<string>
  /** The last four bytes of each id as a number: comparing them first makes no string of other ids. */
  readonly endings: ReadonlySet<number>
}

const KEY_LENGTH = 20
/** The part that the ids of one account share. Characters. */
const ACCOUNT_LENGTH = 12
const KIND_LENGTH = 4
const MANY = 4
/** A search for one address takes as long as one for the member's name. */
const FEW_ADDRESSES = 2

/**
 * The search terms of the principals. Undefined when every record has to be parsed: JSON can write one of the terms in several
 * ways, or a term is a single character.
 */
export const searchTermsFor = (
  principals: readonly PrincipalRef[],
  asked: readonly PrincipalRef[] = [],
): SearchTerms | undefined => {
  const texts = [...new Set(principals.flatMap(textsOf))]
  if (!texts.every(isPlain)) return undefined
  const ownTexts = new Set(asked.flatMap(textsOf))
  const keyGroups = keyGroupsOf(texts.filter((text) => isTemporaryKeyId(text) && !ownTexts.has(text)))
  const grouped = new Set(keyGroups.flatMap(({ ids }) => [...ids]))
  const searched = texts.filter((text) => !grouped.has(text)).map((text) => ({ text, search: searchText(text) }))
  const own = new Set(searched.filter(({ text }) => ownTexts.has(text)).map(({ search }) => search))
  const terms: SearchTerms = {
    ...inGroups(
      searched.map(({ search }) => search),
      own,
    ),
    ...{ own, met: { own: false } },
    keyGroups,
    characters: charactersOf(texts),
  }
  // A user may be called like an address: records that name it are not all calls from there.
  const otherKinds = new Set(principals.filter(({ kind }) => kind !== 'ip').flatMap(textsOf))
  const isAddressOnly = (text: string): boolean => !ownTexts.has(text) && !otherKinds.has(text)
  const addresses = new Set(principals.flatMap(({ kind, value }) => (kind === 'ip' && isAddressOnly(value) ? [value] : [])))
  if (addresses.size < FEW_ADDRESSES) return terms
  const others = searched.filter(({ text }) => !addresses.has(text)).map(({ search }) => search)
  return { ...terms, addresses: { values: addresses, otherTerms: { ...terms, ...inGroups(others, own) } } }
}

/** The search terms of plain texts. */
export const searchTermsForTexts = (...texts: readonly SearchText[]): SearchTerms => {
  const own = new Set<SearchText>()
  const characters = charactersOf(texts.map(({ text }) => text.toString('latin1')))
  return { ...inGroups(texts, own), ...{ own, met: { own: false }, keyGroups: [], characters } }
}

/** Shorter beginnings are frequent in themselves, and of few texts each is found sooner. Characters, texts. */
const SHORTEST_SHARED = 8
const FEWEST_ALIKE = 3

/** Those that were asked for stand apart from the others: whether one of them was met has to be known. */
const inGroups = (texts: readonly SearchText[], own: ReadonlySet<SearchText>): Pick<SearchTerms, 'texts' | 'groups'> => ({
  texts,
  groups: [...groupsAlike(texts.filter((text) => own.has(text))), ...groupsAlike(texts.filter((text) => !own.has(text)))],
})

const groupsAlike = (texts: readonly SearchText[]): readonly TextGroup[] => {
  const byBeginning = new Map<string, SearchText[]>()
  for (const each of texts) {
    const beginning = each.text.toString('latin1', 0, SHORTEST_SHARED)
    byBeginning.set(beginning, [...(byBeginning.get(beginning) ?? []), each])
  }
  return [...byBeginning.values()].flatMap((alike) =>
    alike.length < FEWEST_ALIKE
      ? alike.map((text) => ({ shared: text, texts: [text] }))
      : [{ shared: searchText(sharedBeginning(alike)), texts: alike }],
  )
}

const sharedBeginning = ([first, ...others]: readonly SearchText[]): string => {
  const text = first?.text ?? Buffer.alloc(0)
  let length = text.length
  for (const other of others) while (!other.text.subarray(0, length).equals(text.subarray(0, length))) length -= 1
  return text.toString('latin1', 0, length)
}

const charactersOf = (texts: readonly string[]): ReadonlySet<number> =>
  new Set(texts.flatMap((text) => [...text].map((character) => character.charCodeAt(0))))

/** One group per account; one for all ids where there are so many accounts that a search for each takes longer. */
const keyGroupsOf = (ids: readonly string[]): readonly KeyGroup[] => {
  if (ids.length < MANY) return []
  const accounts = new Set(ids.map((id) => id.slice(0, ACCOUNT_LENGTH)))
  const length = accounts.size < MANY ? ACCOUNT_LENGTH : KIND_LENGTH
  return [...new Set(ids.map((id) => id.slice(0, length)))].map((prefix) => {
    const group = ids.filter((id) => id.startsWith(prefix))
    const endings = new Set(group.map((id) => endingAt(Buffer.from(id, 'latin1'), 0)))
    return { prefix: searchText(group.length === 1 ? (group[0] ?? '') : prefix), ids: new Set(group), endings }
  })
}

/** A record of the root user may name it by the identity type alone, `Root`; one without a source has no text for it. */
const textsOf = (principal: PrincipalRef): string[] => {
  if (principal.kind === 'user' && principal.value === 'root') return ['root', 'Root']
  return principal.kind === 'ip' && principal.value === 'unknown' ? [''] : [searchTermOf(principal)]
}

/** Whether JSON writes the text in one way only, but for `\u` escapes. */
const isPlain = (text: string): boolean => /^[\x20-\x7e]{2,}$/.test(text) && !/["\\/]/.test(text)

const ESCAPE = searchText('\\u00')
const ESCAPE_LENGTH = ESCAPE.text.length

/**
 * Whether some character of the search terms stands in the bytes as a `\u0041` escape: a search could then miss a term. Most
 * writers escape only what JSON requires; some escape `<`, `>`, `&`, `=` and `'` too.
 */
export const mayBeEscaped = (bytes: Buffer, { characters }: SearchTerms): boolean => {
  for (let at = findText(bytes, ESCAPE, 0); at >= 0; at = findText(bytes, ESCAPE, at + 1)) {
    const code = Number.parseInt(bytes.toString('latin1', at + ESCAPE_LENGTH, at + ESCAPE_LENGTH + 2), 16)
    if (characters.has(code)) return true
  }
  return false
}

/** All that is searched for in bytes to find their records and to see whether they are written with escapes. */
export const searchedFor = ({ groups, keyGroups }: SearchTerms): readonly SearchText[] => [
  ESCAPE,
  ...groups.map(({ shared }) => shared),
  ...keyGroups.map(({ prefix }) => prefix),
]

/**
 * Calls `onMatch` with each position of each search term, one term after the other. `onMatch` gives the position from which
 * to search on.
 */
export const eachMatch = (bytes: Buffer, { groups, keyGroups, own, met }: SearchTerms, onMatch: (at: number) => number): void => {
  for (const { shared, texts } of groups) {
    const isMet = texts.length === 1 ? eachText(bytes, shared, onMatch) : eachOfTexts(bytes, shared, texts, onMatch)
    if (isMet && texts.some((text) => own.has(text))) met.own = true
  }
  for (const group of keyGroups) eachText(bytes, group.prefix, (at) => (isKeyOf(group, bytes, at) ? onMatch(at) : at + 1))
}

/** Whether there was a match. */
const eachText = (bytes: Buffer, text: SearchText, onMatch: (at: number) => number): boolean => {
  const first = findText(bytes, text, 0)
  for (let at = first; at >= 0; ) at = findText(bytes, text, Math.max(onMatch(at), at + 1))
  return first >= 0
}

/** Whether there was a match. */
const eachOfTexts = (
  bytes: Buffer,
  shared: SearchText,
  texts: readonly SearchText[],
  onMatch: (at: number) => number,
): boolean => {
  let isMet = false
  eachText(bytes, shared, (at) => {
    if (!texts.some(({ text }) => standsAt(bytes, text, at))) return at + 1
    isMet = true
    return onMatch(at)
  })
  return isMet
}

/** Whether the bytes hold a search term. */
export const containsTerm = (bytes: Buffer, { texts, keyGroups, own, met }: SearchTerms): boolean => {
  const found = texts.find((text) => findText(bytes, text, 0) >= 0)
  if (found && own.has(found)) met.own = true
  return found !== undefined || keyGroups.some(({ prefix }) => findText(bytes, prefix, 0) >= 0)
}

const isKeyOf = ({ ids, endings }: KeyGroup, bytes: Buffer, at: number): boolean =>
  endings.has(endingAt(bytes, at)) && ids.has(bytes.toString('latin1', at, at + KEY_LENGTH))

/** The last four bytes of the key id that starts at the position; 0 when the bytes end before. */
const endingAt = (bytes: Buffer, at: number): number => {
  const end = at + KEY_LENGTH
  if (end > bytes.length) return 0
  return ((bytes[end - 4] ?? 0) << 24) | ((bytes[end - 3] ?? 0) << 16) | ((bytes[end - 2] ?? 0) << 8) | (bytes[end - 1] ?? 0)
}
