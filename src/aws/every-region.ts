import type { Failure } from '../incident/values/failure.ts'
import { failureOf, unreadReason } from './failure.ts'

/** A Region that gave no answer, and why not, as it would end a run that cannot do without it. */
export interface UnreadRegion {
  readonly region: string
  readonly why: string
  readonly failure: Failure
}

/** The answers of several Regions in the order asked, and the Regions that gave none. */
export interface RegionalAnswers<T> {
  readonly answers: readonly { readonly region: string; readonly answer: T }[]
  readonly notRead: readonly UnreadRegion[]
}

/**
 * Looks into several Regions at once. A Region that refuses, as a service control policy may make it, or that does not answer is listed
 * with the reason. Thrown is what concerns the whole run: the responder's own credentials, an interruption, a bug.
 */
export const inEveryRegion = async <T>(
  regions: readonly string[],
  what: string,
  look: (region: string) => Promise<T>,
): Promise<RegionalAnswers<T>> => {
  const answers: { region: string; answer: T }[] = []
  const notRead: UnreadRegion[] = []
  const inOrder = [...new Set(regions)]
  await Promise.all(
    inOrder.map(async (region) => {
      try {
        answers.push({ region, answer: await look(region) })
      } catch (error) {
        const why = unreadReason(error)
        if (why === undefined) throw error
        notRead.push({ region, why, failure: failureOf(error, `${what} in ${region}`) })
      }
    }),
  )
  const asAsked = (a: { readonly region: string }, b: { readonly region: string }) =>
    inOrder.indexOf(a.region) - inOrder.indexOf(b.region)
  return { answers: answers.sort(asAsked), notRead: notRead.sort(asAsked) }
}

/** As `inEveryRegion`; ends with the first Region whose answer is enough, without waiting for the others. */
export const untilOneRegion = async <T>(
  regions: readonly string[],
  what: string,
  look: (region: string) => Promise<T>,
  isEnough: (answer: T) => boolean,
): Promise<RegionalAnswers<T>> => {
  let end: (found: RegionalAnswers<T>) => void = () => {}
  const early = new Promise<RegionalAnswers<T>>((resolve) => {
    end = resolve
  })
  const all = inEveryRegion(regions, what, async (region) => {
    const answer = await look(region)
    if (isEnough(answer)) end({ answers: [{ region, answer }], notRead: [] })
    return answer
  })
  // Where one Region has won, what comes of the others is not asked for.
  all.catch(() => undefined)
  return Promise.race([early, all])
}

/** The Regions that were not read as a sentence; none when all were. */
export const notReadSentences = (what: string, notRead: readonly UnreadRegion[]): readonly string[] =>
  notRead.map(({ region, why }) => `${what} in ${region} is not known: it ${why}`)
