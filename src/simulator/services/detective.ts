import type {
  FilterCriteria,
  GetInvestigationRequest,
  GetInvestigationResponse,
  Indicator,
  InvestigationDetail,
  ListIndicatorsRequest,
  ListIndicatorsResponse,
  ListInvestigationsRequest,
  ListInvestigationsResponse,
  SortCriteria,
  StartInvestigationRequest,
  StartInvestigationResponse,
} from '@aws-sdk/client-detective'
import { DAY_MS, HOUR_MS, SECOND_MS } from '../../incident/values/duration.ts'
import { given } from '../../incident/values/given.ts'
import type { Account } from '../account/account.ts'
import type { DetectiveInvestigation } from '../account/detection.ts'
import { timeIn } from '../agenda.ts'
import { ServiceError } from '../call.ts'
import { pageOf } from '../page.ts'
import { operation, type Service } from '../service.ts'
import { getMembers, graphAuthorization, listGraphs, listInvitations, requireGraph } from './detective-graph.ts'

const MAX_PAGE = 100
const ENTITY = /^arn:aws[a-z-]*:iam::\d{12}:(role|user)\/.+$/

const invalid = (message: string): ServiceError => new ServiceError('ValidationException', message)

const pageSize = (account: Account, asked = MAX_PAGE): number => Math.min(asked, MAX_PAGE, account.behaviour.pageSize)

/** "Managing the scope time": at least an hour, at most a year. Whole hours are the console's rule, not the API's. */
const scopeOf = (input: StartInvestigationRequest): { start: number; end: number } => {
  const start = input.ScopeStartTime?.getTime() ?? Number.NaN
  const end = input.ScopeEndTime?.getTime() ?? Number.NaN
  if (!(end - start >= HOUR_MS)) throw invalid('The scope time must be at least one hour.')
  if (end - start > 366 * DAY_MS) throw invalid('The scope time must not be longer than one year.')
  return { start, end }
}

const newInvestigationId = (account: Account): string =>
  Array.from({ length: 21 }, (_, index) => Math.floor(account.random() * (index === 0 ? 9 : 10)) + (index === 0 ? 1 : 0)).join('')

const startInvestigation = operation<StartInvestigationRequest, StartInvestigationResponse>({
  writes: true,
  authorize: graphAuthorization('StartInvestigation'),
  run: (account, input, caller) => {
    requireGraph(account, input.GraphArn, caller)
    const entityArn = input.EntityArn ?? ''
    if (!ENTITY.test(entityArn)) throw invalid('EntityArn must be the ARN of an IAM user or an IAM role.')
    const { start, end } = scopeOf(input)
    const id = newInvestigationId(account)
    const createdAt = timeIn(account)
    account.investigations.set(id, {
      id,
      graphArn: input.GraphArn ?? '',
      entityArn,
      scopeStart: start,
      scopeEnd: end,
      createdAt,
    })
    return { InvestigationId: id }
  },
})

const isDone = (account: Account, { createdAt }: DetectiveInvestigation): boolean =>
  timeIn(account) >= createdAt + account.behaviour.investigationTakes * SECOND_MS

/** What an investigation says of itself. The severity is that of its indicators: many of them, or none. */
const detailOf = (account: Account, investigation: DetectiveInvestigation) => {
  const done = isDone(account, investigation)
  return {
    InvestigationId: investigation.id,
    Severity: done && account.indicators.length > 0 ? 'HIGH' : 'INFORMATIONAL',
    Status: done ? 'SUCCESSFUL' : 'RUNNING',
    State: investigation.state ?? 'ACTIVE',
    CreatedTime: new Date(investigation.createdAt),
    EntityArn: investigation.entityArn,
    EntityType: investigation.entityArn.includes(':user/') ? 'IAM_USER' : 'IAM_ROLE',
  } satisfies InvestigationDetail
}

const requireInvestigation = (account: Account, id: string | undefined): DetectiveInvestigation => {
  const investigation = account.investigations.get(id ?? '')
  if (!investigation) throw new ServiceError('ResourceNotFoundException', `The investigation ${id} was not found.`, 404)
  return investigation
}

