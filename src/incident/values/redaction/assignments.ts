import { redactedMarkLength, type SecretKind } from './kinds.ts'
import type { Found, Rule } from './rule.ts'

/** Words before a secret in assignments, headers, queries, command lines and prompts. The longest that fits comes first. */
const WORDS: readonly (readonly [words: string, kind: SecretKind])[] = [
  ['aws[_-]?secret(?:[_-]?access)?[_-]?key|secret[ _-]?access[ _-]?key|secret[ _-]?key|aws[_-]?secret', 'aws-secret-key'],
  ['(?:session|security)[ _-]?token', 'session-token'],
  ['x-amz-signature', 'signature'],
  ['(?:access|refresh|id|auth|bearer)[_-]?token|(?:proxy-)?authorization', 'bearer-token'],
  ['client[_-]?secret|api[ _-]?key|(?:account|shared[_-]?access)[_-]?key|secret|token', 'api-token'],
  ['private[ _-]?key|client-key-data', 'private-key'],
  ['pass(?:word|wd|phrase|code)|mysql_pwd|pwd|pass', 'password'],
]

const KINDS = WORDS.map(([, kind]) => kind)

/** No alternative begins with a repetition: each position is looked at once. */
const WORD = new RegExp(WORDS.map(([words]) => `(${words})`).join('|'), 'gi')

/** After the word: more of the name, a closing quote (perhaps escaped), and what stands between name and value. */
const SEPARATOR =
  /(?:[_-](?!id\b|arn\b|name\b|list\b|version|type|ttl|count|last|reset|policy|age|expir|ur[il])[\w-]{1,24}|\d{1,4})?(?: (?:for|of) [^\s:=]{1,64})?\\{0,8}["']?(?:[ \t]{0,8}(?::=|=>|==?|:|%3[dD])[ \t]{0,8}| (?:is|was)(?: set to)?:? {1,4})/y

/** Before an option on a command line: `--db-`, `-`. */
const OPTION = /(?:^|[\s"'=[,])--?(?:[\w-]{0,24}[_-])?$/

/** A scheme before the value of an Authorization header. What AWS signs with holds a key id, and a signature that has its own rule. */
const SCHEME = /(?:Basic|Bearer|Token|Negotiate|Digest|ApiKey)\s{1,4}/iy
const SIGNED = /AWS4-|AWS /y

const ESCAPED_QUOTE = /\\{0,8}["'`]/y

/** Values that name a secret and are none: placeholders, variables, flags. */
const NO_SECRET =
  /^(?:true|false|null|none|nil|undefined|yes|no|on|off|required|optional|\*+|\.{2,}|x{3,}|<[^>]*>?|\$\{?[A-Z_][A-Z0-9_]*\}?|\$\(.*|\{\{.*|%[a-z]|arn:aws.*|\/run\/secrets\/.*)$/i

/** `password = value`, `"Token": "value"`, `--client-secret value`, `Password for root is value`, `Authorization: Basic value`. */
export const assignments: Rule = {
  anchor: WORD,
  take: (text, match) => {
    const kind = KINDS[match.slice(1).findIndex((part) => part !== undefined)]
    const end = match.index + match[0].length
    const from = kind && valueStart(text, match, end)
    if (!kind || from === undefined) return { next: end }
    return valueAt(text, { end, from }, kind)
  },
}

const sticky = (pattern: RegExp, text: string, at: number): number | undefined => {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : undefined
}

/** Words that end like a short one: "bypass: yes", "compass = north". */
const LONGER_WORD = /(?:\bby|com|tres|sur|under|over)$/i

const valueStart = (text: string, match: RegExpExecArray, end: number): number | undefined => {
  const before = text.slice(Math.max(0, match.index - 28), match.index)
  const isInArn = /[:/]$/.test(before) && text[end] === ':'
  if (LONGER_WORD.test(before) || isInArn) return undefined
  const separated = sticky(SEPARATOR, text, end)
  if (separated !== undefined) return separated
  return OPTION.test(before) && /^[ \t]/.test(text.slice(end, end + 1)) ? end + 1 : undefined
}

/** "the secret is that nobody knows": in prose, a plain word is none. */
const isProse = (between: string, value: string): boolean => / (?:is|was)\b/.test(between) && /^[A-Za-z]+[.,;:!?]?$/.test(value)

const valueAt = (
  text: string,
  { end, from: start }: { readonly end: number; readonly from: number },
  kind: SecretKind,
): Found => {
  const opened = sticky(ESCAPED_QUOTE, text, start)
  const quote = opened === undefined ? '' : text.slice(start, opened)
  const inside = opened ?? start
  if (sticky(SIGNED, text, inside) !== undefined) return { next: inside }
  const from = sticky(SCHEME, text, inside) ?? inside
  const to = quote === '' ? plainEnd(text, from) : quotedEnd(text, from, quote)
  const value = text.slice(from, Math.min(to, from + LONGEST_SHORT))
  const isNone = NO_SECRET.test(value) || redactedMarkLength(value) === to - from || isProse(text.slice(end, start), value)
  if (to - from < SHORTEST || isNone) return { next: Math.max(to, start) }
  return { next: to, found: { from, to, kind: isSecretKey(kind, text, from, to) ? 'aws-secret-key' : kind } }
}

/** Counts and answers, as in "pass: 12", are shorter. */
const SHORTEST = 3

const LONGEST_SHORT = 80

const isSecretKey = (kind: SecretKind, text: string, from: number, to: number): boolean =>
  kind === 'api-token' && to - from === 40 && /^[A-Za-z0-9/+]{40}$/.test(text.slice(from, to)) && isMixed(text.slice(from, to))

/** Both cases: a hash in hex has one. */
export const isMixed = (run: string): boolean => /[a-z]/.test(run) && /[A-Z]/.test(run)

/** Up to a quote that is escaped as often as the first, or to the end of the line where none comes. */
const quotedEnd = (text: string, from: number, quote: string): number => {
  const mark = quote.slice(-1)
  const escapes = quote.length - 1
  let backslashes = 0
  for (let at = from; at < text.length; at += 1) {
    const unit = text[at]
    if (unit === '\n') return at
    if (unit === mark && (backslashes === escapes || (escapes === 0 && backslashes % 2 === 0))) return at - escapes
    backslashes = unit === '\\' ? backslashes + 1 : 0
  }
  return text.length
}

/** What ends a value without quotes, besides white space: `;`, `&` or `,` before the next name, a quote, an escaped line feed. */
const NEXT_NAME = /[;&,](?:$|\s|[\w.-]{1,40}(?:=|%3D|:))/iy

const plainEnd = (text: string, from: number): number => {
  let at = from
  while (at < text.length) {
    const unit = text.charAt(at)
    if (/\s|["'`<>]/.test(unit)) break
    if ((unit === ';' || unit === '&' || unit === ',') && sticky(NEXT_NAME, text, at) !== undefined) break
    if (unit === '\\' && /^[nrt"'\\]$/.test(text.charAt(at + 1))) break
    at += 1
  }
  return at
}
