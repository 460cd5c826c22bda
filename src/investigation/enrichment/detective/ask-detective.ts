import type { InvestigationFact } from '../../../incident/facts/facts.ts'
import { given } from '../../../incident/values/given.ts'
import type { Instant } from '../../../incident/values/instant.ts'
import type { DetectiveConnection, InvestigatedEntity, Unavailable } from './connection.ts'
import { behaviourGraph, type Graph } from './graph.ts'
import { finishedInvestigation, type InvestigationState, readIndicators, standingInvestigation } from './investigations.ts'
import { detectiveLinks } from './links.ts'
import { type Scope, trainingRemarks, uncovered } from './scope.ts'

export interface DetectiveQuestion {
  readonly entity: InvestigatedEntity
  readonly scope: Scope
  /** Only an investigation started from here on is used; without it, the newest that stands. */
  readonly since?: Instant
  /** Whether this very incident has started the investigation. */
  readonly startedHere?: boolean
}

/** What Detective says: why it says nothing, that nobody has started an investigation yet, or its answer. */
export type DetectiveAnswer =
  | ({ readonly kind: 'unavailable' } & Unavailable)
  | {
      readonly kind: 'unstarted'
      readonly graph: Graph
      readonly entityArn: string
      readonly scope: Scope
      readonly remarks: readonly string[]
      readonly links: Links
    }
  | { readonly kind: 'answered'; readonly investigation: InvestigationFact }

type Links = InvestigationFact['links']

const unanswered = (unavailable: Unavailable): DetectiveAnswer => ({ kind: 'unavailable', ...unavailable })

/**
 * Asks Amazon Detective about a role or user. Reads only: an investigation that stands is used, and none is started. What Detective
 * refuses becomes an answer; errors that concern the whole run are thrown.
 */
export const askDetective = async (question: DetectiveQuestion, connection: DetectiveConnection): Promise<DetectiveAnswer> => {
  const { entity, scope, since } = question
  const { accountId, entityArn } = entity
  const found = await behaviourGraph(accountId, connection)
  if ('unavailable' in found) return unanswered(found.unavailable)
  const { graph } = found
  const sought = { graphArn: graph.arn, entityArn, ...given({ since }) }
  const stands = await standingInvestigation(sought, connection)
  if ('unavailable' in stands) return unanswered(stands.unavailable)
  if (stands.standing) return readAnswer(question, graph, stands.standing, connection)
  const remarks = [...graph.remarks, ...trainingRemarks(graph.createdAt, scope.from, connection.now()), ...scope.remarks]
  const links = detectiveLinks({ ...connection, ...scope }, entity)
  return { kind: 'unstarted', graph, entityArn, scope, remarks, links }
}

const readAnswer = async (
  { entity, scope, startedHere }: DetectiveQuestion,
  graph: Graph,
  standing: InvestigationState,
  connection: DetectiveConnection,
): Promise<DetectiveAnswer> => {
  const started = { graphArn: graph.arn, investigationId: standing.investigationId }
  const finished = await finishedInvestigation(started, connection)
  if ('unavailable' in finished) return unanswered(finished.unavailable)
  const { incomplete: running, ...seen } = finished.seen
  const { indicators, incomplete } = await readIndicators(started, connection)
  const { from, until } = { from: seen.scopeStart ?? scope.from, until: seen.scopeEnd ?? scope.until }
  const remarks = [
    ...graph.remarks,
    ...trainingRemarks(graph.createdAt, from, connection.now()),
    ...uncovered(scope.seen, seen.scopeStart, seen.scopeEnd),
    ...(startedHere ? scope.remarks : []),
  ]
  const investigation: InvestigationFact = {
    graphArn: graph.arn,
    ...given({ administrator: graph.administrator }),
    ...standing,
    entityArn: entity.entityArn,
    reused: startedHere !== true,
    ...seen,
    indicators,
    links: detectiveLinks(
      { partition: connection.partition, region: connection.region, from, until },
      entity,
      standing.investigationId,
      indicators,
    ),
    ...given({ remarks: remarks.length === 0 ? undefined : remarks }),
    incomplete: [...running, ...incomplete],
  }
  return { kind: 'answered', investigation }
}
