/** Iterators that are begun before their turn, so that something is always on its way. */
const AHEAD = 8

/**
 * All that the iterators give, one iterator after the other, while the next ones fetch their first values already. Nothing is
 * fetched further ahead than one value each.
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

/** A failure is heard when its turn comes, or never. */
const nextOf = <T>(iterator: AsyncIterator<T>): Promise<IteratorResult<T>> => {
  const next = iterator.next()
  next.catch(() => undefined)
  return next
}

/** All that the source gives, which is fetched to its end as fast as it comes: `heard` is told of each at once, and of the end. */
export async function* eagerly<T>(source: AsyncIterable<T>, heard: (value: T | undefined) => void): AsyncGenerator<T> {
  const waiting: T[] = []
  let failure: { readonly error: unknown } | undefined
  let isOver = false
  let isLeft = false
  let wake = (): void => undefined
  const fetch = async (): Promise<void> => {
    for await (const value of source) {
      if (isLeft) return
      waiting.push(value)
      heard(value)
      wake()
    }
    heard(undefined)
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

/** How much may be in hand together. */
export interface Room {
  readonly items: number
  readonly bytes: number
}

/**
 * Does the work for each item, as many together as there is room for; an item that is larger than the room is done alone.
 * The source is asked for more only when there is room. Rejects with the first failure, when none is in hand any more.
 */
export const workThrough = async <T>(
  source: AsyncIterable<readonly T[]> | Iterable<readonly T[]>,
  sizeOf: (item: T) => number,
  room: Room,
  work: (item: T) => Promise<void>,
): Promise<void> => {
  const tasks = new Set<Promise<void>>()
  const failures: unknown[] = []
  let bytes = 0
  const isFull = (size: number): boolean => tasks.size >= room.items || (tasks.size > 0 && bytes + size > room.bytes)
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
