import {
  type BlastRadius,
  type DeniedKey,
  type ForeignRevocation,
  type Revocation,
  sparesOthers,
} from '../../incident/facts/facts.ts'
import { isOfTheInstance } from '../../incident/facts/issue.ts'
import { isUneditable, whyUneditable } from '../../incident/facts/recipient.ts'
import { holderOf, holderWords, namesInstance, type Subject } from '../../incident/facts/subject.ts'
import type { Incident, IncidentWith } from '../../incident/incident.ts'
import { POLICY_NAME } from '../../incident/revocation-document.ts'
import { type Block, fields, type Span, text, warning } from '../../incident/values/block.ts'
import type { Failure } from '../../incident/values/failure.ts'
import { given } from '../../incident/values/given.ts'
import { type Instant, instantOf, isBefore } from '../../incident/values/instant.ts'
import { type AskedOf, type Context, defineStage, established, notApplicable } from '../stage.ts'
import { falseAlarmHint } from './identify-subject/caller-meaning.ts'
import { describeInstance } from './identify-subject/resources.ts'
import { readOr, type Unread } from './optional-read.ts'
import { acknowledgement } from './revoke-sessions/acknowledgement.ts'
import { intendedCutoff } from './revoke-sessions/cutoff.ts'
import { denyEffects, firstPriorDocument, foreignCutoff, writeDeny } from './revoke-sessions/deny.ts'
import { deniedSession, deniedUserId, refuseSession, sessionField, sharedBy } from './revoke-sessions/form.ts'
import { isNoRoom, needsManaged, readDeny } from './revoke-sessions/managed.ts'
import { proveLogic, type StandingRevocation } from './revoke-sessions/policy.ts'
import { decideTime } from './revoke-sessions/right-time.ts'
import { deactivateKey, deactivationEffect, deniedKey, keyOrUnread } from './revoke-sessions/user-key.ts'
import { writerOf } from './revoke-sessions/writer.ts'

/**
 * Revokes every session of the role or the user that was issued before a cut-off, as the IAM console's button does
 * ("Revoke IAM role temporary security credentials"): an inline deny on aws:TokenIssueTime, read back and compared by meaning. A user's
 * long-term key, which has no issue time, is deactivated as well, and first: it can obtain the next session. With `--revoke session`
 * the deny reaches the stolen session of a role alone, by its aws:userid.
 */
