import type { AskedRegions } from '../../../aws/every-region.ts'
import type { Request } from '../../../incident/entry.ts'
import type { FoundFinding } from '../../../incident/facts/facts.ts'
import { isTemporaryKeyId } from '../../../incident/values/identifiers.ts'
import type { ReadFinding } from '../../../investigation/enrichment/guardduty/findings-query.ts'
import type { Context } from '../../stage.ts'
import { endsWithTheFirst, type Gaps, search } from './search.ts'

/** What a search has brought up, and whose word it is. */
export interface Candidates {
  readonly candidates: readonly ReadFinding[]
  readonly source: FoundFinding['source']
}

const NONE: Candidates = { candidates: [], source: 'guardduty' }

/** Looks once, or with --wait until one appears. */
export const waitFor = async (request: Request, context: Context, gaps: Gaps): Promise<Candidates> => {
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
