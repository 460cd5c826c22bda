import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** A thread's heap, garbage included, at which collecting it sooner is worth its time. Bytes. */
const LARGE_HEAP = 48 * 2 ** 20

/** As `LARGE_HEAP`, with the memory of counts, which is outside the heap. */
const LARGE_IN_ALL = 80 * 2 ** 20

const bytesHeld = () => {
  const { total_heap_size: heap, external_memory: outside } = getHeapStatistics()
  return { heap, inAll: heap + outside }
}

/**
 * Has V8 keep heaps small, in this thread and the others. It collects garbage when a heap has grown by a fifth: V8 itself lets heaps
 * double and more, which is a tenth faster and takes half as much memory again. And each collection gives back what the young
 * generation has grown by, up to 50 MB in the main thread: V8 itself keeps that for the next objects.
 */
const keepHeapsSmall = (): void => {
  setFlagsFromString('--heap-growing-percent=20')
  setFlagsFromString('--optimize-for-size')
}

/** Has heaps kept small from now on, once this thread holds much. */
export const collectSoonerWhenLarge = (): void => {
  const { heap, inAll } = bytesHeld()
  if (heap > LARGE_HEAP || inAll > LARGE_IN_ALL) keepHeapsSmall()
}

/**
 * Collects garbage now, where this thread holds much: before something else needs memory, in this thread or another one. V8 gives
 * freed memory back only after a collection, and a thread that waits has none.
 */
export const collectNowWhenLarge = (): void => {
  if (bytesHeld().inAll <= LARGE_IN_ALL) return
  keepHeapsSmall()
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  // Without arguments: Node 20 takes any for the wish to collect young objects alone.
  if (typeof collect === 'function') collect()
}
