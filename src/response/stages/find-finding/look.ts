import type { AskedRegions } from '../../../aws/every-region.ts'
import type { ReportedRequest, Request } from '../../../incident/entry.ts'
import type { FoundFinding } from '../../../incident/facts/facts.ts'
import { Failure } from '../../../incident/values/failure.ts'
import type { ReadFinding } from '../../../investigation/enrichment/guardduty/findings-query.ts'
import type { Context } from '../../stage.ts'
import { endsWithTheFirst, type Gaps, search } from './search.ts'

/** What a search has brought up, and whose word it is. */
export interface Candidates {
  readonly candidates: readonly ReadFinding[]
  readonly source: FoundFinding['source']
}

const NONE: Candidates = { candidates: [], source: 'guardduty' }

/** Whether the responder names what the response is about, so that it needs no finding. */
export const isReport = (request: Request): request is ReportedRequest =>
  request.by !== 'finding-id' && request.by !== 'file' && request.by !== 'list'

/** Looks once, or with --wait until a finding appears; what was reported is looked up in CloudTrail and IAM when there is none. */
export const lookFor = async (request: Request, context: Context, gaps: Gaps): Promise<Candidates> => {
  const reported = isReport(request) && request.by !== 'access-key-id' ? () => withoutFinding(request, context, gaps) : undefined
  if (context.findingWait > 0) {
    const found = await waitFor(request, context, gaps)
    return found.candidates.length > 0 || !reported ? found : reported()
  }
  // Both at once: the second answer counts only where the first has nothing.
  const looked = reported?.()
  looked?.catch(() => undefined)
  if (!looked) return lookOnce(request, context, gaps)
  const found = await lookOnce(request, context, gaps).catch(withoutAnswer)
  return found.candidates.length > 0 ? found : looked
}

/** What GuardDuty refuses, or does not answer, is said of the Regions; only what concerns the whole run is thrown. */
const withoutAnswer = (error: unknown): Candidates => {
  if (error instanceof Failure && error.kind !== 'interrupted') return NONE
  throw error
}

const waitFor = async (request: Request, context: Context, gaps: Gaps): Promise<Candidates> => {
  const look = async () => {
    gaps.unreadable.length = 0
    gaps.notRead.length = 0
    const found = await lookOnce(request, context, gaps)
    return found.candidates.length > 0 ? found : undefined
  }
  const now = await look()
  if (now) return now
  context.progress('GuardDuty has no such finding yet; it takes some minutes')
  return (await context.settle({ what: 'a finding', kind: 'finding', within: context.findingWait }, look)) ?? NONE
}

/** Waits for findings that were not shown, whether GuardDuty updates those or not; none when the wait is over. */
export const newerThan = async (
  shown: readonly ReadFinding[],
  request: Request,
  context: Context,
  gaps: Gaps,
): Promise<readonly ReadFinding[]> => {
  const ids = new Set(shown.map(({ finding }) => finding.id))
  const look = async () => {
    gaps.unreadable.length = 0
    gaps.notRead.length = 0
    const newer = (await lookOnce(request, context, gaps)).candidates.filter(({ finding }) => !ids.has(finding.id))
    return newer.length > 0 ? newer : undefined
  }
  const plural = shown.length === 1 ? 'the finding that is' : `the ${shown.length} findings that are`
  context.progress(`ir-cred waits for a finding that is newer than ${plural} there`)
  return (await context.settle({ what: 'a newer finding', kind: 'finding', within: context.findingWait }, look)) ?? []
}

/** What CloudTrail and IAM show of what was reported. The code is loaded only here: a finding needs none of it. */
const withoutFinding = async (
  request: Exclude<ReportedRequest, { readonly by: 'access-key-id' }>,
  context: Context,
  gaps: Gaps,
): Promise<Candidates> => {
  const { lookUpReport } = await import('./reports.ts')
  const { found, notRead, missing, partial = [] } = await lookUpReport(request, context)
  gaps.cloudTrail = notRead
  gaps.reportPartial = partial
  gaps.reportMissing = missing
  return { candidates: found, source: 'reported' }
}

/**
 * Asks GuardDuty. A key is looked up in CloudTrail's event history at the same time, and a long-term one in IAM: whichever names whose it is
 * first is acted on, and GuardDuty's finding is compared with it before the restart.
 */
const lookOnce = async (request: Request, context: Context, gaps: Gaps): Promise<Candidates> => {
  const early = endsWithTheFirst(request) ? { ...context, regions: context.likelyRegions } : context
  const asked = search(request, early, gaps).then((candidates): Candidates => ({ candidates, source: 'guardduty' }))
  if (request.by !== 'access-key-id') return asked
  const { accessKeyId } = request
  const looked = [inCloudTrail(accessKeyId, early, gaps), inIam(accessKeyId, early)]
  try {
    return await Promise.any([asked, ...looked].map(orNothing))
  } catch {
    // None has the key: GuardDuty's answer says why, and what ends the search in CloudTrail ends the run.
    const found = await asked
    await Promise.all(looked)
    return found
  }
}

type EarlySearch = Pick<Context, 'aws' | 'setting' | 'now'> & AskedRegions

/** Looks a key up in CloudTrail, whose code no other request needs this early. A key of another account is nothing to respond to here. */
const inCloudTrail = async (accessKeyId: string, early: EarlySearch, gaps: Gaps): Promise<Candidates> => {
  const { reportedKey } = await import('./reported-key.ts')
  const { found, notRead } = await reportedKey(accessKeyId, early)
  gaps.cloudTrail = notRead
  const isForeign = found !== undefined && found.finding.accountId !== early.setting.accountId
  if (isForeign) gaps.keyAccount = found.finding.accountId
  return { candidates: found && !isForeign ? [found] : [], source: 'reported' }
}

const inIam = async (accessKeyId: string, early: EarlySearch): Promise<Candidates> => {
  const { userOfKey } = await import('./reported-key.ts')
  const found = await userOfKey(accessKeyId, early)
  return { candidates: found ? [found] : [], source: 'reported' }
}

/** Rejects where nothing was found, so that a race goes on. */
const orNothing = async (search: Promise<Candidates>): Promise<Candidates> => {
  const found = await search
  if (found.candidates.length === 0) throw new Error('nothing was found')
  return found
}
