import type { Activity, NewlyObservedRows } from '../../incident/facts/activity.ts'
import type { FirstObserved } from '../../incident/facts/activity-rows.ts'
import { type Block, type Line, text } from '../../incident/values/block.ts'
import { INCREASE_RULE } from '../analysis/newly-observed.ts'
import { tableOf } from './cut.ts'

type Row = readonly [kind: string, what: Line, row: FirstObserved]

const MOST = 30

/** What the scope shows that the baseline does not. */
export const newlyObservedBlocks = ({ newlyObserved: news, baseline }: Activity): readonly Block[] => {
  if (!news.compared) return [text('Nothing can be said to be new: there are no records from before the scope.')]
  const rows = rowsOf(news)
  const all = [news.countries, news.networks, news.apis, news.userAgents, news.ips].reduce((sum, each) => sum + each.all, 0)
  return [
    ...(baseline.inTraining
      ? [text(`In training: the baseline has ${baseline.days} days, fewer than 14. What looks new may not be.`)]
      : []),
    ...(rows.length === 0
      ? [text('Nothing is new against the baseline.')]
      : tableOf(['new', 'what', 'first seen', 'calls', 'new for'], { rows, all }, cellsOf, MOST)),
    ...increased(news),
    ...(news.accountRead ? [] : [text('Not all of the account was read, so nothing is said to be new for the whole account.')]),
    text(news.places),
  ]
}

const rowsOf = ({ countries, networks, apis, userAgents, ips }: NewlyObservedRows): readonly Row[] => [
  ...countries.rows.map((row) => ['country', [row.country], row] as const),
  ...networks.rows.map((row) => ['network', [row.network], row] as const),
  ...apis.rows.map((row) => ['API', `${row.service}:${row.api}`, row] as const),
  ...userAgents.rows.map((row) => ['user agent', [row.userAgent], row] as const),
  ...ips.rows.map((row) => ['address', [row.ip], row] as const),
]

const cellsOf = ([kind, what, { firstSeen, events, newFor }]: Row): readonly Line[] => [
  kind,
  what,
  { at: firstSeen },
  String(events),
  newFor,
]

const increased = ({ increased: rows }: NewlyObservedRows): readonly Block[] =>
  rows.all === 0
    ? []
    : [
        text(INCREASE_RULE),
        ...tableOf(['more than before', 'busiest hour', 'before', 'calls'], rows, (row) => [
          `${row.service}:${row.api}`,
          String(row.busiestHour),
          String(row.busiestHourBefore),
          String(row.events),
        ]),
      ]
