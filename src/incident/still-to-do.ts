import { type AwsCommand, awsCommandFor, eachAwsCommand, restartCommand } from './aws-command.ts'
import { openWays } from './facts/access.ts'
import type { Consumer } from './facts/facts.ts'
import { whyNotTheInstance } from './facts/issue.ts'
import { standingAfterLift } from './facts/lift.ts'
import { NO_WAY_BACK_UNPROVEN, type WayBack, waysBack } from './facts/persistence.ts'
import { type Renewal, workloadWords } from './facts/renewal-fact.ts'
import { holderOf, holderWords, longestSessionOf, type Subject, type SubjectHolder } from './facts/subject.ts'
import { type Incident, type Intent, isDenyLifted, newestFact } from './incident.ts'
import { instancePower } from './instance-power.ts'
import { renewalCommand } from './renewal.ts'
import type { Line, Span } from './values/block.ts'
import { duration } from './values/duration.ts'
import { given } from './values/given.ts'
import { type Instant, isBefore, plus } from './values/instant.ts'
import { shellWord } from './values/shell-word.ts'
import { spansOf } from './values/show.ts'

/**
 * What is left to do, in the order of danger: `alarm` is a living way in, `not-denied` a stolen key that still works, `open`
 * what can issue new credentials and was not closed, `way-back` something that was left behind, `stopped` an instance that does not run, `cut-off` a consumer of the role whose credentials are
 * denied, `unproven` what only a later look can show, `watch` what to watch, `policy` when the deny may go.
 */
export type StillToDoKind = 'alarm' | 'not-denied' | 'open' | 'way-back' | 'stopped' | 'cut-off' | 'unproven' | 'watch' | 'policy'

/** One thing that is left to do, and the command for it where there is one. */
export interface StillToDo {
  readonly kind: StillToDoKind
  readonly sentence: Line
  readonly command?: string
}

/** How a run ended, and the commands of ir-cred that are worth printing: a drill is over and has none. */
export interface RunEnd {
  readonly alarms: readonly string[]
  readonly unproven: readonly string[]
  readonly commands?: {
    /** Looks again, and continues. */
    readonly resume: string
    /** Lists the findings on a key where the run looked for one. */
    readonly findingsOn: (accessKeyId: string) => string
  }
}

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
    ...notClosed(incident),
    ...leftBehind(incident, aws),
    ...(subject ? [...stoppedInstance(incident, subject, deny, aws), ...cutOff(incident, subject, deny, end, aws)] : []),
    ...lookAgainAt(end),
    ...(subject && deny.stands ? [...watching(subject, deny, end), ...removal(incident, subject, deny, aws)] : []),
    ...refusedByTrust(incident),
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
    ...(lift ? standingAfterLift(lift) : []).map(
      ({ what, why = 'it stands', command }): StillToDo => ({
        kind: 'policy',
        sentence: `Look at ${what}: ${why}. By hand, in the incident’s directory:`,
        ...given({ command }),
      }),
    ),
  ]
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

/** The deny as it was seen last, or as it was sent. */
interface Deny {
  readonly stands: boolean
  readonly cutoff?: Instant
  /** The newest sending that AWS did not refuse. */
  readonly sent?: Intent
}

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
  if (stands || !finding || finding.sampleMarks.length > 0) return []
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

const stoppedInstance = (
  incident: Incident,
  { instanceId, region }: Subject,
  { cutoff }: Deny,
  aws: AwsCommand,
): readonly StillToDo[] => {
  if (instanceId === undefined) return []
  const power = instancePower(incident)
  if (power.state !== 'stopped' && power.state !== 'perhaps-stopped') return []
  const isAhead = cutoff !== undefined && incident.lastAt !== undefined && isBefore(incident.lastAt, cutoff)
  const state = power.state === 'stopped' ? 'is STOPPED' : 'may be STOPPED'
  return [
    {
      kind: 'stopped',
      sentence: [
        `${instanceId} ${state}: `,
        ...spansOf(power.why),
        '. Start it',
        ...(isAhead ? [', but not before the cut-off ', { at: cutoff }] : []),
        ':',
      ],
      command: aws(`ec2 start-instances --instance-ids ${instanceId}`, region),
    },
  ]
}

