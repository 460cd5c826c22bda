import { AttachRolePolicyCommand, CreatePolicyCommand, GetPolicyCommand, GetPolicyVersionCommand } from '@aws-sdk/client-iam'
import { isNotFound, unreadReason } from '../../../aws/failure.ts'
import { plainPolicy } from '../../../aws/policy-document.ts'
import { awsCommandFor } from '../../../incident/aws-command.ts'
import { managedDenyRemoval } from '../../../incident/deny-removal.ts'
import type { Effect } from '../../../incident/entry.ts'
import type { RoleSession, Subject } from '../../../incident/facts/subject.ts'
import type { Incident, Intent } from '../../../incident/incident.ts'
import { type DenyForm, POLICY_NAME, revocationDocument } from '../../../incident/revocation-document.ts'
import { MINUTE_SECONDS } from '../../../incident/values/duration.ts'
import { Failure } from '../../../incident/values/failure.ts'
import { given } from '../../../incident/values/given.ts'
import { type Instant, isBefore, later, plus } from '../../../incident/values/instant.ts'
import { attachedPoliciesOf } from '../../../investigation/enrichment/iam-lists.ts'
import type { Context, ManagedDeny } from '../../stage.ts'
import { cutoffFrom } from './cutoff.ts'
import { deniedUserId, reachWords } from './form.ts'
import { cutoffOf, deniesBeside, enforcedBy, readRevocation, type StandingRevocation } from './policy.ts'
import { checkTime } from './right-time.ts'

/** The sum of all inline policies of a role, white space not counted ("IAM and AWS STS quotas"). */
const ROLE_QUOTA = 10_240

const CREATE = 'iam:CreatePolicy'
const ATTACH = 'iam:AttachRolePolicy'

type Known = Pick<Incident, 'id' | 'intents' | 'facts' | 'earlier' | 'revoke'>

/** The form of an inline deny: on one session it leaves the other denies of the policy, which it would otherwise take away. */
export const besideStanding = (userId: string | undefined, document: string | undefined): DenyForm =>
  userId === undefined ? {} : { userId, beside: deniesBeside(document, userId) }

/** Whether IAM refused the deny for lack of room: the quota was not known before. */
const wasRefusedForRoom = ({ intents }: Known): boolean =>
  intents.some(
    ({ effect, outcome, why }) =>
      effect.operation === 'iam:PutRolePolicy' && outcome === 'refused' && why !== undefined && NO_ROOM.test(why),
  )

const NO_ROOM = /^LimitExceeded/

/** Whether it is a refusal for lack of room: the next look takes the other form. */
export const isNoRoom = (error: unknown): boolean =>
  error instanceof Failure && error.cause instanceof Error && NO_ROOM.test(error.cause.name)

/**
 * Whether the deny needs a customer managed policy: the inline policies of the role fill IAM's quota, as far as the blast radius says,
 * or as IAM answered.
 */
export const needsManaged = (incident: Known, subject: Subject, { document = '' }: StandingRevocation): boolean => {
  if (subject.kind !== 'role-session') return false
  const { inlinePolicySize = 0 } = incident.facts.blastRadius ?? {}
  const others = Math.max(0, inlinePolicySize - document.replace(/\s/g, '').length)
  const form = besideStanding(deniedUserId(incident, subject), document)
  return wasRefusedForRoom(incident) || others + revocationDocument(A_CUTOFF, form).length > ROLE_QUOTA
}

/** Every cut-off is as long. */
const A_CUTOFF = '2026-01-01T00:00:00Z' as Instant

const ownAttachment = ({ intents }: Known): Intent | undefined =>
  intents.findLast(({ effect, outcome, planned }) => effect.operation === ATTACH && planned.cutoff && outcome !== 'refused')

/**
 * The deny as it stands, in whichever form: inline, and as managed policies of the name where there is no room inline or this incident
 * attached one. A failed read is an error; but where nothing was attached by this incident, the deny does not wait for it.
 */
export const readDeny = async (incident: Known, subject: Subject, context: Context): Promise<StandingRevocation> => {
  const userId = deniedUserId(incident, subject)
  const inline = await readRevocation(subject, context, userId)
  if (subject.kind !== 'role-session') return inline
  const isOwn = ownAttachment(incident) !== undefined || (incident.facts.revocation ?? incident.earlier.revocation)?.managed
  if (!isOwn && !needsManaged(incident, subject, inline)) return inline
  try {
    const managed = await readManagedDenies(subject, context, userId)
    if (inline.cutoff === undefined && managed.length === 0) return inline
    const all = [inline, ...managed]
    return {
      ...{ ...inline, managed },
      ...given({ cutoff: latestOf(all.map((one) => one.cutoff)), allBefore: latestOf(all.map((one) => one.allBefore)) }),
    }
  } catch (error) {
    if (isOwn || unreadReason(error) === undefined) throw error
    return inline
  }
}

const latestOf = (times: readonly (Instant | undefined)[]): Instant | undefined =>
  times.reduce((latest, time) => (latest && time ? later(latest, time) : (time ?? latest)), undefined)

/** The managed policies on the role that are called as the console's and deny older sessions, whoever attached them. */
const readManagedDenies = async (
  { role, region }: RoleSession,
  context: Context,
  userId: string | undefined,
): Promise<readonly ManagedDeny[]> => {
  const { iam } = context.aws(region)
  const { items } = await attachedPoliciesOf(iam, 'Role', role.name)
  const denies: ManagedDeny[] = []
  for (const { PolicyName, PolicyArn: arn } of items) {
    if (!arn || !PolicyName?.startsWith(POLICY_NAME)) continue
    const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn: arn }))
    const asked = { PolicyArn: arn, VersionId: Policy?.DefaultVersionId ?? 'v1' }
    const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand(asked))
    const document = plainPolicy(PolicyVersion?.Document ?? '')
    const { cutoff, ...enforced } = enforcedBy(document, userId)
    if (cutoff) denies.push({ arn, document, cutoff, ...enforced })
  }
  return denies
}

