import type { Request } from '../../../incident/entry.ts'
import type { Finding } from '../../../incident/finding/finding.ts'
import { DAY_SECONDS, MINUTE_SECONDS } from '../../../incident/values/duration.ts'
import { type Instant, isBefore, plus, secondsBetween, wholeSecond } from '../../../incident/values/instant.ts'
import { type Blocked, blocked, type Context } from '../../stage.ts'

/** As long as GuardDuty keeps findings ("Retention and deletion"). What it saw last before that is hardly what happens now. */
const OLD = 90 * DAY_SECONDS

/** By so much may the clock of whatever dated a finding be ahead. */
const CLOCKS = 5 * MINUTE_SECONDS

/** Why a finding may be the wrong one to respond to. */
export interface Doubt {
  readonly mark: 'ARCHIVED' | 'OLD' | 'FUTURE'
  readonly says: string
}

/** What speaks against responding to a finding now: it is archived, 90 days old or older, or dated in the future. */
export const doubtsAbout = (finding: Finding, now: Instant): readonly Doubt[] => {
  const { archived, createdAt, updatedAt, lastSeen = updatedAt } = finding
  const days = Math.floor(secondsBetween(lastSeen, now) / DAY_SECONDS)
  const ahead = [createdAt, updatedAt, lastSeen].find((time) => isBefore(plus(now, CLOCKS), time))
  return [
    ...(archived
      ? [{ mark: 'ARCHIVED' as const, says: 'the finding is archived: somebody has dealt with it or suppresses it' }]
      : []),
    ...(days * DAY_SECONDS >= OLD
      ? [{ mark: 'OLD' as const, says: `GuardDuty saw it last ${days} days ago, at ${wholeSecond(lastSeen)}` }]
      : []),
    ...(ahead ? [{ mark: 'FUTURE' as const, says: `it is dated ${wholeSecond(ahead)}, and now it is ${wholeSecond(now)}` }] : []),
  ]
}

/** Why a finding that names no credentials is nothing to respond to, and what to name instead; undefined for one that names some. */
export const withoutCredentials = ({ id, type, ...finding }: Finding): Blocked | undefined => {
  const { accessKeyId, principalId, userName, userType, instanceId, sampleMarks } = finding
  const named = accessKeyId ?? principalId ?? userName
  if (named !== undefined || userType !== 'Unknown' || sampleMarks.length > 0) return undefined
  const about = instanceId === undefined ? 'a resource' : `instance ${instanceId}`
  return blocked(
    `finding ${id} (${type}) is about ${about} and names no credentials`,
    instanceId === undefined
      ? 'if credentials were stolen too, name what they belong to: --role, --user, --instance-id or --access-key-id'
      : `if its credentials may be stolen, respond to the instance: \`ir-cred respond --instance-id ${instanceId}\``,
  )
}

/** By what an answers file answers the question. */
export const DOUBTFUL_QUESTION = 'The finding is archived, 90 days old, or dated in the future. Respond to it?'

/** Requests that name what is responded to, so that a doubt holds nothing up. */
const NAMES_IT: readonly Request['by'][] = ['finding-id', 'file', 'access-key-id', 'session']

/**
 * Asks whether to respond to a finding that a search has brought up and that something speaks against. Whoever names a finding
 * by its id, its ARN, its file or its access key is only informed. Gives why the run stops, or undefined.
 */
export const confirmDoubtful = async (
  { id, type }: Finding,
  doubts: readonly Doubt[],
  context: Pick<Context, 'request' | 'choose'>,
): Promise<Blocked | undefined> => {
  const { by } = context.request
  if (doubts.length === 0 || NAMES_IT.includes(by)) return undefined
  const why = doubts.map(({ says }) => says).join('; ')
  const answer = await context.choose({
    what: DOUBTFUL_QUESTION,
    options: [
      { id: 'stop', label: ['no, stop here'] },
      { id: 'respond', label: [`yes, respond to ${type}: ${why}`] },
    ],
  })
  if (answer === 'respond') return undefined
  return blocked(
    `finding ${id} was not confirmed: ${why}`,
    `to respond to this very finding, name it: \`ir-cred respond ${id}\`; \`ir-cred findings\` lists others`,
    'declined',
  )
}