/** Who is cut off by the deny and was not seen to have new credentials: the instance itself, and every other consumer. */
const cutOff = (
  incident: Incident,
  subject: Subject,
  { stands, cutoff, sent }: Deny,
  { commands }: RunEnd,
  aws: AwsCommand,
): readonly StillToDo[] => {
  const radius = newestFact(incident, 'blastRadius')
  if (!radius || cutoff === undefined || !(stands || (sent && !sent.seen))) return []
  const place = { aws, roleArn: holderOf(subject).arn, region: subject.region }
  const others = radius.consumers
    .filter((consumer) => !isLookedAt(consumer, newestFact(incident, 'renewal')))
    .filter(({ launchTime }) => launchTime === undefined || isBefore(launchTime, cutoff))
    .map(
      (consumer): StillToDo => ({
        kind: 'cut-off',
        sentence: consumerSentence(consumer),
        ...given({ command: renewalCommand(consumer, place) }),
      }),
    )
  return [...instanceItself(incident, subject, cutoff, commands, aws), ...notRenewed(incident), ...others]
}

/** Services of AWS whose workloads the renewal names one by one. */
const RENEWED_OF: Readonly<Record<Renewal['of'], readonly string[]>> = {
  functions: ['lambda.amazonaws.com', 'edgelambda.amazonaws.com'],
  services: ['ecs-tasks.amazonaws.com'],
  members: [],
}

const isLookedAt = ({ kind, name }: Consumer, renewal: Renewal | undefined): boolean => {
  if (renewal === undefined) return false
  return kind === 'service' ? RENEWED_OF[renewal.of].includes(name) : renewal.group?.members.includes(name) === true
}

/** Functions, services and tasks that still hold credentials that are denied. */
const notRenewed = (incident: Incident): readonly StillToDo[] => {
  const { workloads = [], byHand = [] } = newestFact(incident, 'renewal') ?? {}
  const later = byHand.filter(({ state }) => state === 'later').length
  return [
    ...workloads
      .filter(({ state }) => state !== 'renewed')
      .map(
        (one): StillToDo => ({
          kind: 'cut-off',
          sentence: `${workloadWords(one)} is still cut off: its renewal ${one.state === 'failed' ? 'failed' : 'is under way'}.`,
        }),
      ),
    ...byHand
      .filter(({ state }) => state === 'to-do')
      .map(({ sentence, command }): StillToDo => ({ kind: 'cut-off', sentence, ...given({ command }) })),
    ...(later === 0
      ? []
      : [
          {
            kind: 'cut-off' as const,
            sentence: `${later === 1 ? 'One step follows' : `${later} steps follow`}, which the report lists. Continue the incident after each: ir-cred looks, and names the next.`,
          },
        ]),
  ]
}

/** The instance, where it runs on with the credentials that are denied; not one that the key was not issued to. */
const instanceItself = (
  incident: Incident,
  subject: Subject,
  cutoff: Instant,
  commands: RunEnd['commands'],
  aws: AwsCommand,
): readonly StillToDo[] => {
  const { instanceId, region, issue } = subject
  // A member of an Auto Scaling group is never to be stopped in service: the steps of its renewal come one by one.
  const isMember = newestFact(incident, 'blastRadius')?.instance?.autoScalingGroup !== undefined
  if (instanceId === undefined || (isMember && (newestFact(incident, 'renewal')?.byHand ?? []).length > 0)) return []
  const launched = newestFact(incident, 'restart')?.launchTime ?? newestFact(incident, 'blastRadius')?.instance?.launchTime
  const runs = instancePower(incident).state
  if (runs === 'stopped' || runs === 'perhaps-stopped' || (launched && isBefore(cutoff, launched))) return []
  const why = whyNotTheInstance(subject)
  if (why !== undefined) {
    const isCutOff = issue?.to === 'ec2-instance' && issue.instanceId === instanceId
    if (!isCutOff || issue.profile.holds === 'no role: terminated') return []
    return [
      { kind: 'cut-off', sentence: `${instanceId} itself is still cut off, as far as it uses the old credentials: ${why}.` },
    ]
  }
  if (isMember)
    return [
      {
        kind: 'cut-off',
        sentence: `${instanceId} itself is still cut off. Take it out of its Auto Scaling group before you stop it: the group ends a member that is stopped.`,
      },
    ]
  return [
    {
      kind: 'cut-off',
      sentence: `${instanceId} itself is still cut off: it runs with credentials that are denied, until it is stopped and started.`,
      command: commands?.resume ?? restartCommand(aws, instanceId, region),
    },
  ]
}

