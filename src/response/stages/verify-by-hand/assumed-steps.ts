import { MINUTE_SECONDS } from '../../../incident/values/duration.ts'
import { type Instant, isBefore, plus, wholeSecond } from '../../../incident/values/instant.ts'
import type { CloudTrailRecord } from '../../../investigation/record.ts'
import { type LookedStep, shows } from './hand-steps.ts'
import { plainText, readWords } from './newest-calls.ts'
import { elsewhere, type RootSeen } from './root-seen.ts'

const assumedUntil = (seen: RootSeen): Instant => {
  const { issue, finding, look } = seen
  return wholeSecond(plus(issue?.at ?? finding.lastSeen ?? look.at, LONGEST_ASSUMED))
}

/** Seconds: "AssumeRoot". A shorter one that was asked for ends before. */
const LONGEST_ASSUMED = 15 * MINUTE_SECONDS

export const assumedSession = (seen: RootSeen): LookedStep => {
  const until = assumedUntil(seen)
  return {
    id: 'assumed-session',
    sentence: `Wait until the session has ended: it lives until ${until} at the latest, and has no password and no keys behind it`,
    commands: [],
    look: isBefore(until, seen.look.at)
      ? shows('done', `it ended at ${until} at the latest: no session of sts:AssumeRoot lives longer than 15 minutes`)
      : shows('open', `it can be used until ${until}`),
  }
}

/** What the account sees of whoever called AssumeRoot: the unique id, without its name. */
const sourceWords = ({ principalId, accountId }: CloudTrailRecord): string =>
  `${plainText(principalId ?? 'an unknown principal')} of account ${plainText(accountId ?? 'unknown')}`

export const assumedSource = (seen: RootSeen, issue: CloudTrailRecord, declaredAt: Instant | undefined): LookedStep => {
  const { look, finding, setting } = seen
  const [newest] = look.assumed.filter(({ principalId }) => principalId === issue.principalId)
  const source = sourceWords(issue)
  const calls = `its newest sts:AssumeRoot here is of ${(newest ?? issue).at} (${readWords(seen.look)})`
  const isAgain = declaredAt !== undefined && newest !== undefined && isBefore(declaredAt, newest.at)
  const shared = issue.sharedEventId === undefined ? '' : `; the record there has sharedEventID ${plainText(issue.sharedEventId)}`
  const aws = elsewhere(setting)
  return {
    id: 'assumed-source',
    sentence: `Contain ${source}, which took the session by sts:AssumeRoot and takes the next one: it is an incident of its own${shared}`,
    where: `in account ${plainText(issue.accountId ?? 'of the caller')}; there \`ir-cred respond --access-key-id\` takes the key of the record that this finds`,
    commands: [
      aws(
        `cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=AssumeRoot --start-time ${plus(issue.at, -1)} --end-time ${plus(issue.at, 1)}`,
        finding.region,
      ),
    ],
    look: isAgain
      ? shows('open', `it was declared to be contained at ${declaredAt}, and ${calls}`)
      : shows('nothing', `its account is not visible from here; ${calls}`),
  }
}

/** The tasks of AssumeRoot after which the root user has no other way in than before. */
const HARMLESS_TASK =
  /root-task\/(?:IAMAuditRootUserCredentials|IAMDeleteRootUserCredentials|S3UnlockBucketPolicy|SQSUnlockQueuePolicy)$/

/** What the session was allowed, as its record says. */
export const taskOf = (issue: CloudTrailRecord): string | undefined => {
  const asked = JSON.stringify(issue.request ?? {})
  return /root-task\/\w+/.exec(asked)?.[0].slice('root-task/'.length)
}

export const mayHaveMadeAPassword = (issue: CloudTrailRecord): boolean => !HARMLESS_TASK.test(`root-task/${taskOf(issue) ?? ''}`)
