import {
  type AskedRegions,
  inEveryRegion,
  notReadSentences,
  type UnreadRegion,
  untilOneRegion,
} from '../../../aws/every-region.ts'
import { isDenied, isRefusal, unreadReason } from '../../../aws/failure.ts'
import { isDrill, type Request } from '../../../incident/entry.ts'
import type { FoundFinding } from '../../../incident/facts/facts.ts'
import { type Finding, isCredentialType, severityWords } from '../../../incident/finding/finding.ts'
import { findingsInText, narrowFinding } from '../../../incident/finding/finding-document.ts'
import { Failure } from '../../../incident/values/failure.ts'
import { findingArnOf, instanceNamedBy, isTemporaryKeyId, roleOfArn } from '../../../incident/values/identifiers.ts'
import type { Instant } from '../../../incident/values/instant.ts'
import { quotedPath } from '../../../incident/values/quoted.ts'
import {
  type Criterion,
  detectorIn,
  getFindings,
  queryFindings,
  type ReadFinding,
  type UnreadableFinding,
} from '../../../investigation/enrichment/guardduty/findings-query.ts'
import { type Blocked, blocked, type Context } from '../../stage.ts'
import { confirmDoubtful, doubtsAbout } from './doubtful.ts'

/** A finding and the document it was read from; no document where it was not read again. */
interface KnownFinding {
  readonly finding: Finding
  readonly source: FoundFinding['source']
  readonly raw: unknown
}

type Chosen = ReadFinding & Pick<KnownFinding, 'source'>

/** By what an answers file chooses among several findings, by their ids. */
export const WHICH_FINDING = 'Which finding do you respond to?'

/**
 * The finding that was asked for, with what speaks against it among its remarks; or why there is none, that none of several was
 * chosen, or that a doubtful one was not confirmed.
 */
export const chosenFinding = async (context: Context): Promise<Chosen | Blocked> => {
  const chosen = await choice(context)
  if ('status' in chosen) return chosen
  const doubts = doubtsAbout(chosen.finding, context.now())
  const declined = await confirmDoubtful(chosen.finding, doubts, context)
  if (declined) return declined
  const remarks = [...chosen.finding.remarks, ...doubts.map(({ says }) => says)]
  return { ...chosen, finding: { ...chosen.finding, remarks } }
}

const choice = async (context: Context): Promise<Chosen | Blocked> => {
  const { request } = context
  const elsewhere = otherAccount(request, context)
  if (elsewhere) return elsewhere
  const gaps: Gaps = { unreadable: [], notRead: [] }
  const { candidates, source } =
    request.by === 'file' ? { candidates: fromFile(request), source: 'file' as const } : await waitFor(request, context, gaps)
  for (const one of gaps.unreadable) context.progress(`finding ${one.id} in ${one.region} cannot be read: ${one.why}`)
  for (const sentence of notReadSentences('GuardDuty', gaps.notRead)) context.progress(sentence)
  if (candidates.length === 0)
    return gaps.unreadable.length > 0 ? noneReadable(gaps.unreadable) : notFound(request, gaps, context)
  const isDoubtful = ({ finding }: ReadFinding): boolean => doubtsAbout(finding, context.now()).length > 0
  const only = candidates.find((one) => !isDoubtful(one)) ?? candidates[0]
  if (candidates.length === 1 && only) return { ...only, source }
  if (request.by !== 'list' && request.by !== 'file' && only && sameKey(candidates)) return { ...only, source }
  const inOrder = [...candidates].sort((a, b) => a.finding.sampleMarks.length - b.finding.sampleMarks.length)
  const id = await context.choose({ what: WHICH_FINDING, options: inOrder.map((one) => option(one, context.now())) })
  const chosen = candidates.find(({ finding }) => finding.id === id)
  if (chosen) return { ...chosen, source }
  return blocked(
    `${candidates.length} findings match, and none was chosen`,
    isDrill(context.setting)
      ? 'run the drill again (`ir-cred drill`) and choose one'
      : `name one: \`ir-cred respond ${inOrder[0]?.finding.id ?? '<finding id>'}\` (\`ir-cred findings\` lists them all)`,
    'declined',
  )
}

/**
 * The finding of an incident that goes on, as GuardDuty has it now. Where GuardDuty cannot be asked or has it no longer (it keeps
 * findings for 90 days), the incident's own stands, with a remark that says so.
 */
