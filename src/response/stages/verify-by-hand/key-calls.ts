import { LONGEST_ROLE_SESSION_SECONDS } from '../../../incident/values/duration.ts'
import { type Instant, isBefore, plus, wholeSecond } from '../../../incident/values/instant.ts'
import type { CloudTrailRecord } from '../../../investigation/record.ts'
import { type LookedStep, type StepLook, shows } from './hand-steps.ts'
import { arrivedBy, type CallsRead, readWords, sourceText, succeeded, unreadSince } from './newest-calls.ts'

/** The calls of a stolen session of a role, as one look found them. */
export interface KeySeen extends CallsRead {
  readonly accessKeyId: string
  /** The newest first. */
  readonly calls: readonly CloudTrailRecord[]
  /** When the session was issued, or when it was first seen. */
  readonly from: Instant
  /** Nothing that is done by hand denies the key: it works until its session ends, whether it is used or not. */
  readonly isUndenied?: boolean
}

/** The last step: the stolen key is let in no more. `since` is when everything else was done; absent while it is not. */
export const keyCallsStep = (seen: KeySeen, since: Instant | undefined): LookedStep => ({
  id: 'key-calls',
  sentence: `See that nobody is let in with ${seen.accessKeyId} any more`,
  commands: [],
  look: keyLook(seen, since),
})

const keyLook = (seen: KeySeen, since: Instant | undefined): StepLook => {
  const calls = seen.calls.filter(succeeded)
  const [newest] = calls
  const last = newest
    ? `its last successful call is ${newest.eventName} at ${newest.at} from ${sourceText(newest)}`
    : 'no successful call of it is seen'
  const end = wholeSecond(plus(seen.from, LONGEST_ROLE_SESSION_SECONDS))
  if (isBefore(end, seen.at)) return shows('done', `the session ended at ${end} at the latest: none lives longer than 12 hours`)
  if (since === undefined)
    return shows(
      'open',
      `it says nothing until the other steps are done; ${last} (${readWords(seen)}); the session ends at ${end} at the latest`,
    )
  if (newest && isBefore(since, newest.at)) return shows('open', `THE STOLEN KEY IS STILL LET IN: ${last}`)
  if (seen.isUndenied)
    return shows('open', `nothing denies the key: it can be used until ${end} at the latest; ${last} (${readWords(seen)})`)
  const unread = unreadSince(since, seen)
  if (unread !== undefined) return shows('nothing', unread)
  const due = arrivedBy(since)
  const refused = seen.calls.filter(({ outcome, at }) => outcome === 'denied' && isBefore(since, at)).length
  return isBefore(seen.at, due)
    ? shows('open', `no successful call since ${wholeSecond(since)} is seen; look again after ${due} (${readWords(seen)})`)
    : shows(
        'done',
        `no successful call after ${wholeSecond(since)} in CloudTrail, read at ${wholeSecond(seen.at)}; ${refused} were refused since`,
      )
}
