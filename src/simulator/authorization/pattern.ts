/** One character of a pattern: itself, or (`wildcard`) `*` for any text and `?` for any one character. */
export interface Token {
  readonly char: string
  readonly wildcard: boolean
}

/** The text with every character standing for itself. */
export const literalTokens = (text: string): Token[] => [...text].map((char) => ({ char, wildcard: false }))

/** The text with `*` and `?` as wildcards. */
export const wildcardTokens = (text: string): Token[] =>
  [...text].map((char) => ({ char, wildcard: char === '*' || char === '?' }))

/** The characters of the tokens, wildcards written as they were. */
export const patternText = (tokens: readonly Token[]): string => tokens.map((token) => token.char).join('')

const isAnyText = (token: Token | undefined): boolean => token?.wildcard === true && token.char === '*'

/**
 * Whether the whole text matches. Case-sensitive. Written without RegExp, because the patterns come from whoever may
 * put a policy: the time is at most pattern × text, where a backtracking `.*.*.*` would not be.
 */
export const matchesTokens = (tokens: readonly Token[], text: string): boolean => {
  const chars = [...text]
  let token = 0
  let char = 0
  let lastAnyText = -1
  let retryFrom = 0
  while (char < chars.length) {
    const expected = tokens[token]
    if (isAnyText(expected)) {
      lastAnyText = token
      token += 1
      retryFrom = char
    } else if (expected && (expected.wildcard || expected.char === chars[char])) {
      token += 1
      char += 1
    } else if (lastAnyText >= 0) {
      token = lastAnyText + 1
      retryFrom += 1
      char = retryFrom
    } else {
      return false
    }
  }
  return tokens.slice(token).every(isAnyText)
}
