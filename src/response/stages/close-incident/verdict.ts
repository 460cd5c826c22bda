import type { Closure, CredentialLook, RegionLook } from '../../../incident/facts/closure.ts'
import { isOfTheInstance, openSources } from '../../../incident/facts/issue.ts'
import { type LiveSession, leavesWayBack, type Persistence, waysBackCount } from '../../../incident/facts/persistence.ts'
import type { Finding } from '../../../incident/finding/finding.ts'
import type { IncidentWith } from '../../../incident/incident.ts'
import { delimited } from '../../../incident/values/delimited.ts'
import { given } from '../../../incident/values/given.ts'
import { type Instant, isBefore, plus, wholeSecond } from '../../../incident/values/instant.ts'
import { rawText, untrusted } from '../../../incident/values/untrusted.ts'
import type { CloudTrailRecord } from '../../../investigation/record.ts'
import { type DenyGap, denyGaps } from '../revoke-sessions/gaps.ts'
import { printableText, spanText } from './alarm-text.ts'
import { jobAlarms, jobsNotAttributed } from './job-alarms.ts'
import type { Suspect } from './reading.ts'
import type { Suspects } from './suspects.ts'
import { attributed, type CallOwner, type TheftMarks } from './theft.ts'

type LastLook = IncidentWith<'subject' | 'revocation'>

/** Seconds after the cut-off in which a policy may still be spreading ("Changes that I make are not always immediately visible"). */
export const GRACE = 300

/** The cut-off from which on the theft counts as denied. Where the deny was gone and was written again, what succeeded meanwhile counts too. */
export const cutoffOfTheft = ({ facts: { revocation } }: LastLook): Instant => revocation.firstCutoff ?? revocation.cutoff

/** What the last look saw. */
export interface Seen {
  readonly suspects: Suspects
  readonly marks: TheftMarks
  readonly regions: readonly RegionLook[]
  readonly live: readonly LiveSession[]
  readonly seenSince: { readonly findings: readonly Finding[]; readonly incomplete: readonly string[] }
  /** When the last look began. */
  readonly entered: Instant
  readonly regionsNote?: string
}

/** GetCallerIdentity answers under every deny, so it counts neither way. */
const counts = ({ eventName }: CloudTrailRecord): boolean => eventName !== 'GetCallerIdentity'

/** What follows from the last look. An alarm takes positive evidence; everything short of it is ambiguous. */
export const closureOf = (incident: LastLook, seen: Seen): Closure => {
  const cutoff = cutoffOfTheft(incident)
  const { subject } = incident.facts
  const ownerOf = (call: CloudTrailRecord): CallOwner => attributed(call, seen.marks).owner
  const calls = callsOf(seen, 'stolen', 'sibling').filter((call) => counts(call) && ownerOf(call) !== 'service')
  const denied = calls.filter(({ outcome }) => outcome === 'denied')
  // The deny takes effect when it is written, which is before its cut-off.
  const refusals = denied.filter(({ explicitDeny, at }) => explicitDeny && !isBefore(at, plus(cutoff, -60)))
  const refusedOf = (owner: CallOwner) => refusals.filter((call) => ownerOf(call) === owner)
  const otherwise = denied.filter(({ explicitDeny, at }) => !explicitDeny && !isBefore(at, cutoff))
  const successes = calls.filter(({ outcome }) => outcome === 'ok')
  const late = successes.filter(({ at }) => isBefore(plus(cutoff, GRACE), at))
  const refused = refusedOf('attacker')
  const [firstRefusal, lastRefusal] = [refused.at(-1)?.at, refused[0]?.at]
  const answered = answeredBefore(incident, late)
  const gaps = [...denyGaps(incident, seen.entered).map(gapSentence), ...answeredSentence(incident, answered)]
  const home = seen.regions.find(({ region }) => region === subject.region)
  return {
    refused: refused.length,
    workloadRefused: refusedOf('workload').length,
    ambiguousRefused: refusedOf('ambiguous').length,
    deniedOtherwise: otherwise.filter((call) => ownerOf(call) !== 'workload').length,
    ...(firstRefusal && lastRefusal ? { firstRefusal, lastRefusal } : {}),
    ...given({ lastSuccess: successes.find((call) => ownerOf(call) !== 'workload')?.at }),
    successesAfterGrace: late.length,
    ...given({ seenUpTo: home?.seenUpTo, gaps: gaps.length > 0 ? gaps : undefined }),
    regions: seen.regions,
    credentials: seen.suspects.suspects.map((suspect) => credentialLook(suspect, ownerOf)),
    ...given({ sessionsSince: sessionsSince(incident, seen) }),
    ambiguous: ambiguousIn(seen, ownerOf),
    ...given({ left: leftBehind(incident.facts.persistence), wayIn: hasWayIn(incident) || undefined }),
    unproven: [
      ...notShown(seen.regions),
      ...silence(refused.length),
      ...sameAddress(incident),
      ...madeWithKeys(seen),
      ...gapsOf(seen),
    ],
    alarms: alarmsIn(
      incident,
      seen,
      late.filter((call) => !answered.includes(call)),
    ),
  }
}

