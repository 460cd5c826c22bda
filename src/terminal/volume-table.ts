import { type Block, type Line, table, text } from '../incident/block.ts'
import { instantOf } from '../incident/instant.ts'
import { type Bar, barsOf, meanWords, spanWords, spikeWords, type Volume } from './volume-bars.ts'

/** Rows that a reader can still take in; more buckets than these share rows. */
const MOST_ROWS = 100

/** The volume in words and numbers, for where no chart can be drawn: every stretch of time with calls in it, spikes named. */
export const volumeBlocks = (volume: Volume, most: number = MOST_ROWS): readonly Block[] => {
  const { bars, size } = barsOf(volume, most)
  const busy = bars.filter(({ succeeded, failed }) => succeeded + failed > 0)
  if (busy.length === 0) return [text('No calls in this time.')]
  const compared = bars.some(({ usual }) => usual !== undefined)
  const told = compared ? '' : '; there is no baseline to compare them with'
  return [
    text(`Calls ${spanWords(size)}, where there were any${told}:`),
    table(
      ['from', 'ok', 'failed', ...(compared ? ['usual calls', 'spike'] : [])],
      busy.map((bar) => rowOf(bar, compared)),
    ),
  ]
}

const rowOf = ({ from, succeeded, failed, usual, spikes }: Bar, compared: boolean): readonly Line[] => [
  { at: instantOf(new Date(from)) },
  String(succeeded),
  String(failed),
  ...(compared ? [usual === undefined ? 'unknown' : meanWords(usual), spikeWords(spikes) || 'no spike'] : []),
]
