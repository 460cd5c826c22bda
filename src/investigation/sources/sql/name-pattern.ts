/** The date that Lambda and CloudFront append to the names of their APIs. */
export const DATE = '20[0-9][0-9]_{0,1}[01][0-9]_{0,1}[0-3][0-9](v[0-9]|)'

/**
 * A pattern of these names and no others, each beginning that names share written once, and each end of what follows a verb:
 * a query for CloudTrail Lake has 10,000 characters, and a longer pattern leaves fewer for the sessions that are asked for.
 */
export const patternOf = (names: readonly string[]): string => {
  const rests = new Map<string, string[]>()
  for (const name of [...new Set(names)].sort()) {
    const word = firstWord(name)
    rests.set(word, [...(rests.get(word) ?? []), name.slice(word.length)])
  }
  return [...rests].map(([word, ends]) => word + (ends.length === 1 ? ends[0] : groupOf(ends))).join('|')
}

const groupOf = (ends: readonly string[]): string => {
  const longer = ends.filter((end) => end !== '')
  const pattern = patternOf(longer)
  if (longer.length < ends.length) return `(${pattern}|)`
  return isOneWord(longer) ? pattern : `(${pattern})`
}

/** Names that all begin with the same word need no parentheses around their pattern: it has no alternative of its own. */
const isOneWord = (names: readonly string[]): boolean => new Set(names.map(firstWord)).size === 1

const firstWord = (name: string): string => /^[A-Z]?[^A-Z]*/.exec(name)?.[0] ?? ''
