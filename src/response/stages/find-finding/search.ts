import { type AskedRegions, inEveryRegion, type UnreadRegion, untilOneRegion } from '../../../aws/every-region.ts'
import { isDenied, isRefusal } from '../../../aws/failure.ts'
import type { Request } from '../../../incident/entry.ts'
import { type Finding, isCredentialType } from '../../../incident/finding/finding.ts'
import { narrowFinding } from '../../../incident/finding/finding-document.ts'
import { findingArnOf, instanceNamedBy, roleSessionOf } from '../../../incident/values/identifiers.ts'
import {
  type Criterion,
  detectorIn,
  getFindings,
  queryFindings,
  type ReadFinding,
  type UnreadableFinding,
} from '../../../investigation/enrichment/guardduty/findings-query.ts'
import type { Context } from '../../stage.ts'

/**
 * Whether the search ends with the first Region that has the finding: it begins before AWS has listed the Regions. A list, and all of a
 * role or an instance, take every Region; a file is not searched for.
 */
export const endsWithTheFirst = ({ by }: Request): boolean => by === 'finding-id' || by === 'access-key-id'

/** What the search for a finding asks with. */
export interface FindingSearch extends Pick<Context, 'aws' | 'progress'>, AskedRegions {}

/**
 * The findings that a request asks for. Of a finding's id or a key, those of the first Region that has any, unless all are asked for: all
 * findings on a key should name the same session.
 */
export const search = async (
  request: Request,
  asking: FindingSearch,
  gaps: Gaps,
  { all = false }: { readonly all?: boolean } = {},
): Promise<readonly ReadFinding[]> => {
  if (request.by === 'finding-id') return byId(request, gaps, asking)
  const guardDuty = {
    aws: asking.aws,
    progress: asking.progress,
    unreadable: (one: UnreadableFinding) => void gaps.unreadable.push(one),
  }
  const look = (region: string) => queryFindings(guardDuty, region, criterionOf(request))
  const found = await everywhere(asking, gaps, look, request.by === 'access-key-id' && !all ? isCertain : undefined)
  return found.filter(({ finding }) => fits(request, finding))
}

const criterionOf = (request: Request): Criterion => {
  switch (request.by) {
    case 'access-key-id':
      return { 'resource.accessKeyDetails.accessKeyId': { Equals: [request.accessKeyId] } }
    case 'role':
    case 'session':
      return { 'resource.accessKeyDetails.userName': { Equals: [request.roleName] }, ...NOT_ARCHIVED }
    case 'user':
      return { 'resource.accessKeyDetails.userName': { Equals: [request.userName] }, ...NOT_ARCHIVED }
    default:
      return NOT_ARCHIVED
  }
}

const NOT_ARCHIVED: Criterion = { 'service.archived': { Equals: ['false'] } }

/** Types are matched by pattern, never by a closed list; a finding of any type counts when it names a key. */
const fits = (request: Request, finding: Finding): boolean => {
  switch (request.by) {
    case 'instance-id': {
      const session = instanceNamedBy(finding.principalId)
      return (session ?? finding.instanceId) === request.instanceId && isAboutCredentials(finding)
    }
    // A user and a role may have one name.
    case 'role':
      return !isOfUser(finding)
    case 'session':
      return roleSessionOf(finding.principalId)?.sessionName === request.sessionName
    case 'user':
      return isOfUser(finding)
    case 'list':
      return isAboutCredentials(finding)
    default:
      return true
  }
}

const isOfUser = ({ userType, principalId = '' }: Finding): boolean =>
  userType === 'IAMUser' || userType === 'FederatedUser' || (userType === 'Unknown' && principalId.startsWith('AIDA'))

const isAboutCredentials = (finding: Finding): boolean => isCredentialType(finding.type) || finding.accessKeyId !== undefined

/** An ARN names its Region and its detector: then nothing else has to be asked for. An id is looked for in every Region at once. */
const byId = async (
  { id, accessKeyId }: Request & { readonly by: 'finding-id' },
  gaps: Gaps,
  asking: FindingSearch,
): Promise<readonly ReadFinding[]> => {
  const arn = findingArnOf(id)
  const idOf = arn?.findingId ?? id
  // The finding that was named: one that cannot be read ends the run with what is wrong, and not as "no such finding".
  const inDetector = (region: string, detector: string) =>
    getFindings(asking, region, detector, [idOf], (raw) => narrowFinding(raw, accessKeyId))
  const look = async (region: string) => {
    if (arn) {
      try {
        return await inDetector(region, arn.detectorId)
      } catch (error) {
        // A Region in which GuardDuty was disabled and enabled again has another detector.
        if (!isRefusal(error) || isDenied(error)) throw error
      }
    }
    const detector = await detectorIn(asking, region)
    return detector === undefined ? [] : inDetector(region, detector)
  }
  return everywhere(arn ? { regions: [arn.region] } : asking, gaps, look, ({ length }) => length > 0)
}

/** A finding that nothing speaks against as far as the finding itself shows. */
const isCertain = (found: readonly ReadFinding[]): boolean =>
  found.some(({ finding }) => finding.sampleMarks.length === 0 && !finding.archived)

/** What of GuardDuty could not be read on the way: findings, and whole Regions. */
export interface Gaps {
  readonly unreadable: UnreadableFinding[]
  readonly notRead: UnreadRegion[]
  /** Regions in which CloudTrail was asked for what was reported and could not be read; absent where it was not asked. */
  cloudTrail?: readonly UnreadRegion[]
  /** Why CloudTrail and IAM do not name the credentials of what was reported, as a clause. */
  reportMissing?: string
  /** Why there may be more credentials of what was reported than were found, in sentences without a full stop. */
  reportPartial?: readonly string[]
  /** Another account, to which CloudTrail's records of the key's calls say that the key belongs. */
  keyAccount?: string
}

/**
 * What GuardDuty answers in the Regions, the first one's first; with `isEnough`, what the first Region answers that has enough, without
 * waiting for the others. Throws the first Region's failure where none could be read.
 */
const everywhere = async (
  asked: AskedRegions,
  gaps: Gaps,
  look: (region: string) => Promise<readonly ReadFinding[]>,
  isEnough?: (found: readonly ReadFinding[]) => boolean,
): Promise<readonly ReadFinding[]> => {
  const what = 'ask GuardDuty for findings'
  const { answers, notRead } = await (isEnough
    ? untilOneRegion(asked, what, look, isEnough)
    : inEveryRegion(asked.regions, what, look))
  gaps.notRead.push(...notRead)
  if (answers.length === 0 && notRead[0]) throw notRead[0].failure
  return answers.flatMap(({ answer }) => answer)
}
