import { DAY_SECONDS } from '../../../incident/values/duration.ts'
import { Failure } from '../../../incident/values/failure.ts'
import { isAccountId } from '../../../incident/values/identifiers.ts'
import { type Instant, parseInstant, secondsBetween } from '../../../incident/values/instant.ts'
import { REGION } from '../../../incident/values/region.ts'
import type { TimeRange } from '../../question.ts'
import type { CoverageReport, ReadHooks } from '../../source.ts'
import { coverageQuery } from './queries.ts'
import type { QueryConnection } from './run-query.ts'

/**
 * Reads what the records of a range cover, whoever made the calls: accounts, Regions, the first and the last record, and whether there are
 * data events. A query that fails leaves it unknown, which is said. Throws Failure usage where there is no record at all.
 */
export const readCoverage = async (
  name: string,
  range: TimeRange,
  connection: QueryConnection,
  { signal }: Pick<ReadHooks<unknown>, 'signal'>,
): Promise<CoverageReport> => {
  const found = emptyRows()
  try {
    if (!(await connection.ask(coverageQuery(connection.dialect, range), (row) => noteRow(found, row))))
      return { notCovered: [UNKNOWN] }
  } catch (error) {
    if (!(error instanceof Failure) || signal.aborted) throw error
    connection.incomplete.push(`what the records cover could not be read: ${error.message}`)
    return { notCovered: [UNKNOWN] }
  }
  const { accounts, regions, first, last, hasDataEvents } = found
  if (!first || !last) throw noRecords(name, range)
  return {
    accounts: [...accounts].sort(),
    regions: [...regions].sort(),
    ...{ firstRecord: first, lastRecord: last, isSpanExact: true, hasDataEvents, notCovered: uncovered(range, { first, last }) },
  }
}

const UNKNOWN = 'which accounts, Regions and times the records cover was not read'

interface CoverageRows {
  readonly accounts: Set<string>
  readonly regions: Set<string>
  first?: Instant
  last?: Instant
  hasDataEvents: boolean
}

const emptyRows = (): CoverageRows => ({ accounts: new Set(), regions: new Set(), hasDataEvents: false })

const noteRow = (
  found: CoverageRows,
  { account = '', awsregion = '', firstseen = '', lastseen = '', hasdata }: Readonly<Record<string, string | undefined>>,
): void => {
  if (isAccountId(account)) found.accounts.add(account)
  if (REGION.test(awsregion)) found.regions.add(awsregion)
  if (Number(hasdata) > 0) found.hasDataEvents = true
  const [first, last] = [parseInstant(firstseen), parseInstant(lastseen)]
  if (first && !(found.first && secondsBetween(found.first, first) > 0)) found.first = first
  if (last && !(found.last && secondsBetween(last, found.last) > 0)) found.last = last
}

/** A day in which nobody in any account called anything is a day without a trail, or without its partition. Seconds. */
const SUSPICIOUS = DAY_SECONDS

/** Times of the range that the records do not reach. */
const uncovered = (
  { from, until }: TimeRange,
  { first, last }: { readonly first: Instant; readonly last: Instant },
): readonly string[] => [
  ...(from && secondsBetween(from, first) > SUSPICIOUS
    ? [`there is no record of anybody between ${from} and ${first}: the logs, or the partitions of the table, may begin there`]
    : []),
  ...(until && secondsBetween(last, until) > SUSPICIOUS
    ? [`there is no record of anybody between ${last} and ${until}: the logs, or the partitions of the table, may end there`]
    : []),
]

const noRecords = (name: string, { from, until }: TimeRange): Failure =>
  new Failure({
    kind: 'usage',
    what: `there is no CloudTrail record in ${name}${from ? ` from ${from}` : ''}${until ? ` until ${until}` : ''}`,
    why: 'no account and no Region has one in this time, so nothing can be said of anybody',
    remedy: 'check the location and the partitions of the table, and give another time with --since and --until',
  })
