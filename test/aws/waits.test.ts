import { describe, expect, it } from 'vitest'
import { drawn, WAITS, type Waste, waitFor, wasteOf } from '../support/waits.ts'

const isWithinTheBar = ({ mean, p95, shortest }: Waste): boolean => mean <= 1.2 && p95 <= 2.2 && shortest >= 1

describe('a wait notices a change within 1.2 s on average and 2.2 s in 95 of 100 cases, by at most a call a second', () => {
  it.each(WAITS)('%s', async (_, kind, median, spread) => {
    const waste = await wasteOf(kind, drawn(median, spread))
    expect(waste, JSON.stringify(waste)).toSatisfy(isWithinTheBar)
  })

  it('which looks every five seconds do not', async () => {
    const waste = await wasteOf('pause', drawn(35, 0.4))
    expect(waste.mean).toBeGreaterThan(2)
    expect(waste).not.toSatisfy(isWithinTheBar)
  })
})

describe('a look that sends several calls', () => {
  it.each([2, 3, 7])('is followed by so many seconds: %i', async (calls) => {
    const { looks } = await waitFor(40, 'change-visible', calls)
    const last = looks.at(-1) ?? 0
    expect(looks.length).toBeGreaterThan(3)
    expect(((looks.length - 1) * calls) / last).toBeLessThanOrEqual(1)
    for (const [index, at] of looks.slice(1).entries()) expect(at - (looks[index] ?? 0)).toBeGreaterThanOrEqual(calls)
  })
})
