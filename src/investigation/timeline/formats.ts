import { neutral } from '../../incident/values/delimited.ts'
import { UUID } from '../../incident/values/identifiers.ts'
import { epochOf } from '../../incident/values/instant.ts'
import { redactText } from '../../incident/values/redaction/redact-text.ts'
import { asciiJson, show, showIdentifier, showInstant } from '../../incident/values/show.ts'
import { untrusted } from '../../incident/values/untrusted.ts'
import { BURST_RULE, type Burst, foldBursts, isBurst } from './bursts.ts'
import type { TimelineRow } from './row.ts'

export const TIMELINE_FORMATS = ['text', 'json', 'csv', 'timesketch'] as const
export type TimelineFormat = (typeof TIMELINE_FORMATS)[number]

/** How rows are written. Every line ends with a line feed. */
export interface TimelineWriting {
  readonly format: TimelineFormat
  /** Timesketch takes CSV and JSONL: which of them a file is, its name tells. */
  readonly isCsv: boolean
  /** Each call of a burst is a line in text too; the other formats have every call anyway. */
  readonly unfolded: boolean
}

/** The lines of a timeline, as its rows come. */
export const timelineLines = ({ format, isCsv, unfolded }: TimelineWriting, rows: Iterable<TimelineRow>): Iterable<string> => {
  if (format === 'csv') return csvLines(ROW_COLUMNS, rows)
  if (format === 'timesketch') return isCsv ? csvLines(TIMESKETCH_COLUMNS, rows) : eachLine(rows, timesketchLine)
  if (format === 'json') return eachLine(rows, jsonLine)
  return unfolded ? eachLine(rows, textLine) : foldedText(rows)
}

function* foldedText(rows: Iterable<TimelineRow>): Generator<string> {
  yield `Timeline, in UTC. ${BURST_RULE}\n`
  yield* eachLine(foldBursts(rows), (line) => (isBurst(line) ? burstText(line) : textLine(line)))
}

function* eachLine<T>(things: Iterable<T>, line: (thing: T) => string): Generator<string> {
  for (const thing of things) yield `${line(thing)}\n`
}

const withoutRecord = ({ record: _, ...row }: TimelineRow): Omit<TimelineRow, 'record'> => row

const jsonLine = (row: TimelineRow): string => asciiJson({ type: 'timeline', ...withoutRecord(row) })

type Columns = readonly (readonly [name: string, cell: (row: TimelineRow) => string])[]

const ROW_COLUMNS: Columns = [
  ['time', ({ at }) => at],
  ['kind', ({ kind }) => kind],
  ['what', ({ what }) => what],
  ['api', ({ action }) => action],
  ['object', ({ object = '' }) => object],
  ['address', ({ address = '' }) => address],
  ['user_agent', ({ userAgent = '' }) => userAgent],
  ['outcome', ({ outcome }) => outcome],
  ['error_code', ({ errorCode = '' }) => errorCode],
  ['refused_by', ({ refusedBy = '' }) => refusedBy],
  ['region', ({ region = '' }) => region],
  ['account', ({ accountId = '' }) => accountId],
  ['access_key_id', ({ accessKeyId = '' }) => accessKeyId],
  ['principal', ({ principal = '' }) => principal],
  ['chain_depth', ({ depth }) => String(depth)],
  ['event_id', ({ id }) => id],
]

/** ISO 8601 with an offset, as "Import from CSV or JSONL" of Timesketch shows it. */
const timesketchTime = ({ at }: TimelineRow): string => at.replace(/Z$/, '+00:00')
const microseconds = ({ at }: TimelineRow): number => epochOf(at) * 1000

const messageOf = (row: TimelineRow): string => {
  const { kind, action, object, address, userAgent, outcome, errorCode } = row
  return [
    ...(kind === 'call' ? [] : [kind === 'finding' ? 'GuardDuty' : 'ir-cred']),
    action,
    ...(object === undefined ? [] : [object]),
    ...(address === undefined ? [] : [`from ${address}`]),
    ...(userAgent === undefined ? [] : [`with ${userAgent}`]),
    errorCode === undefined ? outcome : `${outcome} (${errorCode})`,
  ].join(' | ')
}

