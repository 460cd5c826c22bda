import type { Line, Span } from '../incident/values/block.ts'
import type { Instant } from '../incident/values/instant.ts'
import { show, showInstant, spansOf } from '../incident/values/show.ts'

/** How times are shown: the day whose date is left out, and the responder's time zone. */
export interface Viewpoint {
  /** A moment of the day whose date is left out. */
  readonly reference?: Instant | undefined
  /** An IANA time zone, to show local time where it differs from UTC. Any other name is ignored. */
  readonly zone?: string | undefined
  /** How many characters of somebody else's text are shown, where it is fewer than usual. */
  readonly limit?: number | undefined
}

/** `02:03:41Z`, with the date before it when it is another UTC day than the reference's, or when there is none. */
export const clockTime = (at: Instant, reference?: Instant): string =>
  reference?.slice(0, 10) === at.slice(0, 10) ? showInstant(at).slice(11) : showInstant(at)

/** As `clockTime`, with local time beside it where it differs: `02:03:41Z (03:03 here)`. */
export const timeHere = (at: Instant, { reference, zone }: Viewpoint): string => {
  const utc = clockTime(at, reference)
  const local = zone === undefined ? undefined : localTime(at, zone)
  return local === undefined ? utc : `${utc} (${local} here)`
}

/** A line's spans, for a terminal. Only the last moment has local time beside it: the others differ by as much. */
export const showWithTimes = (line: Line, viewpoint: Viewpoint): string => {
  const spans = spansOf(line)
  const last = spans.findLastIndex(isMoment)
  return spans
    .map((span, index) => {
      if (!isMoment(span)) return show(span, 'tty', viewpoint.limit)
      return index === last ? timeHere(span.at, viewpoint) : clockTime(span.at, viewpoint.reference)
    })
    .join('')
}

const isMoment = (span: Span): span is { readonly at: Instant } => typeof span === 'object' && 'at' in span

/** Hours and minutes in a zone, with the day when it is another one; undefined where the zone's time is UTC. */
const localTime = (at: Instant, zone: string): string | undefined => {
  const parts = new Map(
    formatIn(zone)
      ?.formatToParts(new Date(at))
      .map(({ type, value }) => [type, value]),
  )
  if (parts.size === 0) return undefined
  const clock = `${parts.get('hour')}:${parts.get('minute')}`
  const day = Number(parts.get('day'))
  if (day !== Number(at.slice(8, 10))) return `${day} ${parts.get('month')} ${clock}`
  return clock === at.slice(11, 16) ? undefined : clock
}

/** Undefined for values of TZ that are no IANA name, such as `:/etc/localtime` and `CET-1CEST`. */
const formatIn = (zone: string): Intl.DateTimeFormat | undefined => {
  const fields = { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone: zone, ...fields })
  } catch {
    return undefined
  }
}