export const sameFinding = async ({ finding, source }: FoundFinding, context: Context): Promise<KnownFinding> => {
  if (source !== 'guardduty') return { finding, source, raw: undefined }
  const as = (why: string): KnownFinding => ({
    finding: { ...finding, remarks: [...new Set([...finding.remarks, why])] },
    source,
    raw: undefined,
  })
  try {
    const detector = await detectorIn(context, finding.region)
    const read = (raw: unknown) => narrowFinding(raw, finding.accessKeyId)
    const [now] = detector ? await getFindings(context, finding.region, detector, [finding.id], read) : []
    return now ? { ...now, source } : as('GuardDuty does not return this finding any more; this is what it was')
  } catch (error) {
    if (error instanceof Failure)
      return as(`GuardDuty returns this finding, and ir-cred cannot read it (${error.what}); this is what it was`)
    const why = unreadReason(error)
    if (why === undefined) throw error
    return as(`this finding could not be read again: GuardDuty ${why}; this is what it was`)
  }
}

/** A role or finding that was named by the ARN of another account: one of the same name here is another one. */
const otherAccount = (request: Request, { setting: { accountId, partition } }: Context): Blocked | undefined => {
  const arn = request.by === 'role' ? request.arn : request.by === 'finding-id' ? request.id : undefined
  const named = arn === undefined ? undefined : (roleOfArn(arn) ?? findingArnOf(arn))
  if (!named || (named.accountId === accountId && named.partition === partition)) return undefined
  return blocked(
    `${arn} is in account ${named.accountId} (${named.partition}), and your credentials are for account ${accountId} (${partition})`,
    `use credentials for account ${named.accountId} (${named.partition}): --profile, or --assume-role with a role of that account`,
  )
}

const sameKey = (candidates: readonly ReadFinding[]): boolean =>
  new Set(candidates.map(({ finding }) => finding.accessKeyId)).size === 1

/** One line for each finding; its time has no year and no seconds, so that the line fits the screen. */
const option = ({ finding }: ReadFinding, now: Instant) => {
  const seen = finding.lastSeen ?? finding.updatedAt
  const whose = finding.userName ?? finding.accessKeyId ?? 'unknown'
  const sample = finding.sampleMarks.length > 0 ? 'SAMPLE ' : ''
  const doubts = doubtsAbout(finding, now).map(({ mark }) => `${mark} `)
  return {
    id: finding.id,
    label: [
      `${seen.slice(5, 10)} ${seen.slice(11, 16)}Z  ${severityWords(finding).split(' ', 1)[0]}  ${whose}  ${sample}${doubts.join('')}${finding.type}`,
    ],
  }
}

/** One unreadable finding of a file does not hide the others; when none can be read, the failure is the first one's. */
const fromFile = ({ name, text, accessKeyId }: Request & { by: 'file' }): readonly ReadFinding[] => {
  const read: ReadFinding[] = []
  let fault: Failure | undefined
  for (const raw of findingsInText(text, quotedPath(name))) {
    try {
      read.push({ finding: narrowFinding(raw, accessKeyId), raw })
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      fault ??= error
    }
  }
  if (read.length === 0 && fault) throw fault
  return read
}

/** What a search has brought up, and whose word it is. */
interface Candidates extends Pick<KnownFinding, 'source'> {
  readonly candidates: readonly ReadFinding[]
}

const NONE: Candidates = { candidates: [], source: 'guardduty' }

/** Looks once, or with --wait until one appears. */
const waitFor = async (request: Request, context: Context, gaps: Gaps): Promise<Candidates> => {
  const look = async () => {
    gaps.unreadable.length = 0
    gaps.notRead.length = 0
    const found = await lookOnce(request, context, gaps)
    return found.candidates.length > 0 ? found : undefined
  }
  if (context.findingWait === 0) return (await look()) ?? NONE
  context.progress('GuardDuty has no such finding yet; it takes some minutes')
  return (await context.settle({ what: 'a finding', kind: 'finding', within: context.findingWait }, look)) ?? NONE
}

/**
 * Asks GuardDuty. A temporary key is looked up in CloudTrail's event history at the same time: whichever names its session first is
 * acted on, and the other one is compared with it before the restart.
 */
const lookOnce = async (request: Request, context: Context, gaps: Gaps): Promise<Candidates> => {
  const early = endsWithTheFirst(request) ? { ...context, regions: context.likelyRegions } : context
  const asked = search(request, early, gaps).then((candidates): Candidates => ({ candidates, source: 'guardduty' }))
  if (request.by !== 'access-key-id' || !isTemporaryKeyId(request.accessKeyId)) return asked
  const looked = inCloudTrail(request.accessKeyId, early, gaps)
  try {
    return await Promise.any([asked, looked].map(orNothing))
  } catch {
    // Neither has the key: GuardDuty's answer says why, and what ends the search in CloudTrail ends the run.
    const found = await asked
    await looked
    return found
  }
}

