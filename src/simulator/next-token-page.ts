import type { Account } from './account.ts'
import type { ServiceError } from './call.ts'
import { pageOf } from './page.ts'

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
