import { redactedMark, type SecretKind, type Tally } from './kinds.ts'
import { redactText } from './redact-text.ts'
import { kindOfName } from './secret-names.ts'

/** A JSON token: a string (perhaps cut off), a bracket, a separator, or a number or word. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?$)|[{}[\],:]|[^\s"{}[\],:]+/gs

/** Strings without a secret: names and values recur from record to record, and are looked into once. */
const harmless = new Set<string>()

/**
 * JSON text in which each secret is replaced by `[redacted:<kind>]`: the values of members that are named like one, whatever the
 * case and however deep, and what is a secret inside any other string or name, also in JSON that is itself held in a string, as
 * CloudTrailEvent is. All other bytes stay as they are, so that evidence is what AWS answered. Works on truncated or malformed
 * text too. Redacting twice changes nothing more. `tally` counts what was redacted.
 */
export const redactJson = (json: string, tally?: Tally): string => {
  let depth = 0
  let named: SecretKind | undefined
  let hidden: { readonly kind: SecretKind; readonly below: number } | undefined

  return json.replace(TOKEN, (token: string, offset: number) => {
    const isString = token.startsWith('"')
    if (isString && isKey(json, offset + token.length)) {
      named = kindOfName(decoded(token))
      return redactedString(token, tally)
    }
    if (token === ':') return token
    if (token === '{' || token === '[') {
      if (named && !hidden) hidden = { kind: named, below: depth }
      depth += 1
    }
    if (token === '}' || token === ']') {
      depth -= 1
      if (hidden && depth <= hidden.below) hidden = undefined
    }
    const kind = named ?? hidden?.kind
    named = undefined
    if (NO_SECRET.has(token)) return token
    if (kind) return hide(token, kind, tally)
    return isString ? redactedString(token, tally) : token
  })
}

const NO_SECRET = new Set(['{', '}', '[', ']', ',', ':', 'null', 'true', 'false', '""'])

/** What a redaction left is no second secret. */
const MARK = /^"\[redacted:[a-z-]{1,20}\]"$/

const hide = (token: string, kind: SecretKind, tally: Tally | undefined): string => {
  if (MARK.test(token)) return token
  tally?.add(kind)
  return JSON.stringify(redactedMark(kind))
}

const COLON = /\s*:/y

const isKey = (json: string, end: number): boolean => {
  COLON.lastIndex = end
  return COLON.test(json)
}

/** A string is written anew only when there was a secret in it. */
const redactedString = (token: string, tally: Tally | undefined): string => {
  if (token.length < SHORTEST || harmless.has(token)) return token
  const inner = decoded(token)
  const redacted = redactContent(inner, tally)
  if (redacted !== inner) return JSON.stringify(redacted)
  if (token.length > RECURRING) return token
  if (harmless.size >= MOST_KEPT) harmless.clear()
  harmless.add(copyOf(token))
  return token
}

/** A string cut out of a longer one keeps all of it in memory. */
const copyOf = (text: string): string => Buffer.from(text, 'utf16le').toString('utf16le')

/** No secret that is known by its form is shorter, quotes included. */
const SHORTEST = 10

/** What is longer does not recur. */
const RECURRING = 200

/** Memory does not grow with what is redacted. */
const MOST_KEPT = 5_000

/** As `redactJson` for JSON, and as `redactText` for what is none; both for what only begins like JSON. */
export const redactContent = (content: string, tally?: Tally): string => {
  if (!/^\s*[{[]/.test(content)) return redactText(content, tally)
  const redacted = redactJson(content, tally)
  return isJson(content) ? redacted : redactText(redacted, tally)
}

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** The text of a JSON string token; for one that is not well formed, its characters as they stand. */
const decoded = (token: string): string => {
  if (!token.includes('\\') && token.length > 1 && token.endsWith('"')) return token.slice(1, -1)
  try {
    return String(JSON.parse(token))
  } catch {
    return token.replace(/^"|"$/g, '').replace(/\\(.)/gs, '$1')
  }
}
