import type { TrailChange } from '../../../incident/facts/coverage.ts'
import { Failure } from '../../../incident/values/failure.ts'
import { given } from '../../../incident/values/given.ts'
import { isTemporaryKeyId } from '../../../incident/values/identifiers.ts'
import { type Instant, isBefore, later, plus } from '../../../incident/values/instant.ts'
import { quoted } from '../../../incident/values/quoted.ts'
import { activityFold, counterOf } from '../../analysis/activity-fold.ts'
import { contextOf, contextSince, hasCause, isAbout, MOST_ADDRESSES, MOST_STEPS_UPWARDS } from '../../analysis/context.ts'
import { addCounted } from '../../analysis/counter.ts'
import { trailChangeOf } from '../../analysis/logging-gaps.ts'
import { keyIssuedBy } from '../../analysis/obtained-credentials.ts'
import { timeBucketsOf } from '../../analysis/time-buckets.ts'
import { isCallOf, type PrincipalRef, type TimeRange } from '../../question.ts'
import type { CloudTrailRecord } from '../../record.ts'
import { principalName, type ReadHooks } from '../../source.ts'
import { aboutQuery, OTHERS_READ } from './about-query.ts'
import { type Answered, boundsOf, rangeOf } from './answer-question.ts'
import { portionsThatFit } from './portions.ts'
import { conditionOf, conditionOfAny } from './principal-condition.ts'
import { callsQuery } from './queries.ts'
import { all, inlined, isLiteral, not } from './query.ts'
import { countedCalls, singleRecordOf } from './rows.ts'
import type { QueryConnection } from './run-query.ts'

/** What was read of others' records. */
export interface ContextRead {
  /** Why not all of it was read, a sentence; missing where it was. */
  readonly notRead?: string
  readonly trailChanges: readonly TrailChange[]
  /** Everybody's changes of trails were looked for. */
  readonly areTrailsRead: boolean
}

/** The issue of a temporary key stands in the trail at the time that the key names as its own, to the second or nearly. Seconds. */
const AROUND_ISSUE = 3_600
/** Each name lengthens the query; a session with more keys than this is a workload that was renewed for weeks. */
const MOST_NAMES = 200

/** Somebody or something that records of others may be about. */
interface About {
  readonly principal: PrincipalRef
  /** Older records do not matter. */
  readonly since?: Instant
}

/**
 * Reads what others did to the instance, the role, the user and the key, who obtained the key, upwards, and who else called from the
 * same addresses, as log files are searched for it. A query that fails, or may not read more, leaves what is known: why stands in `notRead`.
 */
export const readContext = async (
  answered: Answered,
  range: TimeRange,
  connection: QueryConnection,
  { signal }: Pick<ReadHooks<unknown>, 'signal'>,
): Promise<ContextRead> => {
  const trailChanges: TrailChange[] = []
  if (!hasCause(answered.question.principal)) return { trailChanges, areTrailsRead: false }
  try {
    const abouts = aboutsOf(answered, connection)
    let isCut = false
    const isWhole = await readAbout({ answered, abouts }, range, connection, {
      see: (record) => {
        const change = trailChangeOf(record)
        if (change) trailChanges.push(change)
      },
      cut: () => {
        isCut = true
      },
    })
    const areTrailsRead = isWhole && !isCut && abouts.some((about) => !isAddress(about))
    return { trailChanges, areTrailsRead, ...given({ notRead: isWhole ? undefined : TOO_MUCH }) }
  } catch (error) {
    if (!(error instanceof Failure) || signal.aborted) throw error
    const why = error.why === undefined ? error.what : `${error.what} (${error.why})`
    connection.incomplete.push(`what others did to the instance, the role, the user and the key could not be read: ${why}`)
    return { trailChanges, areTrailsRead: false, notRead: `What others did before could not be read: ${why}.` }
  }
}

const TOO_MUCH =
  'What others did before, and who else called from the same addresses, was not read whole: the queries may read no more (--max-bytes).'

const isAddress = ({ principal }: About): boolean => principal.kind === 'ip'

/** False when a query may not read more. */
const readAbout = async (
  { answered, abouts }: { readonly answered: Answered; readonly abouts: readonly About[] },
  range: TimeRange,
  connection: QueryConnection,
  hears: Pick<LevelReading, 'see' | 'cut'>,
): Promise<boolean> => {
  const whole = boundsOf(answered.question, range).all
  const met = new Set(abouts.map(({ principal }) => principalName(principal)))
  let level = abouts.filter((about) => !isAddress(about))
  let within = whole
  for (let step = 0; step < MOST_STEPS_UPWARDS && level.length > 0; step += 1) {
    const issuers = new Map<string, CloudTrailRecord>()
    if (!(await readLevel(answered, level, { within, connection, issuers, ...hears }))) return false
    const fresh = [...issuers].filter(([key]) => !met.has(principalName({ kind: 'access-key-id', value: key })))
    level = sendable(
      fresh.map(([value]) => ({ principal: { kind: 'access-key-id', value } })),
      connection,
    )
    for (const { principal } of level) met.add(principalName(principal))
    within = aroundIssues(fresh, whole)
  }
  return readAddresses(answered, abouts.filter(isAddress), whole, connection)
}

