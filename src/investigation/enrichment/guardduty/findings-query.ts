import { type Condition, GetFindingsCommand, ListDetectorsCommand, ListFindingsCommand } from '@aws-sdk/client-guardduty'
import type { AwsClients } from '../../../aws/clients.ts'
import { allPages } from '../../../aws/pager.ts'
import type { Finding } from '../../../incident/finding/finding.ts'
import { narrowFinding } from '../../../incident/finding/finding-document.ts'
import { Failure } from '../../../incident/values/failure.ts'
import { given } from '../../../incident/values/given.ts'
import { epochOf } from '../../../incident/values/instant.ts'

/** A finding with the document it was read from. */
export interface ReadFinding {
  readonly finding: Finding
  readonly raw: unknown
}

export type Criterion = Readonly<Record<string, Condition>>

/** A finding that GuardDuty returned and ir-cred cannot read, and what is wrong with it. */
export interface UnreadableFinding {
  readonly id: string
  readonly region: string
  readonly why: string
}

/** GuardDuty in each Region; called with how far a query got, and with each finding that cannot be read. */
export interface GuardDutyConnection {
  aws(region: string): Pick<AwsClients, 'guardduty'>
  progress?(text: string): void
  unreadable?(finding: UnreadableFinding): void
}

const GET_AT_ONCE = 50

/** The detector of a Region, or undefined: there is at most one for an account and Region ("Quotas for GuardDuty"). */
export const detectorIn = async (connection: GuardDutyConnection, region: string): Promise<string | undefined> => {
  const { DetectorIds } = await connection.aws(region).guardduty.send(new ListDetectorsCommand({}))
  return DetectorIds?.[0]
}

/** All findings of a Region that match, most recently updated first; an empty list where GuardDuty is not enabled. */
export const queryFindings = async (
  connection: GuardDutyConnection,
  region: string,
  criterion: Criterion,
): Promise<readonly ReadFinding[]> => {
  const DetectorId = await detectorIn(connection, region)
  if (!DetectorId) return []
  const { ids, incomplete } = await findingIds(connection, region, DetectorId, criterion)
  if (incomplete) connection.progress?.(`GuardDuty’s list of findings in ${region} is incomplete: ${incomplete}`)
  return getFindings(connection, region, DetectorId, ids)
}

/** The ids of the findings that match, most recently updated first, and why these may not be all. */
export const findingIds = async (
  connection: GuardDutyConnection,
  region: string,
  DetectorId: string,
  criterion: Criterion,
): Promise<{ readonly ids: readonly string[]; readonly incomplete?: string }> => {
  const { guardduty } = connection.aws(region)
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
  return { ids: [...new Set(items)], ...given({ incomplete }) }
}

/** Findings by id, most recently updated first. An id that GuardDuty does not give back is left out. */
export const getFindings = async (
  connection: GuardDutyConnection,
  region: string,
  DetectorId: string,
  ids: readonly string[],
  read: (raw: unknown) => Finding | undefined = (raw) => readOrReport(raw, region, connection),
): Promise<readonly ReadFinding[]> => {
  const found: ReadFinding[] = []
  for (let from = 0; from < ids.length; from += GET_AT_ONCE) {
    const FindingIds = ids.slice(from, from + GET_AT_ONCE)
    const { Findings } = await connection.aws(region).guardduty.send(new GetFindingsCommand({ DetectorId, FindingIds }))
    for (const raw of Findings ?? []) {
      const finding = read(raw)
      if (finding && ids.includes(finding.id)) found.push({ finding, raw })
    }
  }
  return found.sort((a, b) => epochOf(b.finding.updatedAt) - epochOf(a.finding.updatedAt))
}

/** A finding in a list that cannot be read does not hide the others, and is not left out in silence. */
const readOrReport = (raw: unknown, region: string, { unreadable }: GuardDutyConnection): Finding | undefined => {
  try {
    return narrowFinding(raw)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const id = typeof raw === 'object' && raw !== null && 'Id' in raw ? String(raw.Id) : 'without an id'
    unreadable?.({ id: id.replace(/[^\w-]/g, '?').slice(0, 64), region, why: error.why ?? error.what })
    return undefined
  }
}

/** A finding in a list that cannot be read does not hide the others. `accessKeyId` chooses among an attack sequence's actors. */
export const readable = (raw: unknown, accessKeyId?: string): Finding | undefined => {
  try {
    return narrowFinding(raw, accessKeyId)
  } catch (error) {
    if (error instanceof Failure) return undefined
    throw error
  }
}
