import type { HeardDate } from './agreement.ts'
import { requestIdIn } from './answer.ts'

/** The newest answers of each host; older ones say nothing that these do not. */
const KEPT = 3

/** The Dates that were heard: of each host of each service the newest three, and of one request one. */
export const createHeardDates = () => {
  let kept = new Map<string, readonly HeardDate[]>()
  let all: readonly HeardDate[] = []
  const newest = new Map<string, string>()
  return {
    add: (date: HeardDate, headers: Readonly<Record<string, string>>): void => {
      const place = `${date.service} ${date.host}`
      const answer = `${requestIdIn(headers)} ${headers.date}`
      // A cache on the way repeats an answer with its id.
      const repeated = newest.get(place) === answer
      newest.set(place, answer)
      if (repeated) return
      kept.set(place, [...(kept.get(place) ?? []), date].slice(-KEPT))
      all = [...kept.values()].flat()
    },
    all: (): readonly HeardDate[] => all,
    shift: (by: number): void => {
      kept = new Map(
        [...kept].map(([place, dates]) => [place, dates.map((date) => ({ ...date, offset: date.offset + by }))] as const),
      )
      all = [...kept.values()].flat()
    },
  }
}
