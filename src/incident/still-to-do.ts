import { type AwsCommand, awsCommandFor, eachAwsCommand } from './aws-command.ts'
import { denyRemoval, managedDenyRemoval } from './deny-removal.ts'
import { openWays } from './facts/access.ts'
import { openSteps } from './facts/by-hand.ts'
import { standingAfterLift } from './facts/lift.ts'
import { NO_WAY_BACK_UNPROVEN, type WayBack, waysBack } from './facts/persistence.ts'
import { holderOf, holderWords, longestSessionOf, type Subject } from './facts/subject.ts'
import { type Incident, isDenyLifted, newestFact } from './incident.ts'
import type { Deny, RunEnd, StillToDo } from './left-to-do.ts'
import { liftSafeFrom } from './response-changes.ts'
import { stillCutOff, stoppedInstance } from './still-cut-off.ts'
import type { Line, Span } from './values/block.ts'
import { duration } from './values/duration.ts'
import { given } from './values/given.ts'
import { type Instant, isBefore, plus } from './values/instant.ts'

/**
 * What is left to do after a run, whatever its ending: from what was seen, sent and decided, and nothing else. The most dangerous
 * comes first. Nothing where the incident has not found anything.
 */
export const stillToDo = (incident: Incident, end: RunEnd): readonly StillToDo[] => {
  const subject = newestFact(incident, 'subject')
  const aws = awsCommandFor(incident.setting ?? {})
  const deny = denyOf(incident)
  if (isDenyLifted(incident)) return afterLift(incident, end, aws)
  return [
    ...[...new Set(end.alarms)].map((alarm): StillToDo => ({ kind: 'alarm', sentence: alarm })),
    ...notDenied(incident, deny, end),
    ...leftByHand(incident),
    ...notClosed(incident),
    ...leftBehind(incident, aws),
    ...(subject ? [...stoppedInstance(incident, subject, deny, aws), ...stillCutOff(incident, subject, deny, end, aws)] : []),
    ...lookAgainAt(end),
    ...(subject && deny.stands ? [...watching(subject, deny, end), ...removal(incident, subject, deny, { end, aws })] : []),
    ...refusedByTrust(incident, end),
  ]
}

/** What is left once the deny is lifted: nobody is cut off any more, and nothing is left to remove but what the lift left alone. */
const afterLift = (incident: Incident, end: RunEnd, aws: AwsCommand): readonly StillToDo[] => {
  const lift = newestFact(incident, 'lift')
  const subject = newestFact(incident, 'subject')
  const isEarly = lift?.despite && lift.safeFrom && incident.lastAt && isBefore(incident.lastAt, lift.safeFrom)
  return [
    ...[...new Set(end.alarms)].map((alarm): StillToDo => ({ kind: 'alarm', sentence: alarm })),
    ...leftBehind(incident, aws),
    ...(subject && lift?.safeFrom && isEarly ? [liftedEarly(subject, lift.safeFrom, end)] : []),
    ...leftAlone(incident),
  ]
}

/** What a lift left alone, because somebody else changed it or what stood before is lost. */
const leftAlone = (incident: Incident): readonly StillToDo[] => {
  const lift = newestFact(incident, 'lift')
  return (lift ? standingAfterLift(lift) : []).map(({ what, why = 'it stands', command }) => ({
    kind: 'policy',
    sentence: `Look at ${what}: ${why}. By hand, in the incident’s directory:`,
    ...given({ command }),
  }))
}

const liftedEarly = (subject: Subject, until: Instant, { commands }: RunEnd): StillToDo => ({
  kind: 'watch',
  sentence: [
    `The deny was lifted early: a session of ${holderWords(subject)} from before the cut-off works again, until `,
    { at: until },
    ` at the latest. Watch for new findings on ${subject.accessKeyId}${commands ? ':' : '.'}`,
  ],
  ...given({ command: commands?.findingsOn(subject.accessKeyId) }),
})

const denyOf = (incident: Incident): Deny => {
  const revocation = newestFact(incident, 'revocation')
  const sent = incident.intents.findLast(({ planned, outcome }) => planned.cutoff !== undefined && outcome !== 'refused')
  const seen = incident.sightings.at(-1)
  const stands = revocation !== undefined && seen?.stands === true
  return { stands, ...given({ cutoff: stands ? revocation.cutoff : sent?.planned.cutoff, sent }) }
}