/** Looks a key up in CloudTrail, whose code no other request needs this early. */
const inCloudTrail = async (accessKeyId: string, early: Pick<Context, 'aws'> & AskedRegions, gaps: Gaps): Promise<Candidates> => {
  const { reportedKey } = await import('./reported-key.ts')
  const { found, notRead } = await reportedKey(accessKeyId, early)
  gaps.cloudTrail = notRead
  return { candidates: found ? [found] : [], source: 'reported' }
}

/** Rejects where nothing was found, so that a race goes on. */
const orNothing = async (search: Promise<Candidates>): Promise<Candidates> => {
  const found = await search
  if (found.candidates.length === 0) throw new Error('nothing was found')
  return found
}

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
  if (request.by === 'finding-id') return byId(request.id, gaps, asking)
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
      return { 'resource.accessKeyDetails.userName': { Equals: [request.roleName] }, ...NOT_ARCHIVED }
    default:
      return NOT_ARCHIVED
  }
}

const NOT_ARCHIVED: Criterion = { 'service.archived': { Equals: ['false'] } }

/** Types are matched by pattern, never by a closed list; a finding of any type counts when it names a key. */
const fits = (request: Request, finding: Finding): boolean => {
  if (request.by === 'instance-id') {
    const session = instanceNamedBy(finding.principalId)
    return (session ?? finding.instanceId) === request.instanceId && isAboutCredentials(finding)
  }
  return request.by === 'list' ? isAboutCredentials(finding) : true
}

const isAboutCredentials = (finding: Finding): boolean => isCredentialType(finding.type) || finding.accessKeyId !== undefined

/** An ARN names its Region and its detector: then nothing else has to be asked for. An id is looked for in every Region at once. */
const byId = async (given: string, gaps: Gaps, asking: FindingSearch): Promise<readonly ReadFinding[]> => {
  const arn = findingArnOf(given)
  const idOf = arn?.findingId ?? given
  // The finding that was named: one that cannot be read ends the run with what is wrong, and not as "no such finding".
  const inDetector = (region: string, detector: string) =>
    getFindings(asking, region, detector, [idOf], (raw) => narrowFinding(raw))
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
  /** Regions in which CloudTrail was asked for a key and could not be read; absent where it was not asked. */
  cloudTrail?: readonly UnreadRegion[]
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

const noneReadable = ([
  { id, region, why } = { id: '', region: '', why: '' },
  ...others
]: readonly UnreadableFinding[]): Blocked =>
  blocked(
    `GuardDuty in ${region} has finding ${id}, and ir-cred cannot read it: ${why}${others.length > 0 ? ` (and ${others.length} more)` : ''}`,
    'respond from what it says: name the key, role or instance (--access-key-id, --role, --instance-id), or give the finding as a file',
  )

const NOT_IN_CLOUDTRAIL =
  'CloudTrail’s event history shows no call of a role session with this key (it holds 90 days, and calls come about 5 minutes late)'

/**
 * Says where no finding is. Throws the failure of a Region that was not read where the finding is most likely to be there: GuardDuty
 * is enabled in no Region that was read, or the Region was the one asked for.
 */
const notFound = async (request: Request, { notRead, cloudTrail }: Gaps, context: Context): Promise<Blocked> => {
  const arn = request.by === 'finding-id' ? findingArnOf(request.id) : undefined
  const searched = arn ? [arn.region] : await context.regionsKnown()
  const regions = searched.filter((name) => !notRead.some(({ region }) => region === name))
  const { answers } = await inEveryRegion(regions, 'ask GuardDuty for its detector', (region) => detectorIn(context, region))
  const off = answers.filter(({ answer }) => answer === undefined)
  const asked = notRead.find(({ region }) => region === context.setting.region)
  const likely = asked ?? (off.length === regions.length ? notRead[0] : undefined)
  if (likely) throw likely.failure
  const where = regions.join(', ')
  const sought = request.by === 'list' ? 'a finding about credentials' : `a finding by ${request.by.replaceAll('-', ' ')}`
  const why = off.length === regions.length ? `GuardDuty is not enabled in ${where}` : `GuardDuty in ${where} has no such finding`
  const gaps = [
    ...notReadSentences('GuardDuty', notRead),
    ...(cloudTrail ? [NOT_IN_CLOUDTRAIL, ...notReadSentences('CloudTrail', cloudTrail)] : []),
    ...(context.regionsNote && !arn ? [context.regionsNote] : []),
  ]
  return blocked(
    `ir-cred looked for ${sought}: ${[why, ...gaps].join('; ')}`,
    `search another Region (--region) or account (--profile), ${request.by === 'access-key-id' ? '' : 'name the key, which needs no finding (--access-key-id), '}or wait for a finding with --wait`,
  )
}
