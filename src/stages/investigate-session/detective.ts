import {
  GetInvestigationCommand,
  type Indicator as ListedIndicator,
  ListGraphsCommand,
  ListIndicatorsCommand,
  ListInvestigationsCommand,
} from '@aws-sdk/client-detective'
import { allPages, wholeList } from '../../aws/pager.ts'
import type { Indicator } from '../../incident/facts.ts'
import { type Instant, instantOf, plus } from '../../incident/instant.ts'
import { untrusted } from '../../incident/untrusted.ts'
import type { Context } from '../../runbook/stage.ts'

/** The behaviour graph of a Region; only its administrator account is shown it. */
export const graphIn = async (region: string, context: Context): Promise<string | undefined> => {
  const { GraphList } = await context.aws(region).detective.send(new ListGraphsCommand({}))
  return GraphList?.[0]?.Arn
}

export interface Sought {
  readonly graphArn: string
  readonly roleArn: string
  readonly region: string
  /** The incident's opening: an investigation from the hour before it, or later, is used again. */
  readonly since: Instant
}

const RECENT = 3600

/** The newest investigation of the role that this incident can use. */
export const standingInvestigation = async (
  { graphArn, roleArn, region, since }: Sought,
  context: Context,
): Promise<{ readonly investigationId: string } | undefined> => {
  const items = await wholeList('investigations of the role', async (NextToken) => {
    const answer = await context.aws(region).detective.send(
      new ListInvestigationsCommand({
        GraphArn: graphArn,
        FilterCriteria: {
          EntityArn: { Value: roleArn },
          CreatedTime: { StartInclusive: new Date(plus(since, -RECENT)), EndInclusive: new Date(plus(context.now(), 60)) },
        },
        SortCriteria: { Field: 'CREATED_TIME', SortOrder: 'DESC' },
        NextToken,
      }),
    )
    return { items: answer.InvestigationDetails, next: answer.NextToken }
  })
  const usable = items.filter(({ InvestigationId, Status }) => InvestigationId !== undefined && Status !== 'FAILED')
  const newest = usable.sort((a, b) => (b.CreatedTime?.getTime() ?? 0) - (a.CreatedTime?.getTime() ?? 0))[0]
  return newest?.InvestigationId === undefined ? undefined : { investigationId: newest.InvestigationId }
}

export interface Started {
  readonly graphArn: string
  readonly investigationId: string
  readonly region: string
}

/** The investigation once it is no longer running; after 15 minutes as it is then, saying so. */
export const finishedInvestigation = async ({ graphArn, investigationId, region }: Started, context: Context) => {
  const read = () =>
    context.aws(region).detective.send(new GetInvestigationCommand({ GraphArn: graphArn, InvestigationId: investigationId }))
  const finished = await context.settle({ what: 'Detective', every: 15, within: context.dryRun ? 0 : 15 * 60 }, async () => {
    const answer = await read()
    if (answer.Status === 'RUNNING') context.progress('Detective is investigating; this takes some minutes')
    return answer.Status === 'RUNNING' ? undefined : answer
  })
  const seen = finished ?? (await read())
  return {
    status: seen.Status ?? 'unknown',
    ...(seen.Severity ? { severity: seen.Severity } : {}),
    ...(seen.State ? { state: seen.State } : {}),
    scopeStart: instantOf(seen.ScopeStartTime ?? new Date(context.now())),
    scopeEnd: instantOf(seen.ScopeEndTime ?? new Date(context.now())),
    incomplete: finished ? [] : ['the investigation is still running; continue later for its result'],
  }
}

/** All indicators of an investigation; the SDK has no paginator for them. */
export const indicatorsOf = async (
  { graphArn, investigationId, region }: Started,
  context: Context,
): Promise<{ readonly indicators: readonly Indicator[]; readonly incomplete: readonly string[] }> => {
  const { items, incomplete } = await allPages(async (NextToken) => {
    const answer = await context
      .aws(region)
      .detective.send(new ListIndicatorsCommand({ GraphArn: graphArn, InvestigationId: investigationId, NextToken }))
    return { items: answer.Indicators, next: answer.NextToken }
  })
  return { indicators: items.map(readIndicator), incomplete: incomplete ? [`indicators: ${incomplete}`] : [] }
}

/** An indicator's detail lies under a member of its own for each type; whatever the type, its scalar members are shown. */
const readIndicator = ({ IndicatorType, IndicatorDetail }: ListedIndicator): Indicator => {
  const [detail] = Object.values(IndicatorDetail ?? {})
  const members = Object.entries((detail ?? {}) as Record<string, unknown>)
  return {
    type: IndicatorType ?? 'unknown',
    detail: members
      .filter(([, value]) => value !== undefined && value !== null && typeof value !== 'object')
      .map(([name, value]) => [name, untrusted(String(value))] as const),
  }
}
