import { type ByHand, type HandStep, openSteps } from '../../incident/facts/by-hand.ts'
import { isServiceLinked, isUneditable, whyUneditable } from '../../incident/facts/recipient.ts'
import type { RoleSession } from '../../incident/facts/subject.ts'
import { credentialKind } from '../../incident/finding/finding-words.ts'
import type { IncidentWith } from '../../incident/incident.ts'
import { type Block, code, fields, list, text, warning } from '../../incident/values/block.ts'
import { given } from '../../incident/values/given.ts'
import { type Instant, later } from '../../incident/values/instant.ts'
import { type Context, defineStage, established, notApplicable } from '../stage.ts'
import { trailRegions } from './cloudtrail-regions.ts'
import { issueRecordOf } from './identify-subject/issue.ts'
import { IDENTITY_ROLE, NO_POLICY_BINDS_ROOT, NO_POLICY_ON_IDENTITY } from './identify-subject/principal.ts'
import { declarations, knownStep } from './verify-by-hand/hand-steps.ts'
import { lookAtIdentity, restartStep } from './verify-by-hand/instance-identity.ts'
import { keyCallsStep } from './verify-by-hand/key-calls.ts'
import { lookAtRoot } from './verify-by-hand/root-look.ts'
import type { RootSeen } from './verify-by-hand/root-seen.ts'
import { callsStep, rootSteps } from './verify-by-hand/root-steps.ts'
import { rootSightings } from './verify-by-hand/root-words.ts'
import { lookAtUneditable } from './verify-by-hand/uneditable-role.ts'
import { uneditableSteps } from './verify-by-hand/uneditable-steps.ts'

/**
 * Looks at what is done by hand where ir-cred cannot act: who does it, in which order, with which commands, and what AWS shows of each step.
 * A run that goes on with the incident looks again. What no look can show is asked, at the terminal or of an answers file, and stands as declared; no step counts
 * as done that was neither seen nor declared.
 */
export const verifyByHand = defineStage({
  id: 'verify-by-hand',
  phase: 'contain',
  title: 'Verify what is done by hand',
  needs: ['finding'],
  establishes: 'byHand',

  async assess(incident, context) {
    const { facts } = incident
    const { subject } = facts
    if (isRoot(incident)) return established<ByHand>(await assessRoot(incident, context))
    if (facts.finding.finding.userName === IDENTITY_ROLE) return established<ByHand>(await assessIdentity(incident, context))
    if (subject?.kind === 'role-session' && isUneditable(subject.role))
      return established<ByHand>(await assessUneditable(incident, subject, context))
    return notApplicable('ir-cred acts on these credentials itself')
  },

  describe: (byHand) => byHandBlocks(byHand),
  changes: (before, now) => changedSteps(before, now),
})

/** The credentials of the root user, or a session that it handed out. */
const isRoot = ({ facts, decided }: IncidentWith<'finding'>): boolean =>
  credentialKind(facts.finding.finding) === 'root' || decided['identify-subject']?.why === NO_POLICY_BINDS_ROOT

const assessRoot = async (incident: IncidentWith<'finding'>, context: Context): Promise<ByHand> => {
  const { finding } = incident.facts.finding
  const before = incident.earlier.byHand
  const [look, issue] = await Promise.all([lookAtRoot({ finding }, context), issueOf(incident, context)])
  const { setting } = context
  const closedAt = before?.of === 'root-user' ? closedSince(before.steps) : undefined
  const seen: RootSeen = { finding, look, setting, ...given({ issue, closedAt }) }
  const declaredSource = before?.steps.find(({ id }) => id === 'assumed-source')?.declared?.at
  const known = rootSteps(seen, declaredSource).map((step) => knownStep(step, before, look.at))
  const steps = await declarations(known, before, context)
  const calls = await seenCalls(seen, doneSince(steps), before, context)
  return {
    of: issue ? 'assumed-root' : 'root-user',
    why: NO_POLICY_BINDS_ROOT,
    steps: [...steps, calls],
    seen: rootSightings(seen),
    unread: [...look.unread, ...look.incomplete],
  }
}

/** A role that nobody in the account may change: the deny stands elsewhere. */
const assessUneditable = async (
  { facts, earlier: { byHand: before } }: IncidentWith<'finding'>,
  subject: RoleSession,
  context: Context,
): Promise<ByHand> => {
  const seen = await lookAtUneditable(subject, facts.finding.finding.firstSeen, context)
  const isService = isServiceLinked(subject.role)
  const source = isService ? 'service-resource' : 'person-sessions'
  const declaredAt = before?.steps.find(({ id }) => id === source)?.declared?.at
  const at = seen.key.at
  const known = uneditableSteps(seen, declaredAt, context.setting).map((step) => knownStep(step, before, at))
  const steps = await declarations(known, before, context)
  return {
    of: isService ? 'service-linked' : 'permission-set',
    why: whyUneditable(subject.role),
    steps: [...steps, knownStep(keyCallsStep(seen.key, doneSince(steps)), before, at)],
    seen: [],
    unread: [...new Set(seen.unread)],
  }
}

