import type { Line } from '../incident/values/block.ts'
import { show } from '../incident/values/show.ts'
import { rawText, type Untrusted, untrusted } from '../incident/values/untrusted.ts'
import { sayWithTimes } from './time.ts'
import type { Tab } from './volume-browser-state.ts'
import { padTo, widthOf } from './width.ts'
import { clip } from './wrap.ts'

export interface ApiCalls {
  readonly service: string
  readonly api: string
  readonly succeeded: number
  readonly failed: number
}

/** The calls of one address, service or key in a window. */
export interface ActivityRow {
  readonly name: Untrusted
  /** Where an address is, or whose it is. */
  readonly where?: Line
  readonly succeeded: number
  readonly failed: number
  /** The busiest first. */
  readonly apis: readonly ApiCalls[]
}

/** What happened in a window of time. */
export type WindowTabs = Readonly<Record<Tab, readonly ActivityRow[]>>

/** One line of a table, its texts escaped. */
interface Row {
  readonly name: string
  readonly where: string
  readonly ok: string
  readonly failed: string
  readonly apis: string
}

const GAP = '  '
/** Below this, a name has a line of its own, so that no address is cut. */
const NARROW = 60
const WIDEST_WHERE = 28
/** Fewer columns than this show nothing of the APIs. */
const LEAST_FOR_APIS = 10

/** How many rows a tab has: the tab by API has one for each API. */
export const rowCount = (activity: WindowTabs, tab: Tab): number =>
  tab === 'byService' ? activity.byService.reduce((sum, { apis }) => sum + apis.length, 0) : activity[tab].length

/** Lines that one row takes on a screen of that width. */
export const linesPerRow = (width: number): number => (width < NARROW ? 2 : 1)

/** The rows of a tab from one on, as lines of at most `width` columns. */
export const rowLines = (
  activity: WindowTabs,
  tab: Tab,
  { from, most, width }: { readonly from: number; readonly most: number; readonly width: number },
): string[] => {
  const rows = itemsOf(activity, tab)
    .slice(from, from + most)
    .map((row) => wordsOf(row, tab))
  const lines = linesPerRow(width) === 2 ? rows.flatMap(twoLines) : oneLineEach(rows, width)
  return lines.map((line) => clip(line.trimEnd(), width))
}

const itemsOf = (activity: WindowTabs, tab: Tab): readonly ActivityRow[] =>
  tab === 'byService'
    ? activity.byService.flatMap(({ apis }) => apis.map((one) => ({ ...one, name: untrusted(apiName(one)), apis: [] })))
    : activity[tab]

const apiName = ({ service, api }: ApiCalls): string => `${service}:${api}`

const wordsOf = ({ name, where, succeeded, failed, apis }: ActivityRow, tab: Tab): Row => ({
  name: rawText(name) === '' ? '(empty)' : show(name, 'tty'),
  where: where === undefined ? '' : sayWithTimes(where, {}),
  ok: `${succeeded} ok`,
  failed: `${failed} failed`,
  apis: tab === 'byService' ? '' : apis.slice(0, APIS_TOLD).map(sayApi).join(', ') + (apis.length > APIS_TOLD ? ', …' : ''),
})

/** More do not fit on a line. */
const APIS_TOLD = 12

const sayApi = (one: ApiCalls): string => `${show(untrusted(apiName(one)), 'tty')} ${one.succeeded + one.failed}`

const twoLines = ({ name, where, ok, failed, apis }: Row): string[] => [
  `${name}${where && GAP}${where}`,
  `   ${ok}${GAP}${failed}${apis && GAP}${apis}`,
]

const oneLineEach = (rows: readonly Row[], width: number): string[] => {
  const widest = (cell: keyof Row): number => Math.max(0, ...rows.map((row) => widthOf(row[cell])))
  const ok = widest('ok')
  const failed = widest('failed')
  const room = width - 1 - GAP.length * 2 - ok - failed
  const name = Math.min(widest('name'), room)
  const where = Math.min(widest('where'), WIDEST_WHERE, Math.max(0, room - name - GAP.length))
  const apis = room - name - (where > 0 ? where + GAP.length : 0) - GAP.length
  return rows.map((row) => {
    const cells = [
      padTo(clip(row.name, name), name),
      ...(where > 0 ? [padTo(clip(row.where, where), where)] : []),
      row.ok.padStart(ok),
      row.failed.padStart(failed),
      ...(apis >= LEAST_FOR_APIS ? [clip(row.apis, apis)] : []),
    ]
    return ` ${cells.join(GAP)}`
  })
}
