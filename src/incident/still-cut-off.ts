import { type AwsCommand, restartCommand } from './aws-command.ts'
import type { Access, AccessWay, AccessWayKind } from './facts/access.ts'
import type { Consumer } from './facts/facts.ts'
import { whyNotTheInstance } from './facts/issue.ts'
import { type Renewal, workloadWords } from './facts/renewal-fact.ts'
import { holderOf, type Subject } from './facts/subject.ts'
import { type Incident, newestFact } from './incident.ts'
import { instancePower } from './instance-power.ts'
import type { Deny, RunEnd, StillToDo } from './left-to-do.ts'
import { renewalCommand } from './renewal.ts'
import type { Line, Span } from './values/block.ts'
import { given } from './values/given.ts'
import { type Instant, isBefore } from './values/instant.ts'
import { spansOf } from './values/show.ts'

/** The instance, where it does not run. */
export const stoppedInstance = (
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
export const stillCutOff = (
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
    .map((consumer): StillToDo => {
      const access = newestFact(incident, 'access')
      const closed = closedWayOf(consumer, access)
      return {
        kind: 'cut-off',
        sentence: closed ? closedSentence(consumer, closed) : consumerSentence(consumer, access),
        ...given({ command: closed ? undefined : renewalCommand(consumer, place) }),
      }
    })
  return [...instanceItself(incident, subject, cutoff, commands, aws), ...notRenewed(incident), ...others]
}

/** Services of AWS whose workloads the renewal names one by one. */
const RENEWED_OF: Readonly<Record<Renewal['of'], readonly string[]>> = {
  functions: ['lambda.amazonaws.com', 'edgelambda.amazonaws.com'],
  services: ['ecs-tasks.amazonaws.com'],
  members: [],
  identities: ['pods.eks.amazonaws.com'],
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
  // With new credentials the attacker on it would get them too.
  if (subject.caller.origin === 'instance')
    return [
      {
        kind: 'cut-off',
        sentence: `${instanceId} itself is still cut off, and so is the attacker on it: isolate it before anything gives it new credentials.`,
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

/** The ways by which services of AWS hand out credentials, as trust policies name the services. */
const GIVES_BY = new Map<string, AccessWayKind>([
  ['pods.eks.amazonaws.com', 'pod-identity'],
  ['rolesanywhere.amazonaws.com', 'roles-anywhere'],
  ['cognito-identity.amazonaws.com', 'identity-pool'],
])

/** The way by which a consumer gets its credentials, where all of its kind are closed: a restart gives it none. */
const closedWayOf = ({ name }: Consumer, access: Access | undefined): AccessWay | undefined => {
  const ways = access?.ways.filter(({ kind }) => kind === GIVES_BY.get(name)) ?? []
  return ways.every(({ state }) => state === 'closed') ? ways[0] : undefined
}

const closedSentence = ({ name, remedy }: Consumer, { what, says }: AccessWay): Line =>
  `What gets this role from ${name}, if anything, is still cut off and gets no new credentials: ${what} ${says}. Once it is clean, put that back, then ${remedy}.`

const consumerSentence = ({ kind, name, label, remedy }: Consumer, access: Access | undefined): Line => {
  const refused = refusedIdentity(name, access)
  const what: readonly Span[] = [name, ...(label ? [' (', label, ')'] : [])]
  if (kind === 'instance') return [...what, ` is still cut off; ${remedy}.`]
  if (kind === 'service') return [`What runs under ${name} with this role, if anything, is still cut off; ${remedy}.`]
  if (refused !== undefined)
    return [
      ...what,
      `, with a session from before the cut-off, is still cut off, and the trust policy refuses ${refused}: to sign in again is no remedy, it needs another identity.`,
    ]
  return [...what, `, with a session from before the cut-off, is still cut off; ${remedy}.`]
}

/** What the trust policy refuses of the identities behind a consumer. */
const refusedIdentity = (name: string, access: Access | undefined): string | undefined => {
  const trust = access?.ways.find(({ kind, state }) => kind === 'trust' && state === 'closed')
  const account = name.split(':')[4] || name
  return trust && (trust.what.includes(name) || trust.what.endsWith(`of account ${account}`)) ? trust.what : undefined
}
