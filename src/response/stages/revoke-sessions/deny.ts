import { PutRolePolicyCommand, PutUserPolicyCommand } from '@aws-sdk/client-iam'
import { awsCommandFor } from '../../../incident/aws-command.ts'
import { denyRemoval } from '../../../incident/deny-removal.ts'
import type { Effect } from '../../../incident/entry.ts'
import type { EvidenceRef } from '../../../incident/facts/evidence.ts'
import { holderOf, longestSessionOf, type Subject } from '../../../incident/facts/subject.ts'
import type { Incident, IncidentWith } from '../../../incident/incident.ts'
import { POLICY_NAME, revocationDocument } from '../../../incident/revocation-document.ts'
import { HOUR_SECONDS } from '../../../incident/values/duration.ts'
import { given } from '../../../incident/values/given.ts'
import type { Instant } from '../../../incident/values/instant.ts'
import type { Context } from '../../stage.ts'
import { cutoffFrom } from './cutoff.ts'
import { deniedUserId, reachWords } from './form.ts'
import { besideStanding, managedDenyLeft, needsManaged, writeManagedDeny } from './managed.ts'
import type { StandingRevocation } from './policy.ts'
import { checkTime } from './right-time.ts'

/** The input of the deny with a cut-off. A question shows the one that would be sent now; the time is fixed at sending. */
const denyPolicy = (cutoff: Instant, { userId, document }: Pick<Deny, 'userId'> & Pick<StandingRevocation, 'document'>) => ({
  PolicyName: POLICY_NAME,
  PolicyDocument: revocationDocument(cutoff, besideStanding(userId, document)),
})

interface Deny {
  readonly subject: Subject
  /** Of a deny on one session: its `aws:userid`. */
  readonly userId: string | undefined
  /** The cut-off in words. */
  readonly before: string
  readonly standing: StandingRevocation
  readonly cutoff: Instant
  /** Where the earlier document of the policy is kept, once it is: the undo needs it. */
  readonly prior?: EvidenceRef | undefined
}

/** The deny as one change of a role or a user. */
const denyEffect = (deny: Deny & { readonly replaces: StandingRevocation }, { setting }: Context): Effect => {
  const { subject, userId, before, standing, replaces, cutoff, prior } = deny
  const { of, name, arn } = holderOf(subject)
  const { document } = replaces
  const policy = denyPolicy(cutoff, { userId, ...given({ document: standing.document }) })
  const back = `put the earlier document of the policy back${prior ? `, which is kept in ${prior.file}` : ''}`
  const isComplete = document === undefined || prior !== undefined
  return {
    operation: of === 'role' ? 'iam:PutRolePolicy' : 'iam:PutUserPolicy',
    resource: arn,
    parameters: {
      ...(of === 'role' ? { RoleName: name } : { UserName: name }),
      ...policy,
      PolicyDocument: JSON.parse(policy.PolicyDocument),
    },
    sentence: `deny everything to ${reachWords(subject, userId)} issued before ${before}, by inline policy ${POLICY_NAME}`,
    undo: `${document === undefined ? 'delete the inline policy' : back}: safe ${longestSessionOf(subject) / HOUR_SECONDS} hours after the cut-off, when every older session has expired`,
    ...(isComplete ? { undoCommand: denyRemoval(awsCommandFor(setting), { of, name }, POLICY_NAME, prior?.file) } : {}),
  }
}

/** The deny as the changes that it takes: one inline, two as a managed policy. */
export const denyEffects = (known: Incident, deny: Deny, context: Context): readonly Effect[] => {
  const { subject, standing, cutoff, before } = deny
  return subject.kind === 'role-session' && needsManaged(known, subject, standing)
    ? managedDenyLeft(known, { subject, cutoff, before }, context)
    : [denyEffect({ ...deny, replaces: standing }, context)]
}

/** The cut-off that stands, where this incident did not write it. */
export const foreignCutoff = ({ intents }: Incident, { cutoff }: StandingRevocation): Instant | undefined =>
  cutoff && !intents.some(({ planned }) => planned.cutoff === cutoff) ? cutoff : undefined

/** The document that this incident's first write replaced: a later write replaces the incident's own policy. */
export const firstPriorDocument = ({ intents }: Pick<Incident, 'intents'>): EvidenceRef | undefined =>
  intents.find(({ outcome, planned }) => outcome !== 'refused' && planned.cutoff !== undefined)?.planned.priorDocument

/** Writes the deny with a cut-off of now, once, in the form that there is room for. Throws Failure when the time is not decided, or AWS refuses. */
export const writeDeny = async (
  incident: IncidentWith<'subject'>,
  standing: StandingRevocation,
  context: Context,
): Promise<void> => {
  const { subject } = incident.facts
  const { name } = holderOf(subject)
  if (subject.kind === 'role-session' && needsManaged(incident, subject, standing))
    return writeManagedDeny(incident, subject, context)
  const isOwn = standing.cutoff !== undefined && foreignCutoff(incident, standing) === undefined
  // Over the incident's own policy: undone is what stood there before the first write.
  const prior = isOwn ? firstPriorDocument(incident) : await keptPrior(standing, context)
  const cutoff = cutoffFrom(context.now())
  await checkTime(cutoff, context)
  const userId = deniedUserId(incident, subject)
  const policy = denyPolicy(cutoff, { userId, ...given({ document: standing.document }) })
  const command =
    subject.kind === 'role-session'
      ? new PutRolePolicyCommand({ RoleName: name, ...policy })
      : new PutUserPolicyCommand({ UserName: name, ...policy })
  const planned = { cutoff, ...given({ priorDocument: prior, replacedCutoff: foreignCutoff(incident, standing) }) }
  const replaces = isOwn && prior === undefined ? {} : standing
  const effect = denyEffect({ subject, userId, before: cutoff, standing, replaces, cutoff, prior }, context)
  await context.write(context.aws(subject.region).iam, command, effect, { planned })
}

const keptPrior = async ({ document }: StandingRevocation, { keep }: Context): Promise<EvidenceRef | undefined> =>
  document === undefined ? undefined : keep(`prior-${POLICY_NAME}`, document)

/** The question about a later cut-off: the same deny once more, in the form that there is room for. */
export const laterDenyEffects = (
  incident: IncidentWith<'subject'>,
  standing: StandingRevocation,
  cutoff: Instant,
  context: Context,
): readonly Effect[] => {
  const { subject } = incident.facts
  const { of } = holderOf(subject)
  const userId = deniedUserId(incident, subject)
  const until = 'these changes have spread'
  if (subject.kind === 'role-session' && needsManaged(incident, subject, standing))
    return managedDenyLeft(incident, { subject, cutoff, before: until }, context)
  return [
    {
      ...denyEffect({ subject, userId, before: '', standing, replaces: {}, cutoff }, context),
      sentence: `deny everything to ${reachWords(subject, userId)} issued until ${until}: move the cut-off of ${POLICY_NAME} past them`,
      cost: `${userId === undefined ? `sessions of the ${of}` : 'credentials of this session'} that were issued since the first cut-off are cut off too`,
      undo: 'with the revocation itself: the policy is the same',
    },
  ]
}
