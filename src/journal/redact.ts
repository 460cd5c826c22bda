/** What replaces a secret. */
const REDACTED = '[redacted]'

/** Members that hold secrets in answers of AWS: STS and IAM in API and CloudTrail case, the instance metadata service's `Token`. */
const SECRET_KEYS = new Set(['secretaccesskey', 'sessiontoken', 'token'])

/** What text must contain to hold a secret member: its name, or an escape that may spell it. Far cheaper than reading the tokens. */
const MAY_HOLD_SECRETS = /secretaccesskey|token|\\u/i

/** A JSON token: a string (perhaps cut off), a bracket, a separator, or a number or word. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?$)|[{}[\],:]|[^\s"{}[\],:]+/gs

/**
 * JSON text with the values of secret members replaced, whatever the case of their names, however deep, and also in JSON that is
 * itself held in a string, as CloudTrailEvent is. All other bytes stay as they are, so that evidence is what AWS answered.
 * Works on truncated or malformed text too. Redacting twice changes nothing more.
 */
export const redactSecrets = (json: string): string => {
  if (!MAY_HOLD_SECRETS.test(json)) return json
  let depth = 0
  let secretNext = false
  let hiddenBelow = Number.POSITIVE_INFINITY

  return json.replace(TOKEN, (token: string, offset: number) => {
    const isString = token.startsWith('"')
    if (isString && isKey(json, offset + token.length)) {
      secretNext = MAY_HOLD_SECRETS.test(token) && SECRET_KEYS.has(decoded(token).toLowerCase())
      return token
    }
    if (token === ':') return token
    const hide = secretNext || depth > hiddenBelow
    if (token === '{' || token === '[') {
      if (secretNext) hiddenBelow = Math.min(hiddenBelow, depth)
      depth += 1
    }
    if (token === '}' || token === ']') {
      depth -= 1
      if (depth <= hiddenBelow) hiddenBelow = Number.POSITIVE_INFINITY
    }
    secretNext = false
    if (PUNCTUATION.has(token) || token === 'null') return token
    if (hide) return JSON.stringify(REDACTED)
    return isString ? redactNested(token) : token
  })
}

const PUNCTUATION = new Set(['{', '}', '[', ']', ',', ':'])

const isKey = (json: string, end: number): boolean => {
  const colon = /\s*:/y
  colon.lastIndex = end
  return colon.test(json)
}

/** A string that holds JSON is written anew only when there was a secret in it. */
const redactNested = (token: string): string => {
  if (!MAY_HOLD_SECRETS.test(token)) return token
  if (!token.includes('\\"') && !token.includes('\\u0022')) return token
  const inner = decoded(token)
  const redacted = redactSecrets(inner)
  return redacted === inner ? token : JSON.stringify(redacted)
}

/** The text of a JSON string token; for one that is not well formed, its characters as they stand. */
const decoded = (token: string): string => {
  try {
    return String(JSON.parse(token))
  } catch {
    return token.replace(/^"|"$/g, '').replace(/\\(.)/gs, '$1')
  }
}
