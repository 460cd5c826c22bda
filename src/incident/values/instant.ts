import { floorTo, SECOND_MS } from './duration.ts'

/** A moment in UTC, written as ISO 8601 and ending in `Z`. The only form in which times travel through ir-cred. */
export type Instant = string & { readonly instant: unique symbol }

const RFC_3339 = /^(\d{4})-(\d{2})-(\d{2})T([01]\d|2[0-3]):(\d{2}):(\d{2})(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/

/** The instant of a Date, whole seconds when it has no fraction. Throws RangeError for an invalid Date. */
export const instantOf = (date: Date): Instant => date.toISOString().replace('.000Z', 'Z') as Instant

/**
 * Reads an RFC 3339 time strictly: a zone is required and a day that does not exist (30 February) is refused.
 * Gives undefined for anything else, never a guess.
 */
export const parseInstant = (text: unknown): Instant | undefined => {
  if (typeof text !== 'string') return undefined
  const parts = RFC_3339.exec(text)
  const date = new Date(text)
  if (!parts || Number.isNaN(date.getTime())) return undefined
  const daysInMonth = new Date(Date.UTC(Number(parts[1]), Number(parts[2]), 0)).getUTCDate()
  const writable = date.getUTCFullYear() >= 0 && date.getUTCFullYear() <= 9999
  return Number(parts[3]) > daysInMonth || !writable ? undefined : instantOf(date)
}

/** Milliseconds since the epoch. */
export const epochOf = (instant: Instant): number => Date.parse(instant)

/** The instant `seconds` later (earlier when negative). */
export const plus = (instant: Instant, seconds: number): Instant =>
  instantOf(new Date(epochOf(instant) + Math.round(seconds * SECOND_MS)))

/** Seconds from one instant to another; negative when `to` lies before `from`. */
export const secondsBetween = (from: Instant, to: Instant): number => (epochOf(to) - epochOf(from)) / SECOND_MS

/** Instants of one length are written alike, so that their texts compare as they do; parsing takes longer. */
export const isBefore = (a: Instant, b: Instant): boolean => (a.length === b.length ? a < b : epochOf(a) < epochOf(b))

export const later = (a: Instant, b: Instant): Instant => (isBefore(a, b) ? b : a)

/** The same moment without its fraction of a second: the precision of CloudTrail's creationDate and of a revocation's cut-off. */
export const wholeSecond = (instant: Instant): Instant => instantOf(new Date(floorTo(epochOf(instant), SECOND_MS)))