export const revokeSessions = defineStage({
  id: 'revoke-sessions',
  phase: 'contain',
  title: 'Revoke the active sessions',
  needs: ['subject'],
  establishes: 'revocation',

  async assess(incident, context) {
    const { subject } = incident.facts
    if (subject.kind === 'role-session' && isUneditable(subject.role)) return notApplicable(whyUneditable(subject.role))
    const refused = refuseSession(incident, subject)
    if (refused) return refused
    const userId = deniedUserId(incident, subject)
    const unread: Unread = []
    const [standing, key] = await Promise.all([readDeny(incident, subject, context), keyOrUnread(subject, context, unread)])
    const isKeyDenied = subject.kind !== 'user-key' || key !== undefined
    const launchTime = await launchTimeOf(incident, standing, context)
    let intended = intendedCutoff(incident, standing, context.now(), launchTime)
    const before = incident.facts.revocation ?? incident.earlier.revocation
    const foreign = before?.foreign?.by
      ? before.foreign
      : ((await foreignRevocation(incident, standing, context)) ?? before?.foreign)
    if (isKeyDenied && standing.cutoff && !isBefore(standing.cutoff, intended.cutoff)) {
      await context.keep('revocation-read-back', standing.managed ?? standing.document)
      const same = before?.cutoff === standing.cutoff
      const firstCutoff = same ? before.firstCutoff : (before?.firstCutoff ?? before?.cutoff)
      return established<Revocation>({
        policyName: POLICY_NAME,
        cutoff: standing.cutoff,
        // The moment of containment stays what it was: a later run only looks at it again.
        readBackAt: same ? before.readBackAt : context.now(),
        simulation: await proveLogic(subject, { cutoff: standing.cutoff, userId }, context),
        ...given({ session: deniedSession(userId, standing), widened: isWidened(before, userId) || undefined }),
        ...(intended.ours
          ? { writtenBy: 'ours', ...given({ priorDocument: firstPriorDocument(incident) }) }
          : { writtenBy: 'found' }),
        ...given({ firstCutoff, moved: isMoved(incident, standing.cutoff, firstCutoff) || undefined, foreign, key }),
        ...given({ managed: standing.managed?.map((one) => one.arn) }),
      })
    }
    const undecided = await decideTime(context)
    if (undecided) return undecided
    intended = intendedCutoff(incident, standing, context.now(), launchTime)
    const asKnownBy = (known: Incident) =>
      askedOf(known, { subject, userId, standing, foreign, cutoff: intended.cutoff, isKeyDenied, unread }, context)
    return {
      status: 'needed',
      ...asKnownBy(incident),
      asKnownBy,
      replaces: standing,
      expected: {
        policyName: POLICY_NAME,
        cutoff: intended.cutoff,
        readBackAt: context.now(),
        writtenBy: 'ours',
        simulation: { unavailable: 'decided after the policy is written' },
        ...given({ session: deniedSession(userId, standing) }),
      },
      typed: holderOf(subject).name,
    }
  },

  async act(incident, context, needed) {
    const { subject } = incident.facts
    const { name, arn } = holderOf(subject)
    // A refusal of one change does not hold the other up.
    const refused = await deactivateKey(subject, { name, arn }, context)
    const standing = needed?.replaces ?? (await readDeny(incident, subject, context))
    if (standsAlready(incident, standing, context)) return orThrow(refused)
    try {
      await writeDeny(incident, standing, context)
    } catch (error) {
      // The next look takes the form that there is room for.
      if (subject.kind !== 'role-session' || needsManaged(incident, subject, standing) || !isNoRoom(error)) throw error
    }
    orThrow(refused)
  },

  recheck: {
    after: [10, 60],
    async look(incident, context) {
      const { subject, revocation } = incident.facts
      const [{ cutoff }, key] = await Promise.all([readDeny(incident, subject, context), deniedKey(subject, context)])
      if (subject.kind === 'user-key' && key === undefined)
        return {
          stands: false,
          says: `THE KEY IS ACTIVE AGAIN: ${subject.accessKeyId} of ${holderWords(subject)}; somebody activated it`,
        }
      if (cutoff && !isBefore(cutoff, revocation.cutoff)) return { stands: true, says: standsSentence(revocation, cutoff, key) }
      const found = cutoff ? `has the earlier cut-off ${cutoff}` : 'is GONE'
      return {
        stands: false,
        says: `REVOCATION GONE: ${POLICY_NAME} on ${holderWords(subject)} ${found}; somebody changed it after ir-cred wrote it`,
      }
    },
  },

  describe: (revocation) => [
    fields(
      ['cut-off', [{ at: revocation.cutoff }, ' (AWS’s clock; sessions issued earlier are denied)']],
      sessionField(revocation),
      revocation.key ? ['access key', `${revocation.key.accessKeyId} is ${revocation.key.state} (IAM’s list)`] : undefined,
      ['read back', [{ at: revocation.readBackAt }, ...foundLine(revocation)]],
      revocation.managed ? ['policy', `customer managed, attached to the role: ${revocation.managed.join(', ')}`] : undefined,
      revocation.writtenBy === 'ours' && revocation.foreign && !revocation.session?.allBefore
        ? ['replaced', ['a revocation by somebody else, cut-off ', { at: revocation.foreign.cutoff }]]
        : undefined,
      revocation.firstCutoff && revocation.moved
        ? [
            'moved',
            ['from cut-off ', { at: revocation.firstCutoff }, ': what was issued until the sources were closed is denied too'],
          ]
        : undefined,
      revocation.widened
        ? [
            'widened',
            [
              'an earlier run denied one session',
              ...(revocation.firstCutoff ? [', cut-off ', { at: revocation.firstCutoff }] : []),
              '; this deny reaches every older one',
            ],
          ]
        : undefined,
      revocation.firstCutoff && !revocation.moved && !revocation.widened
        ? ['gone since', ['the deny of cut-off ', { at: revocation.firstCutoff }, ' was removed; this one replaces it']]
        : undefined,
      revocation.priorDocument
        ? ['replaced', `an earlier policy ${POLICY_NAME}; its document is kept in ${revocation.priorDocument.file}`]
        : undefined,
      'unavailable' in revocation.simulation
        ? ['simulation', `not available: ${revocation.simulation.unavailable}`]
        : [
            'simulation',
            `older session ${revocation.simulation.olderSession}, newer one ${revocation.simulation.newerSession}${revocation.simulation.otherSession ? `, older one of another name ${revocation.simulation.otherSession}` : ''}`,
          ],
    ),
    ...('unavailable' in revocation.simulation || revocation.simulation.olderSession === 'explicitDeny'
      ? []
      : [warning('IAM’s simulation does not deny an older session: look at the policy in the console.')]),
    text('The policy is stored. It can take some minutes to reach every endpoint, and no API says when it has.'),
  ],
})

