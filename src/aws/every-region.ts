import type { Failure } from '../incident/values/failure.ts'
import { errorMeaningOf, failureOf, unreadReason } from './failure.ts'

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
 * Looks into several Regions at once, the incident's first. A Region that refuses, as a service control policy may make it, or that does
 * not answer is listed with the reason. Thrown is what concerns the whole run: the responder's own credentials, an interruption, a bug.
 */
export const inEveryRegion = async <T>(
  regions: readonly string[],
  what: string,
  look: (region: string) => Promise<T>,
): Promise<RegionalAnswers<T>> => lookInto(regions, what, look, regions[0])

const lookInto = async <T>(
  regions: readonly string[],
  what: string,
  look: (region: string) => Promise<T>,
  home: string | undefined,
): Promise<RegionalAnswers<T>> => {
  const answers: { region: string; answer: T }[] = []
  const notRead: UnreadRegion[] = []
  const inOrder = [...new Set(regions)]
  await Promise.all(
    inOrder.map(async (region) => {
      try {
        answers.push({ region, answer: await look(region) })
      } catch (error) {
        const why = unreadReason(error) ?? (region === home ? undefined : unknownThere(error))
        if (why === undefined) throw error
        notRead.push({ region, why, failure: failureOf(error, `${what} in ${region}`) })
      }
    }),
  )
  const asAsked = (a: { readonly region: string }, b: { readonly region: string }) =>
    inOrder.indexOf(a.region) - inOrder.indexOf(b.region)
  return { answers: answers.sort(asAsked), notRead: notRead.sort(asAsked) }
}

/** The Regions that are asked. */
export interface AskedRegions {
  readonly regions: readonly string[]
  /** Gives the Regions once AWS has listed them: those that were not asked yet are asked then. */
  readonly regionsKnown?: () => Promise<readonly string[]>
}

/** Credentials that are good elsewhere: a Region that is not enabled does not know them, nor one in which the session's token is not valid. */
const unknownThere = (error: unknown): string | undefined =>
  errorMeaningOf(error) === 'unrecognized' ? 'does not know your credentials; it may not be enabled in this account' : undefined

/** As `inEveryRegion`; ends with the first Region whose answer is enough, without waiting for the others. */
export const untilOneRegion = async <T>(
  { regions, regionsKnown }: AskedRegions,
  what: string,
  look: (region: string) => Promise<T>,
  isEnough: (answer: T) => boolean,
): Promise<RegionalAnswers<T>> => {
  let end: (found: RegionalAnswers<T>) => void = () => {}
  const early = new Promise<RegionalAnswers<T>>((resolve) => {
    end = resolve
  })
  const lookAt = (some: readonly string[]) =>
    lookInto(
      some,
      what,
      async (region) => {
        const answer = await look(region)
        if (isEnough(answer)) end({ answers: [{ region, answer }], notRead: [] })
        return answer
      },
      regions[0],
    )
  const lookLater = async () => {
    const known = (await regionsKnown?.()) ?? regions
    return { known, ...(await lookAt(known.filter((region) => !regions.includes(region)))) }
  }
  const all = Promise.all([lookAt(regions), lookLater()]).then(([now, { known, ...then }]) => ({
    answers: [...now.answers, ...then.answers],
    // One that is not enabled has nothing to read.
    notRead: [...now.notRead, ...then.notRead].filter(({ region }) => known.includes(region)),
  }))
  // Where one Region has won, what comes of the others is not asked for.
  all.catch(() => undefined)
  return Promise.race([early, all])
}

/** The Regions that were not read as a sentence; none when all were. */
export const notReadSentences = (what: string, notRead: readonly UnreadRegion[]): readonly string[] =>
  notRead.map(({ region, why }) => `${what} in ${region} is not known: it ${why}`)
