import { inEveryRegion, notReadSentences } from '../../../aws/every-region.ts'
import type { Request } from '../../../incident/entry.ts'
import { denyOlderSessions } from '../../../incident/revocation-document.ts'
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

const NOT_IN_CLOUDTRAIL = 'CloudTrail’s event history shows no call with this key'
const EVENT_HISTORY = 'it holds 90 days, and calls come about 5 minutes late'

/**
 * Says where no finding is. Throws the failure of a Region that was not read where the finding is most likely to be there: GuardDuty
 * is enabled in no Region that was read, or the Region was the one asked for. A key of another account is named with its account.
 */
export const noSuchFinding = async (request: Request, gaps: Gaps, context: Context): Promise<Blocked> => {
  const foreign = request.by === 'access-key-id' ? await foreignKey(request.accessKeyId, gaps, context) : undefined
  if (foreign) return foreign
  const { notRead } = gaps
  const arn = request.by === 'finding-id' ? findingArnOf(request.id) : undefined
  const searched = arn ? [arn.region] : await context.regionsKnown()
  const regions = searched.filter((name) => !notRead.some(({ region }) => region === name))
  const { answers } = await inEveryRegion(regions, 'ask GuardDuty for its detector', (region) => detectorIn(context, region))
  const off = answers.filter(({ answer }) => answer === undefined)
  const asked = notRead.find(({ region }) => region === context.setting.region)
  const likely = asked ?? (off.length === regions.length ? notRead[0] : undefined)
  // Where CloudTrail and IAM were asked too, their answer is not hidden by a refusal of GuardDuty's.
  if (likely && gaps.reportMissing === undefined) throw likely.failure
  const where = regions.join(', ')
  const sought = request.by === 'list' ? 'a finding about credentials' : `a finding by ${request.by.replaceAll('-', ' ')}`
  const why = off.length === regions.length ? `GuardDuty is not enabled in ${where}` : `GuardDuty in ${where} has no such finding`
  const reasons = [
    ...(regions.length > 0 ? [why] : []),
    ...notReadSentences('GuardDuty', notRead),
    ...cloudTrailSentences(gaps),
    ...(context.regionsNote && !arn ? [context.regionsNote] : []),
  ]
  return blocked(`ir-cred looked for ${sought}: ${reasons.join('; ')}`, remedyFor(request))
}

const cloudTrailSentences = ({ cloudTrail, reportMissing }: Gaps): readonly string[] =>
  cloudTrail ? [`${reportMissing ?? NOT_IN_CLOUDTRAIL} (${EVENT_HISTORY})`, ...notReadSentences('CloudTrail', cloudTrail)] : []

/** What else to try: of what was reported, the deny that needs no key. */
const remedyFor = (request: Request): string => {
  const elsewhere = 'search another Region (--region) or account (--profile)'
  switch (request.by) {
    case 'access-key-id':
      return `${elsewhere}, or wait for a finding with --wait`
    case 'role':
    case 'session':
      return `${elsewhere}, name the key (--access-key-id), or wait for a finding with --wait; to deny the role’s sessions at once: ${denyOlderSessions('role', request.roleName)}`
    case 'user':
      return `${elsewhere}, name the key (--access-key-id), or wait for a finding with --wait; to deny the user’s sessions at once: ${denyOlderSessions('user', request.userName)}`
    case 'instance-id':
      return `${elsewhere}, name the role of its instance profile (--role) or the key (--access-key-id), or wait for a finding with --wait`
    default:
      return `${elsewhere}, name what was stolen, which needs no finding (--access-key-id, --role, --user, --instance-id, --session), or wait for a finding with --wait`
  }
}

/** A key of another account: nothing is changed here, and its own account is the place to respond. */
const foreignKey = async (accessKeyId: string, { keyAccount }: Gaps, context: Context): Promise<Blocked | undefined> => {
  const { accountId } = context.setting
  const { accountOfKey } = await import('./reported-key.ts')
  const owner = keyAccount ?? (await accountOfKey(accessKeyId, context))
  if (owner === undefined || owner === accountId) return undefined
  const source = keyAccount === undefined ? 'sts:GetAccessKeyInfo' : 'CloudTrail’s records of its calls'
  return blocked(
    `access key ${accessKeyId} belongs to account ${owner} (${source}), and your credentials are for account ${accountId}: ir-cred changes nothing here`,
    `respond in account ${owner}: --profile, or --assume-role with a role of that account; if it is not yours, tell its owner, or AWS Trust & Safety (trustandsafety@support.aws.com). What the key did here: \`ir-cred investigate --access-key-id ${accessKeyId}\``,
  )
}
