import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** A thread's heap, garbage included, at which collecting it sooner is worth its time. Bytes. */
const LARGE_HEAP = 48 * 2 ** 20

const GROW_LITTLE = '--heap-growing-percent=20'

/**
 * Has V8 collect garbage when a heap has grown by a fifth, in this thread and the others, once this one's heap is large. V8 itself lets
 * heaps double and more, which is a tenth faster and takes half as much memory again.
 */
export const collectSoonerWhenLarge = (): void => {
  if (getHeapStatistics().total_heap_size > LARGE_HEAP) setFlagsFromString(GROW_LITTLE)
}

/** As `LARGE_HEAP`, of a thread that has finished a part of its work; the memory of counts is among it. */
const LARGE_WHEN_IDLE = 80 * 2 ** 20

/**
 * Collects garbage now, where this thread holds much: before something else needs memory, in this thread or another one. V8 gives
 * freed memory back only after a collection, and a thread that waits has none.
 */
export const collectNowWhenLarge = (): void => {
  const { total_heap_size: heap, external_memory: outside } = getHeapStatistics()
  if (heap + outside <= LARGE_WHEN_IDLE) return
  setFlagsFromString(GROW_LITTLE)
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect === 'function') collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}
