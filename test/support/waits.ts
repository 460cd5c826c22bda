import type { WaitKind } from '../../src/aws/look-interval.ts'
import { settle } from '../../src/aws/settle.ts'
import { secondsBetween } from '../../src/incident/values/instant.ts'
import { seededRandom } from '../../src/simulator/random.ts'
import { NOON, noonClock, steppingPassing } from './noon.ts'

/** What a responder waits for, with the median and the spread (of the logarithm) of the seconds that it is assumed to take. */
export const WAITS: readonly (readonly [what: string, kind: WaitKind, median: number, spread: number])[] = [
  ['an instance to be stopped', 'instance-state', 35, 0.4],
  ['an instance to run', 'instance-state', 10, 0.5],
  ['the SSM agent to call', 'ssm-registration', 35, 0.4],
  ['a command to end', 'command', 1.5, 0.6],
  ['a written policy to be seen', 'change-visible', 4, 0.5],
]

/** How long a look's call takes. */
export const CALL_SECONDS = 0.08

/** Seconds until something is there, spread about a median: the same list in every run. */
export const drawn = (median: number, spread: number, count = 1_000): readonly number[] => {
  const random = seededRandom(1)
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return Array.from({ length: count }, () => median * Math.exp(spread * normal()))
}

/** Waits for something that is there after so many seconds; gives when each look left, and when it was noticed. */
export const waitFor = async (reached: number, kind: WaitKind, callsPerLook = 1) => {
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

export interface Waste {
  readonly mean: number
  readonly p95: number
  /** The shortest time between two looks. */
  readonly shortest: number
}

/** How much later than reached something is noticed, over a list of times in seconds. */
export const wasteOf = async (kind: WaitKind, times: readonly number[]): Promise<Waste> => {
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