/** So many are named; more are only counted. */
const NEW_SESSIONS = 5

/** Where nothing else shows whether the owner's workload has new credentials. */
const sessionsSince = ({ facts: { subject, rotation } }: LastLook, { suspects }: Seen): Closure['sessionsSince'] => {
  if (subject.kind !== 'role-session' || subject.instanceId !== undefined || rotation || suspects.issuedSince.length === 0)
    return undefined
  const newest = suspects.issuedSince.slice(0, NEW_SESSIONS).map(({ issuedAccessKeyId = '', at, eventName, ...by }) => ({
    ...{ accessKeyId: issuedAccessKeyId, at, operation: eventName },
    by: untrusted(by.invokedBy ?? by.userName ?? by.sessionArn ?? by.principalId ?? 'an unknown principal'),
  }))
  return { count: suspects.issuedSince.length, newest }
}

/** New sessions can be obtained, or new credentials read on the instance, whatever becomes of the stolen key. */
const hasWayIn = ({ facts: { subject, access } }: LastLook): boolean =>
  openSources(subject, access).length > 0 || (subject.caller.origin === 'instance' && isOfTheInstance(subject))

const callsOf = ({ suspects: { suspects } }: Seen, ...kinds: readonly Suspect['kind'][]): readonly CloudTrailRecord[] =>
  suspects
    .filter(({ kind }) => kinds.includes(kind))
    .flatMap(({ calls }) => calls)
    .sort((a, b) => Date.parse(b.at) - Date.parse(a.at))

const credentialLook = ({ kind, name, calls }: Suspect, ownerOf: (call: CloudTrailRecord) => CallOwner): CredentialLook => ({
  ...{ kind, name, calls: calls.length },
  attackers: calls.filter((call) => ownerOf(call) === 'attacker').length,
  ...given({ lastCall: calls[0]?.at }),
})

/**
 * The successes of a time without the deny, for which an earlier run raised an alarm that was answered: the deny that it wrote then
 * stands, and no more of them have come to light since.
 */
const answeredBefore = (
  { facts: { revocation }, earlier }: LastLook,
  late: readonly CloudTrailRecord[],
): readonly CloudTrailRecord[] => {
  const isSameDeny = earlier.revocation?.cutoff === revocation.cutoff && revocation.firstCutoff !== undefined
  if (!isSameDeny) return []
  const before = late.filter(({ at }) => isBefore(at, plus(revocation.cutoff, GRACE)))
  return before.length <= (earlier.closure?.successesAfterGrace ?? 0) ? before : []
}

const answeredSentence = ({ facts: { revocation } }: LastLook, answered: readonly CloudTrailRecord[]): readonly string[] =>
  answered.length === 0
    ? []
    : [
        `${plural(answered.length, 'call')} succeeded before the deny of ${revocation.cutoff} was in force, last at ${answered[0]?.at}: ` +
          'an earlier run raised the alarm, and none has succeeded since',
      ]

const gapSentence = ({ from, gone, until }: DenyGap): string =>
  `the deny did not stand between ${wholeSecond(from)} and ${wholeSecond(until)}: seen to be gone at ${gone.map(wholeSecond).join(', ')}`

const sameAddress = ({ facts }: LastLook): readonly string[] => {
  const { ip, origin } = facts.subject.caller
  return origin === 'foreign' || origin === 'unknown'
    ? []
    : [
        `the calls came from ${ip}, an address of this account: CloudTrail does not distinguish the attacker’s calls there from the workload’s`,
      ]
}

