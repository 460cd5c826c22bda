import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { baselineOf } from '../../../src/investigation/analysis/baseline.ts'
import { isSpike, volumeOf } from '../../../src/investigation/analysis/volume.ts'
import { windowActivity } from '../../../src/investigation/analysis/window-activity.ts'
import { barsOf } from '../../../src/terminal/volume/bars.ts'
import { counted, instant, many, recordOf, workload } from './records.ts'

const inHour = (hour: number, times: number, errorCode?: string) =>
  many(times, (n) => ({
    at: `2026-03-01T${String(hour).padStart(2, '0')}:${String(n % 60).padStart(2, '0')}:00Z`,
    ...(errorCode ? { errorCode } : {}),
  }))

const spikesOf = (records: Parameters<typeof counted>[0]) =>
  volumeOf(counted(records)).buckets.flatMap(({ start, spikes }) => spikes.map((kind) => `${start} ${kind}`))

describe('the volume of calls', () => {
  it('has every hour from the first call to the last, the quiet ones too', () => {
    const { bucketSeconds, buckets } = volumeOf(counted([...inHour(1, 3), ...inHour(9, 2, 'AccessDenied')]))
    expect(bucketSeconds).toBe(3600)
    expect(buckets).toHaveLength(9)
    expect(buckets.map(({ succeeded, failed }) => succeeded - failed)).toEqual([3, 0, 0, 0, 0, 0, 0, 0, -2])
  })

  it('goes by minutes in a scope of six hours, and by days in one of years', () => {
    expect(volumeOf(counted(inHour(1, 3))).bucketSeconds).toBe(60)
    const years = volumeOf(counted([recordOf({ at: '2023-01-01T00:00:00Z' }), recordOf({ at: '2026-01-01T00:00:00Z' })]))
    expect(years.bucketSeconds).toBe(86_400)
    expect(years.buckets).toHaveLength(1097)
  })

  it('stays small when one record has a time that cannot be, and a chart can be drawn of it', () => {
    const volume = volumeOf(counted([recordOf({ at: '2026-01-01T00:00:00Z' }), recordOf({ at: '9999-01-01T00:00:00Z' })]))
    expect(volume.buckets.length).toBeLessThan(10_000)
    expect(barsOf(volume, 60).bars.length).toBeGreaterThan(10)
  })

  it('the volume of no calls is empty', () => {
    expect(volumeOf(counted([])).buckets).toEqual([])
  })

  it('leaves no call out', () => {
    const offsets = fc.array(fc.integer({ min: 0, max: 9 * 24 * 60 }), { minLength: 1, maxLength: 50 })
    fc.assert(
      fc.property(offsets, (minutes) => {
        const records = minutes.map((minute) =>
          recordOf({ at: new Date(Date.UTC(2026, 2, 1) + minute * 60_000).toISOString().replace('.000Z', 'Z') }),
        )
        const { buckets } = volumeOf(counted(records))
        expect(buckets.reduce((sum, { succeeded, failed }) => sum + succeeded + failed, 0)).toBe(records.length)
      }),
    )
  })
})

describe('a spike is ten calls at least, three times what is usual and three deviations', () => {
  it.each([
    [10, 0, 0, true],
    [9, 0, 0, false],
    [30, 10, 0, true],
    [29, 10, 0, false],
    [33, 10, 1, true],
    [32, 10, 1, false],
  ])('%i calls where %i are usual, give or take %i: %s', (calls, mean, deviation, expected) => {
    expect(isSpike(calls, mean, deviation)).toBe(expected)
  })

  it('an hour with many times the workload’s calls is one, its neighbours are not', () => {
    expect(spikesOf([...workload(45), ...inHour(2, 1), ...inHour(5, 40), ...inHour(12, 1)])).toEqual([
      '2026-03-01T05:00:00Z succeeded',
    ])
  })

  it('failures are measured against failures', () => {
    expect(spikesOf([...workload(45), ...inHour(2, 1), ...inHour(5, 12, 'AccessDenied'), ...inHour(12, 1)])).toEqual([
      '2026-03-01T05:00:00Z failed',
    ])
  })

  it('what is usual at that hour of the day is no spike', () => {
    const nightly = many(45 * 20, (n) => ({
      key: 'ASIANIGHTLY000000001',
      at: new Date(Date.UTC(2026, 2, 1) - 86_400_000 * (1 + (n % 45)) + 3 * 3_600_000 + n * 1000)
        .toISOString()
        .replace('.000Z', 'Z'),
    }))
    expect(spikesOf([...nightly, ...inHour(3, 20), ...inHour(12, 20)])).toEqual(['2026-03-01T12:00:00Z succeeded'])
  })

  it('a bucket says what is usual', () => {
    const [bucket] = volumeOf(counted([...workload(45), ...inHour(2, 1), ...inHour(12, 1)])).buckets
    expect(bucket?.usual).toEqual({ succeeded: 1, failed: 0 })
  })

  it('without a baseline there is neither a line nor a spike', () => {
    const { buckets } = volumeOf(counted([...inHour(2, 50), ...inHour(12, 50)]))
    expect(buckets.filter(({ usual, spikes }) => usual !== undefined || spikes.length > 0)).toEqual([])
  })
})

