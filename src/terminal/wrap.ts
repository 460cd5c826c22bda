import { widthOf } from './width.ts'

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/**
 * Text in lines of at most `width` columns, the first one of at most `first`, broken at spaces where there are any.
 * No text gives one empty line. A word that does not fit on the first line goes below it.
 * What people copy (a path, an ARN, a URL, a command in back quotes) is never broken: it gets a line of its own, however wide.
 */
export const wrap = (text: string, width: number, first: number = width): string[] => {
  const lines: string[] = []
  let line = ''
  for (const piece of text.match(PIECES) ?? []) {
    if (widthOf(line) + widthOf(piece) <= (lines.length === 0 ? first : width)) {
      line += piece
      continue
    }
    if (line.trim() !== '' || (lines.length === 0 && first < width)) lines.push(line.trimEnd())
    const chunks = piece.startsWith(' ') ? [] : isToCopy(piece) ? [piece] : chop(piece, width, true)
    line = chunks.pop() ?? ''
    lines.push(...chunks)
  }
  return line.trim() !== '' || lines.length === 0 ? [...lines, line.trimEnd()] : lines
}

/** A command of ir-cred in back quotes, however it is started: `ir-cred …`, `npx ir-cred …`, `node bin/ir-cred.js …`. */
const PIECES = /`(?:npx |node [^`]*)?ir-cred(?:\.js'?)? [^`]*`[^ ]*| +|[^ ]+/g
const TO_COPY = /^["'([]*(?:arn:aws|[a-z\d]{2,5}:\/\/|(?:~|\.{1,2})?\/|[A-Za-z]:\\|`(?:npx |node [^`]*)?ir-cred(?:\.js'?)? )/
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

/** As much of the text as fits on one line, marked where it was cut. */
export const clip = (text: string, width: number): string => {
  if (widthOf(text) <= width) return text
  return `${chop(text, Math.max(1, width - 1))[0] ?? ''}…`
}

const chop = (word: string, width: number, byParts = false): string[] => {
  const chunks: string[] = []
  let chunk = ''
  let used = 0
  for (const { segment } of graphemes.segment(word)) {
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

const LAST_PART = /[^:/.,_-]*$/

/** Where the last whole part of a name ends, unless that leaves a short line. */
const endOfPart = (chunk: string): number => {
  const at = LAST_PART.exec(chunk)?.index ?? 0
  return at > chunk.length / 2 ? at : chunk.length
}
