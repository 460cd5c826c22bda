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

/**
 * Reads a list to its end. The SDK's paginators loop for ever on a repeated token; this one remembers every token it has
 * seen, has caps, and says so when it stopped early instead of giving a short list as the whole.
 */
export const allPages = async <T>(
  page: (token: string | undefined) => Promise<{ readonly items: readonly T[] | undefined; readonly next: string | undefined }>,
  limits: PageLimits = DEFAULT_LIMITS,
): Promise<Pages<T>> => {
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
