import { isIP } from 'node:net'
import type { AddressUse } from '../../../incident/facts/subject.ts'
import type { RoleCallsAsked, RoleCallsCounted } from '../../../incident/role-history.ts'
import { isSameAddress, oneSpelling } from '../../../incident/values/address.ts'
import { given } from '../../../incident/values/given.ts'
import { type Instant, isBefore, parseInstant } from '../../../incident/values/instant.ts'
import { untrusted } from '../../../incident/values/untrusted.ts'
import type { SqlDialect } from './dialect.ts'
import { all, any, not, type Query, type WhereCondition } from './query.ts'
import type { Row } from './rows.ts'

/** Names of sessions that a row holds; their number is counted beside them. */
const SESSIONS_NAMED = 20

/** The address of a caller, not the name of a service in its place. */
const FROM_AN_ADDRESS: WhereCondition = {
  text: "(strpos(address, ':') > 0 OR regexp_like(address, '^[0-9]{1,3}([.][0-9]{1,3}){3}$'))",
  values: [],
}

/** The network activity of a call is no further call. */
const OF_AN_API: WhereCondition = { text: "coalesce(eventcategory, '') <> 'NetworkActivity'", values: [] }

const BY_NO_SERVICE: WhereCondition = { text: "nullif(invokedby, '') IS NULL", values: [] }

/**
 * A role's calls, every event once: one row for all of them, and one for each address that may be one of those asked for. It reads
 * the logs once, and of Lake's columns only those that it needs. Values stand in a WHERE clause only, as Athena wants them.
 */
export const roleCallsQuery = (dialect: SqlDialect, asked: RoleCallsAsked): Query => {
  const { role, stolenKey, from, until, addresses } = asked
  const records = recordsOf(dialect, all(dialect.within({ from, until }), ...accountOf(dialect, role.accountId)))
  const own = all(
    { text: 'starts_with(principalid, ?)', values: [`${role.id}:`] },
    not({ text: 'accesskeyid = ?', values: [stolenKey] }),
    BY_NO_SERVICE,
    OF_AN_API,
    FROM_AN_ADDRESS,
  )
  const wanted = any({ text: 'total = 1', values: [] }, ...addresses.filter((one) => isIP(one) !== 0).map(mayBe))
  const columns = [
    'address, grouping(address) AS total, count(DISTINCT eventid || eventtime) AS calls',
    "array_join(array_agg(DISTINCT substr(eventtime, 1, 10)), ' ') AS days",
    'count(DISTINCT sessionname) AS sessions',
    `array_join(slice(array_sort(array_agg(DISTINCT sessionname)), 1, ${SESSIONS_NAMED}), ' ') AS sessionnames`,
    'min(eventtime) AS firstseen, max(eventtime) AS lastseen',
  ]
  const counted = `SELECT ${columns.join(', ')} FROM ${records.text} WHERE ${own.text} GROUP BY GROUPING SETS ((), (address))`
  const text = `SELECT address, total, calls, days, sessions, sessionnames, firstseen, lastseen FROM (${counted}) AS counted WHERE ${wanted.text}`
  return { asks: 'earlier calls of the role', text, values: [...records.values, ...own.values, ...wanted.values] }
}

const recordsOf = (
  { from, calls, records, eventTime, eventId }: SqlDialect,
  { text, values }: WhereCondition,
): WhereCondition => {
  const columns = [
    `${calls.principalid} AS principalid`,
    `regexp_extract(${calls.principalid}, ':(.+)$', 1) AS sessionname`,
    `${calls.accesskeyid} AS accesskeyid`,
    `${calls.invokedby} AS invokedby`,
    `${calls.sourceipaddress} AS address`,
    `${eventTime} AS eventtime`,
    `coalesce(nullif(${records.originalid}, ''), ${eventId}, '') AS eventid`,
    `${calls.eventcategory} AS eventcategory`,
  ]
  return { text: `(SELECT ${columns.join(', ')} FROM ${from} WHERE ${text}) AS events`, values }
}

const accountOf = ({ ofAccount }: SqlDialect, accountId: string | undefined): readonly WhereCondition[] =>
  ofAccount && accountId !== undefined ? [ofAccount(accountId)] : []

/** Holds for every spelling of an address, and for few others: which of them it is, is decided when the rows have come. */
const mayBe = (address: string): WhereCondition => {
  const one = oneSpelling(address)
  if (isIP(one) !== 4)
    return any({ text: `strpos(address, ':') > 0 AND ${HOLDS}`, values: [longestOf(groupsOf(one).slice(0, -2))] })
  return any(
    { text: 'address = ?', values: [one] },
    { text: `strpos(address, ':') > 0 AND ${HOLDS}`, values: [one] },
    { text: `strpos(address, ':') > 0 AND ${HOLDS}`, values: [longestOf(halvesOf(one))] },
  )
}

const HOLDS = 'strpos(lower(address), ?) > 0'

/** The eight groups of an IPv6 address as RFC 5952 writes it. */
const groupsOf = (address: string): readonly string[] => {
  const [left = [], right = []] = address.split('::').map((side) => (side === '' ? [] : side.split(':')))
  return [...left, ...Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0'), ...right]
}

/** An IPv4 address as the last two groups of an IPv6 one. */
const halvesOf = (address: string): readonly string[] => {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number)
  return [a * 256 + b, c * 256 + d].map((half) => half.toString(16))
}

/** Every spelling holds it, with zeros before it or without; a colon stands for groups that are all zero. */
const longestOf = (groups: readonly string[]): string =>
  groups.filter((group) => group !== '0').reduce((longest, group) => (group.length > longest.length ? group : longest), ':')

/** What the rows of `roleCallsQuery` say of the addresses that were asked for. */
export const roleCallsIn = (
  rows: readonly Row[],
  addresses: readonly string[],
): Pick<RoleCallsCounted, 'calls' | 'first' | 'addresses'> => {
  const total = rows.find((row) => row.total === '1')
  const byAddress = rows.filter((row) => row.total !== '1')
  return {
    calls: Number(total?.calls ?? 0),
    ...given({ first: parseInstant(total?.firstseen ?? '') }),
    addresses: addresses.map((address) =>
      useIn(
        address,
        byAddress.filter((row) => isSameAddress(row.address ?? '', address)),
      ),
    ),
  }
}

/** The rows of all spellings of one address. */
const useIn = (address: string, rows: readonly Row[]): AddressUse => {
  const names = new Set(rows.flatMap(({ sessionnames }) => wordsOf(sessionnames)))
  const sessionCount = Math.max(0, ...rows.map(({ sessions }) => Number(sessions ?? 0)))
  const times = (column: 'firstseen' | 'lastseen') =>
    rows.flatMap((row) => parseInstant(row[column] ?? '') ?? []).toSorted((a, b) => (isBefore(a, b) ? -1 : 1))
  const first: Instant | undefined = times('firstseen')[0]
  return {
    address,
    calls: rows.reduce((sum, { calls }) => sum + Number(calls ?? 0), 0),
    days: new Set(rows.flatMap(({ days }) => wordsOf(days))).size,
    sessions: [...names].map((name) => untrusted(name)),
    ...given({
      first,
      last: times('lastseen').at(-1),
      sessionCount: sessionCount > names.size ? sessionCount : undefined,
    }),
  }
}

const wordsOf = (text: string | undefined): readonly string[] => (text ?? '').split(' ').filter((word) => word !== '')