const getInvestigation = operation<GetInvestigationRequest, GetInvestigationResponse>({
  writes: false,
  authorize: graphAuthorization('GetInvestigation'),
  run: (account, input, caller) => {
    requireGraph(account, input.GraphArn, caller)
    const investigation = requireInvestigation(account, input.InvestigationId)
    return {
      ...detailOf(account, investigation),
      GraphArn: investigation.graphArn,
      ScopeStartTime: new Date(investigation.scopeStart),
      ScopeEndTime: new Date(investigation.scopeEnd),
    }
  },
})

const isWanted = (detail: ReturnType<typeof detailOf>, filter: FilterCriteria): boolean => {
  const same = (wanted: { Value: string | undefined } | undefined, value: string): boolean => (wanted?.Value ?? value) === value
  const created = detail.CreatedTime.getTime()
  return (
    same(filter.EntityArn, detail.EntityArn) &&
    same(filter.Severity, detail.Severity) &&
    same(filter.Status, detail.Status) &&
    same(filter.State, detail.State) &&
    (filter.CreatedTime?.StartInclusive?.getTime() ?? 0) <= created &&
    (filter.CreatedTime?.EndInclusive?.getTime() ?? Number.POSITIVE_INFINITY) >= created
  )
}

const SEVERITIES = ['INFORMATIONAL', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL']

const sortKey = (detail: ReturnType<typeof detailOf>, field: SortCriteria['Field']): number => {
  if (field === 'SEVERITY') return SEVERITIES.indexOf(detail.Severity)
  return field === 'STATUS' ? Number(detail.Status === 'SUCCESSFUL') : detail.CreatedTime.getTime()
}

const badToken = () => invalid('The NextToken is not valid.')

const listInvestigations = operation<ListInvestigationsRequest, ListInvestigationsResponse>({
  writes: false,
  authorize: graphAuthorization('ListInvestigations'),
  run: (account, input, caller) => {
    requireGraph(account, input.GraphArn, caller)
    const { NextToken, ...parameters } = input
    const { Field, SortOrder } = input.SortCriteria ?? { Field: 'CREATED_TIME', SortOrder: 'DESC' }
    const sign = SortOrder === 'ASC' ? 1 : -1
    const page = pageOf({
      items: [...account.investigations.values()]
        .map((investigation) => detailOf(account, investigation))
        .filter((detail) => isWanted(detail, input.FilterCriteria ?? {}))
        .sort((a, b) => sign * (sortKey(a, Field) - sortKey(b, Field))),
      size: pageSize(account, input.MaxResults),
      token: NextToken,
      keyOf: ({ InvestigationId }) => InvestigationId,
      boundTo: parameters,
      refuse: badToken,
    })
    return { InvestigationDetails: [...page.items], ...given({ NextToken: page.nextToken }) }
  },
})

const listIndicators = operation<ListIndicatorsRequest, ListIndicatorsResponse>({
  writes: false,
  authorize: graphAuthorization('ListIndicators'),
  run: (account, input, caller) => {
    requireGraph(account, input.GraphArn, caller)
    const investigation = requireInvestigation(account, input.InvestigationId)
    const all: readonly Indicator[] = isDone(account, investigation) ? account.indicators : []
    const { NextToken, ...parameters } = input
    const page = pageOf({
      items: all.filter(({ IndicatorType }) => input.IndicatorType === undefined || IndicatorType === input.IndicatorType),
      size: pageSize(account, input.MaxResults),
      token: NextToken,
      keyOf: (indicator) => JSON.stringify(indicator),
      boundTo: parameters,
      refuse: badToken,
    })
    return {
      GraphArn: investigation.graphArn,
      InvestigationId: investigation.id,
      Indicators: [...page.items],
      ...given({ NextToken: page.nextToken }),
    }
  },
})

/** Detective: one behavior graph and the investigations started on it. */
export const detective: Service = {
  ListGraphs: listGraphs,
  ListInvitations: listInvitations,
  GetMembers: getMembers,
  StartInvestigation: startInvestigation,
  GetInvestigation: getInvestigation,
  ListInvestigations: listInvestigations,
  ListIndicators: listIndicators,
}
