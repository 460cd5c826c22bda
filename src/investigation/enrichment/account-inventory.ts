import { CsvError, parse } from 'csv-parse/sync'
import type { ListedAccount } from '../../incident/facts/account-profile.ts'
import { Failure } from '../../incident/values/failure.ts'
import { quoted } from '../../incident/values/quoted.ts'
import { asciiJson } from '../../incident/values/show.ts'
import { parseStrictJson } from '../../incident/values/strict-json.ts'
import { accountIdIn, type Columns, columnsIn, listedAccount } from './account-columns.ts'

/** What the responder's own list says of accounts, by account id. */
export type AccountInventory = ReadonlyMap<string, ListedAccount>

/** A row of the list, whatever it was written in: names and cells belong together by their places. */
interface Row {
  /** Such as `line 3` or `entry 2`. */
  readonly place: string
  readonly names: readonly string[]
  readonly cells: readonly string[]
}

/** More columns, and longer texts, are no list of accounts. */
const MOST_COLUMNS = 50
const MOST_CHARACTERS = 2_000

/**
 * Reads a list of accounts: CSV with a header (commas, semicolons or tabs), or JSON, an object by account id or an array of
 * objects. `name` is what the file is called in messages. Throws Failure usage with the line for what cannot be right.
 */
export const parseAccountInventory = (text: string, name: string): AccountInventory => {
  if (/^\s*$/.test(text)) {
    throw new Failure({ kind: 'usage', what: `${name} is empty`, remedy: 'export the list again' })
  }
  const rows = /^\uFEFF?\s*[[{]/.test(text) ? jsonRows(text, name) : csvRows(text, name)
  const listed = new Map<string, ListedAccount>()
  const places = new Map<string, string>()
  for (const row of rows) {
    const account = accountIn(row, name)
    const before = places.get(account.accountId)
    if (before !== undefined) {
      const what = `${name} lists account ${account.accountId} twice, in ${before} and ${row.place}`
      throw new Failure({ kind: 'usage', what, remedy: 'leave one of them' })
    }
    places.set(account.accountId, row.place)
    listed.set(account.accountId, account)
  }
  if (listed.size > 0) return listed
  throw new Failure({ kind: 'usage', what: `${name} lists no account`, remedy: 'write a header and a line for each account' })
}

const bad = (name: string, { place }: Pick<Row, 'place'>, problem: string, remedy: string): Failure =>
  new Failure({ kind: 'usage', what: `${place} of ${name} ${problem}`, remedy })

const accountIn = (row: Row, name: string): ListedAccount => {
  const columns = columnsOf(row, name)
  const tooLong = row.cells.find((cell) => cell.length > MOST_CHARACTERS)
  if (tooLong !== undefined) {
    throw bad(name, row, `has a text of ${tooLong.length} characters, and ${MOST_CHARACTERS} is the limit`, 'shorten it')
  }
  const id = accountIdIn(row.cells[columns.accountId] ?? '')
  if (typeof id !== 'string') throw bad(name, row, id.problem, id.remedy)
  return listedAccount(id, row.names, row.cells, columns)
}

const columnsOf = (row: Row, name: string): Columns => {
  const { names } = row
  if (names.length > MOST_COLUMNS) {
    throw bad(name, row, `has ${names.length} columns, and ${MOST_COLUMNS} is the limit`, 'leave out what nobody needs')
  }
  const columns = columnsIn(names)
  if (columns) return columns
  const shown = names.slice(0, 8).map(quoted).join(', ')
  throw bad(name, row, `belongs to no column for the account id; there are ${shown}`, 'call a column "account id"')
}

/** Characters. No account takes so many. */
const MOST_OF_A_LINE = 64 * 1024

/** The mark that stands most often in the header, outside of quotes: spreadsheets of many countries write semicolons. */
const delimiterOf = (text: string): string => {
  const header = (/^(?:[^"\r\n]+|"[^"]*")*/.exec(text.slice(0, MOST_OF_A_LINE))?.[0] ?? '').replace(/"[^"]*"/g, '')
  const often = (mark: string): number => header.split(mark).length
  return [',', ';', '\t'].reduce((best, mark) => (often(mark) > often(best) ? mark : best))
}

const csvRows = (text: string, name: string): readonly Row[] => {
  const [header, ...records] = csvRecords(text, name)
  if (!header) return []
  const names = header.cells.map((cell) => cell.trim())
  columnsOf({ ...header, names }, name)
  return records.filter(({ cells }) => cells.some((cell) => cell.trim() !== '')).map((record) => ({ ...record, names }))
}

/** The library would make a cell of each of twelve million commas before anybody could refuse them. */
const refuseLongLine = (text: string, name: string): void => {
  let start = 0
  for (let line = 1; start < text.length; line += 1) {
    const found = text.indexOf('\n', start)
    const end = found < 0 ? text.length : found
    if (end - start > MOST_OF_A_LINE)
      throw bad(name, { place: `line ${line}` }, `has more than ${MOST_OF_A_LINE} characters`, 'is this the list of accounts?')
    start = end + 1
  }
}

const csvRecords = (text: string, name: string): readonly Omit<Row, 'names'>[] => {
  refuseLongLine(text, name)
  try {
    const records = parse(text, {
      bom: true,
      delimiter: delimiterOf(text),
      info: true,
      skip_empty_lines: true,
    }) as unknown as readonly { readonly record: readonly string[]; readonly info: { readonly lines: number } }[]
    return records.map(({ record, info }) => ({ place: `line ${info.lines}`, cells: record }))
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    throw new Failure({
      kind: 'usage',
      what: `${name} is not valid CSV`,
      why: csvFault(error),
      remedy: 'correct the file at that place, or export it again',
    })
  }
}

/** The library quotes the file in its messages: the fault is described in our own words. */
const csvFault = (error: CsvError): string => {
  const at = `at line ${String(error.lines ?? '?')}`
  switch (error.code) {
    case 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH':
      return `${at} there are more or fewer columns than in the header`
    case 'CSV_QUOTE_NOT_CLOSED':
      return 'a quote is opened and never closed'
    case 'INVALID_OPENING_QUOTE':
    case 'CSV_INVALID_CLOSING_QUOTE':
    case 'CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE':
      return `${at} a quote stands inside of a text; it is written twice there`
    default:
      return `${at}: ${error.code}`
  }
}

const jsonRows = (text: string, name: string): readonly Row[] => {
  const value = unwrapped(parseStrictJson(text, name))
  if (Array.isArray(value)) return value.map((entry, index) => jsonRow(entry, `entry ${index + 1}`, name))
  return Object.entries(value).map(([id, entry]) => {
    const { place, names, cells } = jsonRow(entry, `entry ${quoted(id)}`, name)
    // An entry under its id may say the id again.
    const isOther = (_: string, index: number): boolean => accountIdIn(cells[index] ?? '') !== id
    return { place, names: ['account id', ...names.filter(isOther)], cells: [id, ...cells.filter(isOther)] }
  })
}

/** As `aws organizations list-accounts` prints them: `{"Accounts": […]}`. */
const unwrapped = (value: unknown): object => {
  const whole = typeof value === 'object' && value !== null ? value : []
  const [member, ...others] = Object.entries(whole)
  return member && others.length === 0 && /^accounts$/i.test(member[0]) && Array.isArray(member[1]) ? member[1] : whole
}

const jsonRow = (entry: unknown, place: string, name: string): Row => {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    throw bad(name, { place }, `is ${quoted(entry)}, and no object`, 'write an object for each account')
  }
  const members = Object.entries(entry)
  return { place, names: members.map(([member]) => member), cells: members.map(([, value]) => cellOf(value)) }
}

const cellOf = (value: unknown): string => {
  if (value === null) return ''
  return typeof value === 'string' ? value : asciiJson(value)
}
