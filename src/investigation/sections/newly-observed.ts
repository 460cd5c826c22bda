import type { Activity, NewlyObservedRows, Rows } from '../../incident/facts/activity.ts'
import type { FirstObserved } from '../../incident/facts/activity-rows.ts'
import { type Block, type Line, text } from '../../incident/values/block.ts'
import { TRAINING_DAYS } from '../analysis/baseline.ts'
import { INCREASE_RULE } from '../analysis/newly-observed.ts'
import { type Length, mostOf, NOT_SHOWN, SHOWN, tableOf } from './listing.ts'

type Row = readonly [kind: string, what: Line, row: FirstObserved]

/** Rows of each kind: many new APIs do not hide the new address. */
const MOST_OF_A_KIND = 10

/** What the scope shows and the baseline does not, each kind with its gravest first. */
export const newlyObservedBlocks = ({ newlyObserved, baseline }: Activity, length: Length = 'short'): readonly Block[] => {
  if (!newlyObserved.compared) return [text('There are no records from before the scope, so ir-cred cannot tell what is new.')]
  const kinds = kindsOf(newlyObserved)
  const most = mostOf(MOST_OF_A_KIND, length)
  const rows = kinds.flatMap(([, { rows: each }]) => each.slice(0, most))
  const cut = kinds.flatMap(([many, { rows: each, all }]) => {
    const count = all - Math.min(each.length, most)
    return count > 0 ? [`${count} more ${many}`] : []
  })
  return [
    ...(baseline.inTraining
      ? [text(`In training: the baseline has ${baseline.days} days, fewer than ${TRAINING_DAYS}. What looks new may not be new.`)]
      : []),
    ...(rows.length === 0
      ? [text('Nothing is new compared with the baseline.')]
      : tableOf(['new', 'what', 'first seen', 'calls', 'new for'], { rows, all: rows.length }, cellsOf, rows.length)),
    ...(cut.length > 0 ? [text(`${cut.join(', ')} ${NOT_SHOWN}.`)] : []),
    ...increased(newlyObserved, length),
    ...(newlyObserved.accountRead
      ? []
      : [text('The whole account was not read, so ir-cred cannot tell what is new for the whole account.')]),
    text(newlyObserved.places),
  ]
}

const kindsOf = ({
  countries,
  networks,
  apis,
  userAgents,
  ips,
}: NewlyObservedRows): readonly (readonly [string, Rows<Row>])[] => [
  ['addresses', rowsOf(ips, (row) => ['address', [row.ip], row])],
  ['countries', rowsOf(countries, (row) => ['country', [row.country], row])],
  ['networks', rowsOf(networks, (row) => ['network', [row.network], row])],
  ['APIs', rowsOf(apis, (row) => ['API', `${row.service}:${row.api}`, row])],
  ['user agents', rowsOf(userAgents, (row) => ['user agent', [row.userAgent], row])],
]

const rowsOf = <T>({ rows, all }: Rows<T>, row: (of: T) => Row): Rows<Row> => ({ rows: rows.map(row), all })

const cellsOf = ([kind, what, { firstSeen, events, newFor }]: Row): readonly Line[] => [
  kind,
  what,
  { at: firstSeen },
  String(events),
  newFor,
]

const increased = ({ increased: rows }: NewlyObservedRows, length: Length): readonly Block[] =>
  rows.all === 0
    ? []
    : [
        text(INCREASE_RULE),
        ...tableOf(['increased API', 'busiest hour', 'before', 'calls'], rows, increasedCells, mostOf(SHOWN, length)),
      ]

const increasedCells = (row: NewlyObservedRows['increased']['rows'][number]): readonly Line[] => [
  `${row.service}:${row.api}`,
  String(row.busiestHour),
  String(row.busiestHourBefore),
  String(row.events),
]
