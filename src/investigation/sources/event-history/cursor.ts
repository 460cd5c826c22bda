import type { Instant } from '../../../incident/values/instant.ts'
import type { LookupCursor, Window } from './region-lookup.ts'

/**
 * How far a reading has come: plain JSON, handed out after each page, and taken back to go on. The records that were read
 * are not in it: they are handed out with it and have to be given back.
 */
export interface HistoryCursor {
  readonly version: 1
  /** AWS's time at the first beginning: what "until now" means for all of the reading. */
  readonly begun: Instant
  /** What was asked, so that a cursor is not taken for another reading's. */
  readonly asked: string
  /** By Region, attribute and range. */
  readonly lookups: Readonly<Record<string, LookupCursor>>
}

const isWindow = (value: unknown): value is Window =>
  typeof value === 'object' &&
  value !== null &&
  ['from', 'until', 'stop', 'reached', 'pages'].every((name) => name in value && Number.isFinite(Reflect.get(value, name)))

const isLookup = (value: unknown): value is LookupCursor =>
  typeof value === 'object' &&
  value !== null &&
  'windows' in value &&
  Array.isArray(value.windows) &&
  value.windows.every(isWindow)

/** Takes a cursor back, whatever it was kept in; undefined when it is none, or one of another question. */
export const readCursor = (value: unknown, asked: string): HistoryCursor | undefined => {
  if (typeof value !== 'object' || value === null || !('version' in value && 'lookups' in value && 'asked' in value))
    return undefined
  const cursor = value as HistoryCursor
  const { version, lookups } = cursor
  const isWhole = version === 1 && typeof cursor.begun === 'string' && typeof lookups === 'object' && lookups !== null
  return isWhole && cursor.asked === asked && Object.values(lookups).every(isLookup) ? cursor : undefined
}