/** Whether an earlier look saw a deny on one session alone, and this one reaches every session. */
const isWidened = (before: Revocation | undefined, userId: string | undefined): boolean =>
  userId === undefined && (before?.widened === true || before?.session !== undefined)

/** Whether the cut-off is a later one because close-access moved it: the deny was not gone. */
const isMoved = ({ intents }: Incident, cutoff: Instant, first: Instant | undefined): boolean =>
  first !== undefined &&
  intents.some(({ stage, outcome, planned }) => stage !== 'revoke-sessions' && outcome !== 'refused' && planned.cutoff === cutoff)

const orThrow = (refused: Failure | undefined): void => {
  if (refused) throw refused
}

const standsSentence = (revocation: Revocation, cutoff: Instant, key: DeniedKey | undefined): string =>
  `${POLICY_NAME} stands${sparesOthers(revocation) ? ` for session ${revocation.session?.userId}` : ''}, cut-off ${cutoff}${key ? `; ${key.accessKeyId} is ${key.state}` : ''}`

/** Whether the deny needs no writing: what stands is what the incident intends. */
const standsAlready = (incident: Incident, standing: StandingRevocation, { now }: Context): boolean =>
  standing.cutoff !== undefined && !isBefore(standing.cutoff, intendedCutoff(incident, standing, now()).cutoff)

/** What a look found, of which the question is made. */
interface Looked {
  readonly subject: Subject
  /** Of a deny on one session. */
  readonly userId: string | undefined
  readonly standing: StandingRevocation
  readonly foreign: ForeignRevocation | undefined
  readonly cutoff: Instant
  readonly isKeyDenied: boolean
  /** What could not be read: whether the key is active. */
  readonly unread: Unread
}

/** The question, with what is known by now of who else uses the role and of where the calls came from. */
const askedOf = (known: Incident, look: Looked, context: Context): AskedOf => {
  const { subject: looked, userId, standing, foreign, cutoff, isKeyDenied, unread } = look
  const { subject = looked, blastRadius } = known.facts
  const { of, name, arn } = holderOf(subject)
  const cost =
    userId === undefined
      ? `every session of the ${of} is cut off: ${cutOff(subject, blastRadius)}`
      : `this session is cut off, and ${sharedBy(subject)}; other sessions of the ${of} live on`
  return {
    effects: [
      ...(isKeyDenied ? [] : [deactivationEffect(name, arn, subject.accessKeyId)]),
      ...(standsAlready(known, standing, context)
        ? []
        : denyEffects(known, { subject, userId, before: 'now + 30 s', standing, cutoff }, context).map(
            (effect, index, { length }) => (index === length - 1 ? { ...effect, cost } : effect),
          )),
    ],
    acknowledgement: [
      ...falseAlarmBlocks(subject, known),
      ...unread.map((sentence) => warning(`${sentence}.`)),
      ...(foreign ? foreignBlocks(foreign, blastRadius) : []),
      ...acknowledgement({ subject, userId, cutoff }, blastRadius, standing),
    ],
    ...given({ falseAlarm: isUnchanged(known) ? falseAlarmHint(subject) : undefined }),
  }
}

/** Whether this incident has changed nothing so far: only what AWS refused is no change. */
const isUnchanged = ({ intents }: Incident): boolean => intents.every(({ outcome }) => outcome === 'refused')

