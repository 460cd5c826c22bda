import {
  GetInvestigationCommand,
  type GetInvestigationResponse,
  type Indicator as ListedIndicator,
  ListIndicatorsCommand,
  ListInvestigationsCommand,
} from '@aws-sdk/client-detective'
import type { Indicator } from '../../../incident/facts/facts.ts'
import { given } from '../../../incident/values/given.ts'
import { type Instant, instantOf, plus } from '../../../incident/values/instant.ts'
import { untrusted } from '../../../incident/values/untrusted.ts'
import type { DetectiveConnection, Unavailable } from './connection.ts'
import { type Listed, listAll, patiently, unavailabilityOf } from './refusals.ts'

export interface Sought {
  readonly graphArn: string
  readonly entityArn: string
  /** Only an investigation started from here on is used; without it, the newest. */
  readonly since?: Instant
}

export interface InvestigationState {
  readonly investigationId: string
  readonly createdAt?: Instant
}

/**
 * The newest investigation of the entity that did not fail. Unavailable when the list could not be read to its end: a second one is not
 * started on a guess.
 */
export const standingInvestigation = async (
  { graphArn, entityArn, since }: Sought,
  connection: DetectiveConnection,
): Promise<{ readonly standing: InvestigationState | undefined } | { readonly unavailable: Unavailable }> => {
  const created = since && {
    CreatedTime: { StartInclusive: new Date(since), EndInclusive: new Date(plus(connection.now(), 60)) },
  }
  const { items, incomplete, unavailable } = await listAll(connection, 'ListInvestigations', async (NextToken) => {
    const answer = await connection.detective.send(
      new ListInvestigationsCommand({
        GraphArn: graphArn,
        FilterCriteria: { EntityArn: { Value: entityArn }, ...created },
        SortCriteria: { Field: 'CREATED_TIME', SortOrder: 'DESC' },
        NextToken,
      }),
    )
    return { items: answer.InvestigationDetails, next: answer.NextToken }
  })
  if (unavailable) return { unavailable }
  if (incomplete !== undefined) return { unavailable: unfinished(incomplete) }
  const usable = items.filter(({ InvestigationId, Status }) => InvestigationId !== undefined && Status !== 'FAILED')
  const newest = usable.sort((a, b) => (b.CreatedTime?.getTime() ?? 0) - (a.CreatedTime?.getTime() ?? 0))[0]
  if (newest?.InvestigationId === undefined) return { standing: undefined }
  const createdAt = newest.CreatedTime ? { createdAt: instantOf(newest.CreatedTime) } : {}
  return { standing: { investigationId: newest.InvestigationId, ...createdAt } }
}

const unfinished = (why: string): Unavailable => ({
  why: `Detective’s list of investigations of the role is incomplete, and none is started on a guess: ${why}`,
  remedy: 'continue later, or look in Detective’s console',
})

export interface Started {
  readonly graphArn: string
  readonly investigationId: string
}

export interface ReadInvestigation {
  readonly status: string
  readonly severity?: string
  readonly state?: string
  readonly scopeStart?: Instant
  readonly scopeEnd?: Instant
  readonly incomplete: readonly string[]
}

/** The investigation once it is no longer running; when the connection's patience is over, as it is then, saying so. */
export const finishedInvestigation = async (
  { graphArn, investigationId }: Started,
  connection: DetectiveConnection,
): Promise<{ readonly seen: ReadInvestigation } | { readonly unavailable: Unavailable }> => {
  const command = () => new GetInvestigationCommand({ GraphArn: graphArn, InvestigationId: investigationId })
  const read = () => patiently(connection, () => connection.detective.send(command()))
  try {
    const finished = await connection.settle({ what: 'Detective', kind: 'investigation', within: connection.waits }, async () => {
      const answer = await read()
      if (answer.Status === 'RUNNING') connection.progress('Detective is investigating; this takes some minutes')
      return answer.Status === 'RUNNING' ? undefined : answer
    })
    return { seen: seenIn(finished ?? (await read())) }
  } catch (error) {
    const unavailable = unavailabilityOf(error, 'GetInvestigation', connection)
    if (!unavailable) throw error
    return {
      unavailable: {
        ...unavailable,
        why: `investigation ${investigationId} stands, and its result cannot be read: ${unavailable.why}`,
      },
    }
  }
}

const seenIn = ({ Status, Severity, State, ScopeStartTime, ScopeEndTime }: GetInvestigationResponse): ReadInvestigation => ({
  status: Status ?? 'unknown',
  ...given({
    severity: Severity,
    state: State,
    scopeStart: ScopeStartTime ? instantOf(ScopeStartTime) : undefined,
    scopeEnd: ScopeEndTime ? instantOf(ScopeEndTime) : undefined,
  }),
  incomplete: Status === 'RUNNING' ? ['the investigation is still running; continue later for its result'] : [],
})

/** All indicators of an investigation, and why these may not be all. */
export const readIndicators = async (
  { graphArn, investigationId }: Started,
  connection: DetectiveConnection,
): Promise<{ readonly indicators: readonly Indicator[]; readonly incomplete: readonly string[] }> => {
  const { items, incomplete }: Listed<ListedIndicator> = await listAll(connection, 'ListIndicators', async (NextToken) => {
    const command = new ListIndicatorsCommand({ GraphArn: graphArn, InvestigationId: investigationId, NextToken })
    const answer = await connection.detective.send(command)
    return { items: answer.Indicators, next: answer.NextToken }
  })
  return { indicators: items.map(readIndicator), incomplete: incomplete ? [`indicators: ${incomplete}`] : [] }
}

/** An indicator's detail lies under a member of its own for each type; whatever the type, all that is in it is kept by name. */
export const readIndicator = ({ IndicatorType, IndicatorDetail }: ListedIndicator): Indicator => {
  const details = Object.values(IndicatorDetail ?? {})
  return { type: IndicatorType ?? 'unknown', detail: details.flatMap((detail) => membersOf(detail)) }
}

/** Deep enough for anything an API has, and an end for what has none. */
const DEEPEST = 8

const membersOf = (value: unknown, path: readonly string[] = []): Indicator['detail'] => {
  if (value === undefined || value === null || path.length > DEEPEST) return []
  if (value instanceof Date) return [[path.join('.'), untrusted(value.toISOString())]]
  if (typeof value !== 'object') return [[path.join('.'), untrusted(String(value))]]
  return Object.entries(value).flatMap(([name, inner]) =>
    membersOf(inner, [...path, Array.isArray(value) ? `${Number(name) + 1}` : name]),
  )
}
