import type { Account } from '../../account.ts'
import { ServiceError } from '../../call.ts'
import { pageOf } from '../../page.ts'

export const refused = (code: string, message: string): ServiceError => new ServiceError(code, message, 400)

/** One page of a list. Throws InvalidNextToken. */
export const ssmPage = <T>(
  account: Account,
  items: readonly T[],
  keyOf: (item: T) => string,
  { NextToken, MaxResults, ...boundTo }: { readonly NextToken?: string | undefined; readonly MaxResults?: number | undefined },
): { readonly items: T[]; readonly end: { readonly NextToken?: string } } => {
  const page = pageOf({
    items,
    keyOf,
    boundTo,
    token: NextToken,
    size: Math.min(MaxResults ?? 50, account.behaviour.pageSize),
    refuse: () => refused('InvalidNextToken', 'The specified token is not valid.'),
  })
  return { items: [...page.items], end: page.nextToken === undefined ? {} : { NextToken: page.nextToken } }
}
