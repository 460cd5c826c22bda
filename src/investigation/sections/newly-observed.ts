import type { Activity, NewlyObservedRows } from '../../incident/facts/activity.ts'
import type { FirstObserved } from '../../incident/facts/activity-rows.ts'
import { type Block, type Line, text } from '../../incident/values/block.ts'
import { TRAINING_DAYS } from '../analysis/baseline.ts'
import { INCREASE_RULE } from '../analysis/newly-observed.ts'
import { tableOf } from './listing.ts'

type Row = readonly [kind: string, what: Line, row: FirstObserved]

const MOST = 30

/** What the scope shows and the baseline does not. */
export const newlyObservedBlocks = ({ newlyObserved, baseline }: Activity): readonly Block[] => {
  if (!newlyObserved.compared) return [text('There are no records from before the scope, so ir-cred cannot tell what is new.')]
  const rows = rowsOf(newlyObserved)
  const all = [
    newlyObserved.countries,
    newlyObserved.networks,
    newlyObserved.apis,
    newlyObserved.userAgents,
    newlyObserved.ips,
  ].reduce((sum, each) => sum + each.all, 0)
  return [
    ...(baseline.inTraining
      ? [text(`In training: the baseline has ${baseline.days} days, fewer than ${TRAINING_DAYS}. What looks new may not be new.`)]
      : []),
    ...(rows.length === 0
      ? [text('Nothing is new compared with the baseline.')]
      : tableOf(['new', 'what', 'first seen', 'calls', 'new for'], { rows, all }, cellsOf, MOST)),
    ...increased(newlyObserved),
    ...(newlyObserved.accountRead
      ? []
      : [text('The whole account was not read, so ir-cred cannot tell what is new for the whole account.')]),
    text(newlyObserved.places),
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
        ...tableOf(['increased API', 'busiest hour', 'before', 'calls'], rows, (row) => [
          `${row.service}:${row.api}`,
          String(row.busiestHour),
          String(row.busiestHourBefore),
          String(row.events),
        ]),
      ]
