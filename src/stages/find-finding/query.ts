import { type Condition, GetFindingsCommand, ListDetectorsCommand, ListFindingsCommand } from '@aws-sdk/client-guardduty'
import { allPages } from '../../aws/pager.ts'
import { Failure } from '../../incident/failure.ts'
import type { Finding } from '../../incident/finding.ts'
import { narrowFinding } from '../../incident/finding-document.ts'
import { epochOf } from '../../incident/instant.ts'
import type { Context } from '../../runbook/stage.ts'

/** A finding with the document it was read from. */
export interface ReadFinding {
  readonly finding: Finding
  readonly raw: unknown
}

export type Criterion = Readonly<Record<string, Condition>>

const GET_AT_ONCE = 50

/** The detector of a Region, or undefined: there is at most one for an account and Region ("Quotas for GuardDuty"). */
export const detectorIn = async (context: Pick<Context, 'aws'>, region: string): Promise<string | undefined> => {
  const { DetectorIds } = await context.aws(region).guardduty.send(new ListDetectorsCommand({}))
  return DetectorIds?.[0]
}

/** All findings of a Region that match, most recently updated first; an empty list where GuardDuty is not enabled. */
export const queryFindings = async (
  context: Pick<Context, 'aws'> & Partial<Pick<Context, 'progress'>>,
  region: string,
  criterion: Criterion,
): Promise<readonly ReadFinding[]> => {
  const DetectorId = await detectorIn(context, region)
  if (!DetectorId) return []
  const { guardduty } = context.aws(region)
  const { items, incomplete } = await allPages(async (NextToken) => {
    const answer = await guardduty.send(
      new ListFindingsCommand({
        DetectorId,
        FindingCriteria: { Criterion: { ...criterion } },
        SortCriteria: { AttributeName: 'updatedAt', OrderBy: 'DESC' },
        NextToken,
      }),
    )
    return { items: answer.FindingIds, next: answer.NextToken }
  })
  if (incomplete) context.progress?.(`GuardDuty’s list of findings in ${region} is incomplete: ${incomplete}`)
  return getFindings(context, region, DetectorId, [...new Set(items)])
}

/** Findings by id, most recently updated first. An id that GuardDuty does not give back is left out. */
export const getFindings = async (
  context: Pick<Context, 'aws'>,
  region: string,
  DetectorId: string,
  ids: readonly string[],
): Promise<readonly ReadFinding[]> => {
  const found: ReadFinding[] = []
  for (let from = 0; from < ids.length; from += GET_AT_ONCE) {
    const FindingIds = ids.slice(from, from + GET_AT_ONCE)
    const { Findings } = await context.aws(region).guardduty.send(new GetFindingsCommand({ DetectorId, FindingIds }))
    for (const raw of Findings ?? []) {
      const finding = readable(raw)
      if (finding && ids.includes(finding.id)) found.push({ finding, raw })
    }
  }
  return found.sort((a, b) => epochOf(b.finding.updatedAt) - epochOf(a.finding.updatedAt))
}

/** A finding in a list that cannot be read does not hide the others. */
const readable = (raw: unknown): Finding | undefined => {
  try {
    return narrowFinding(raw)
  } catch (error) {
    if (error instanceof Failure) return undefined
    throw error
  }
}

/** Related findings that a fact holds, the newest ones: a journal's line has an end. */
const RELATED = 50

/** All findings on the same key, and those on the same principal with another key, whatever their type. */
export const relatedFindings = async (
  finding: Finding,
  context: Context,
): Promise<{ readonly onSameKey: readonly Finding[]; readonly onSamePrincipal: readonly Finding[] }> => {
  const others = async (field: string, value: string | undefined): Promise<readonly Finding[]> => {
    if (!value) return []
    const found = await queryFindings(context, finding.region, { [field]: { Equals: [value] } })
    return found
      .map((each) => each.finding)
      .filter(({ id }) => id !== finding.id)
      .slice(0, RELATED)
  }
  const onSameKey = await others('resource.accessKeyDetails.accessKeyId', finding.accessKeyId)
  const onPrincipal = await others('resource.accessKeyDetails.principalId', finding.principalId)
  const known = new Set(onSameKey.map(({ id }) => id))
  return { onSameKey, onSamePrincipal: onPrincipal.filter(({ id }) => !known.has(id)) }
}
