/** How many iterators are started before their turn, so that a request is always in flight. */
const AHEAD = 8

/**
 * Yields the values of one iterator after the other, while the next ones fetch their first values. Each iterator fetches at most
 * one value ahead.
 */
export async function* inTurn<T>(makers: Iterable<() => AsyncIterator<T>>): AsyncGenerator<T> {
  const waiting = makers[Symbol.iterator]()
  const begun: { readonly iterator: AsyncIterator<T>; next: Promise<IteratorResult<T>> }[] = []
  const begin = (): void => {
    for (
      let made = begun.length < AHEAD ? waiting.next() : undefined;
      made && !made.done;
      made = begun.length < AHEAD ? waiting.next() : undefined
    ) {
      const iterator = made.value()
      begun.push({ iterator, next: nextOf(iterator) })
    }
  }
  for (begin(); begun[0]; begin()) {
    const [first] = begun
    const { done, value } = await first.next
    if (done) {
      begun.shift()
      continue
    }
    first.next = nextOf(first.iterator)
    yield value
  }
}

/** An error is thrown when its iterator's turn comes, not before. */
const nextOf = <T>(iterator: AsyncIterator<T>): Promise<IteratorResult<T>> => {
  const next = iterator.next()
  next.catch(() => undefined)
  return next
}

/**
 * Yields the values of the source, which is fetched to its end without waiting for the consumer. `onFetched` is called with each
 * value at once, and with undefined at the end.
 */
export async function* eagerly<T>(source: AsyncIterable<T>, onFetched: (value: T | undefined) => void): AsyncGenerator<T> {
  const waiting: T[] = []
  let failure: { readonly error: unknown } | undefined
  let isOver = false
  let isLeft = false
  let wake = (): void => undefined
  const fetch = async (): Promise<void> => {
    for await (const value of source) {
      if (isLeft) return
      waiting.push(value)
      onFetched(value)
      wake()
    }
    onFetched(undefined)
  }
  const fetched = fetch()
    .catch((error: unknown) => {
      failure = { error }
    })
    .finally(() => {
      isOver = true
      wake()
    })
  try {
    while (waiting.length > 0 || !isOver) {
      const value = waiting.shift()
      if (value !== undefined) yield value
      else
        await new Promise<void>((resolve) => {
          wake = resolve
        })
    }
    await fetched
    if (failure) throw failure.error
  } finally {
    isLeft = true
  }
}

/** How much may be in flight at the same time. */
export interface InFlight {
  readonly items: number
  readonly bytes: number
}

/**
 * Does the work for each item, as many at the same time as the limit allows; an item larger than the limit is done alone. Takes
 * more from the source only below the limit. Rejects with the first error, after all work in flight has ended.
 */
export const workThrough = async <T>(
  source: AsyncIterable<readonly T[]> | Iterable<readonly T[]>,
  sizeOf: (item: T) => number,
  limit: InFlight,
  work: (item: T) => Promise<void>,
): Promise<void> => {
  const tasks = new Set<Promise<void>>()
  const failures: unknown[] = []
  let bytes = 0
  const isFull = (size: number): boolean => tasks.size >= limit.items || (tasks.size > 0 && bytes + size > limit.bytes)
  const start = (item: T, size: number): void => {
    bytes += size
    const task: Promise<void> = work(item)
      .catch((error) => void failures.push(error))
      .finally(() => {
        tasks.delete(task)
        bytes -= size
      })
    tasks.add(task)
  }
  try {
    for await (const items of source) {
      for (const item of items) {
        while (isFull(sizeOf(item)) && failures.length === 0) await Promise.race(tasks)
        if (failures.length > 0) throw failures[0]
        start(item, sizeOf(item))
      }
    }
  } finally {
    await Promise.all(tasks)
  }
  if (failures.length > 0) throw failures[0]
}
