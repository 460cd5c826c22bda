import { isAwsError } from '../../../aws/failure.ts'
import type { UsualUse } from '../../../incident/facts/subject.ts'
import type { RoleHistory } from '../../../incident/role-history.ts'
import { DAY_SECONDS } from '../../../incident/values/duration.ts'
import { Failure } from '../../../incident/values/failure.ts'
import { given } from '../../../incident/values/given.ts'
import { arnOf } from '../../../incident/values/identifiers.ts'
import { type Instant, plus } from '../../../incident/values/instant.ts'
import { looksLikeSecret } from '../../../incident/values/quoted.ts'
import type { Context } from '../../stage.ts'

/** The count stands before the deny, so it is short: seconds of AWS's time, then the query is stopped. */
const COUNT_SECONDS = 60

/** So many days before the theft are counted, as many as CloudTrail's event history keeps. */
const COUNTED_DAYS = 90

interface CountedTheft {
  readonly addresses: readonly string[]
  readonly role: { readonly id: string; readonly arn: string }
  readonly accessKeyId: string
  readonly before: Instant
}

/**
 * The use of the theft's addresses in the 90 days before it, counted by Athena or CloudTrail Lake. A query that fails, is denied or takes
 * too long, and a source without any call of the role, are a reason (`why`) and end nothing. Thrown are an interruption and bugs.
 */
export const countedUse = async (
  history: RoleHistory,
  { addresses, role, accessKeyId, before }: CountedTheft,
  context: Context,
): Promise<UsualUse | { readonly why: string }> => {
  const from = plus(before, -COUNTED_DAYS * DAY_SECONDS)
  const { signal } = context
  context.progress(
    `${history.service} counts whether the role called from ${addresses.join(', ')} before (up to ${COUNT_SECONDS} s)`,
  )
  try {
    const asked = { id: role.id, ...given({ accountId: arnOf(role.arn)?.accountId }) }
    const {
      calls,
      first,
      bytes,
      incomplete,
      addresses: uses,
    } = await history.count(
      { role: asked, stolenKey: accessKeyId, from, until: before, addresses },
      { signal, within: COUNT_SECONDS },
    )
    if (calls === 0)
      return { why: `${history.name} has no call of the role in the ${COUNTED_DAYS} days before the theft: that proves nothing` }
    const counted = { source: history.name, bytes, ...given({ firstCall: first }) }
    return { before, calls, readBackTo: from, regions: [], counted, addresses: uses, incomplete }
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof Failure) return { why: `${history.name} could not be asked: ${reasonOf(error)}` }
    if (isAwsError(error)) return { why: `${history.name} could not be asked: ${(error as Error).name}` }
    throw error
  }
}

/** Remedies for other kinds of failure are about the questions of `ir-cred investigate`. */
const REMEDIES: readonly Failure['kind'][] = ['identity', 'usage']

const reasonOf = ({ what, why, remedy, kind }: Failure): string =>
  [
    why === undefined ? what : `${what} (${printableReason(why)})`,
    ...(remedy !== undefined && REMEDIES.includes(kind) ? [remedy] : []),
  ].join('; ')

const LONGEST_REASON = 200

/** AWS's own words hold names that somebody else has chosen. */
const printableReason = (why: string): string =>
  looksLikeSecret(why) ? 'its reason is not shown' : why.replace(/[^\x20-\x7e]/g, '?').slice(0, LONGEST_REASON)
