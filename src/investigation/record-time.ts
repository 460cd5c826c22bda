import { SECOND_MS } from '../incident/values/duration.ts'
import { type Instant, parseInstant } from '../incident/values/instant.ts'

/** The form that CloudTrail writes, on days that every month has: it is an instant as it stands, and this runs on every record. */
const PLAIN_TIME = /^[12]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/

/** The moment that a member of a record names; undefined where it is none. Tables write a time without a zone, always UTC; search engines as milliseconds, the AWS CLI as seconds. */
export const timeOf = (value: unknown): Instant | undefined => {
  if (typeof value === 'string' && PLAIN_TIME.test(value)) return value as Instant
  if (typeof value === 'number') return parseInstant(isoOf(value > 1e11 ? value : value * SECOND_MS))
  const at = parseInstant(value)
  if (at || typeof value !== 'string') return at
  if (/^\d{9,13}(?:\.\d+)?$/.test(value)) return timeOf(Number(value))
  return parseInstant(value.replace(/^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?)(?: ?UTC)?$/, '$1T$2Z'))
}

const isoOf = (milliseconds: number): string | undefined => {
  const date = new Date(milliseconds)
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}
