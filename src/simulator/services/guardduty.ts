import type {
  ArchiveFindingsRequest,
  CreateSampleFindingsRequest,
  Finding,
  GetDetectorRequest,
  GetDetectorResponse,
  GetFindingsRequest,
  GetFindingsResponse,
  GetFindingsStatisticsRequest,
  GetFindingsStatisticsResponse,
  GetThreatIntelSetRequest,
  GetThreatIntelSetResponse,
  ListDetectorsRequest,
  ListDetectorsResponse,
  ListFindingsRequest,
  ListFindingsResponse,
  ListThreatIntelSetsRequest,
  ListThreatIntelSetsResponse,
  UpdateFindingsFeedbackRequest,
} from '@aws-sdk/client-guardduty'
import { DAY_MS } from '../../incident/values/duration.ts'
import type { Account } from '../account/account.ts'
import { timeIn } from '../agenda.ts'
import { withService } from '../findings/finding-change.ts'
import { sampleFinding } from '../findings/sample-finding.ts'
import { pageOf } from '../page.ts'
import { type AuthenticatedCall, operation, type Service } from '../service.ts'
import { fitsCriteria, rejected, sorted } from './guardduty-criteria.ts'
import { statisticsOf } from './guardduty-statistics.ts'

const MAX_PAGE = 50

const requireDetector = (account: Account, detectorId: string | undefined, { call }: AuthenticatedCall): void => {
  if (detectorId === account.detectorId && call.region === account.region) return
  throw rejected('the input detectorId is not owned by the current account')
}

const badToken = () => rejected('the parameter nextToken is invalid')

/** Of a list that always fits onto one page, nobody was given a token. */
const refuseToken = ({ NextToken }: { readonly NextToken?: string | undefined }): void => {
  if (NextToken !== undefined && NextToken !== '') throw badToken()
}

const pageSize = (account: Account, asked = MAX_PAGE): number => Math.min(asked, MAX_PAGE, account.behaviour.pageSize)

const listDetectors = operation<ListDetectorsRequest, ListDetectorsResponse>({
  writes: false,
  run: (account, input, { call }) => {
    refuseToken(input)
    return { DetectorIds: account.detectorId !== undefined && call.region === account.region ? [account.detectorId] : [] }
  },
})

const getDetector = operation<GetDetectorRequest, GetDetectorResponse>({
  authorize: ({ partition, region, id }, { DetectorId = '' }) => [
    { action: 'guardduty:GetDetector', resource: `arn:${partition}:guardduty:${region}:${id}:detector/${DetectorId}` },
  ],
  writes: false,
  run: (account, input, caller) => {
    requireDetector(account, input.DetectorId, caller)
    const since = new Date(timeIn(account) - 400 * DAY_MS).toISOString()
    return {
      CreatedAt: since,
      UpdatedAt: since,
      FindingPublishingFrequency: 'FIFTEEN_MINUTES',
      ServiceRole: `arn:${account.partition}:iam::${account.id}:role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty`,
      Status: 'ENABLED',
      Features: [
        { Name: 'CLOUD_TRAIL', Status: 'ENABLED' },
        { Name: 'S3_DATA_EVENTS', Status: 'ENABLED' },
      ],
    }
  },
})

const listFindings = operation<ListFindingsRequest, ListFindingsResponse>({
  writes: false,
  run: (account, input, caller) => {
    requireDetector(account, input.DetectorId, caller)
    const { NextToken, ...parameters } = input
    const fits = fitsCriteria(input.FindingCriteria)
    const page = pageOf({
      items: sorted([...account.findings.values()].filter(fits), input.SortCriteria),
      size: pageSize(account, input.MaxResults),
      token: NextToken,
      keyOf: ({ Id }) => Id,
      boundTo: parameters,
      refuse: badToken,
    })
    // The service sends an empty token where there is no further page.
    return { FindingIds: page.items.map(({ Id }) => Id), NextToken: page.nextToken ?? '' }
  },
})

const getFindings = operation<GetFindingsRequest, GetFindingsResponse>({
  writes: false,
  run: (account, input, caller) => {
    requireDetector(account, input.DetectorId, caller)
    const ids = input.FindingIds ?? []
    if (ids.length > MAX_PAGE) throw rejected('the parameter findingIds has more than 50 values')
    const found = ids.flatMap((id) => account.findings.get(id) ?? [])
    return { Findings: (input.SortCriteria ? sorted(found, input.SortCriteria) : found) as readonly object[] as Finding[] }
  },
})

const getFindingsStatistics = operation<GetFindingsStatisticsRequest, GetFindingsStatisticsResponse>({
  writes: false,
  run: (account, input, caller) => {
    requireDetector(account, input.DetectorId, caller)
    return statisticsOf([...account.findings.values()], input)
  },
})

const change = (account: Account, ids: readonly string[] | undefined, service: Readonly<Record<string, unknown>>): object => {
  for (const id of ids ?? []) {
    const finding = account.findings.get(id)
    if (!finding) throw rejected('one or more of the input findingIds do not exist')
    account.findings.set(id, withService(finding, service))
  }
  return {}
}

const changesFindings = <I extends ArchiveFindingsRequest>(serviceOf: (input: I) => Readonly<Record<string, unknown>>) =>
  operation<I, object>({
    writes: true,
    run: (account, input, caller) => {
      requireDetector(account, input.DetectorId, caller)
      return change(account, input.FindingIds, serviceOf(input))
    },
  })

const createSampleFindings = operation<CreateSampleFindingsRequest, object>({
  writes: true,
  run: (account, input, caller) => {
    requireDetector(account, input.DetectorId, caller)
    const types = input.FindingTypes ?? ['UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom']
    for (const type of types) {
      const finding = sampleFinding(account, type)
      account.findings.set(finding.Id, finding)
    }
    return {}
  },
})

const listThreatIntelSets = operation<ListThreatIntelSetsRequest, ListThreatIntelSetsResponse>({
  writes: false,
  run: (account, input, caller) => {
    requireDetector(account, input.DetectorId, caller)
    refuseToken(input)
    return { ThreatIntelSetIds: [...account.threatIntelSets.keys()] }
  },
})

const getThreatIntelSet = operation<GetThreatIntelSetRequest, GetThreatIntelSetResponse>({
  writes: false,
  run: (account, input, caller) => {
    requireDetector(account, input.DetectorId, caller)
    const set = account.threatIntelSets.get(input.ThreatIntelSetId ?? '')
    if (!set) throw rejected('the input threatIntelSetId is not owned by the current account')
    return { Name: set.name, Format: 'TXT', Location: set.location, Status: 'ACTIVE', Tags: {} }
  },
})

/** GuardDuty in one Region: a detector, its findings, the owner's threat lists. */
export const guardduty: Service = {
  ListDetectors: listDetectors,
  GetDetector: getDetector,
  ListFindings: listFindings,
  GetFindings: getFindings,
  GetFindingsStatistics: getFindingsStatistics,
  ArchiveFindings: changesFindings(() => ({ Archived: true })),
  UnarchiveFindings: changesFindings(() => ({ Archived: false })),
  UpdateFindingsFeedback: changesFindings(({ Feedback }: UpdateFindingsFeedbackRequest) => ({ UserFeedback: Feedback })),
  CreateSampleFindings: createSampleFindings,
  ListThreatIntelSets: listThreatIntelSets,
  GetThreatIntelSet: getThreatIntelSet,
}