/** Of this incident's managed policies, one after the other: a later cut-off is one more. */
const arnFor = (known: Known, { partition, accountId }: RoleSession, now: Instant): string => {
  const name = `${POLICY_NAME}-${known.id.replaceAll(/[^\w+=,.@-]/g, '-')}-${usedUp(known, now).size + 1}`
  return `arn:${partition}:iam::${accountId}:policy/${name}`
}

/** Those that are attached, and those that were created too long ago to be: their cut-off would spare what was issued since. */
const usedUp = ({ intents }: Known, now: Instant): ReadonlySet<string> =>
  new Set(
    intents
      .filter(
        ({ effect, outcome, at }) => effect.operation === CREATE && outcome === 'accepted' && isBefore(plus(at, LATELY), now),
      )
      .map(({ effect }) => effect.resource)
      .concat(
        intents.flatMap(({ effect, outcome }) =>
          effect.operation === ATTACH && outcome === 'accepted' ? [String(effect.parameters?.PolicyArn)] : [],
        ),
      ),
  )

const LATELY = 5 * MINUTE_SECONDS

/** The cut-off of the policy of this ARN, which this incident created and has not attached; undefined where it did not. */
const createdCutoff = (known: Known, subject: RoleSession, arn: string): Instant | undefined => {
  const created = known.intents.findLast(
    ({ effect, outcome }) => effect.operation === CREATE && effect.resource === arn && outcome !== 'refused',
  )
  return created && cutoffOf(JSON.stringify(created.effect.parameters?.PolicyDocument), deniedUserId(known, subject))
}

const exists = async (arn: string, { region }: RoleSession, context: Context): Promise<boolean> => {
  try {
    await context.aws(region).iam.send(new GetPolicyCommand({ PolicyArn: arn }))
    return true
  } catch (error) {
    if (isNotFound(error)) return false
    throw error
  }
}

const createInput = (arn: string, cutoff: Instant, userId: string | undefined) => ({
  PolicyName: arn.slice(arn.lastIndexOf('/') + 1),
  PolicyDocument: revocationDocument(cutoff, { userId }),
})

/** The two changes: the policy, and the role's attachment to it. */
const managedDenyEffects = (
  known: Known,
  { subject, cutoff, before }: { readonly subject: RoleSession; readonly cutoff: Instant; readonly before: string },
  context: Context,
): readonly Effect[] => {
  const { role } = subject
  const arn = arnFor(known, subject, context.now())
  const aws = awsCommandFor(context.setting)
  const userId = deniedUserId(known, subject)
  const input = createInput(arn, cutoff, userId)
  return [
    {
      operation: CREATE,
      resource: arn,
      parameters: { ...input, PolicyDocument: JSON.parse(input.PolicyDocument) },
      sentence: `create the customer managed policy ${input.PolicyName}: the inline policies of role ${role.name} leave no room`,
      undo: 'delete the policy, once it is detached',
      undoCommand: aws(`iam delete-policy --policy-arn ${arn}`),
    },
    {
      operation: ATTACH,
      resource: role.arn,
      parameters: { RoleName: role.name, PolicyArn: arn },
      sentence: `deny everything to ${reachWords(subject, userId)} issued before ${before}, by attaching that policy`,
      undo: 'detach the policy and delete it: safe 12 hours after the cut-off, when every older session has expired',
      undoCommand: managedDenyRemoval(aws, role.name, [arn]),
    },
  ]
}

/** Those of the two changes that are left: a policy that AWS accepted lately is only attached. */
export const managedDenyLeft = (
  known: Known,
  deny: { readonly subject: RoleSession; readonly cutoff: Instant; readonly before: string },
  context: Context,
): readonly Effect[] => {
  const effects = managedDenyEffects(known, deny, context)
  return isCreated(known, arnFor(known, deny.subject, context.now())) ? effects.slice(1) : effects
}

const isCreated = ({ intents }: Known, arn: string): boolean =>
  intents.some(({ effect, outcome }) => effect.operation === CREATE && effect.resource === arn && outcome === 'accepted')

/** Writes the deny as a managed policy: creates it, unless that was done lately, and attaches it once it is seen. */
export const writeManagedDeny = async (incident: Known, subject: RoleSession, context: Context): Promise<void> => {
  const { iam } = context.aws(subject.region)
  const arn = arnFor(incident, subject, context.now())
  const created = createdCutoff(incident, subject, arn)
  const isThere = created !== undefined && (await exists(arn, subject, context))
  const cutoff = isThere ? created : cutoffFrom(context.now())
  await checkTime(cutoff, context)
  const [create, attach] = managedDenyEffects(incident, { subject, cutoff, before: cutoff }, context)
  // Somebody deleted it: once it is used up, another one is asked for.
  if (!create || !attach || (!isThere && isCreated(incident, arn))) return
  if (!isThere) {
    const answer = await context.write(
      iam,
      new CreatePolicyCommand(createInput(arn, cutoff, deniedUserId(incident, subject))),
      create,
    )
    const look = async () => ((await exists(arn, subject, context)) ? true : undefined)
    // Whether it was created is not known: it is attached only once IAM shows it.
    if (answer === undefined && !(await context.settle({ what: 'the policy', kind: 'change-visible', within: VISIBLE }, look)))
      return
  }
  await context.write(iam, new AttachRolePolicyCommand({ RoleName: subject.role.name, PolicyArn: arn }), attach, {
    planned: { cutoff },
  })
}

const VISIBLE = 30