const aboutsOf = ({ question: { principal }, state }: Answered, connection: QueryConnection): About[] => {
  const found = new Map<string, About>()
  for (const { caller, origin } of timeBucketsOf(state.counter, { part: 'scope' }))
    for (const about of contextOf(principal, { ...caller, source: origin.source, ...given({ invokedBy: origin.invokedBy }) })) {
      const name = principalName(about)
      if (!found.has(name)) found.set(name, { principal: about, ...given({ since: contextSince(about, principal, caller) }) })
    }
  return sendable([...found.values()], connection)
}

/** The names come out of records, where somebody else may have chosen them. */
const sendable = (abouts: readonly About[], { incomplete }: QueryConnection): About[] => {
  const isSent = ({ principal: { value } }: About) => isLiteral(value)
  for (const { principal } of abouts.filter((about) => !isSent(about)))
    incomplete.push(
      `what others did to ${quoted(principal.value)} was not looked for: the name holds characters that are not sent into a query`,
    )
  const sent = abouts.filter(isSent)
  if (sent.length > MOST_NAMES)
    incomplete.push(`what others did was looked for by ${MOST_NAMES} of ${sent.length} names of keys and instances only`)
  return sent.slice(0, MOST_NAMES)
}

interface LevelReading {
  readonly within: TimeRange
  readonly connection: QueryConnection
  readonly see: (record: CloudTrailRecord) => void
  /** Hears of a query that had more rows than were read. */
  readonly cut: () => void
  /** The records that issued keys of this level, by the key that their caller used. */
  readonly issuers: Map<string, CloudTrailRecord>
}

const readLevel = async (
  { question, state }: Answered,
  level: readonly About[],
  { within, connection, see, cut, issuers }: LevelReading,
): Promise<boolean> => {
  const { dialect, incomplete } = connection
  const fold = activityFold(question)
  const queryFor = (some: readonly About[]) =>
    aboutQuery(
      dialect,
      within,
      some.map(({ principal }) => principal),
    )
  const isFit = (some: readonly About[]): boolean => {
    const { text, values } = queryFor(some)
    return inlined(text, values).length <= dialect.longest
  }
  for (const some of portionsThatFit(level, isFit)) {
    let rows = 0
    const isRead = await connection.ask(queryFor(some), (row) => {
      rows += 1
      const record = singleRecordOf(row)
      if (!record) return
      see(record)
      if (isCallOf(question.principal, record)) return
      for (const { principal, since } of some) {
        if ((since && isBefore(record.at, since)) || !isAbout(principal, record)) continue
        fold.addContext?.(state, record, principal)
        const { accessKeyId } = record
        if (accessKeyId && principal.kind === 'access-key-id' && keyIssuedBy(record) === principal.value)
          issuers.set(accessKeyId, record)
      }
    })
    if (rows >= OTHERS_READ) cut()
    if (rows >= OTHERS_READ) incomplete.push(`what others did was looked for in the first ${OTHERS_READ} calls only`)
    if (!isRead) return false
  }
  return true
}

/** Where the next keys upwards were issued: around the times that they name, or anywhere where one of them is a long-term key. */
const aroundIssues = (issuers: readonly (readonly [key: string, record: CloudTrailRecord])[], whole: TimeRange): TimeRange => {
  const times = issuers.flatMap(([key, { issuedAt }]) => (isTemporaryKeyId(key) && issuedAt ? [issuedAt] : [])).sort()
  const [first] = times
  const last = times.at(-1)
  if (!first || !last || times.length < issuers.length) return whole
  const from = plus(first, -AROUND_ISSUE)
  return rangeOf(whole.from ? later(whole.from, from) : from, plus(last, AROUND_ISSUE))
}

/** Who else called from the addresses. A workload in many places has too many of them, and no cause in any. */
const readAddresses = async (
  { question: { principal }, state }: Answered,
  addresses: readonly About[],
  whole: TimeRange,
  connection: QueryConnection,
): Promise<boolean> => {
  if (addresses.length === 0 || addresses.length > MOST_ADDRESSES) return true
  const [since] = addresses.flatMap((about) => about.since ?? []).sort()
  const from = since && whole.from ? later(whole.from, since) : (since ?? whole.from)
  const of = all(conditionOfAny(addresses.map((about) => about.principal)), not(conditionOf(principal)))
  const asks = 'who else called from the same addresses'
  return connection.ask(callsQuery(connection.dialect, { asks, range: rangeOf(from, whole.until), of, by: 'hour' }), (row) => {
    const calls = countedCalls(row)
    if (calls && !isCallOf(principal, calls.record))
      addCounted(counterOf(state, 'atAddresses'), calls.record, 'comparison', calls.count)
  })
}
