import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { instantOf } from '../../../src/incident/values/instant.ts'
import type { CallVolume as AnalysedVolume } from '../../../src/investigation/analysis/volume.ts'
import { makeTheme } from '../../../src/terminal/theme.ts'
import { barsOf, spanWords, type VolumeChart } from '../../../src/terminal/volume/bars.ts'
import { drawChart, volumeChart } from '../../../src/terminal/volume/chart.ts'
import { widthOf } from '../../../src/terminal/width.ts'
import { controlsOf, isColour } from '../../support/hostile-strings.ts'
import { BEGIN, HOUR, momentAfter, theftVolume, volumeOf } from './builders.ts'

const plain = makeTheme(false)
const chart = (volume: VolumeChart, width = 80, height = 4) => volumeChart(volume, { width, height }, plain)

describe('the chart of the volume', () => {
  it('shows bars with the failed calls on top, the baseline, the spike, and the hours in UTC', () => {
    expect(chart(theftVolume(), 80, 6)).toEqual([
      ' calls an hour, UTC   ok █   failed ░   baseline ─   spike ▲',
      '                    ▲',
      '   500 ┤            ░░░',
      '       │            ███',
      '       │            ███',
      '   250 ┤            ███',
      '       │    ░░░     ███',
      '       │▄▄▄─███─────███─',
      '     0 └╵   ╵   ╵   ╵',
      '        22  23  00  01',
      '                2026-11-25',
    ])
  })

  it('names only what is in it', () => {
    expect(chart(volumeOf([{ succeeded: 3 }]))[0]).toBe(' calls an hour, UTC   ok █')
  })

  it('keeps a line’s legend whole on a narrow screen', () => {
    expect(chart(theftVolume(), 40).slice(0, 2)).toEqual([' calls an hour, UTC   ok █   failed ░', ' baseline ─   spike ▲'])
  })

  it('names each day where it begins, the first one only where there is room', () => {
    expect(chart(volumeOf(Array(60).fill({ succeeded: 1 }))).at(-1)).toBe(
      '          2026-11-25              2026-11-26              2026-11-27',
    )
    expect(chart(volumeOf(Array(10).fill({ succeeded: 1 }))).at(-1)).toBe('                2026-11-25')
    expect(chart(volumeOf(Array(2).fill({ succeeded: 1 }))).at(-1)).toBe('        2026-11-24')
  })

  it('tells minutes by hour and minute', () => {
    const lines = chart(volumeOf(Array(30).fill({ succeeded: 1 }), 60))
    expect(lines[0]).toContain('calls a minute')
    expect(lines.at(-2)).toBe('        22:00     22:05     22:10     22:15     22:20     22:25')
  })

  it('tells days by month and day, and the year below', () => {
    const lines = chart(volumeOf(Array(60).fill({ succeeded: 1 }), 24 * HOUR))
    expect(lines.at(-2)).toMatch(/^ {8}11-24 +12-03 +12-10 /)
    expect(lines.at(-1)).toMatch(/^ {8}2026 +2027$/)
  })

  it('shows a single failed call among thousands', () => {
    expect(chart(volumeOf([{ succeeded: 9_000, failed: 1 }])).join('')).toContain('░')
  })

  it('shows a single call beside a flood', () => {
    expect(chart(volumeOf([{ succeeded: 1 }, { succeeded: 1_000_000 }])).join('')).toContain('▁')
  })

  it('says when there were no calls', () => {
    expect(chart({ bucketSeconds: 60, buckets: [] })).toEqual([' No calls in this time.'])
  })

  it('underlines the stretch that is chosen', () => {
    const chosen = { from: BEGIN + 3_600_000, until: BEGIN + 3 * 3_600_000 }
    const lines = drawChart(barsOf(theftVolume(), 72), { width: 80, height: 4 }, plain, chosen)
    expect(lines.at(-3)).toBe('     0 └╵   ━━━━━━━━╵')
  })

  it('only repeats in colour what it shows without', () => {
    const coloured = volumeChart(theftVolume(), { width: 80, height: 4 }, makeTheme(true)).join('\n')
    expect(controlsOf(coloured)).not.toEqual([])
    expect(controlsOf(coloured).every(isColour)).toBe(true)
  })

  it('takes what the analysis of the volume gives', () => {
    const analysed: AnalysedVolume = theftVolume()
    expect(chart(analysed)).toEqual(chart(theftVolume()))
  })
})