/** What Timesketch calls what the time is of. */
const DESCRIPTIONS: Readonly<Record<TimelineRow['kind'], (row: TimelineRow) => string>> = {
  call: () => 'CloudTrail event time',
  finding: ({ what }) => `GuardDuty ${what}`,
  response: ({ what }) => `ir-cred ${what}`,
}
const descriptionOf = (row: TimelineRow): string => DESCRIPTIONS[row.kind](row)

const TIMESKETCH_COLUMNS: Columns = [
  ['message', messageOf],
  ['timestamp', (row) => String(microseconds(row))],
  ['datetime', timesketchTime],
  ['timestamp_desc', descriptionOf],
  ...ROW_COLUMNS.filter(([name]) => name !== 'time'),
]

const timesketchLine = (row: TimelineRow): string =>
  asciiJson({
    ...{
      message: messageOf(row),
      datetime: timesketchTime(row),
      timestamp_desc: descriptionOf(row),
      timestamp: microseconds(row),
    },
    ...Object.fromEntries(ROW_COLUMNS.filter(([name]) => name !== 'time').map(([name, cell]) => [name, cell(row)])),
  })

function* csvLines(columns: Columns, rows: Iterable<TimelineRow>): Generator<string> {
  yield `${columns.map(([name]) => name).join(',')}\r\n`
  for (const row of rows) yield `${columns.map(([, cell]) => csvCell(cell(row))).join(',')}\r\n`
}

/** What a spreadsheet takes for a formula, also behind spaces ("CSV Injection", OWASP). */
const FORMULA = /^\s*[=+\-@|%\t\r\n\uff1d\uff0b\uff0d\uff20]/

/** A cell of CSV: nothing in it is a formula, moves a cursor or ends the row, and secrets are redacted. */
export const csvCell = (text: string): string => {
  const shown = neutral(redactText(text))
  const harmless = FORMULA.test(text) || FORMULA.test(shown) ? `'${shown}` : shown
  return /^[\w.:/+ -]*$/.test(harmless) ? harmless : `"${harmless.replaceAll('"', '""')}"`
}

/** Foreign texts in quotes, cut; identifiers as they are. */
const foreign = (text: string, limit?: number): string => show(untrusted(text), 'tty', limit)

/** Ids of AWS's own form stand as they are. */
const idText = (id: string): string => (UUID.test(id) ? id : foreign(id))

/** Characters of a user agent in a line. */
const AGENT = 60

const outcomeText = ({ outcome, errorCode, refusedBy }: TimelineRow): string =>
  [
    outcome,
    ...(errorCode === undefined ? [] : [foreign(errorCode)]),
    ...(refusedBy === undefined ? [] : [foreign(refusedBy)]),
  ].join(', ')

const placeText = ({ address, userAgent, region, accessKeyId }: TimelineRow): readonly string[] => [
  ...(address === undefined ? [] : [`from ${foreign(address)}`]),
  ...(userAgent === undefined ? [] : [foreign(userAgent, AGENT)]),
  ...(region === undefined ? [] : [showIdentifier(region)]),
  ...(accessKeyId === undefined ? [] : [`key ${showIdentifier(accessKeyId)}`]),
]

const MARKS: Readonly<Record<TimelineRow['kind'], string>> = { call: '', finding: 'GUARDDUTY ', response: 'IR-CRED ' }

/** One row as a line of text. */
export const textLine = (row: TimelineRow): string => {
  const { at, kind, what, action, object, depth, id } = row
  return [
    showInstant(at),
    `${'> '.repeat(depth)}${MARKS[kind]}${kind === 'call' ? '' : `${what}: `}${showIdentifier(action)}`,
    ...(object === undefined ? [] : [foreign(object)]),
    outcomeText(row),
    ...placeText(row),
    `event ${idText(id)}`,
  ].join('  ')
}

/** A burst as a line of text. */
export const burstText = ({ first, count, last, objects, moreObjects }: Burst): string =>
  [
    `${showInstant(first.at)}`,
    `${'> '.repeat(first.depth)}${count} x ${showIdentifier(first.action)} until ${showInstant(last.at).slice(11)}`,
    ...(objects.length === 0
      ? []
      : [`${objects.map((object) => foreign(object)).join(', ')}${moreObjects ? ' and others' : ''}`]),
    outcomeText(first),
    ...placeText(first),
    `events ${idText(first.id)} to ${idText(last.id)}`,
  ].join('  ')
