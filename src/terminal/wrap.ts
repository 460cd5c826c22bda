import { widthOf } from './width.ts'

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/**
 * Text in lines of at most `width` columns, the first one of at most `first`, broken at spaces where there are any.
 * Never empty: no text is one empty line. A word that does not fit beside what stands on the first line goes below it.
 */
export const wrap = (text: string, width: number, first: number = width): string[] => {
  const lines: string[] = []
  let line = ''
  for (const piece of text.split(/( +)/)) {
    if (widthOf(line) + widthOf(piece) <= (lines.length === 0 ? first : width)) {
      line += piece
      continue
    }
    if (line.trim() !== '' || (lines.length === 0 && first < width)) lines.push(line.trimEnd())
    const chunks = piece.startsWith(' ') ? [] : chop(piece, width)
    line = chunks.pop() ?? ''
    lines.push(...chunks)
  }
  return line.trim() !== '' || lines.length === 0 ? [...lines, line.trimEnd()] : lines
}

/** Text after a prefix; its further lines stand under its first one, or at `indent`. */
export const hang = (prefix: string, text: string, width: number, indent: number = widthOf(prefix)): string[] => {
  const [first = '', ...rest] = wrap(text, Math.max(1, width - indent), width - widthOf(prefix))
  return [(prefix + first).trimEnd(), ...rest.map((line) => ' '.repeat(indent) + line)]
}

/** As much of the text as fits on one line, marked where it was cut. */
export const clip = (text: string, width: number): string => {
  if (widthOf(text) <= width) return text
  return `${chop(text, Math.max(1, width - 1))[0] ?? ''}…`
}

const chop = (word: string, width: number): string[] => {
  const chunks: string[] = []
  let chunk = ''
  let used = 0
  for (const { segment } of graphemes.segment(word)) {
    const taken = widthOf(segment)
    if (chunk !== '' && used + taken > width) {
      chunks.push(chunk)
      chunk = ''
      used = 0
    }
    chunk += segment
    used += taken
  }
  return [...chunks, chunk]
}