const consumerSentence = ({ kind, name, label, remedy }: Consumer): Line => {
  const what: readonly Span[] = [name, ...(label ? [' (', label, ')'] : [])]
  if (kind === 'instance') return [...what, ` is still cut off; ${remedy}.`]
  if (kind === 'service') return [`What runs under ${name} with this role, if anything, is still cut off; ${remedy}.`]
  return [...what, `, with a session from before the cut-off, is still cut off; ${remedy}.`]
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
const removal = (incident: Incident, subject: Subject, { cutoff }: Deny, aws: AwsCommand): readonly StillToDo[] => {
  const revocation = newestFact(incident, 'revocation')
  if (!revocation || !cutoff) return []
  const { policyName, writtenBy, priorDocument, managed } = revocation
  const { of } = holderOf(subject)
  const safe: readonly Span[] = [
    'from ',
    { at: plus(cutoff, longestSessionOf(subject)) },
    ` on: no session of a ${of} lives longer than ${duration(longestSessionOf(subject))}`,
  ]
  if (writtenBy === 'found')
    return [{ kind: 'policy', sentence: [`Policy ${policyName} was written by somebody else, who may remove it `, ...safe, '.'] }]
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

/** Puts the earlier document of an inline policy back, or deletes the policy where there was none. */
export const denyRemoval = (
  aws: AwsCommand,
  { of, name }: Pick<SubjectHolder, 'of' | 'name'>,
  policyName: string,
  priorFile: string | undefined,
): string => {
  const on = `--${of}-name ${shellWord(name)} --policy-name ${policyName}`
  return priorFile === undefined
    ? aws(`iam delete-${of}-policy ${on}`)
    : aws(`iam put-${of}-policy ${on} --policy-document ${shellWord(`file://${priorFile}`)}`)
}

/** The trust policies that this incident narrowed: who gets no session any more, and the way back. */
const refusedByTrust = (incident: Incident): readonly StillToDo[] => {
  const closed = newestFact(incident, 'access')?.ways.filter(({ kind, state }) => kind === 'trust' && state === 'closed') ?? []
  return closed.flatMap(({ resource, what }): readonly StillToDo[] => {
    const narrowed = incident.intents.findLast(
      ({ effect, outcome }) =>
        effect.operation === 'iam:UpdateAssumeRolePolicy' && effect.resource === resource && outcome !== 'refused',
    )
    if (!narrowed) return []
    const { undo = '', undoCommand } = narrowed.effect
    const sentence = `The trust policy of ${resource} refuses ${what}: the owner’s own workload with it needs another identity. Undo: ${undo}${undoCommand ? ':' : '.'}`
    return [{ kind: 'policy', sentence, ...given({ command: undoCommand }) }]
  })
}

/** Takes managed policies that deny older sessions off a role, and deletes them. */
export const managedDenyRemoval = (aws: AwsCommand, roleName: string, arns: readonly string[]): string =>
  arns
    .flatMap((arn) => [
      aws(`iam detach-role-policy --role-name ${shellWord(roleName)} --policy-arn ${arn}`),
      aws(`iam delete-policy --policy-arn ${arn}`),
    ])
    .join(' && ')
