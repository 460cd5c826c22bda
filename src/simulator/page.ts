import { createHash } from 'node:crypto'
import type { Account } from './account/account.ts'
import type { ServiceError } from './call.ts'

/** How a list is cut into pages. */
export interface Paging<T> {
  readonly items: readonly T[]
  readonly size: number
  readonly token: string | undefined
  /** What names an item: the next page begins behind it, even when newer items have come in front. */
  readonly keyOf: (item: T) => string
  /** The parameters a token is good for: with any others it is refused. */
  readonly boundTo: unknown
  readonly refuse: () => ServiceError
}

export interface Page<T> {
  readonly items: readonly T[]
  /** Absent on the last page. */
  readonly nextToken?: string
}

const fingerprint = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 22)

const startOf = <T>({ items, token, keyOf, boundTo, refuse }: Paging<T>): number => {
  if (token === undefined || token === '') return 0
  const [bound, key] = Buffer.from(token, 'base64url').toString('utf8').split('\n')
  const before = items.findIndex((item) => keyOf(item) === key)
  if (bound !== fingerprint(boundTo) || before < 0) throw refuse()
  return before + 1
}

/** One page of a list. Throws what `refuse` gives for a token that is not this list's, or that came with other parameters. */
export const pageOf = <T>(paging: Paging<T>): Page<T> => {
  const { items, size, keyOf, boundTo } = paging
  const start = startOf(paging)
  const shown = items.slice(start, start + Math.max(1, size))
  const last = shown.at(-1)
  if (last === undefined || start + shown.length >= items.length) return { items: shown }
  return { items: shown, nextToken: Buffer.from(`${fingerprint(boundTo)}\n${keyOf(last)}`).toString('base64url') }
}

interface Asked {
  readonly NextToken?: string | undefined
  readonly MaxResults?: number | undefined
}

interface NextTokenPage<T> {
  readonly items: T[]
  /** To be put into the answer: nothing on the last page. */
  readonly end: { readonly NextToken?: string }
}

/** How a service that pages by NextToken cuts its lists: at MaxResults (at `usual` when it is not said) and the account's page size. */
export const nextTokenPage =
  (usual: number, refuse: () => ServiceError) =>
  <T>(
    account: Account,
    items: readonly T[],
    keyOf: (item: T) => string,
    { NextToken, MaxResults, ...boundTo }: Asked,
  ): NextTokenPage<T> => {
    const size = Math.min(MaxResults ?? usual, account.behaviour.pageSize)
    const page = pageOf({ items, keyOf, boundTo, token: NextToken, size, refuse })
    return { items: [...page.items], end: page.nextToken === undefined ? {} : { NextToken: page.nextToken } }
  }
