import { describe, expect, it } from 'vitest'
import { eagerly, inTurn, workThrough } from '../../../../src/investigation/sources/s3/in-parallel.ts'

const rest = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

async function* from<T>(values: readonly T[]): AsyncGenerator<T> {
  for (const value of values) {
    await rest()
    yield value
  }
}

const collect = async <T>(source: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = []
  for await (const value of source) all.push(value)
  return all
}

describe('work', () => {
  const most = { items: 0, bytes: 0 }

  const work = async (sizes: readonly number[], limit: { items: number; bytes: number }) => {
    let [items, bytes] = [0, 0]
    Object.assign(most, { items: 0, bytes: 0 })
    await workThrough(
      from([sizes]),
      (size) => size,
      limit,
      async (size) => {
        items += 1
        bytes += size
        Object.assign(most, { items: Math.max(most.items, items), bytes: Math.max(most.bytes, bytes) })
        await rest()
        items -= 1
        bytes -= size
      },
    )
  }

  it('is done for as many items at the same time as the limit allows', async () => {
    await work([1, 1, 1, 1, 1, 1], { items: 3, bytes: 100 })
    expect(most.items).toBe(3)
    await work([40, 40, 40, 40], { items: 10, bytes: 100 })
    expect(most).toEqual({ items: 2, bytes: 80 })
  })

  it('is done alone for an item larger than the limit', async () => {
    await work([10, 500, 10], { items: 10, bytes: 100 })
    expect(most.bytes).toBe(500)
  })

  it('ends with the first error, after all work in flight has ended', async () => {
    let inFlight = 0
    const done = workThrough(
      from([[1, 2, 3, 4, 5, 6, 7, 8]]),
      () => 1,
      { items: 2, bytes: 9 },
      async (item) => {
        inFlight += 1
        await rest()
        inFlight -= 1
        if (item === 2) throw new Error(`no ${item}`)
      },
    )
    await expect(done).rejects.toThrow('no 2')
    expect(inFlight).toBe(0)
  })
})

describe('iterators in turn', () => {
  it('give all values in order, and at most eight start ahead', async () => {
    let begun = 0
    const makers = Array.from({ length: 20 }, (_, index) => () => {
      begun += 1
      return from([index, index])
    })
    const source = inTurn(makers)
    await source.next()
    expect(begun).toBe(8)
    expect(await collect(source)).toEqual([0, ...Array.from({ length: 38 }, (_, index) => Math.floor(index / 2) + 1)])
  })

  it('throw an error when its turn comes', async () => {
    const failing = () => ({
      next: async (): Promise<IteratorResult<number>> => {
        throw new Error('no')
      },
    })
    const source = inTurn([() => from([1]), failing])
    expect((await source.next()).value).toBe(1)
    await expect(source.next()).rejects.toThrow('no')
  })
})

describe('a source that is fetched eagerly', () => {
  it('reports each value at once, and yields it on demand', async () => {
    const fetched: (number | undefined)[] = []
    const source = eagerly(from([1, 2, 3]), (value) => fetched.push(value))
    expect((await source.next()).value).toBe(1)
    for (let turn = 0; turn < 5; turn += 1) await rest()
    expect(fetched).toEqual([1, 2, 3, undefined])
    expect(await collect(source)).toEqual([2, 3])
  })

  it('fails with its source, after the values before', async () => {
    async function* broken(): AsyncGenerator<number> {
      yield 1
      throw new Error('no')
    }
    const source = eagerly(broken(), () => undefined)
    expect((await source.next()).value).toBe(1)
    await expect(source.next()).rejects.toThrow('no')
  })

  it('stops when its consumer stops', async () => {
    let fetched = 0
    const source = eagerly(from(Array.from({ length: 100 }, (_, index) => index)), () => {
      fetched += 1
    })
    await source.next()
    await source.return(undefined)
    for (let turn = 0; turn < 20; turn += 1) await rest()
    expect(fetched).toBeLessThan(10)
  })
})
