import type { Activity } from '../../incident/facts/activity.ts'
import type { ChainedSession } from '../../incident/facts/activity-rows.ts'
import { type Block, type Line, list, type Span, text, warning } from '../../incident/values/block.ts'
import { isBefore } from '../../incident/values/instant.ts'
import { quantity, shownLines } from './listing.ts'

const MOST = 50

/** The sessions that the principal obtained, and whether the revocation denies them. */
export const chainedSessionBlocks = ({ chainedSessions }: Activity): readonly Block[] => {
  if (chainedSessions.all === 0) return [text('It obtained no other session.')]
  return [
    chainedSessions.rows.every(({ succeeded }) => !succeeded)
      ? text('It requested other sessions. All requests were refused:')
      : warning(
          'It requested other sessions. The revocation denies only sessions of the revoked role that were issued before the cut-off:',
        ),
    list(shownLines(chainedSessions, chainedSessionLine, MOST)),
  ]
}

const chainedSessionLine = (chainedSession: ChainedSession): Line => {
  const { depth, how, roleArn, sessionArn, at, succeeded, errorCode, accessKeyId, activity, revoked } = chainedSession
  return [
    `${'  '.repeat(depth - 1)}${how} `,
    roleArn ?? sessionArn ?? 'of an unnamed role',
    ' at ',
    { at },
    accessKeyId ? `, key ${accessKeyId}` : '',
    ...(succeeded ? callsOf(activity, at) : [`, refused (${errorCode ?? 'error'})`]),
    succeeded ? (revoked ? ', denied by the revocation' : ', NOT denied by the revocation') : '',
  ]
}

const callsOf = (activity: ChainedSession['activity'], issued: ChainedSession['at']): readonly Span[] => {
  if (!activity) return [', its calls could not be read']
  const { events, lastSeen } = activity
  if (events === 0) return [', the source shows no call of it']
  return [`, ${quantity(events, 'call')}`, ...(lastSeen && isBefore(issued, lastSeen) ? [', last ', { at: lastSeen }] : [])]
}
