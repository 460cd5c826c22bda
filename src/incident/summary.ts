import type { Access } from './facts/access.ts'
import type { ByHand } from './facts/by-hand.ts'
import type { Closure } from './facts/closure.ts'
import {
  type Corroboration,
  type FactName,
  type Restart,
  type Revocation,
  type Rotation,
  sparesOthers,
  type Verdict,
} from './facts/facts.ts'
import { LIFT_STATES, type Lift, standingAfterLift } from './facts/lift.ts'
import { leavesWayBack, standingCounts } from './facts/persistence.ts'
import { type Renewal, workloadWords } from './facts/renewal-fact.ts'
import { type Incident, isDenyLifted, liftedAt } from './incident.ts'
import type { Line, Span } from './values/block.ts'
import { duration } from './values/duration.ts'
import { type Instant, secondsBetween } from './values/instant.ts'

/** One line of the summary: the label that a responder looks for, and the fact that the line follows from. */
export interface SummaryRow {
  readonly fact: FactName
  readonly label: string
  readonly line: Line
}

/** What the verdicts mean, in the order of how sure they are. */
const VERDICTS: { readonly [V in Verdict]: string } = {
  rotated: 'rotated, and corroborated by CloudTrail’s record of the issue',
  renewed: 'renewed, according to the SSM agent; CloudTrail does not show the issue of the reported key yet',
  'rotated-unproven': 'rotated according to the instance; no other source confirms it',
  contradicted: 'CONTRADICTED: CloudTrail shows another key',
  'not-rotated': 'NOT rotated',
  unverifiable: 'not verifiable',
}

/** The outcome of the incident, from its facts alone: terminal and report end with the same rows. Without its fact a row is missing. */
export const summary = (incident: Incident): readonly SummaryRow[] => {
  const { revocation, access, restart, renewal, rotation, byHand, closure, persistence, archive, lift } = incident.facts
  const rows: readonly (SummaryRow | undefined)[] = [
    revocation && { fact: 'revocation', label: 'revoked', line: revoked(revocation, incident) },
    access && closedWays(access).length > 0 ? { fact: 'access', label: 'closed', line: closed(access) } : undefined,
    restart && { fact: 'restart', label: 'restarted', line: restarted(restart) },
    renewal && renewal.workloads.length + renewal.byHand.length > 0
      ? { fact: 'renewal', label: isAllRenewed(renewal) ? 'renewed' : 'renewal', line: renewed(renewal) }
      : undefined,
    rotation && {
      fact: 'rotation',
      label: rotation.verdict === 'rotated' ? 'rotated' : 'rotation',
      line: rotated(rotation),
    },
    byHand && { fact: 'byHand', label: 'by hand', line: doneByHand(byHand) },
    persistence && leavesWayBack(persistence)
      ? { fact: 'persistence', label: 'left', line: standingCounts(persistence) }
      : undefined,
    closure && { fact: 'closure', label: 'attacker', line: attacker(closure) },
    archive && { fact: 'archive', label: 'archived', line: ['the finding, in GuardDuty, seen ', { at: archive.seenAt }] },
    lift && { fact: 'lift', label: 'lifted', line: lifted(lift, incident) },
  ]
  return rows.filter((row) => row !== undefined)
}

const doneByHand = ({ steps }: ByHand): string => {
  const done = steps.filter(({ state }) => state === 'done')
  const declared = done.filter(({ knownBy }) => knownBy === 'declared').length
  return `${done.length} of ${steps.length} steps are done: ${done.length - declared} seen, ${declared} declared by a person`
}

const revoked = (revocation: Revocation, incident: Incident): readonly Span[] => {
  const { cutoff, writtenBy, moved } = revocation
  // A deny that was moved was read back before, with its first cut-off.
  const readBackAt = (moved && incident.sightings.find(({ stands }) => stands)?.at) ?? revocation.readBackAt
  const firstUse = incident.facts.finding?.finding.firstSeen
  return [
    ...(writtenBy === 'found' ? ['found in place, read back '] : ['stored, read back ']),
    { at: readBackAt },
    ...(firstUse ? [`, ${duration(secondsBetween(firstUse, readBackAt))} after first use`] : []),
    ...(incident.openedAt ? [`, ${duration(secondsBetween(incident.openedAt, readBackAt))} after the response began`] : []),
    ...(readBackAt === revocation.readBackAt ? [] : ['; moved past what was closed, read back ', { at: revocation.readBackAt }]),
    sparesOthers(revocation) ? `; session ${revocation.session?.userId} issued before ` : '; sessions issued before ',
    { at: cutoff },
    ...deniedWords(revocation, incident),
    ...rechecks(incident, revocation.readBackAt),
  ]
}

const deniedWords = (revocation: Revocation, incident: Incident): readonly Span[] => {
  const isOne = sparesOthers(revocation)
  if (isDenyLifted(incident)) return [isOne ? ' was denied until the lift' : ' were denied until the lift']
  return [isOne ? ' is denied, the role’s other sessions are not' : ' are denied']
}

