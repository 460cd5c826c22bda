import type { Activity } from '../../incident/facts/activity.ts'
import type { ApiRow, ChainedSession, PersistenceArtefact } from '../../incident/facts/activity-rows.ts'
import { byGravity } from '../../incident/facts/gravity.ts'
import type { Line, Span } from '../../incident/values/block.ts'
import type { Instant } from '../../incident/values/instant.ts'
import { rawLine } from '../../incident/values/show.ts'
import { apisByGravity, gravityOfApi, leavesArtefact, rankOfGravity } from '../analysis/api-gravity.ts'
import { errorClassOf } from '../analysis/failed-calls.ts'
import { sessionsByGravity } from '../order-by-gravity.ts'
import { quantity } from './listing.ts'
import { leftOf } from './persistence.ts'

/** A fact is one line where it can be: what makes it longer stands in its section. Characters. */
const ROOM = 240

interface Fact {
  readonly rank: number
  readonly line: Line
}

/**
 * The gravest deeds, one line for all of a kind: what was left, obtained, destroyed and read. Attempts that failed, and calls of no
 * class, fill the lines that are left.
 */
export const gravestFacts = (activity: Activity, most: number): readonly Line[] => {
  const { artefacts, apis, chainedSessions } = activity
  const left = groupsOf(byGravity(artefacts.rows.filter(({ succeeded }) => succeeded)), kindOfArtefact).map(artefactFact)
  // Keys, passwords and trust policies are artefacts, and stand above as such.
  const sessions = chainedSessions.rows.filter(({ succeeded, credential }) => succeeded && credential === undefined)
  const obtained = groupsOf(sessionsByGravity(sessions), ({ how }) => how)
  const graver = apisByGravity(apis.rows).filter((api) => !leavesArtefact(nameOf(api)))
  const called = graver.filter(({ succeeded }) => succeeded > 0).map(apiFact)
  const facts = [...left, ...obtained.map(sessionFact), ...called.filter(({ rank }) => rank < rankOfGravity('write'))]
  const failed = groupsOf(byGravity(artefacts.rows.filter(({ succeeded }) => !succeeded)), kindOfArtefact).map(attemptFact)
  const others = [...called.filter(({ rank }) => rank >= rankOfGravity('write')), ...graver.filter(isRefused).map(refusedFact)]
  return [...facts.toSorted((a, b) => a.rank - b.rank), ...failed, ...others].slice(0, most).map(({ line }) => line)
}

type Group<T> = readonly [T, ...T[]]

const groupsOf = <T>(rows: readonly T[], kind: (row: T) => string): readonly Group<T>[] => {
  const groups = new Map<string, [T, ...T[]]>()
  for (const row of rows) {
    const group = groups.get(kind(row))
    if (group) group.push(row)
    else groups.set(kind(row), [row])
  }
  return [...groups.values()]
}

const kindOfArtefact = ({ eventSource, eventName, gravity, undoneBy }: PersistenceArtefact): string =>
  [eventSource, eventName, gravity, undoneBy !== undefined].join(' ')

const artefactFact = (group: Group<PersistenceArtefact>): Fact => {
  const [{ gravity = 'permission', undoneBy }] = group
  return {
    rank: rankOfGravity(gravity),
    line: [...shortOf(group), ', ', ...whenOf(group), undoneBy ? ', no longer in place' : ''],
  }
}

const attemptFact = (group: Group<PersistenceArtefact>): Fact => {
  const [{ gravity = 'permission', errorCode = 'error' }] = group
  const what = [...shortOf(group), ', ', ...whenOf(group)]
  const rank = rankOfGravity(gravity)
  // It was asked whether the call would have succeeded, and it would have.
  if (errorClassOf(errorCode) === 'dry-run') return { rank, line: ['dry run that would have succeeded: ', ...what] }
  return { rank, line: ['failed: ', ...what, ` (${errorCode})`] }
}

const shortOf = ([first, ...others]: Group<PersistenceArtefact>): readonly Span[] => {
  const whole = leftOf(first)
  const spans = rawLine(whole).length > ROOM ? first.left : whole
  return others.length === 0 ? spans : [...spans, ` and ${others.length} more of the kind`]
}

const whenOf = (rows: Group<PersistenceArtefact>): readonly Span[] => {
  const calls = rows.reduce((sum, { times }) => sum + (times?.count ?? 1), 0)
  const times = rows.flatMap(({ at, times: more }) => [at, more?.last ?? at]).toSorted()
  return spanOf(times, calls)
}

const spanOf = (times: readonly Instant[], calls: number): readonly Span[] => {
  const [first] = times
  const last = times.at(-1)
  if (!first || !last) return []
  const count = calls > 1 ? [`${quantity(calls, 'call')}, `] : []
  return [...count, { at: first }, ...(last === first ? [] : [' to ', { at: last }])]
}

const sessionFact = (group: Group<ChainedSession>): Fact => {
  const [first, ...others] = group
  const whose = first.roleArn ?? first.sessionArn ?? 'an unnamed role'
  const calls = group.reduce((sum, { activity }) => sum + (activity?.events ?? 0), 0)
  return {
    rank: rankOfGravity('session'),
    line: [
      `session obtained by ${first.how}: `,
      whose,
      ...(others.length > 0 ? [` and ${others.length} more`] : []),
      ', ',
      ...spanOf(group.map(({ at }) => at).toSorted(), 1),
      calls > 0 ? `, ${quantity(calls, 'call')} made with it` : '',
    ],
  }
}

const nameOf = ({ eventSource, api }: ApiRow) => ({ eventSource, eventName: api })

const apiFact = (row: ApiRow): Fact => {
  const gravity = gravityOfApi(nameOf(row))
  const what = gravity === 'destruction' ? 'destroyed by ' : gravity === 'read' ? 'data read by ' : 'called '
  return {
    rank: rankOfGravity(gravity),
    line: `${what}${row.service}:${row.api}, ${quantity(row.succeeded, 'call')} that succeeded${row.failed > 0 ? `, ${row.failed} that failed` : ''}`,
  }
}

const isRefused = ({ succeeded, failed }: ApiRow): boolean => succeeded === 0 && failed > 0

const refusedFact = (row: ApiRow): Fact => ({
  rank: rankOfGravity('look'),
  line: `failed: ${row.service}:${row.api}, ${quantity(row.failed, 'call')}`,
})
