import { CALL_SECONDS, drawn, WAITS, type Waste, wasteOf } from '../support/waits.ts'
import type { BenchSettings } from './settings.ts'
import { type BenchTable, shown } from './table.ts'

/** The waiters of botocore, which `aws … wait` and boto3 use, by what is waited for: seconds between two looks. */
const WAITER_SECONDS: Readonly<Record<string, number>> = {
  'an instance to be stopped': 15,
  'an instance to run': 15,
  'a command to end': 5,
}

/** How much later than reached something is noticed on average by looks that begin so many seconds after each other's answer. */
const wasteOfWaiter = (seconds: number, times: readonly number[]): number => {
  const period = seconds + CALL_SECONDS
  const noticed = times.map((reached) => Math.ceil(reached / period) * period + CALL_SECONDS)
  return noticed.reduce((sum, at, index) => sum + at - (times[index] ?? 0), 0) / times.length
}

interface Waited extends Waste {
  readonly what: string
  readonly median: number
  readonly waiter: number | undefined
}

/** How soon a response notices a change: the product's own waiting, on a clock that is moved by it. */
export const waitsTable = async (_: BenchSettings): Promise<BenchTable> => {
  const waited: Waited[] = []
  for (const [what, kind, median, spread] of WAITS) {
    const times = drawn(median, spread)
    const seconds = WAITER_SECONDS[what]
    const waiter = seconds === undefined ? undefined : wasteOfWaiter(seconds, times)
    waited.push({ ...(await wasteOf(kind, times)), what, median, waiter })
  }
  const most = (figure: (one: Waited) => number): number => Math.max(...waited.map(figure))
  return {
    header: [
      'waiting for',
      'assumed median s',
      'noticed late by, mean s',
      '95 of 100 s',
      'most calls a second',
      'botocore’s waiter, mean s',
    ],
    rows: waited.map(({ what, median, mean, p95, shortest, waiter }) => [
      what,
      `${median}`,
      shown(mean),
      shown(p95),
      shown(1 / shortest),
      shown(waiter, 1),
    ]),
    bars: [
      { what: 'noticed after the change, mean s', atMost: 1.2, measured: most(({ mean }) => mean) },
      { what: 'noticed after the change, 95 of 100 s', atMost: 2.2, measured: most(({ p95 }) => p95) },
      { what: 'calls a second', atMost: 1, measured: most(({ shortest }) => 1 / shortest) },
    ],
    notes: ['Nothing is timed here: the same code gives the same figures on every machine. The bars are those of the worst row.'],
  }
}
