import { widthOf } from './width.ts'

/** Repeated at the start of each further line of a quotation, as in old prints: no line of it can pass for a line of ours. */
const QUOTE = '"'

let segmenter: Intl.Segmenter | undefined

/** Made on use: that takes longer than all else that is loaded before the first question. */
const graphemes = (): Intl.Segmenter => {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' })
  return segmenter
}

/**
 * Text in lines of at most `width` columns, the first one of at most `first`, broken at spaces where there are any.
 * No text gives one empty line. A word that does not fit on the first line goes below it.
 * What people copy (a path, an ARN, a URL, a command in back quotes) is never broken: it gets a line of its own, however wide.
 */
export const wrap = (text: string, width: number, first: number = width): string[] => {
  const lines: string[] = []
  let line = ''
  let used = 0
  // What a further line begins with: nothing, or the quotation that goes on in it.
  let mark = ''
  let isFresh = true
  for (const piece of text.match(PIECES) ?? []) {
    const inside = mark
    if (hasOddQuotes(piece)) mark = mark === '' ? QUOTE : ''
    const taken = widthOf(piece)
    if (used + taken <= (lines.length === 0 ? first : width)) {
      line += piece
      used += taken
      isFresh &&= piece.startsWith(' ')
      continue
    }
    if (!isFresh || (lines.length === 0 && first < width)) lines.push(line.trimEnd())
    isFresh = piece.startsWith(' ')
    const chunks = isFresh ? [] : isToCopy(piece) ? [inside + piece] : chopMarked(piece, width, inside)
    line = chunks.pop() ?? mark
    used = widthOf(line)
    lines.push(...chunks)
  }
  return !isFresh || lines.length === 0 ? [...lines, line.trimEnd()] : lines
}

/** The quotes of ours and of what they hold: somebody else's own are escaped, so that every second one ends a quotation. */
const hasOddQuotes = (text: string): boolean => text.includes(QUOTE) && (text.split(QUOTE).length - 1) % 2 === 1

/** A word in parts, each of which begins with the mark of the quotation that it stands in. */
const chopMarked = (word: string, width: number, inside: string): string[] => {
  if (inside === '' && !word.includes(QUOTE)) return chop(word, width, true)
  if (widthOf(inside + word) <= width) return [inside + word]
  const chunks: string[] = []
  let mark = inside
  for (const part of chop(word, Math.max(1, width - 1), true)) {
    chunks.push(mark + part)
    if (hasOddQuotes(part)) mark = mark === '' ? QUOTE : ''
  }
  return chunks
}

/** A command of ir-cred in back quotes, however it is started: `ir-cred …`, `npx ir-cred …`, `node bin/ir-cred.js …`. */
const PIECES = /`(?:npx |node [^`]{0,200})?ir-cred(?:\.js'?)? [^`]{0,2000}`[^ ]*| +|[^ ]+/g
const TO_COPY =
  /^["'([]*(?:arn:aws|[a-z\d]{2,5}:\/\/|(?:~|\.{1,2})?\/|[A-Za-z]:\\|`(?:npx |node [^`]{0,200})?ir-cred(?:\.js'?)? )/
/** Nobody copies a longer word, so it is broken. */
const LONGEST_COPIED = 2_000

const isToCopy = (word: string): boolean => word.length <= LONGEST_COPIED && TO_COPY.test(word)

/** Whether the text has a word to be copied that is wider than `width`. */
export const overflows = (text: string, width: number): boolean =>
  (text.match(PIECES) ?? []).some((piece) => isToCopy(piece) && widthOf(piece) > width)

/** Text after a prefix. Its further lines are indented as far as the first, or by `indent`. */
export const hang = (prefix: string, text: string, width: number, indent: number = widthOf(prefix)): string[] => {
  const [first = '', ...rest] = wrap(text, Math.max(1, width - indent), width - widthOf(prefix))
  return [(prefix + first).trimEnd(), ...rest.map((line) => ' '.repeat(indent) + line)]
}

/** As much of the text as fits on one line, marked where it was cut; a quotation that is cut is closed. */
export const clip = (text: string, width: number): string => {
  if (widthOf(text) <= width) return text
  const cut = (room: number): string => chop(text.slice(0, Math.max(1, width) * LONGEST_GRAPHEME), Math.max(1, room))[0] ?? ''
  return hasOddQuotes(cut(width - 1)) ? `${cut(width - 2)}${QUOTE}…` : `${cut(width - 1)}…`
}

/** Characters that one column may take: a letter with all its marks. No more of a long text is taken apart than can fit. */
const LONGEST_GRAPHEME = 64

const chop = (word: string, width: number, byParts = false): string[] => {
  const chunks: string[] = []
  let chunk = ''
  let used = 0
  for (const { segment } of graphemes().segment(word)) {
    const taken = widthOf(segment)
    if (chunk !== '' && used + taken > width) {
      const at = byParts ? endOfPart(chunk) : chunk.length
      chunks.push(chunk.slice(0, at))
      chunk = chunk.slice(at)
      used = widthOf(chunk)
    }
    chunk += segment
    used += taken
  }
  return [...chunks, chunk]
}

/** Where the last whole part of a name ends, unless that leaves a short line. */
const endOfPart = (chunk: string): number => {
  let at = chunk.length
  while (at > 0 && !':/.,_-'.includes(chunk.charAt(at - 1))) at -= 1
  return at > chunk.length / 2 ? at : chunk.length
}