/** A stolen key that nothing denies. A sample finding describes none. */
const notDenied = (incident: Incident, { stands, sent }: Deny, { commands }: RunEnd): readonly StillToDo[] => {
  const finding = newestFact(incident, 'finding')?.finding
  const byHand = newestFact(incident, 'byHand')
  if (stands || !finding || finding.sampleMarks.length > 0 || (byHand && openSteps(byHand).length === 0)) return []
  const subject = newestFact(incident, 'subject')
  const key = subject?.accessKeyId ?? finding.accessKeyId
  const stolen = key === undefined ? 'The credentials that the finding is about are' : `The stolen key ${key} is`
  const sentence: Line =
    sent === undefined
      ? `${stolen} NOT DENIED.`
      : sent.seen
        ? `${stolen} NOT DENIED any more: the deny was there, and is gone.`
        : [`${stolen} perhaps not denied: a deny was sent at `, { at: sent.at }, ', and ir-cred does not see it stand.']
  return [{ kind: 'not-denied', sentence, ...given({ command: subject ? commands?.resume : undefined }) }]
}

/** What ir-cred cannot do, in its order. */
const leftByHand = (incident: Incident): readonly StillToDo[] => {
  const byHand = newestFact(incident, 'byHand')
  return (byHand ? openSteps(byHand) : []).map(({ sentence, where, says, commands }) => ({
    kind: 'by-hand',
    sentence: `${where === undefined ? '' : `By hand, ${where}: `}${sentence}. ${says.charAt(0).toUpperCase()}${says.slice(1)}.`,
    ...given({ command: commands.length > 0 ? commands.join(' && ') : undefined }),
  }))
}

/** What can issue new credentials, or hands them to whoever asks, and was not seen to be closed. */
const notClosed = (incident: Incident): readonly StillToDo[] => {
  const access = newestFact(incident, 'access')
  return (access ? openWays(access) : []).map(({ what, says, state, command }) => ({
    kind: 'open',
    sentence: `${state === 'open' ? 'Not closed' : 'Perhaps not closed'}: ${what} ${says}.`,
    ...given({ command }),
  }))
}

const leftBehind = (incident: Incident, aws: AwsCommand): readonly StillToDo[] => {
  const persistence = newestFact(incident, 'persistence')
  return persistence ? waysBack(persistence).map((way) => wayBackToDo(way, aws)) : []
}

const wayBackToDo = (way: WayBack, aws: AwsCommand): StillToDo => {
  const what = wayBackLine(way)
  return 'command' in way.remedy
    ? { kind: 'way-back', sentence: [...what, '.'], command: placed(way.remedy.command, aws) }
    : { kind: 'way-back', sentence: [...what, `. ${way.remedy.sentence}`] }
}

/** A remedy as it is run in the account of the incident; what is no AWS command, as the editor, stays as it is. */
const placed = (remedy: string, aws: AwsCommand): string => eachAwsCommand(remedy, (one) => aws(one.slice('aws '.length)))

const wayBackLine = (way: WayBack): readonly Span[] => {
  switch (way.kind) {
    case 'artefact': {
      const { artefact, standing, used } = way.examined
      return [...(used ? ['HAS BEEN USED: '] : standing === 'unknown' ? ['not checked: '] : ['left behind: ']), ...artefact.left]
    }
    case 'session': {
      const [first] = way.sessions
      const role = first?.chainedSession.roleArn ?? first?.chainedSession.sessionArn ?? 'an unnamed role'
      const last = way.sessions.map(({ until }) => until).reduce((a, b) => (isBefore(a, b) ? b : a))
      return [
        `${way.sessions.length === 1 ? 'a live chained session' : `${way.sessions.length} live chained sessions`} of `,
        role,
        ', until ',
        { at: last },
      ]
    }
    case 'key':
      return [`access key ${way.key.accessKeyId} of user ${way.key.user}, which no event of the session explains`]
  }
}

