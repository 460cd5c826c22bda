import type { Line, Span } from './block.ts'
import { codePoint, cutNote, delimited, neutral, neutralForeign, SHOWN_CHARACTERS } from './delimited.ts'
import type { Instant } from './instant.ts'
import { redactJson } from './redaction/redact-json.ts'
import { redactText } from './redaction/redact-text.ts'
import { RowsOnUse } from './rows-on-use.ts'
import type { Untrusted } from './untrusted.ts'

/** Where text is going: a terminal, a Markdown document, an ASCII JSON document. Each has its own way of being fooled. */
export type Sink = 'tty' | 'md' | 'json'

/**
 * Text as it may appear in a sink. On a terminal and in Markdown, whatever could move the cursor, hide, or reorder is
 * written as `\u{HEX}`, a line feed as `␊`; untrusted text is cut (at 256 characters, if `limit` is not given), its runs of spaces
 * are counted, and it stands in double quotes, in Markdown in a code span, that it cannot leave. For JSON: a whole string literal
 * in ASCII, complete. Secrets are redacted in every sink.
 */
export const show = (text: string | Untrusted, sink: Sink, limit: number = SHOWN_CHARACTERS): string => {
  const foreign = typeof text !== 'string'
  const raw = foreign ? text.untrusted : text
  if (sink === 'json') return asciiJson(raw)
  const clean = redactText(raw)
  if (!foreign) return sink === 'tty' ? neutral(clean) : escapeMarkdown(neutral(clean))
  if (sink === 'tty') return delimited(clean, limit)
  const { shown, left } = neutralForeign(clean, limit, false)
  return codeSpan(defang(shown) + cutNote(left))
}

/** An identifier: ASCII only, so that a Cyrillic `а` cannot pass for a Latin `a`. For every sink but JSON. */
export const showIdentifier = (identifier: string): string => neutral(redactText(identifier)).replace(/[^ -~]/gu, codePoint)

/** A moment as reports write it: `2026-11-25 02:03:41Z`, always UTC. */
export const showInstant = (at: Instant): string => showIdentifier(`${at.slice(0, 10)} ${at.slice(11, 19)}Z`)

/** A JSON document in printable ASCII, secrets redacted: all else is written `\uXXXX`, so that no reader's terminal is moved by it. */
export const asciiJson = (value: unknown, indent?: number): string =>
  redactJson(JSON.stringify(value, null, indent)).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** Characters that are handed on at once. */
const PIECE = 2 ** 16

/**
 * The text that `asciiJson` gives for an object, in pieces: its lists of objects, which may be long, are written row by row, so that
 * neither the text nor its copies are in memory whole.
 */
export function* asciiJsonPieces(value: Readonly<Record<string, unknown>>): Generator<string> {
  let piece = ''
  for (const text of memberTexts(value)) {
    piece += text
    if (piece.length < PIECE) continue
    yield piece
    piece = ''
  }
  yield piece
}

function* memberTexts(value: Readonly<Record<string, unknown>>): Generator<string> {
  let before = '{'
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue
    if (isListOfObjects(member)) {
      yield `${before}${asciiJson(name)}:[`
      let separator = ''
      for (const row of member) {
        yield separator + asciiJson(row)
        separator = ','
      }
      yield ']'
    } else yield before + asciiJson({ [name]: member }).slice(1, -1)
    before = ','
  }
  yield before === '{' ? '{}' : '}'
}

const isListOfObjects = (value: unknown): value is Iterable<object> =>
  value instanceof RowsOnUse ||
  (Array.isArray(value) && value.length > 0 && value.every((row) => typeof row === 'object' && row !== null))

/** A value with every Untrusted in it replaced by its text: for JSON only, which escapes it. */
export const flattenUntrusted = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(flattenUntrusted)
  if (isUntrusted(value)) return value.untrusted
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, flattenUntrusted(inner)]))
}

/** The spans of a line. */
export const spansOf = (line: Line): readonly Span[] => (isSpans(line) ? line : [line])

/** A line, each span shown in the given way. */
const sayLine = (line: Line, say: (span: Span) => string): string => spansOf(line).map(say).join('')

/** The whole text of a line, nothing escaped: for JSON only. */
export const rawLine = (line: Line): string =>
  sayLine(line, (span) => {
    if (typeof span === 'string') return span
    return 'at' in span ? span.at : span.untrusted
  })

const isSpans = (line: Line): line is readonly Span[] => Array.isArray(line)

const isUntrusted = (value: object): value is Untrusted =>
  'untrusted' in value && typeof value.untrusted === 'string' && Object.keys(value).length === 1

/** The longest run of backticks in a text. */
export const longestRun = (text: string): number =>
  (text.match(/`+/g) ?? []).reduce((longest, run) => Math.max(longest, run.length), 0)

/** A code span that ends where we say: its fence is longer than any run of backticks inside (CommonMark, "Code spans"). */
const codeSpan = (text: string): string => {
  const longest = longestRun(text)
  const fence = '`'.repeat(longest + 1)
  const padding = /^[` ]|[` ]$/.test(text) || text === '' ? ' ' : ''
  return `${fence}${padding}${escapePipes(text)}${padding}${fence}`
}

/** In a table a pipe ends the cell even inside a code span; a backslash before it must not cancel ours. */
const escapePipes = (text: string): string => text.replace(/\\(?=\|)/g, '\\u{5C}').replaceAll('|', '\\|')

/** Addresses that no viewer turns into a link: `hxxps://evil[.]example/x`. */
const defang = (text: string): string =>
  text
    .replace(
      /\bh(?:tt|xx)p(s?):\/\/([^\s/]*)/gi,
      (_, s: string, host: string) => `hxxp${s}://${host.replace(/\.(?!\])/g, '[.]')}`,
    )
    .replace(/\bwww\./gi, (start) => `${start.slice(0, -1)}[.]`)
    .replace(/\b(javascript|data|vbscript|file|mailto|ftp):/gi, '$1[:]')

/** Words that GitHub and others make links of by themselves: in a code span they stay text, and can still be copied. */
const LINKISH = /:\/\/|www\.|@/i

const escapeMarkdown = (text: string): string =>
  text
    .split(/( +)/)
    .map((word) => (LINKISH.test(word) ? codeSpan(word) : word.replace(/[\\`*_[\]<>#|~&]/g, '\\$&')))
    .join('')
    .replace(/^(\s*)([-+=])/, '$1\\$2')
    .replace(/^(\s*\d+)([.)])(?=\s|$)/, '$1\\$2')
