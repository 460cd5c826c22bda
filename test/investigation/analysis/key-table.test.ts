import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { count, countTable } from '../../../src/investigation/analysis/count-table.ts'
import { addKey, indexOfKey, keyTable } from '../../../src/investigation/analysis/key-table.ts'

const word = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 0xffffffff }))
const keys = fc.array(fc.tuple(word, word, word), { maxLength: 400 })

describe('a key table is a set of keys', () => {
  it('a key keeps the number that it got when it was new', () => {
    fc.assert(
      fc.property(keys, (list) => {
        const table = keyTable(3)
        const numbers = new Map<string, number>()
        for (const key of list) {
          const known = numbers.get(key.join()) ?? numbers.size
          expect(addKey(table, key)).toBe(known)
          numbers.set(key.join(), known)
        }
        expect(table.size).toBe(numbers.size)
        for (const key of list) expect(indexOfKey(table, key)).toBe(numbers.get(key.join()))
        expect(indexOfKey(table, [9, 9, 9])).toBe(numbers.get('9,9,9') ?? -1)
      }),
    )
  })

  it('a thread can be sent it', () => {
    const table = keyTable(2)
    for (let i = 0; i < 100; i += 1) addKey(table, [i, i * i])
    const sent = structuredClone(table)
    expect(addKey(sent, [7, 49])).toBe(7)
    expect(addKey(sent, [7, 50])).toBe(100)
    expect(indexOfKey(table, [7, 50])).toBe(-1)
  })
})

describe('a count table counts', () => {
  it('every event of every key, with the first and the last moment', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 60 }), fc.nat(1000)), { maxLength: 500 }), (events) => {
        const table = countTable(1)
        for (const [key, at] of events) count(table, [key], 1, at, at)
        for (const [key] of events) {
          const times = events.filter(([other]) => other === key).map(([, at]) => at)
          const index = indexOfKey(table.keys, [key])
          expect([table.events[index], table.first[index], table.last[index]]).toEqual([
            times.length,
            Math.min(...times),
            Math.max(...times),
          ])
        }
      }),
    )
  })
})
