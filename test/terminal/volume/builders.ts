import { type Instant, instantOf } from '../../../src/incident/values/instant.ts'
import type { ChartBucket, VolumeChart } from '../../../src/terminal/volume/bars.ts'

export const HOUR = 3600
export const BEGIN = Date.UTC(2026, 10, 24, 22)

/** A moment, in seconds after 2026-11-24 22:00Z. */
export const momentAfter = (seconds: number): Instant => instantOf(new Date(BEGIN + seconds * 1000))

type Told = Partial<Omit<ChartBucket, 'start'>>

/** Buckets one after another from 2026-11-24 22:00Z on. */
export const volumeOf = (told: readonly Told[], bucketSeconds = HOUR): VolumeChart => ({
  bucketSeconds,
  buckets: told.map((own, index) => ({ start: momentAfter(index * bucketSeconds), succeeded: 0, failed: 0, spikes: [], ...own })),
})

/** Four hours with an attacker in the fourth, and what is usual. */
export const theftVolume = (): VolumeChart => {
  const usual = { succeeded: 40, failed: 1 }
  return volumeOf([
    { succeeded: 44, usual },
    { succeeded: 38, failed: 2, usual },
    { usual },
    { succeeded: 381, failed: 97, usual, spikes: ['succeeded', 'failed'] },
  ])
}
