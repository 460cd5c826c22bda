import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { firstFitting, fitting, journalSizeOf } from '../../src/incident/journal-budget.ts'

describe('the rows that fit a line of the journal', () => {
  it('are the first ones, as many as have room together', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.nat(200), (items, room) => {
        const kept = firstFitting(items, room)
        expect(items.slice(0, kept.length)).toEqual(kept)
        expect(kept.reduce((sum, item) => sum + journalSizeOf(item) + 1, 0)).toBeLessThanOrEqual(room)
        const next = items[kept.length]
        if (next !== undefined) expect(journalSizeOf([...kept, next])).toBeGreaterThan(room - 1)
      }),
    )
  })

  it('are fewer and fewer until the whole fits', () => {
    const make = (rows: number) => Array.from({ length: rows }, () => 'x'.repeat(1000))
    expect(fitting(make, 1_000_000)).toHaveLength(200)
    expect(fitting(make, 30_000)).toHaveLength(25)
    expect(fitting(make, 10)).toHaveLength(0)
  })
})