/** The ways that are closed; the later cut-off stands in the row of the revocation. */
const closedWays = ({ ways }: Access) => ways.filter(({ kind, state }) => state === 'closed' && kind !== 'later-cutoff')

const closed = (access: Access): readonly Span[] =>
  closedWays(access).flatMap(({ what, says, closedAt }, index): readonly Span[] => [
    `${index > 0 ? '; ' : ''}${what} ${says}`,
    ...(closedAt ? [', since ', { at: closedAt }] : []),
  ])

const rechecks = (incident: Incident, since: Instant): readonly Span[] => {
  const checks = incident.rechecks.filter(({ stage, at }) => stage === 'revoke-sessions' && secondsBetween(since, at) >= 0)
  const last = checks.at(-1)
  if (!last) return ['; not re-checked yet']
  if (!last.stands) return ['; NOT IN PLACE at ', { at: last.at }, `: ${last.says}`]
  return [`; re-checked ${times(checks.length)}, in place at `, { at: last.at }]
}

const restarted = (restart: Restart): readonly Span[] => [
  `${restart.instanceId} launched again `,
  { at: restart.launchTime },
  ', before that ',
  { at: restart.previousLaunchTime },
  ...(restart.publicIpAfter && restart.publicIpAfter !== restart.publicIpBefore
    ? [`; its public address is now ${restart.publicIpAfter}`]
    : []),
]

const isAllRenewed = ({ workloads, byHand }: Renewal): boolean =>
  workloads.every(({ state }) => state === 'renewed') && byHand.every(({ state }) => state === 'done')

const renewed = ({ workloads, byHand }: Renewal): readonly Span[] => {
  const left = byHand.filter(({ state }) => state !== 'done').length
  return [
    ...workloads.flatMap((one, index): readonly Span[] => [
      `${index === 0 ? '' : '; '}${workloadWords(one)} ${one.state === 'under-way' ? 'STILL BEING RENEWED, since ' : one.state === 'failed' ? 'NOT RENEWED, tried at ' : ''}`,
      { at: one.changedAt },
    ]),
    ...(left > 0 ? [`${workloads.length > 0 ? '; ' : ''}${left} still to do by hand`] : []),
  ]
}

const rotated = ({ oldAccessKeyId, newAccessKeyId, verdict, why, corroboration, unasked, of }: Rotation): readonly Span[] => [
  newAccessKeyId
    ? `${oldAccessKeyId} → ${newAccessKeyId}, ${unasked ? 'according to CloudTrail' : 'reported by the instance'}: `
    : `${oldAccessKeyId}: `,
  verdictWords(verdict, unasked, of),
  ...(verdict === 'rotated' || verdict === 'renewed' ? corroboration.flatMap(corroborated) : [`; ${why}`]),
]

const verdictWords = (verdict: Verdict, unasked: Rotation['unasked'], of: Rotation['of']): string => {
  if (of === 'workloads' && verdict === 'rotated') return 'rotated, proven by the issue record'
  if (of === 'workloads' && verdict === 'rotated-unproven') return 'renewed, not proven yet'
  if (verdict === 'rotated' && unasked) return 'rotated, proven by the issue record; the instance itself could not be asked'
  return VERDICTS[verdict]
}

const corroborated = ({ kind, at }: Corroboration): readonly Span[] => [
  kind === 'cloudtrail' ? '; CloudTrail, ' : '; SSM agent, ',
  { at },
]

const attacker = (closure: Closure): readonly Span[] => [
  ...(closure.lastSuccess ? ['last success ', { at: closure.lastSuccess }] : ['no success seen']),
  ...(closure.firstRefusal ? [', first refusal ', { at: closure.firstRefusal }] : []),
  `, ${closure.refused} ${closure.refused === 1 ? 'call' : 'calls'} refused by the revocation`,
  ...(closure.lastRefusal ? [', last ', { at: closure.lastRefusal }] : []),
  ...(closure.deniedOtherwise > 0 ? [`, ${closure.deniedOtherwise} denied for other reasons`] : []),
  ...(closure.successesAfterGrace > 0 ? [`; ${closure.successesAfterGrace} SUCCEEDED AFTER THE CUT-OFF AND ITS GRACE`] : []),
  ...(closure.seenUpTo ? ['; CloudTrail seen up to ', { at: closure.seenUpTo }] : []),
]

const lifted = (lift: Lift, incident: Incident): readonly Span[] => {
  const { changes, despite } = lift
  const at = liftedAt(incident)
  const open = standingAfterLift(lift)
  return [
    ...changes.flatMap(({ what, state }, index) => [`${index > 0 ? '; ' : ''}${what}: ${LIFT_STATES[state]}`]),
    ...(at ? [', seen ', { at }] : ['; the incident was responded to again since']),
    ...(open.length > 0 ? [`; ${open.length} left as ${open.length === 1 ? 'it is' : 'they are'}`] : []),
    ...(despite?.reason ? ['; reason: ', despite.reason] : []),
  ]
}

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`)