const falseAlarmBlocks = (subject: Subject, incident: Incident): readonly Block[] => {
  const hint = falseAlarmHint(subject)
  if (hint === undefined) return []
  const answer = isUnchanged(incident) ? ' If it is one, answer false-alarm: nothing is changed, and your reason is kept.' : ''
  return [warning(`This may be a false alarm: ${hint}.${answer}`)]
}

/** When the instance was launched, where a revocation stands already: one that was started after it has new credentials. */
const launchTimeOf = async (
  { facts: { subject, blastRadius } }: IncidentWith<'subject'>,
  { cutoff }: StandingRevocation,
  context: Context,
): Promise<Instant | undefined> => {
  if (blastRadius || cutoff === undefined || !namesInstance(subject)) return blastRadius?.instance?.launchTime
  const asked = { what: 'when the instance was launched', operation: 'ec2:DescribeInstances', otherwise: undefined }
  const instance = await readOr([], asked, () => describeInstance(context, subject.region, subject.instanceId))
  return instance?.LaunchTime && instantOf(instance.LaunchTime)
}

/** The revocation on the role that this incident did not write, and who wrote it; undefined where there is none. */
const foreignRevocation = async (
  incident: IncidentWith<'subject'>,
  standing: StandingRevocation,
  context: Context,
): Promise<ForeignRevocation | undefined> => {
  const replacing = incident.intents.find(({ planned, outcome }) => planned.replacedCutoff && outcome !== 'refused')
  const cutoff = replacing?.planned.replacedCutoff ?? foreignCutoff(incident, standing)
  if (cutoff === undefined) return undefined
  const writer = writerOf(incident.facts.subject, context, replacing?.at ?? context.now())
  // A responder who goes ahead does not wait long for it: the look after the deny finds out.
  return { cutoff, ...(context.goesAhead ? await inTime(writer) : await writer) }
}

/** Milliseconds that a responder who goes ahead waits for who wrote a revocation that stands already. */
const LONGEST_WAIT = 5_000

const inTime = (writer: Promise<Pick<ForeignRevocation, 'by' | 'at'>>): Promise<Pick<ForeignRevocation, 'by' | 'at'>> =>
  Promise.race([
    writer,
    new Promise<object>((resolve) => AbortSignal.timeout(LONGEST_WAIT).addEventListener('abort', () => resolve({}))),
  ])

/** What a responder must know before revoking once more. */
const foreignBlocks = ({ cutoff, by, at }: ForeignRevocation, radius: BlastRadius | undefined): readonly Block[] => [
  warning(
    'These sessions were revoked before, by somebody else: cut-off ',
    { at: cutoff },
    ...(by && at
      ? [', written by ', by, ' at ', { at }, ' (CloudTrail).']
      : ['. Who wrote it is not known: CloudTrail does not show it (yet).']),
  ),
  text(
    'A later cut-off also denies every session that was issued since: whatever was renewed after that revocation has to be renewed once more.',
  ),
  ...(radius?.instance && isBefore(cutoff, radius.instance.launchTime)
    ? [text(`${radius.instance.id} was started after it: the new cut-off makes a second stop and start necessary.`)]
    : []),
]

const foundLine = ({ writtenBy, foreign }: Revocation): readonly Span[] => {
  if (writtenBy === 'ours') return []
  if (!foreign?.by || !foreign.at) return [', written by somebody else and late enough']
  return [', written by ', foreign.by, ' at ', { at: foreign.at }, ' and late enough']
}

/** Who loses access: an instance that the response leaves alone is one of the consumers. */
const cutOff = (subject: Subject, radius: BlastRadius | undefined): string => {
  if (subject.kind !== 'role-session') return 'those of GetSessionToken, of GetFederationToken and of the console'
  if (!radius) return 'who uses it besides is still being read'
  const { consumers, consumersUnread } = radius
  const { length } = consumers
  const many = `${consumersUnread ? 'at least ' : ''}${length}`
  return namesInstance(subject) && isOfTheInstance(subject)
    ? `${many} other consumers besides ${subject.instanceId}`
    : `${many} consumer${length === 1 ? '' : 's'}`
}
