import type {
  FindingStatistics,
  GetFindingsStatisticsRequest,
  GetFindingsStatisticsResponse,
  GroupByType,
} from '@aws-sdk/client-guardduty'
import { DAY_MS, floorTo } from '../../incident/values/duration.ts'
import type { FindingDocument } from '../account/detection.ts'
import { fitsCriteria, rejected } from './guardduty-criteria.ts'

/** How many groups an answer has when it is not said ("GetFindingsStatistics"). */
const USUAL_GROUPS = 25

/** The findings of a group, and when one of them was last updated. */
interface Group {
  readonly key: string
  readonly findings: readonly FindingDocument[]
  readonly LastGeneratedAt: Date
  readonly TotalFindings: number
}

const numberIn = ({ Severity }: FindingDocument): number => (typeof Severity === 'number' ? Severity : 0)

const resourceOf = ({ Resource }: FindingDocument): { readonly type: string; readonly id: string } => {
  const {
    ResourceType = 'AccessKey',
    AccessKeyDetails,
    InstanceDetails,
  } = (Resource ?? {}) as {
    readonly ResourceType?: string
    readonly AccessKeyDetails?: { readonly AccessKeyId?: string }
    readonly InstanceDetails?: { readonly InstanceId?: string }
  }
  return { type: ResourceType, id: AccessKeyDetails?.AccessKeyId ?? InstanceDetails?.InstanceId ?? '' }
}

const dayOf = ({ UpdatedAt }: FindingDocument): string => new Date(floorTo(Date.parse(String(UpdatedAt)), DAY_MS)).toISOString()

const KEYS: Readonly<Record<GroupByType, (finding: FindingDocument) => string>> = {
  ACCOUNT: ({ AccountId }) => String(AccountId),
  DATE: dayOf,
  FINDING_TYPE: ({ Type }) => String(Type),
  RESOURCE: (finding) => resourceOf(finding).id,
  SEVERITY: (finding) => String(numberIn(finding)),
}

const groupsOf = (
  findings: readonly FindingDocument[],
  { GroupBy = 'SEVERITY', OrderBy, MaxResults }: GetFindingsStatisticsRequest,
) => {
  const groups = new Map<string, FindingDocument[]>()
  for (const finding of findings) {
    const key = KEYS[GroupBy](finding)
    groups.set(key, [...(groups.get(key) ?? []), finding])
  }
  const sign = OrderBy === 'ASC' ? 1 : -1
  return [...groups]
    .map(([key, members]): Group => {
      const updated = Math.max(...members.map(({ UpdatedAt }) => Date.parse(String(UpdatedAt))))
      return { key, findings: members, LastGeneratedAt: new Date(updated), TotalFindings: members.length }
    })
    .sort((a, b) => sign * (a.TotalFindings - b.TotalFindings))
    .slice(0, MaxResults ?? USUAL_GROUPS)
}

const grouped = (groupBy: GroupByType, groups: readonly Group[]): FindingStatistics => {
  const counted = ({ LastGeneratedAt, TotalFindings }: Group) => ({ LastGeneratedAt, TotalFindings })
  const severityOf = ({ findings }: Group): number => Math.max(...findings.map(numberIn))
  switch (groupBy) {
    case 'ACCOUNT':
      return { GroupedByAccount: groups.map((group) => ({ AccountId: group.key, ...counted(group) })) }
    case 'DATE':
      return {
        GroupedByDate: groups.map((group) => ({ Date: new Date(group.key), Severity: severityOf(group), ...counted(group) })),
      }
    case 'FINDING_TYPE':
      return { GroupedByFindingType: groups.map((group) => ({ FindingType: group.key, ...counted(group) })) }
    case 'RESOURCE':
      return {
        GroupedByResource: groups.flatMap((group) =>
          group.findings.slice(0, 1).map((finding) => ({
            ...{ AccountId: String(finding.AccountId), ResourceId: group.key, ResourceType: resourceOf(finding).type },
            ...counted(group),
          })),
        ),
      }
    case 'SEVERITY':
      return { GroupedBySeverity: groups.map((group) => ({ Severity: Number(group.key), ...counted(group) })) }
  }
}

/**
 * The counts of GetFindingsStatistics: by severity as it was asked for before GroupBy, or in groups. Throws BadRequestException where
 * both are asked for, or neither.
 */
export const statisticsOf = (
  findings: readonly FindingDocument[],
  input: GetFindingsStatisticsRequest,
): GetFindingsStatisticsResponse => {
  const { FindingStatisticTypes = [], FindingCriteria, GroupBy } = input
  const meant = findings.filter(fitsCriteria(FindingCriteria))
  if (FindingStatisticTypes.length > 0 === (GroupBy !== undefined))
    throw rejected('one of the parameters findingStatisticTypes and groupBy is needed, and not both')
  if (GroupBy !== undefined) return { FindingStatistics: grouped(GroupBy, groupsOf(meant, input)) }
  const groups = groupsOf(meant, { DetectorId: input.DetectorId })
  return {
    FindingStatistics: { CountBySeverity: Object.fromEntries(groups.map(({ key, TotalFindings }) => [key, TotalFindings])) },
  }
}
