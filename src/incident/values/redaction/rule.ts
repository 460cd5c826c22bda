import { redactedMarkLength, type SecretKind } from './kinds.ts'

/** A stretch of text that is a secret. */
export interface SecretRange {
  readonly from: number
  readonly to: number
  readonly kind: SecretKind
}

/** What a rule sees at an anchor, and where it looks on: never before the end of what it has read, so that its cost is linear. */
export interface Found {
  readonly found?: SecretRange
  readonly next: number
}

/** How one kind of secret is recognised. */
export interface Rule {
  /** Where a secret may begin: global, and without a repetition that could be tried again from each of its positions. */
  readonly anchor: RegExp
  take(text: string, match: RegExpExecArray): Found
}

/** All that a rule finds in a text. */
export const rangesOf = (text: string, { anchor, take }: Rule): readonly SecretRange[] => {
  const ranges: SecretRange[] = []
  anchor.lastIndex = 0
  for (let match = anchor.exec(text); match; match = anchor.exec(text)) {
    const { found, next } = take(text, match)
    if (found && redactedMarkLength(text.slice(found.from, found.to)) !== found.to - found.from) ranges.push(found)
    anchor.lastIndex = Math.max(next, match.index + 1)
  }
  return ranges
}
