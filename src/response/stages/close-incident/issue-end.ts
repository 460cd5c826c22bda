import { LONGEST_ROLE_SESSION_SECONDS } from '../../../incident/values/duration.ts'
import type { Instant } from '../../../incident/values/instant.ts'
import { plus } from '../../../incident/values/instant.ts'
import { obtainedSessions } from '../../../investigation/analysis/obtained-credentials.ts'
import type { CloudTrailRecord } from '../../../investigation/record.ts'
import { sessionEnd } from '../hunt-persistence/live-sessions.ts'

/** When the credentials of an issue expire: as STS states it, or the latest possible time. */
export const endOfIssue = (issue: CloudTrailRecord): Instant => {
  const [obtained] = obtainedSessions([issue])
  return obtained ? sessionEnd(obtained) : plus(issue.at, LONGEST_ROLE_SESSION_SECONDS)
}
