import { StartInvestigationCommand } from '@aws-sdk/client-detective'
import { ceilToHour, findingLink, floorToHour, type LinkScope, roleLink, roleSessionLink } from '../aws/console-links.ts'
import { isDenied } from '../aws/failure.ts'
import { type Block, fields, link, table, text } from '../incident/block.ts'
import type { InvestigationFact } from '../incident/facts.ts'
import type { IncidentWith } from '../incident/incident.ts'
import { type Instant, instantOf } from '../incident/instant.ts'
import { type Context, defineStage, established, notApplicable } from '../runbook/stage.ts'
import { finishedInvestigation, graphIn, indicatorsOf, standingInvestigation } from './investigate-session/detective.ts'

/**
 * Asks Amazon Detective. Its API knows only investigations of whole roles and users; the panels of a role session are in the
 * console, to which links are printed ("Navigating to an entity profile or finding overview using a URL").
 */
export const investigateSession = defineStage({
  id: 'investigate-session',
  phase: 'detect',
  title: 'Investigate the session with Detective',
  needs: ['finding', 'subject'],
  establishes: 'investigation',

  async assess(incident, context) {
    const { subject } = incident.facts
    const graphArn = await graph(incident, context)
    if (typeof graphArn !== 'string') return graphArn
    const scope = scopeOf(incident, context)
    const links = linksOf(incident, scope)
    const since = incident.openedAt ?? context.now()
    const standing = await standingInvestigation({ graphArn, roleArn: subject.role.arn, region: subject.region, since }, context)
    if (!standing) {
      return {
        status: 'needed',
        effects: [
          {
            operation: 'detective:StartInvestigation',
            resource: graphArn,
            sentence: `start an investigation of role ${subject.role.name}, ${scope.from} to ${scope.until}`,
          },
        ],
        expected: {
          graphArn,
          investigationId: 'decided after the command',
          reused: false,
          status: 'RUNNING',
          scopeStart: scope.from,
          scopeEnd: scope.until,
          indicators: [],
          links,
          incomplete: [],
        },
      }
    }
    const seen = await finishedInvestigation(
      { graphArn, investigationId: standing.investigationId, region: subject.region },
      context,
    )
    const { indicators, incomplete } = await indicatorsOf(
      { graphArn, investigationId: standing.investigationId, region: subject.region },
      context,
    )
    const reused = !incident.intents.some(({ stage }) => stage === 'investigate-session')
    return established<InvestigationFact>({
      graphArn,
      ...standing,
      ...seen,
      reused,
      indicators,
      links,
      incomplete: [...seen.incomplete, ...incomplete],
    })
  },

  async act(incident, context) {
    const { subject } = incident.facts
    const graphArn = await graph(incident, context)
    if (typeof graphArn !== 'string') return
    const scope = scopeOf(incident, context)
    const command = new StartInvestigationCommand({
      GraphArn: graphArn,
      EntityArn: subject.role.arn,
      ScopeStartTime: new Date(scope.from),
      ScopeEndTime: new Date(scope.until),
    })
    const effect = {
      operation: 'detective:StartInvestigation',
      resource: graphArn,
      sentence: `start an investigation of role ${subject.role.name}`,
    }
    await context.write(context.aws(subject.region).detective, command, effect)
  },

  tell: (investigation) => investigationBlocks(investigation),
})

type InvestigateIncident = IncidentWith<'finding' | 'subject'>

const graph = async ({ facts: { subject } }: InvestigateIncident, context: Context) => {
  try {
    const arn = await graphIn(subject.region, context)
    if (arn) return arn
    return notApplicable(
      `this account administers no Detective behaviour graph in ${subject.region}; ask the administrator account. CloudTrail’s answers stand without it`,
    )
  } catch (error) {
    if (!isDenied(error)) throw error
    return notApplicable('Detective may not be read (detective:ListGraphs is denied). CloudTrail’s answers stand without it')
  }
}

/** Whole hours around what the finding saw, at least one, not beyond now. */
const scopeOf = ({ facts: { finding: found, subject } }: InvestigateIncident, context: Context): LinkScope => {
  const { finding } = found
  const from = floorToHour(finding.firstSeen ?? finding.createdAt)
  const now = floorToHour(context.now())
  const until = Math.max(from + 3_600_000, Math.min(ceilToHour(finding.lastSeen ?? finding.updatedAt), now))
  return { partition: subject.partition, region: subject.region, from: hour(from), until: hour(until) }
}

const hour = (ms: number): Instant => instantOf(new Date(ms))

const linksOf = ({ facts: { finding, subject } }: InvestigateIncident, scope: LinkScope): InvestigationFact['links'] => [
  { label: 'role session', url: roleSessionLink(scope, subject.principalId) },
  { label: 'role', url: roleLink(scope, subject.role.id) },
  { label: 'finding', url: findingLink(scope, finding.finding.id) },
]

const investigationBlocks = (investigation: InvestigationFact): readonly Block[] => {
  const { investigationId, reused, status, severity, scopeStart, scopeEnd, indicators, links, incomplete } = investigation
  return [
    fields(
      [
        'investigation',
        `${investigationId}${reused ? ', started earlier' : ''}, ${status}${severity ? `, severity ${severity}` : ''}`,
      ],
      ['scope', [{ at: scopeStart }, ' to ', { at: scopeEnd }]],
    ),
    indicators.length === 0
      ? text('Detective names no indicators.')
      : table(
          ['indicator', 'detail'],
          indicators.map(({ type, detail }) => [
            type,
            detail.flatMap(([name, value], i) => [`${i > 0 ? ', ' : ''}${name} `, value]),
          ]),
        ),
    ...incomplete.map((why) => text(`incomplete: ${why}`)),
    ...links.map(({ label, url }) => link(label, url)),
  ]
}