/** The role that EC2 itself has for an instance. */
const assessIdentity = async (
  { facts, earlier: { byHand: before } }: IncidentWith<'finding'>,
  context: Context,
): Promise<ByHand> => {
  const { finding } = facts.finding
  const seen = await lookAtIdentity(finding, context)
  const { at } = seen.key
  const restart = knownStep(restartStep(seen, finding.firstSeen ?? at, context.setting), before, at)
  return {
    of: 'instance-identity',
    why: NO_POLICY_ON_IDENTITY,
    steps: [restart, knownStep(keyCallsStep(seen.key, doneSince([restart])), before, at)],
    seen: [],
    unread: [...new Set(seen.unread)],
  }
}

/** The record of the AssumeRoot that handed the key out; undefined where another call did, or none is seen. */
const issueOf = async ({ facts }: IncidentWith<'finding'>, context: Context) => {
  const { accessKeyId, region } = facts.finding.finding
  if (!accessKeyId?.startsWith('ASIA')) return undefined
  const { record } = await issueRecordOf(accessKeyId, trailRegions(region, context), context)
  return record?.eventName === 'AssumeRoot' ? record : undefined
}

/** Calls that somebody declares to be yours count no more, and whoever calls after that does. */
const seenCalls = async (
  seen: RootSeen,
  since: Instant | undefined,
  before: ByHand | undefined,
  context: Context,
): Promise<HandStep> => {
  const { declared } = before?.steps.find(({ id }) => id === 'root-calls') ?? {}
  const countedFrom = (from: Instant | undefined) => (since && from ? later(since, from) : since)
  const looked = knownStep(callsStep(seen, countedFrom(declared?.at)), before, seen.look.at)
  const [answered = looked] = await declarations([looked], before, context)
  if (answered.declared === looked.declared || !answered.declared) return answered
  return { ...knownStep(callsStep(seen, countedFrom(answered.declared.at)), before, seen.look.at), declared: answered.declared }
}

/** When the last of these was known to be done; undefined while one is not. */
const doneSince = (steps: readonly HandStep[]): Instant | undefined => {
  const times = steps.flatMap(({ doneAt }) => (doneAt === undefined ? [] : [doneAt]))
  return times.length < steps.length || times.length === 0 ? undefined : times.reduce(later)
}

/** The ways by which new sessions of the root user are opened. */
const closedSince = (steps: readonly HandStep[]): Instant | undefined =>
  doneSince(steps.filter(({ id }) => id === 'root-keys' || id === 'root-password'))

/** What became of the steps since an earlier run looked. */
const changedSteps = (before: ByHand, now: ByHand): readonly string[] =>
  now.steps.flatMap(({ id, sentence, state, knownBy }) => {
    const was = before.steps.find((step) => step.id === id)
    if (!was || was.state === state) return []
    return [`${STATES[was.state]}, now ${state === 'done' ? (knownBy ?? 'done') : STATES[state]}: ${sentence}`]
  })

const byHandBlocks = (byHand: ByHand): readonly Block[] => {
  const { why, steps, seen, unread } = byHand
  const left = openSteps(byHand).length
  return [
    left > 0
      ? warning(`ir-cred does not contain these credentials: ${why}. What is done by hand, in this order:`)
      : text(`Every step by hand is done, as AWS shows it or as it was declared. ${capital(why)}.`),
    ...steps.flatMap((step, index) => stepBlocks(step, index + 1)),
    ...(seen.length > 0 ? [text('Seen besides:'), list(seen)] : []),
    ...unread.map((sentence) => warning(`${sentence}.`)),
    ...(left > 0 ? [text('Continue the incident when a step is done: ir-cred looks at each again.')] : []),
  ]
}

const STATES: Readonly<Record<HandStep['state'], string>> = { done: 'done', open: 'OPEN', unknown: 'not known' }

const stepBlocks = ({ sentence, where, commands, state, says, knownBy }: HandStep, number: number): readonly Block[] => [
  fields(
    [`${number}. ${state === 'done' ? (knownBy ?? 'done') : STATES[state]}`, `${sentence}.`],
    state === 'done' || where === undefined ? undefined : ['where', where],
    ['look', `${says}.`],
  ),
  ...(state === 'done' ? [] : commands.map(code)),
]

const capital = (sentence: string): string => sentence.charAt(0).toUpperCase() + sentence.slice(1)
