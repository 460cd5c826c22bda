import { MINUTE_MS, SECOND_MS } from '../../incident/values/duration.ts'

/** The `Date` of one answer, as the milliseconds by which it is ahead of the monotonic clock at the answer's first byte. */
export interface HeardDate {
  readonly service: string
  readonly host: string
  readonly offset: number
}

/** Of Dates that agree, the latest is the best one: a Date is cut to its second, and every answer takes a while to arrive. */
const CUT_OFF_MS = 5 * SECOND_MS

/** Two times within so many milliseconds are the same, so that with the latest Date of those that agree it stays within a minute. */
const SAME = MINUTE_MS - CUT_OFF_MS

/**
 * What the answers say together, as an offset; undefined without answers. Each service has one vote, however many answers it gave: the
 * middle one counts, so fewer than half of the services cannot move it. This machine has a vote where there would be no middle. Where
 * the middle of all answers is another time, `between` decides: whichever is nearer to it holds.
 */
export const agreedOffset = (dates: readonly HeardDate[], machine?: number, settled?: number): number | undefined => {
  const votes = [...groups(dates, ({ service }) => service).values()].map(voteOf)
  const byService = middle(votes.length % 2 === 0 && machine !== undefined ? [...votes, machine] : votes)
  const byAnswer = middle(dates.map(({ offset }) => offset))
  if (byService === undefined || byAnswer === undefined) return undefined
  const between = machine ?? settled
  const isNearer = between !== undefined && Math.abs(byAnswer - between) < Math.abs(byService - between)
  const agreed = Math.abs(byService - byAnswer) > SAME && isNearer ? byAnswer : byService
  return Math.max(agreed, ...dates.map(({ offset }) => offset).filter((offset) => offset <= agreed + CUT_OFF_MS))
}

/** What a service says: the middle of its hosts, of each the middle of its answers. */
const voteOf = (dates: readonly HeardDate[]): number =>
  middle([...groups(dates, ({ host }) => host).values()].map((ofHost) => middle(ofHost.map(({ offset }) => offset)) ?? 0)) ?? 0

const groups = (dates: readonly HeardDate[], by: (date: HeardDate) => string): Map<string, HeardDate[]> => {
  const found = new Map<string, HeardDate[]>()
  for (const date of dates) {
    const group = found.get(by(date))
    if (group) group.push(date)
    else found.set(by(date), [date])
  }
  return found
}

/** The middle of these; of an even number the earlier one: a clock may wait, and can never go back. */
const middle = (values: readonly number[]): number | undefined =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)]