/** What a later look can show. Ways back are listed one by one, and no look shows that there is none. */
const lookAgainAt = ({ unproven, commands }: RunEnd): readonly StillToDo[] => {
  const count = unproven.filter((what) => what !== NO_WAY_BACK_UNPROVEN).length
  if (count === 0) return []
  return [
    {
      kind: 'unproven',
      sentence: `${count === 1 ? 'One thing is' : `${count} things are`} not proven yet, as listed under "unproven".${commands ? ' Look again in 15 minutes:' : ''}`,
      ...given({ command: commands?.resume }),
    },
  ]
}

const watching = (subject: Subject, { cutoff }: Deny, { commands }: RunEnd): readonly StillToDo[] => [
  {
    kind: 'watch',
    sentence: [
      `Watch for new findings on ${subject.accessKeyId} and on ${holderWords(subject)}, and for anybody who changes the policy`,
      ...(cutoff ? [', until ', { at: plus(cutoff, longestSessionOf(subject)) }] : []),
      commands ? ':' : '.',
    ],
    ...given({ command: commands?.findingsOn(subject.accessKeyId) }),
  },
]

/** Removing the deny, once no session that it denies can be alive any more. Somebody else's is theirs to remove. */
const removal = (
  incident: Incident,
  subject: Subject,
  { cutoff }: Deny,
  { end: { commands }, aws }: { readonly end: RunEnd; readonly aws: AwsCommand },
): readonly StillToDo[] => {
  const revocation = newestFact(incident, 'revocation')
  if (!revocation || !cutoff) return []
  const { policyName, writtenBy, priorDocument, managed } = revocation
  const { of } = holderOf(subject)
  const longest = longestSessionOf(subject)
  const safeFrom = (from: Instant): readonly Span[] => [
    'from ',
    { at: from },
    ` on: no session of a ${of} lives longer than ${duration(longest)}`,
    ...(from === plus(cutoff, longest) ? [] : [', and a token of an identity provider usually no longer than 1 d']),
  ]
  const safe = safeFrom(plus(cutoff, longest))
  if (writtenBy === 'found')
    return [{ kind: 'policy', sentence: [`Policy ${policyName} was written by somebody else, who may remove it `, ...safe, '.'] }]
  const left = leftAlone(incident)
  if (left.length > 0) return left
  if (commands)
    return [
      {
        kind: 'policy',
        sentence: [
          'What the response changed may be lifted ',
          ...safeFrom(liftSafeFrom(incident) ?? plus(cutoff, longest)),
          '. Leaving it is harmless. Then:',
        ],
        command: commands.lift,
      },
    ]
  return [
    {
      kind: 'policy',
      sentence: [
        `Policy ${policyName} may go `,
        ...safe,
        '. Leaving it is harmless.',
        priorDocument ? ' This puts the earlier document back, in the incident’s directory:' : ' Then:',
      ],
      command: managed
        ? managedDenyRemoval(aws, holderOf(subject).name, managed)
        : denyRemoval(aws, holderOf(subject), policyName, priorDocument?.file),
    },
  ]
}

/** The trust policies that this incident narrowed: who gets no session any more, and the way back. */
const refusedByTrust = (incident: Incident, { commands }: RunEnd): readonly StillToDo[] => {
  const closed = newestFact(incident, 'access')?.ways.filter(({ kind, state }) => kind === 'trust' && state === 'closed') ?? []
  return closed.flatMap(({ resource, what }): readonly StillToDo[] => {
    const narrowed = incident.intents.findLast(
      ({ effect, outcome }) =>
        effect.operation === 'iam:UpdateAssumeRolePolicy' && effect.resource === resource && outcome !== 'refused',
    )
    if (!narrowed) return []
    const { undo = '', undoCommand } = narrowed.effect
    const refuses = `The trust policy of ${resource} refuses ${what}: the owner’s own workload with it needs another identity.`
    if (commands && narrowed.planned.priorDocument)
      return [{ kind: 'policy', sentence: `${refuses} The lift puts the earlier trust policy back.` }]
    const sentence = `${refuses} Undo: ${undo}${undoCommand ? ':' : '.'}`
    return [{ kind: 'policy', sentence, ...given({ command: undoCommand }) }]
  })
}