/** The Regions that CloudTrail does not show far enough, and up to when it shows the least of them. */
const notShown = (regions: readonly RegionLook[]): readonly string[] => {
  const behind = regions.filter(({ shown, notRead }) => !shown && notRead === undefined)
  const [never, partly] = [behind.filter(({ seenUpTo }) => !seenUpTo), behind.filter(({ seenUpTo }) => seenUpTo)]
  const names = (some: readonly RegionLook[]) => some.map(({ region }) => region).join(', ')
  const [least] = partly.flatMap(({ seenUpTo }) => (seenUpTo ? [wholeSecond(seenUpTo)] : [])).sort()
  return [
    ...(least ? [`${names(partly)}: denied; CloudTrail shows nothing after ${least} yet`] : []),
    ...(never.length > 0
      ? [`${names(never)}: denied; CloudTrail shows none of your own calls there yet, so its silence means nothing`]
      : []),
  ]
}

const silence = (refused: number): readonly string[] =>
  refused === 0
    ? [
        'CloudTrail shows no call of the attacker that the revocation refused: only the policy and its simulation show that the deny works',
      ]
    : []

const gapsOf = ({ suspects, regions, seenSince, regionsNote }: Seen): readonly string[] => [
  ...new Set([
    ...(regionsNote ? [regionsNote] : []),
    ...regions.flatMap(({ notRead }) => (notRead === undefined ? [] : [notRead])),
    ...suspects.incomplete,
    ...seenSince.incomplete,
  ]),
]

/** What the hunt found that may be a way back, where nothing shows that it was used. */
const leftBehind = (persistence: Persistence | undefined): Closure['left'] => {
  if (!persistence || !leavesWayBack(persistence)) return undefined
  const [worst] = persistence.artefacts.filter(({ standing }) => standing === 'there')
  return { count: waysBackCount(persistence), worst: worst?.artefact.left ?? [] }
}

const ambiguousIn = (seen: Seen, ownerOf: (call: CloudTrailRecord) => CallOwner): readonly string[] => {
  const openOf = (kind: Suspect['kind']) => callsOf(seen, kind).filter((call) => ownerOf(call) === 'ambiguous').length
  const unknown = [
    [openOf('new'), 'with the credentials that the workload got after the cut-off'],
    [openOf('other-session'), 'with other sessions of the role since the cut-off'],
  ] as const
  const since = seen.seenSince.findings
    .filter((finding) => !isOnNewKey(finding, seen))
    .map(
      ({ type, lastSeen }) =>
        `GuardDuty has seen ${type} until ${lastSeen && wholeSecond(lastSeen)}, after the deny was in force: it counts refused calls too`,
    )
  return [
    ...unknown.flatMap(([count, what]) =>
      count === 0 ? [] : [`${plural(count, 'call')} ${what}: nothing shows who made ${them(count)}`],
    ),
    ...seen.suspects.entered.map(
      ({ artefact, instanceId }) =>
        `${instanceId}, entered by ${artefact.eventName} at ${wholeSecond(artefact.at)}: the credentials of its role may be the attacker’s; revoke that role’s sessions, then stop and start it`,
    ),
    ...jobsNotAttributed(jobsOf(seen)),
    ...since,
  ]
}

/** More of them are only counted. */
const SHOWN = 10

/** What the hunt did not look at, because keys that the attacker made have left it. */
const madeWithKeys = ({ suspects: { madeWithKeys: made } }: Seen): readonly string[] => {
  const named = made
    .slice(0, SHOWN)
    .map(({ left, eventName, at }) => `${printableText(left.map(spanText).join(''))} (${eventName} at ${wholeSecond(at)})`)
  const more = made.length - named.length
  return named.length === 0
    ? []
    : [`made with keys of the attacker, and not looked at: ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`]
}

const isOnNewKey = ({ accessKeyId }: Finding, { suspects: { suspects } }: Seen): boolean =>
  suspects.some(({ kind, name }) => kind === 'new' && name === accessKeyId)

/** Living ways in: what shows that the attacker still has access, each with what to do. */
const alarmsIn = (incident: LastLook, seen: Seen, late: readonly CloudTrailRecord[]): readonly string[] => [
  ...stillIn(incident, seen, late),
  ...newCredentials(incident, seen),
  ...madeCredentials(seen),
  ...seen.live.map(liveSession),
  ...compute(seen),
  ...jobAlarms(jobsOf(seen)),
  ...seen.seenSince.findings
    .filter((finding) => isOnNewKey(finding, seen))
    .map(({ type, accessKeyId }) => `THE NEW CREDENTIALS ARE STOLEN: GuardDuty reports ${type} on ${accessKeyId}`),
]

