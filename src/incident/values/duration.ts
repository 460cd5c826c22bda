/** The units of time. A name says its unit: `_SECONDS` for what AWS and the options count in, `_MS` for what `Date` counts in. */
export const MINUTE_SECONDS = 60
export const HOUR_SECONDS = 60 * MINUTE_SECONDS
export const DAY_SECONDS = 24 * HOUR_SECONDS

/** The longest session of a role ("Update the maximum session duration for a role"): every older one has expired. */
export const LONGEST_ROLE_SESSION_SECONDS = 12 * HOUR_SECONDS
/** The longest session of a user, by GetSessionToken or GetFederationToken ("Request temporary security credentials"). */
export const LONGEST_USER_SESSION_SECONDS = 36 * HOUR_SECONDS

export const SECOND_MS = 1000
export const MINUTE_MS = MINUTE_SECONDS * SECOND_MS
export const HOUR_MS = HOUR_SECONDS * SECOND_MS
export const DAY_MS = DAY_SECONDS * SECOND_MS

/** The largest multiple of a unit that is not above the number: the start of its hour, its day, its second. */
export const floorTo = (value: number, unit: number): number => Math.floor(value / unit) * unit

/** Seconds as a responder says them: `45 s`, `4 min 10 s`, `2 h 5 min`, `3 d 4 h`. */
export const duration = (seconds: number): string => {
  const whole = Math.max(0, Math.round(seconds))
  const units = [
    [DAY_SECONDS, 'd'],
    [HOUR_SECONDS, 'h'],
    [MINUTE_SECONDS, 'min'],
    [1, 's'],
  ] as const
  const first = units.findIndex(([size]) => whole >= size)
  if (first < 0) return '0 s'
  const parts: string[] = []
  let rest = whole
  for (const [size, unit] of units.slice(first, first + 2)) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0) parts.push(`${count} ${unit}`)
  }
  return parts.join(' ')
}
