import { allPages, type Pages } from './pager.ts'

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
