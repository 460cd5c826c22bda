import { isIP } from 'node:net'
import { type AskedRegions, type UnreadRegion, untilOneRegion } from '../../../aws/every-region.ts'
import type { Finding } from '../../../incident/finding/finding.ts'
import { given } from '../../../incident/values/given.ts'
import { type Instant, isBefore } from '../../../incident/values/instant.ts'
import { rawText, untrusted } from '../../../incident/values/untrusted.ts'
import type { ReadFinding } from '../../../investigation/enrichment/guardduty/findings-query.ts'
import { type KeySession, sessionOfCall } from '../../../investigation/key-session.ts'
import type { CloudTrailRecord } from '../../../investigation/record.ts'
import { newestCalls } from '../../../investigation/sources/lookup-events.ts'
import type { Context } from '../../stage.ts'

/** What CloudTrail shows of a key that the responder named. */
export interface ReportedKey {
  /** In the place of a finding; absent where no record names a role session. */
  readonly found?: ReadFinding
  readonly notRead: readonly UnreadRegion[]
}

/**
 * The role session of an access key by the newest records of its calls: the first Region that has one wins. Regions that cannot be read
 * are listed; thrown is what concerns the whole run.
 */
export const reportedKey = async (
  accessKeyId: string,
  { aws, ...asked }: Pick<Context, 'aws'> & AskedRegions,
): Promise<ReportedKey> => {
  const look = async (region: string): Promise<ReadFinding | undefined> => {
    const calls = await newestCalls(aws(region).cloudtrail, accessKeyId)
    const ofSessions = calls.flatMap(({ record, raw }) => {
      const session = record.accessKeyId === accessKeyId ? sessionOfCall(record) : undefined
      return session ? [{ record, raw, session }] : []
    })
    const [newest] = ofSessions
    if (!newest) return undefined
    const records = ofSessions.map(({ record }) => record)
    return {
      finding: inPlaceOfFinding(accessKeyId, newest.session, records, asked.regions[0] ?? region),
      raw: JSON.parse(newest.raw),
    }
  }
  const { answers, notRead } = await untilOneRegion(asked, 'look the key up', look, (found) => found !== undefined)
  return { notRead, ...given({ found: answers.find(({ answer }) => answer)?.answer }) }
}

/** What the records say in the form of a finding. The instance may be in another Region than the calls: the search begins at home. */
const inPlaceOfFinding = (
  accessKeyId: string,
  { accountId, partition, roleName, principalId }: KeySession,
  records: readonly CloudTrailRecord[],
  region: string,
): Finding => {
  const times = records.map(({ at }) => at).sort((a, b) => (isBefore(a, b) ? -1 : 1))
  const [first, last] = [times.at(0) as Instant, times.at(-1) as Instant]
  return {
    ...{ id: accessKeyId, type: 'reported', accountId, partition, region, accessKeyId, principalId, userName: roleName },
    ...{ createdAt: first, updatedAt: last, firstSeen: first, lastSeen: last, count: records.length },
    ...{ archived: false, sampleMarks: [], userType: 'AssumedRole', instancePublicIps: [], threatLists: [], remarks: [] },
    ...given({ action: records[0] && actionOf(records[0]) }),
  }
}

const actionOf = ({ eventName, eventSource, source, userAgent, errorCode }: CloudTrailRecord): Finding['action'] => {
  const ip = rawText(source)
  return {
    type: 'AWS_API_CALL',
    ...{ api: untrusted(eventName), service: untrusted(eventSource), userAgent },
    ...(errorCode === undefined ? {} : { errorCode: untrusted(errorCode) }),
    ...(isIP(ip) > 0 ? { remote: { ip } } : {}),
  }
}
