import { isIP } from 'node:net'
import type { Untrusted } from './untrusted.ts'

/** How much of an untrusted text a screen or a report shows. All of it is kept as evidence. */
export const SHOWN_CHARACTERS = 256

/** How much of it stands on the screen of a question, so that it cannot push the question off it. */
export const SHOWN_IN_A_QUESTION = 64

/** More marks than this on one letter are there to draw over the lines above and below. */
const MARKS_PER_LETTER = 2

const PLAIN = /^[ -~]*$/
const VISIBLE = /^[ \p{L}\p{M}\p{N}\p{P}\p{S}]$/u
/** Letters and symbols that nevertheless show nothing: fillers, joiners, variation selectors, the blank braille pattern. */
const BLANK = /^[\p{Default_Ignorable_Code_Point}\u2800]$/u
const MARK = /^\p{M}$/u

/** What would end our quotes: every double quote in Unicode. */
const QUOTE = /^["\u00ab\u00bb\u02ba\u02dd\u02ee\u05f2\u05f4\u201c-\u201f\u2033\u2036\u275d\u275e\u2760\u301d-\u301f\uff02]$/

/** A run of spaces, the beginning of something like our notation, or one character. */
const UNITS = / {2,}|\\u\{|[\s\S]/gu

/** A text with everything in it visible, cut at `limit` characters of its shown form. */
export interface Neutral {
  readonly shown: string
  /** How many characters were left out at the end. */
  readonly left: number
}

/** Ours: nothing is cut, spaces align, and quotes are what they are. */
export const neutral = (text: string): string => {
  if (PLAIN.test(text)) return text
  let shown = ''
  // A mark at the very start would sit on our own last letter: it counts as one too many.
  let marks = MARKS_PER_LETTER
  for (const character of text) {
    marks = MARK.test(character) ? marks + 1 : 0
    shown += visibly(character, marks)
  }
  return shown
}

/**
 * Somebody else's text, made visible, with what could end a quotation escaped and each run of spaces counted (`␠×12`): such a run
 * could otherwise draw a column, or push the rest of a line off the screen.
 */
export const neutralForeign = (text: string, limit: number, inQuotes = true): Neutral => {
  let shown = ''
  let taken = 0
  let marks = MARKS_PER_LETTER
  for (const [unit] of text.matchAll(UNITS)) {
    marks = MARK.test(unit) ? marks + 1 : 0
    const next = foreignly(unit, marks, inQuotes)
    if (shown.length + next.length > limit) return { shown, left: charactersOf(text) - taken }
    shown += next
    taken += charactersOf(unit)
  }
  return { shown, left: 0 }
}

/** What was cut, as it stands after the text. */
export const cutNote = (left: number): string => (left === 0 ? '' : `… (+${left} ${left === 1 ? 'character' : 'characters'})`)

/**
 * Somebody else's text inside a sentence or a row of ours: in double quotes that it cannot leave, on one line, cut at `limit`
 * characters with what is left out counted behind the quotes. An identifier of AWS's own form stands as it is.
 */
export const delimited = (text: string, limit: number = SHOWN_CHARACTERS): string => {
  if (text.length <= SHOWN_CHARACTERS && isIdentifier(text)) return text
  const { shown, left } = neutralForeign(text, limit)
  return `"${shown}"${cutNote(left)}`
}

/** Identifiers whose form leaves no room for words: ARNs, ids of resources, principals and accounts, endpoints of services. */
const IDENTIFIER =
  /^(?:arn:aws[a-z-]{0,20}:[a-z0-9-]{1,40}:[a-z0-9-]{0,20}:(?:\d{12}|aws)?:[\w+=,.@:/*-]{1,256}|[a-z]{1,12}-(?:[0-9a-f]{8}|[0-9a-f]{17})|A[A-Z]{3}[A-Z0-9]{16,17}|\d{12}|[a-z0-9-]{1,40}(?:\.[a-z0-9-]{1,40}){0,3}\.amazonaws\.com(?:\.cn)?|AWS Internal|\*)$/

const isIdentifier = (text: string): boolean => IDENTIFIER.test(text) || (isIP(text) !== 0 && !text.includes('%'))

/** How AWS writes an operation, alone or with its service: `GetObject`, `s3:GetObject`. */
const API = /^(?:[a-z][a-z0-9.-]{0,63}:)?[A-Z][A-Za-z0-9_]{0,127}$/

/** An operation's name for a place that holds nothing else: as it stands where it has an operation's form, otherwise untrusted. */
export const apiSpan = (text: string): string | Untrusted => (API.test(text) ? text : { untrusted: text })

/** One character, as `\u{HEX}` unless it can be seen, stays where it is, and belongs to its letter. */
const visibly = (character: string, marks: number): string => {
  if (character === '\n') return '␊'
  const allowed = VISIBLE.test(character) && !BLANK.test(character) && marks <= MARKS_PER_LETTER
  return allowed ? character : codePoint(character)
}

/** `␊`, `␠` and `\\u{` are our own notation: where somebody else wrote them, they are escaped themselves. */
const foreignly = (unit: string, marks: number, inQuotes: boolean): string => {
  if (unit.startsWith('  ')) return `␠×${unit.length}`
  if (unit === '\\u{') return `${codePoint('\\')}u{`
  const isOurs = unit === '␊' || unit === '␠' || (inQuotes && QUOTE.test(unit))
  return isOurs ? codePoint(unit) : visibly(unit, marks)
}

export const codePoint = (character: string): string => `\\u{${character.codePointAt(0)?.toString(16).toUpperCase()}}`

const charactersOf = (text: string): number => {
  let count = 0
  for (const _ of text) count += 1
  return count
}
