import { StartInvestigationCommand } from '@aws-sdk/client-detective'
import type { Effect } from '../../incident/entry.ts'
import type { InvestigationFact } from '../../incident/facts/facts.ts'
import { holderOf, holderWords } from '../../incident/facts/subject.ts'
import type { IncidentWith } from '../../incident/incident.ts'
import { HOUR_SECONDS, MINUTE_SECONDS } from '../../incident/values/duration.ts'
import type { Failure } from '../../incident/values/failure.ts'
import { given } from '../../incident/values/given.ts'
import { isBefore, plus } from '../../incident/values/instant.ts'
import {
  askDetective,
  type DetectiveAnswer,
  type DetectiveQuestion,
} from '../../investigation/enrichment/detective/ask-detective.ts'
import type { DetectiveConnection, InvestigatedEntity } from '../../investigation/enrichment/detective/connection.ts'
import { behaviourGraph, type Graph } from '../../investigation/enrichment/detective/graph.ts'
import { detectiveScope } from '../../investigation/enrichment/detective/scope.ts'
import { detectiveInvestigationBlocks, WITHOUT_DETECTIVE } from '../../investigation/sections/detective.ts'
import { type Context, defineStage, established, notApplicable } from '../stage.ts'

/**
 * Asks Amazon Detective. Its API knows only investigations of whole roles and users; the panels of a role session are in the
 * console, to which links are printed ("Navigating to an entity profile or finding overview using a URL"). An investigation from the
 * hour before the incident, or later, is used again. Only the account that administers the behaviour graph is answered: where the
 * incident's account is a member, `--detective-profile` names the administrator's profile. Without Detective the response goes on.
 */
export const investigateSession = defineStage({
  id: 'investigate-session',
  phase: 'detect',
  title: 'Investigate the session with Detective',
  needs: ['finding', 'subject'],
  establishes: 'investigation',

  async assess(incident, context) {
    const question = questionOf(incident, context)
    const answer = await askDetective(question, recorderOf(incident, context))
    switch (answer.kind) {
      case 'unavailable':
        return notApplicable(`${answer.why}. ${WITHOUT_DETECTIVE}. Remedy: ${answer.remedy}`)
      case 'answered':
        return established<InvestigationFact>(answer.investigation)
      case 'unstarted':
        if (unansweredOf(incident, context).length >= STARTS)
          return notApplicable(
            `no investigation was started: Detective gave no answer to ${STARTS} starts, and lists none. ${WITHOUT_DETECTIVE}. Remedy: check the network and proxy, then continue`,
          )
        return {
          status: 'needed',
          effects: [startOf(incident, question, answer.graph)],
          expected: expectedOf(question, answer),
        }
    }
  },

  async act(incident, context) {
    const question = questionOf(incident, context)
    const found = await behaviourGraph(question.entity.accountId, recorderOf(incident, context))
    if ('unavailable' in found) return
    const { graph } = found
    const { ScopeStartTime, ScopeEndTime, ...entity } = investigationInput(question, graph)
    const command = new StartInvestigationCommand({
      ...entity,
      ScopeStartTime: new Date(ScopeStartTime),
      ScopeEndTime: new Date(ScopeEndTime),
    })
    const { detective } = context.aws(incident.facts.subject.region)
    await context.write(detective, command, startOf(incident, question, graph))
  },

  withoutIt: (refusal, context) => (isAboutDetective(refusal, context) ? sentenceOn(refusal) : undefined),

  describe: detectiveInvestigationBlocks,
})

/** How many starts without an answer of Detective, of this time in seconds, are enough: the response goes on without it. */
const STARTS = 3
const LATELY = 15 * MINUTE_SECONDS

const unansweredOf = ({ intents }: InvestigateIncident, { now }: Context) =>
  intents.filter(
    ({ stage, outcome, at }) => stage === 'investigate-session' && outcome === 'unknown' && isBefore(now(), plus(at, LATELY)),
  )

type InvestigateIncident = IncidentWith<'finding' | 'subject'>

/** Seconds before the incident from which on an investigation still answers it. */
const RECENT = HOUR_SECONDS
const WAITS = 15 * MINUTE_SECONDS

const recorderOf = ({ facts: { subject } }: InvestigateIncident, context: Context): DetectiveConnection => ({
  detective: context.aws(subject.region).detective,
  region: subject.region,
  partition: subject.partition,
  ...given({ profile: context.setting.detectiveProfile }),
  now: context.now,
  settle: context.settle,
  progress: context.progress,
  waits: context.dryRun ? 0 : WAITS,
})

const questionOf = (incident: InvestigateIncident, context: Context): DetectiveQuestion => {
  const { finding } = incident.facts.finding
  const seen = { first: finding.firstSeen ?? finding.createdAt, last: finding.lastSeen ?? finding.updatedAt }
  return {
    entity: investigatedEntityOf(incident),
    scope: detectiveScope(seen, context.now()),
    since: plus(incident.openedAt ?? context.now(), -RECENT),
    startedHere: incident.intents.some(({ stage, outcome }) => stage === 'investigate-session' && outcome !== 'refused'),
  }
}

const investigatedEntityOf = ({ facts: { finding, subject } }: InvestigateIncident): InvestigatedEntity => {
  const { accountId, principalId, instanceId, caller } = subject
  const { arn, id } = holderOf(subject)
  const seen = [finding.finding, ...finding.onSameKey, ...finding.onSamePrincipal].map(({ action }) => action?.remote?.ip)
  return {
    accountId,
    entityArn: arn,
    entityId: id,
    principalId,
    ...given({ instanceId }),
    findingIds: finding.source === 'reported' ? [] : [finding.finding.id],
    addresses: [caller.ip, ...seen].filter((ip) => ip !== undefined),
  }
}

const investigationInput = ({ entity, scope }: DetectiveQuestion, graph: Graph) => ({
  GraphArn: graph.arn,
  EntityArn: entity.entityArn,
  ScopeStartTime: scope.from,
  ScopeEndTime: scope.until,
})

const startOf = ({ facts: { subject } }: InvestigateIncident, question: DetectiveQuestion, graph: Graph): Effect => ({
  operation: 'detective:StartInvestigation',
  resource: graph.arn,
  parameters: investigationInput(question, graph),
  sentence: `start an investigation of ${holderWords(subject)}, ${question.scope.from} to ${question.scope.until}${graph.administrator === undefined ? '' : `, in the graph of account ${graph.administrator}`}`,
  undo: 'there is nothing to undo: an investigation reads, and Detective keeps it',
})

const expectedOf = (
  { scope }: DetectiveQuestion,
  { graph, links, entityArn }: DetectiveAnswer & { kind: 'unstarted' },
): InvestigationFact => ({
  graphArn: graph.arn,
  investigationId: 'decided after the command',
  entityArn,
  reused: false,
  status: 'RUNNING',
  scopeStart: scope.from,
  scopeEnd: scope.until,
  indicators: [],
  links,
  incomplete: [],
})

/** Not the end of the responder's own session, which ends the run whatever the stage. */
const isAboutDetective = ({ kind, meaning }: Failure, { setting }: Context): boolean =>
  setting.detectiveProfile !== undefined || kind !== 'identity' || meaning === 'denied'

const sentenceOn = ({ what, why, remedy, meaning }: Failure): string => {
  const refused = meaning === 'denied' ? 'detective:StartInvestigation is denied' : what
  return `no investigation was started: ${refused}${why === undefined ? '' : ` (${why})`}. ${WITHOUT_DETECTIVE}. Remedy: ${remedy ?? 'start one in Detective’s console, then continue'}`
}
