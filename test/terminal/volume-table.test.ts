import { describe, expect, it } from 'vitest'
import type { Block } from '../../src/incident/block.ts'
import { flatten } from '../../src/terminal/flatten.ts'
import { plainSpeech } from '../../src/terminal/plain-view.ts'
import { volumeBlocks } from '../../src/terminal/volume-table.ts'
import { theftVolume, volumeOf } from './volume-builders.ts'

const said = (blocks: readonly Block[]) => flatten(blocks, plainSpeech({}))

describe('the volume in words', () => {
  it('has a line for every hour with calls, and names the spikes', () => {
    expect(said(volumeBlocks(theftVolume()))).toEqual([
      'Calls an hour, where there were any:',
      'from: 2026-11-24 22:00:00Z; ok: 44; failed: 0; usual calls: 41; spike: no spike',
      'from: 2026-11-24 23:00:00Z; ok: 38; failed: 2; usual calls: 41; spike: no spike',
      'from: 2026-11-25 01:00:00Z; ok: 381; failed: 97; usual calls: 41; spike: spike of ok and failed calls',
    ])
  })

  it('says when there is no baseline', () => {
    expect(said(volumeBlocks(volumeOf([{ succeeded: 3 }])))).toEqual([
      'Calls an hour, where there were any; there is no baseline to compare them with:',
      'from: 2026-11-24 22:00:00Z; ok: 3; failed: 0',
    ])
  })

  it('says when there were no calls', () => {
    expect(said(volumeBlocks(volumeOf([])))).toEqual(['No calls in this time.'])
  })

  it('tells a mean below ten with a decimal', () => {
    const [, line] = said(volumeBlocks(volumeOf([{ succeeded: 3, usual: { succeeded: 1.25, failed: 0.1 } }])))
    expect(line).toContain('usual calls: 1.4')
  })

  it('has hours share a line where there would be too many, and still counts every call', () => {
    const lines = said(volumeBlocks(volumeOf(Array(1000).fill({ succeeded: 1 }))))
    expect(lines[0]).toBe('Calls every 12 hours, where there were any; there is no baseline to compare them with:')
    expect(lines.slice(1).reduce((sum, line) => sum + Number(/ok: (\d+)/.exec(line)?.[1]), 0)).toBe(1000)
  })
})