const buckets = fc.array(
  fc.record({
    gap: fc.integer({ min: 1, max: 5_000 }),
    succeeded: fc.nat(2_000_000_000),
    failed: fc.oneof(fc.constant(0), fc.nat(100_000)),
    usual: fc.option(fc.record({ succeeded: fc.double({ min: 0, max: 1e9, noNaN: true }), failed: fc.nat(9) }), {
      nil: undefined,
    }),
    spikes: fc.subarray(['succeeded', 'failed'] as const),
  }),
  { minLength: 1, maxLength: 60 },
)

const anyVolume: fc.Arbitrary<VolumeChart> = fc
  .tuple(buckets, fc.constantFrom(60, HOUR, 24 * HOUR))
  .map(([told, bucketSeconds]) => {
    let at = Math.floor(BEGIN / bucketSeconds / 1000)
    return {
      bucketSeconds,
      buckets: told.map(({ gap, usual, ...counts }) => {
        at += gap
        return { start: instantOf(new Date(at * bucketSeconds * 1000)), ...counts, ...(usual ? { usual } : {}) }
      }),
    }
  })

describe('any chart', () => {
  it('keeps to its room, whatever the volume', () => {
    fc.assert(
      fc.property(anyVolume, fc.integer({ min: 20, max: 250 }), fc.integer({ min: 0, max: 20 }), (volume, width, height) => {
        const lines = chart(volume, width, height)
        expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(Math.min(200, Math.max(40, width)))
        expect(lines.filter((line) => /[│┤]/.test(line))).toHaveLength(Math.max(2, Math.floor(height / 2) * 2))
        expect(lines.join('\n')).not.toMatch(/NaN|undefined|Infinity/)
      }),
    )
  })

  it('has a bar that fails seen wherever a call failed', () => {
    fc.assert(
      fc.property(anyVolume, (volume) => {
        const failed = volume.buckets.some((bucket) => bucket.failed > 0)
        const rows = chart(volume).filter((line) => /[│┤]/.test(line))
        expect(rows.some((line) => line.includes('░'))).toBe(failed)
      }),
    )
  })
})

describe('bars', () => {
  it('are the buckets where there is room', () => {
    const { bars, size } = barsOf(theftVolume(), 4)
    expect(size).toBe(3_600_000)
    expect(bars.map(({ succeeded, failed, usual }) => [succeeded, failed, usual])).toEqual([
      [44, 0, 41],
      [38, 2, 41],
      [0, 0, 41],
      [381, 97, 41],
    ])
  })

  it('are shared by neighbours, from round hours on, where there is not', () => {
    const { bars, size } = barsOf(theftVolume(), 3)
    expect(size).toBe(2 * 3_600_000)
    expect(bars.map(({ from, succeeded, failed, usual, spikes }) => ({ from, succeeded, failed, usual, spikes }))).toEqual([
      { from: BEGIN, succeeded: 82, failed: 2, usual: 82, spikes: [] },
      { from: BEGIN + 2 * 3_600_000, succeeded: 381, failed: 97, usual: 82, spikes: ['succeeded', 'failed'] },
    ])
  })

  it('never are more than asked for, have no gaps and lose no call', () => {
    fc.assert(
      fc.property(anyVolume, fc.integer({ min: 1, max: 200 }), (volume, most) => {
        const { bars, size } = barsOf(volume, most)
        expect(bars.length).toBeLessThanOrEqual(Math.max(most, 2))
        for (const [index, bar] of bars.entries()) expect(bar.from).toBe((bars[0]?.from ?? 0) + index * size)
        const total = (all: readonly { succeeded: number; failed: number }[]) =>
          all.reduce((sum, { succeeded, failed }) => sum + succeeded + failed, 0)
        expect(total(bars)).toBe(total(volume.buckets))
      }),
    )
  })

  it('bars of a stretch are those of the buckets in it', () => {
    const { bars } = barsOf(theftVolume(), 72, { from: BEGIN + 3_600_000, until: BEGIN + 2 * 3_600_000 })
    expect(bars.map(({ succeeded }) => succeeded)).toEqual([38])
  })

  it.each([
    [1_000, 'a second'],
    [60_000, 'a minute'],
    [300_000, 'every 5 minutes'],
    [3_600_000, 'an hour'],
    [10_800_000, 'every 3 hours'],
    [86_400_000, 'a day'],
    [604_800_000, 'every 7 days'],
  ])('a span of %i ms is written as %s', (size, words) => {
    expect(spanWords(size)).toBe(words)
  })

  it('begin at the moment of their first bucket', () => {
    expect(barsOf(theftVolume(), 72).bars[0]?.from).toBe(Date.parse(momentAfter(0)))
  })
})