describe('the baseline is measured before it is trusted', () => {
  it.each([
    [45, 45, false],
    [60, 45, false],
    [20, 20, false],
    [14, 14, false],
    [13, 13, true],
  ])('%i days of records are %i days of baseline; in training: %s', (recorded, days, inTraining) => {
    expect(baselineOf(counted([...workload(recorded), recordOf({ at: '2026-03-01T00:30:00Z' })]))).toMatchObject({
      days,
      inTraining,
    })
  })

  it('a role that began to work yesterday has a full baseline where the logs go back further', () => {
    const records = [...workload(1), recordOf({ at: '2026-03-01T00:30:00Z' })]
    expect(baselineOf(counted(records, { coveredFrom: instant('2025-01-01T00:00:00Z') }))).toMatchObject({
      days: 45,
      events: 24,
      inTraining: false,
    })
  })

  it.each([
    ['2026-02-15T00:00:00Z', 14, false],
    ['2026-02-15T03:00:00Z', 13.9, true],
  ])(
    'the first two weeks of records are training: covered from %s, it has %d days, in training: %s',
    (from, days, inTraining) => {
      const records = [recordOf({ at: '2026-03-01T00:30:00Z' })]
      expect(baselineOf(counted(records, { coveredFrom: instant(from) }))).toMatchObject({ days, inTraining })
    },
  )

  it('ends with the last whole hour before the scope', () => {
    expect(baselineOf(counted([recordOf({ at: '2026-03-01T12:34:56Z' })]))).toMatchObject({
      from: '2026-01-15T12:00:00Z',
      until: '2026-03-01T12:00:00Z',
      events: 0,
      days: 0,
    })
  })

  it('a baseline without calls is empty and in training', () => {
    expect(baselineOf(counted([]))).toEqual({ events: 0, days: 0, inTraining: true })
  })
})

describe('a window of the scope opens in three tabs', () => {
  const records = [
    recordOf({ at: '2026-03-01T12:00:30Z', ip: '198.51.100.7' }),
    recordOf({ at: '2026-03-01T12:01:30Z', ip: '198.51.100.8', errorCode: 'AccessDenied' }),
    recordOf({ at: '2026-03-01T12:02:30Z', ip: '198.51.100.8', event: 'iam:ListUsers' }),
    recordOf({ at: '2026-03-01T12:02:40Z', ip: '198.51.100.8', event: 'iam:ListUsers', key: 'ASIASECOND0000000001' }),
  ]
  const all = counted(records, {}, { kind: 'role', value: 'web-app' })

  it('a window counts its calls by address, by service and by key, each with what was called', () => {
    const { byIp, byService, byAccessKeyId } = windowActivity(all, {})
    const brief = (rows: typeof byIp) => rows.map(({ name, succeeded, failed }) => `${name.untrusted} ${succeeded} ${failed}`)
    expect(brief(byIp)).toEqual(['198.51.100.8 2 1', '198.51.100.7 1 0'])
    expect(brief(byService)).toEqual(['iam 2 0', 's3 1 1'])
    expect(brief(byAccessKeyId)).toEqual(['ASIASTOLENKEY0000001 2 1', 'ASIASECOND0000000001 1 0'])
    expect(byIp[0]?.apis.map(({ service, api }) => `${service}:${api}`)).toEqual(['iam:ListUsers', 's3:ListBuckets'])
  })

  it('holds whole minutes', () => {
    const window = { from: instant('2026-03-01T12:01:59Z'), until: instant('2026-03-01T12:02:01Z') }
    expect(windowActivity(all, window).byIp.map(({ succeeded, failed }) => [succeeded, failed])).toEqual([[2, 1]])
  })
})
