import { inEveryRegion, notReadSentences } from '../../../aws/every-region.ts'
import type { Request } from '../../../incident/entry.ts'
import { findingArnOf } from '../../../incident/values/identifiers.ts'
import { detectorIn, type UnreadableFinding } from '../../../investigation/enrichment/guardduty/findings-query.ts'
import { type Blocked, blocked, type Context } from '../../stage.ts'
import type { Gaps } from './search.ts'

/** Why none of the findings that GuardDuty has can be responded to. */
export const noneReadable = ([
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
export const notFound = async (request: Request, { notRead, cloudTrail }: Gaps, context: Context): Promise<Blocked> => {
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
