import { describe, expect, it } from 'vitest'
import type { WaitKind } from '../../src/aws/look-interval.ts'
import { settle } from '../../src/aws/settle.ts'
import { secondsBetween } from '../../src/incident/values/instant.ts'
import { seededRandom } from '../../src/simulator/random.ts'
import { NOON, noonClock, steppingPassing } from '../support/noon.ts'

/** What a responder waits for, with the median and the spread (of the logarithm) of the seconds that it is assumed to take. */
const WAITS: readonly (readonly [what: string, kind: WaitKind, median: number, spread: number])[] = [
  ['an instance to be stopped', 'instance-state', 35, 0.4],
  ['an instance to run', 'instance-state', 10, 0.5],
  ['the SSM agent to call', 'ssm-registration', 35, 0.4],
  ['a command to end', 'command', 1.5, 0.6],
  ['a written policy to be seen', 'change-visible', 4, 0.5],
]

const CALL_SECONDS = 0.08

/** The same list of times in every run. */
const drawn = (median: number, spread: number, count = 1_000): readonly number[] => {
  const random = seededRandom(1)
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return Array.from({ length: count }, () => median * Math.exp(spread * normal()))
}

/** Waits for something that is there after so many seconds; gives when each look left, and when it was noticed. */
const waitFor = async (reached: number, kind: WaitKind, callsPerLook = 1) => {
  const passing = steppingPassing()
  const clock = noonClock(passing)
  const looks: number[] = []
  let requests = 0
  const look = async () => {
    const left = secondsBetween(NOON, clock.now())
    looks.push(left)
    requests += callsPerLook
    passing.run(callsPerLook * CALL_SECONDS * 1000)
    return left >= reached ? true : undefined
  }
  const { signal } = new AbortController()
  await settle(look, { kind, within: 3_600, clock, signal, between: async () => {}, requestsSent: () => requests })
  return { looks, noticed: secondsBetween(NOON, clock.now()) }
}

interface Waste {
  readonly mean: number
  readonly p95: number
  /** The shortest time between two looks. */
  readonly shortest: number
}

const wasteOf = async (kind: WaitKind, times: readonly number[]): Promise<Waste> => {
  const wasted: number[] = []
  let shortest = Number.POSITIVE_INFINITY
  for (const reached of times) {
    const { looks, noticed } = await waitFor(reached, kind)
    wasted.push(noticed - reached)
    for (const [index, at] of looks.slice(1).entries()) shortest = Math.min(shortest, at - (looks[index] ?? 0))
  }
  wasted.sort((a, b) => a - b)
  const mean = wasted.reduce((sum, one) => sum + one, 0) / wasted.length
  return { mean, p95: wasted[Math.floor(wasted.length * 0.95)] ?? Number.NaN, shortest }
}

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
