import { GetAccessKeyLastUsedCommand, GetUserCommand } from '@aws-sdk/client-iam'
import { GetAccessKeyInfoCommand } from '@aws-sdk/client-sts'
import { type AskedRegions, type UnreadRegion, untilOneRegion } from '../../../aws/every-region.ts'
import { unreadReason } from '../../../aws/failure.ts'
import type { Finding } from '../../../incident/finding/finding.ts'
import { given } from '../../../incident/values/given.ts'
import { arnOf, isAccountId, isRoleName, isTemporaryKeyId } from '../../../incident/values/identifiers.ts'
import type { Instant } from '../../../incident/values/instant.ts'
import type { ReadFinding } from '../../../investigation/enrichment/guardduty/findings-query.ts'
import { newestEvents } from '../../../investigation/sources/lookup-events.ts'
import type { Context } from '../../stage.ts'
import { byKey, evidenceIn, inPlaceOfFinding } from './credential-evidence.ts'

/** What CloudTrail and IAM show of a key that the responder named. */
export interface ReportedKey {
  /** In the place of a finding; absent where nothing names whose key it is. */
  readonly found?: ReadFinding
  readonly notRead: readonly UnreadRegion[]
}

type Asking = Pick<Context, 'aws'> & AskedRegions

/**
 * Whose an access key is, by the newest records of its calls: the first Region that has one wins. Regions that cannot be read are listed;
 * thrown is what concerns the whole run.
 */
export const reportedKey = async (accessKeyId: string, { aws, ...asked }: Asking): Promise<ReportedKey> => {
  const look = async (region: string): Promise<ReadFinding | undefined> => {
    const calls = await newestEvents(aws(region).cloudtrail, 'AccessKeyId', accessKeyId)
    const [own] = byKey(calls.flatMap(evidenceIn).filter((one) => one.accessKeyId === accessKeyId && !one.isIssue))
    // The instance may be in another Region than the calls: the search begins at home.
    return own && inPlaceOfFinding(own, asked.regions[0] ?? region)
  }
  const { answers, notRead } = await untilOneRegion(asked, 'look the key up', look, (found) => found !== undefined)
  return { notRead, ...given({ found: answers.find(({ answer }) => answer)?.answer }) }
}

/**
 * The user of a long-term key as IAM has it, which knows keys that never called; nothing where IAM cannot be asked or does not know the
 * key in this account ("GetAccessKeyLastUsed").
 */
export const userOfKey = async (
  accessKeyId: string,
  { aws, regions, now }: Pick<Context, 'aws' | 'now'> & AskedRegions,
): Promise<ReadFinding | undefined> => {
  const region = regions[0] ?? ''
  if (isTemporaryKeyId(accessKeyId)) return undefined
  const { iam } = aws(region)
  try {
    const used = await iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: accessKeyId }))
    if (used.UserName === undefined || !isRoleName(used.UserName)) return undefined
    const { User: user } = await iam.send(new GetUserCommand({ UserName: used.UserName }))
    const arn = arnOf(user?.Arn ?? '')
    if (!user?.UserId || !arn || !isAccountId(arn.accountId)) return undefined
    return {
      finding: userKeyFinding(accessKeyId, { ...arn, userName: used.UserName, userId: user.UserId }, region, now()),
      raw: used,
    }
  } catch (error) {
    if (unreadReason(error) === undefined) throw error
    return undefined
  }
}

interface KnownUser {
  readonly accountId: string
  readonly partition: string
  readonly userName: string
  readonly userId: string
}

/** In the place of a finding: a key of a user of which no call is known. */
export const userKeyFinding = (
  accessKeyId: string | undefined,
  { accountId, partition, userName, userId }: KnownUser,
  region: string,
  now: Instant,
): Finding => ({
  ...{ id: accessKeyId ?? userId, type: 'reported', accountId, partition, region, principalId: userId, userName },
  ...given({ accessKeyId }),
  ...{ createdAt: now, updatedAt: now, count: 0, archived: false, sampleMarks: [], userType: 'IAMUser' as const },
  ...{ instancePublicIps: [], threatLists: [], remarks: [] },
})

/** The account that a key belongs to, whether it is active or not ("GetAccessKeyInfo"); undefined where STS does not say. */
export const accountOfKey = async (
  accessKeyId: string,
  { aws, regions }: Pick<Context, 'aws' | 'regions'>,
): Promise<string | undefined> => {
  try {
    const { Account: account } = await aws(regions[0] ?? '').sts.send(new GetAccessKeyInfoCommand({ AccessKeyId: accessKeyId }))
    return account !== undefined && isAccountId(account) ? account : undefined
  } catch (error) {
    if (unreadReason(error) === undefined) throw error
    return undefined
  }
}
