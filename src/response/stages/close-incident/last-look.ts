import { isIP } from 'node:net'
import type { Closure } from '../../../incident/facts/facts.ts'
import { isOfTheInstance, openSources } from '../../../incident/facts/issue.ts'
import type { Subject } from '../../../incident/facts/subject.ts'
import type { IncidentWith } from '../../../incident/incident.ts'
import { isSameAddress } from '../../../incident/values/address.ts'
import { HOUR_SECONDS } from '../../../incident/values/duration.ts'
import { given } from '../../../incident/values/given.ts'
import { type Instant, isBefore, later, plus, wholeSecond } from '../../../incident/values/instant.ts'
import { rawText } from '../../../incident/values/untrusted.ts'
import type { CloudTrailRecord } from '../../../investigation/record.ts'
import { lookupEverywhere } from '../../../investigation/sources/lookup-events.ts'
import type { Context } from '../../stage.ts'
import { newestOwnCall } from '../own-calls.ts'
import { type DenyGap, denyGaps } from '../revoke-sessions/gaps.ts'

type CloseIncident = IncidentWith<'subject' | 'revocation'>

/** Seconds after the cut-off in which a policy may still be spreading ("Changes that I make are not always immediately visible"). */
const GRACE = 300

/**
 * The last look. With a proof wait it goes on until CloudTrail shows what happened up to the moment it began, and past the grace:
 * before that, a call that succeeds may only mean that the policy has not spread yet.
 */
export const lookOnceMore = async (incident: CloseIncident, context: Context): Promise<Closure> => {
  const entered = context.now()
  const enough = later(entered, plus(incident.facts.revocation.cutoff, GRACE + 60))
  let last = await look(incident, context)
  const patience = { what: 'CloudTrail', every: 20, within: context.proofWait }
  if (context.proofWait > 0)
    await context.settle(patience, async () => {
      last = await look(incident, context)
      if (last.seenUpTo && !isBefore(last.seenUpTo, enough)) return true
      context.progress(
        `CloudTrail shows what happened up to ${last.seenUpTo ?? 'a time before this response began'}; waiting for the rest`,
      )
      return undefined
    })
  if (last.raw.length > 0) await context.keep('cloudtrail-last-look', last.raw)
  return closureOf(incident, last, entered)
}

interface Look {
  readonly calls: readonly CloudTrailRecord[]
  readonly raw: readonly string[]
  readonly seenUpTo?: Instant
  readonly incomplete: readonly string[]
}

const look = async ({ facts: { subject, revocation } }: CloseIncident, context: Context): Promise<Look> => {
  const regions = [...new Set([subject.region, 'us-east-1', ...context.regions])]
  const clients = regions.map((region) => ({ region, client: context.aws(region).cloudtrail }))
  const window = { from: plus(revocation.firstCutoff ?? revocation.cutoff, -HOUR_SECONDS), until: context.now() }
  const byKey = await lookupEverywhere(clients, { attribute: 'AccessKeyId', value: subject.accessKeyId, ...window })
  const calls = byKey.records.filter((record) => isOfTheAttacker(record, subject))
  const seenUpTo = await newestOwnCall(subject.region, window, context)
  return { calls, raw: byKey.raw, incomplete: byKey.incomplete, ...given({ seenUpTo }) }
}

/**
 * From outside only: the workload on the instance is refused with the same key, directly or through a NAT gateway, and services
 * call on its behalf; neither proves anything about the attacker. GetCallerIdentity answers under every deny, so it counts neither way.
 */
const isOfTheAttacker = ({ source, eventName }: CloudTrailRecord, { ownAddresses }: Subject): boolean => {
  const address = rawText(source)
  return isIP(address) !== 0 && !ownAddresses.some((own) => isSameAddress(own, address)) && eventName !== 'GetCallerIdentity'
}

const closureOf = (incident: CloseIncident, { calls, seenUpTo, incomplete }: Look, entered: Instant): Closure => {
  const { revocation, subject } = incident.facts
  // Where the deny was gone and was written again, what succeeded meanwhile counts too.
  const cutoff = revocation.firstCutoff ?? revocation.cutoff
  const gaps = denyGaps(incident, entered).map(gapSentence)
  const denied = calls.filter(({ outcome }) => outcome === 'denied')
  // The deny takes effect when it is written, which is before its cut-off.
  const refusals = denied.filter(({ explicitDeny, at }) => explicitDeny && !isBefore(at, plus(cutoff, -60)))
  const otherwise = denied.filter(({ explicitDeny, at }) => !explicitDeny && !isBefore(at, cutoff))
  const successes = calls.filter(({ outcome }) => outcome === 'ok')
  const late = successes.filter(({ at }) => isBefore(plus(cutoff, GRACE), at))
  const firstRefusal = refusals.at(-1)?.at
  const lastRefusal = refusals[0]?.at
  const lastSuccess = successes[0]?.at
  return {
    refused: refusals.length,
    deniedOtherwise: otherwise.length,
    ...(firstRefusal && lastRefusal ? { firstRefusal, lastRefusal } : {}),
    ...given({ lastSuccess }),
    successesAfterGrace: late.length,
    ...given({ seenUpTo, gaps: gaps.length > 0 ? gaps : undefined, wayIn: hasWayIn(subject) ? true : undefined }),
    unproven: [...unprovenOf(seenUpTo, entered, refusals.length), ...sameAddress(subject), ...incomplete],
    alarms: late.length === 0 ? [] : [alarmOf(subject.accessKeyId, late, cutoff)],
  }
}

/** New sessions can be obtained, or new credentials read on the instance, whatever becomes of the stolen key. */
const hasWayIn = (subject: Subject): boolean =>
  openSources(subject).length > 0 || (subject.caller.origin === 'instance' && isOfTheInstance(subject))

const gapSentence = ({ from, gone, until }: DenyGap): string =>
  `the deny did not stand between ${wholeSecond(from)} and ${wholeSecond(until)}: seen to be gone at ${gone.map(wholeSecond).join(', ')}`

const sameAddress = ({ caller: { ip, origin } }: Subject): readonly string[] =>
  origin === 'foreign' || origin === 'unknown'
    ? []
    : [
        `the calls came from ${ip}, an address of this account: CloudTrail does not distinguish the attacker’s calls there from the workload’s`,
      ]

const unprovenOf = (seenUpTo: Instant | undefined, entered: Instant, refused: number): readonly string[] => [
  ...(seenUpTo && !isBefore(seenUpTo, entered)
    ? []
    : [`CloudTrail shows what happened up to ${seenUpTo ?? 'a time before this response began'}; later calls are not in it yet`]),
  ...(refused === 0
    ? [
        'CloudTrail shows no call of the attacker that the revocation refused: only the policy and its simulation show that the deny works',
      ]
    : []),
]

const alarmOf = (accessKeyId: string, late: readonly CloudTrailRecord[], cutoff: Instant): string =>
  `THE ATTACKER STILL GETS IN: ${late.length} call${late.length === 1 ? '' : 's'} with ${accessKeyId} succeeded from outside the instance ` +
  `later than 5 minutes after the cut-off ${cutoff}, last at ${late[0]?.at}`
