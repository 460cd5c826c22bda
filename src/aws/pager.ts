import { Failure } from '../incident/values/failure.ts'

/** All items of a paged list, and whether that is really all. */
export interface Pages<T> {
  readonly items: readonly T[]
  /** Why the list may be incomplete; undefined when it is complete. */
  readonly incomplete?: string
}

export interface PageLimits {
  readonly pages: number
  readonly items: number
}

const DEFAULT_LIMITS: PageLimits = { pages: 400, items: 20_000 }

/** One page, and the token of the next. */
export type FetchPage<T> = (
  token: string | undefined,
) => Promise<{ readonly items: readonly T[] | undefined; readonly next: string | undefined }>

/**
 * Reads a list to its end. The SDK's paginators loop for ever on a repeated token; this one remembers every token it has
 * seen, has caps, and says so when it stopped early instead of giving a short list as the whole.
 */
export const allPages = async <T>(page: FetchPage<T>, limits: PageLimits = DEFAULT_LIMITS): Promise<Pages<T>> => {
  const items: T[] = []
  const seen = new Set<string>()
  let token: string | undefined
  for (let count = 0; count < limits.pages; count += 1) {
    const { items: more, next } = await page(token)
    items.push(...(more ?? []))
    if (!next) return { items }
    if (seen.has(next)) return { items, incomplete: 'the service repeated a page token' }
    if (items.length >= limits.items) return { items, incomplete: `stopped after ${items.length} items` }
    seen.add(next)
    token = next
  }
  return { items, incomplete: `stopped after ${limits.pages} pages` }
}

/**
 * A list on which a change depends, such as "is it there already": whole, or an error.
 * Throws Failure unavailable when it could not be read to its end.
 */
export const wholeList = async <T>(what: string, page: FetchPage<T>): Promise<readonly T[]> => {
  const { items, incomplete } = await allPages(page)
  if (incomplete === undefined) return items
  throw new Failure({
    kind: 'unavailable',
    what: `the list of ${what} is incomplete, and nothing is changed on a guess`,
    why: incomplete,
    remedy: 'continue later, or look in the console',
  })
}

/** How IAM ends a page of any of its lists. */
interface IamPage {
  readonly IsTruncated?: boolean | undefined
  readonly Marker?: string | undefined
}

/** A list of IAM to its end. Only IsTruncated says whether there is more: a Marker beside it may mean nothing. */
export const iamPages = <A extends IamPage, T>(
  send: (Marker: string | undefined) => Promise<A>,
  itemsOf: (answer: A) => readonly T[] | undefined,
): Promise<Pages<T>> =>
  allPages(async (token) => {
    const answer = await send(token)
    return { items: itemsOf(answer), next: answer.IsTruncated ? answer.Marker : undefined }
  })
