import type { Activity } from '../../incident/facts/activity.ts'
import type { VolumeBucket } from '../../incident/facts/activity-rows.ts'
import { type Block, type Line, type Span, text } from '../../incident/values/block.ts'
import { DAY_SECONDS, HOUR_SECONDS, MINUTE_SECONDS } from '../../incident/values/duration.ts'
import { epochOf } from '../../incident/values/instant.ts'
import { SPIKE_RULE } from '../analysis/volume.ts'
import { type Length, mostOf, quantity, SHOWN, tableOf } from './listing.ts'
import { baselineLine } from './when.ts'

/** The calls over time beside the baseline; then by address, API and user agent. With a chart, the table of times holds spikes only. */
export const volumeBlocks = (activity: Activity, isCharted: boolean, length: Length = 'short'): readonly Block[] => [
  ...bucketBlocks(activity, isCharted, mostOf(SHOWN, length)),
  ...activityBlocks(activity, mostOf(SHOWN, length)),
]

const bucketBlocks = ({ volume, baseline }: Activity, isCharted: boolean, most: number): readonly Block[] => {
  const { bucketSeconds, buckets } = volume
  const spikes = buckets.rows.filter((bucket) => bucket.spikes.length > 0)
  const allSpikes = volume.spikes ?? spikes.length
  const compared = baseline.days > 0
  const size = SIZES.get(bucketSeconds) ?? `${bucketSeconds} s`
  const shown = [...new Set([...spikes, ...busiest(buckets.rows)])].slice(0, most)
  const inOrder = shown.toSorted((a, b) => epochOf(a.start) - epochOf(b.start))
  const head = ['from', 'ok', 'failed', ...(compared ? ['usual', 'spike'] : [])]
  return [
    text(`${quantity(buckets.all, size)} with calls, ${quantity(allSpikes, 'spike')}. Baseline: ${baselineLine(baseline)}.`),
    ...(isCharted && spikes.length === 0
      ? []
      : tableOf(
          head,
          { rows: isCharted ? spikes : inOrder, all: isCharted ? allSpikes : buckets.all },
          (bucket) => bucketCells(bucket, compared),
          most,
        )),
    ...(compared ? [text(SPIKE_RULE)] : []),
  ]
}

const SIZES = new Map([
  [MINUTE_SECONDS, 'minute'],
  [HOUR_SECONDS, 'hour'],
  [DAY_SECONDS, 'day'],
  [448 * DAY_SECONDS, '448-day span'],
])

const busiest = (buckets: readonly VolumeBucket[]): readonly VolumeBucket[] =>
  buckets.toSorted((a, b) => b.succeeded + b.failed - (a.succeeded + a.failed))

const bucketCells = ({ start, succeeded, failed, usual, spikes, spikeOf }: VolumeBucket, compared: boolean): readonly Line[] => [
  { at: start },
  String(succeeded),
  String(failed),
  ...(compared
    ? [usual ? (usual.succeeded + usual.failed).toFixed(1) : 'unknown', [spikes.join(' and ') || 'no', ...spikesOfUnits(spikeOf)]]
    : []),
]

/** The sessions or keys whose own calls are a spike: a few of them, and how many more. */
const spikesOfUnits = (units: VolumeBucket['spikeOf'] = []): readonly Span[] => {
  const more = units.length - FEW_UNITS
  return [
    ...units.slice(0, FEW_UNITS).flatMap((unit, index): readonly Span[] => [index === 0 ? ' of ' : ', ', unit]),
    ...(more > 0 ? [` and ${more} more`] : []),
  ]
}

const FEW_UNITS = 3

/** By address, API, user agent and service: whoever may be the attacker and the gravest call first, so that a cut leaves these. */
const activityBlocks = ({ ips, apis, userAgents, onBehalf }: Activity, most: number): readonly Block[] => [
  ...tableOf(
    ['address', 'calls', 'failed', 'gravest call'],
    ips,
    ({ ip, events, failed, gravest = '' }) => [[ip], String(events), String(failed), gravest],
    most,
  ),
  ...tableOf(
    ['API', 'ok', 'failed'],
    apis,
    ({ service, api, succeeded, failed }) => [`${service}:${api}`, String(succeeded), String(failed)],
    most,
  ),
  ...tableOf(
    ['user agent', 'calls', 'gravest call'],
    userAgents,
    ({ userAgent, events, gravest = '' }) => [[userAgent], String(events), gravest],
    most,
  ),
  ...tableOf(
    ['service calling on behalf of the principal', 'ok', 'failed'],
    onBehalf,
    ({ service, succeeded, failed }) => [[service], String(succeeded), String(failed)],
    most,
  ),
]