const stillIn = (incident: LastLook, { marks }: Seen, late: readonly CloudTrailRecord[]): readonly string[] => {
  if (late.length === 0) return []
  const isAttackers = late.some((call) => attributed(call, marks).owner === 'attacker')
  return [
    `${isAttackers ? 'THE ATTACKER STILL GETS IN' : 'THE DENY DOES NOT HOLD'}: ${plural(late.length, 'call')} with ` +
      `${incident.facts.subject.accessKeyId} or a key of the same issue succeeded later than 5 minutes after the cut-off ` +
      `${cutoffOfTheft(incident)}, last at ${late[0]?.at}`,
  ]
}

/** Credentials that were issued since the cut-off, and are used with a mark of the theft. */
const newCredentials = ({ facts: { subject } }: LastLook, { suspects: { suspects }, marks }: Seen): readonly string[] =>
  suspects
    .filter(({ kind }) => kind === 'new' || kind === 'other-session')
    .flatMap(({ kind, name, calls }) => {
      const theirs = calls.map((call) => ({ call, ...attributed(call, marks) })).filter(({ owner }) => owner === 'attacker')
      const [last] = theirs
      if (!last) return []
      const whose =
        kind === 'new' ? 'the key that the workload got after the cut-off' : 'a session that the role gave since the cut-off'
      return [
        `THE ATTACKER HAS NEW CREDENTIALS: ${plural(theirs.length, 'call')} with ${name}, ${whose}, ${printableText(last.why)}, last at ${last.call.at}: ` +
          `the way by which the first key was taken is open; close it, ${subject.instanceId === undefined ? '' : 'isolate the instance, '}then revoke and renew again`,
      ]
    })

/** Keys and passwords that the attacker made and that were used since. */
const madeCredentials = ({ suspects: { suspects } }: Seen): readonly string[] =>
  suspects.flatMap(({ kind, name, calls: [last], artefact, isGone }) => {
    if (!last || !artefact || isGone || (kind !== 'created-key' && kind !== 'created-login')) return []
    const user = artefact.names.user?.[0] ?? 'its user'
    return [
      kind === 'created-key'
        ? `A KEY OF THE ATTACKER IS IN USE: ${name} of ${user}, made at ${wholeSecond(artefact.at)}, called ${eventOf(last)} at ${last.at}: ` +
          `aws iam update-access-key --user-name ${user} --access-key-id ${name} --status Inactive`
        : `A PASSWORD OF THE ATTACKER IS IN USE: ${name} signed in to the console at ${last.at}: aws iam delete-login-profile --user-name ${name}; ` +
          'then deny the sessions of the user',
    ]
  })

const liveSession = ({ chainedSession, until, observed, remedy }: LiveSession): string => {
  const { how, accessKeyId, roleArn } = chainedSession
  const what = [how, accessKeyId, roleArn && printableText(delimited(rawText(roleArn)))]
    .filter((part) => part !== undefined)
    .join(' ')
  return (
    `A CHAINED SESSION IS ALIVE: ${what}, until ${wholeSecond(until)}; ${printableText(observed.map(spanText).join(''))}: ` +
    ('command' in remedy ? remedy.command : remedy.sentence)
  )
}

const compute = ({ suspects: { issuedToCompute } }: Seen): readonly string[] =>
  issuedToCompute.map(({ artefact, issue }) => {
    const { remedy } = artefact
    return (
      `CODE OF THE ATTACKER HOLDS CREDENTIALS: ${printableText(artefact.left.map(spanText).join(''))}, by ${artefact.eventName}, got credentials of ` +
      `${printableText(issue.requested.roleArn ?? 'a role')} at ${wholeSecond(issue.at)}: ${'command' in remedy ? remedy.command : remedy.sentence}`
    )
  })

/** What was issued to jobs, each with whose call left what it was issued for, as far as the calls of the stolen key show it. */
const jobsOf = ({ suspects: { suspects, issuedToJobs }, marks }: Seen) => {
  const calls = new Map(suspects.flatMap((suspect) => suspect.calls.map((call) => [call.eventId, { suspect, call }] as const)))
  return issuedToJobs.map((job) => {
    const found = calls.get(job.artefact.eventId)
    const isMade = found?.suspect.artefact !== undefined
    return { job, owner: found && !isMade ? attributed(found.call, marks).owner : ('attacker' as const) }
  })
}

const eventOf = ({ eventSource, eventName }: CloudTrailRecord): string =>
  printableText(`${eventSource.split('.')[0]}:${eventName}`)

const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`
const them = (count: number): string => (count === 1 ? 'it' : 'them')
