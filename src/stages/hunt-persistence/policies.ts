import {
  GetGroupPolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRolePolicyCommand,
  GetUserPolicyCommand,
  type IAMClient,
  ListAttachedGroupPoliciesCommand,
  ListAttachedRolePoliciesCommand,
  ListAttachedUserPoliciesCommand,
} from '@aws-sdk/client-iam'
import { markOf } from '../../activity/analysis/persistence/written-policy.ts'
import { isMissing } from '../../aws/failure.ts'
import { iamPages } from '../../aws/iam-pages.ts'
import { plainPolicy } from '../../aws/policy-document.ts'
import type { LeftBehind } from '../../incident/activity-rows.ts'
import { changed, gone, inAnswer, type Look, listed, look, madeAt, type Seen, there } from './look.ts'

type Kind = 'User' | 'Role' | 'Group'
type Holder = 'user' | 'role' | 'group'

interface AttachedPage {
  readonly AttachedPolicies?: { PolicyArn?: string | undefined }[] | undefined
  readonly IsTruncated?: boolean | undefined
  readonly Marker?: string | undefined
}

/** One page of the policies attached to a user, a role or a group. */
const ATTACHED: { readonly [K in Kind]: (iam: IAMClient, name: string, Marker?: string) => Promise<AttachedPage> } = {
  User: (iam, UserName, Marker) => iam.send(new ListAttachedUserPoliciesCommand({ UserName, Marker })),
  Role: (iam, RoleName, Marker) => iam.send(new ListAttachedRolePoliciesCommand({ RoleName, Marker })),
  Group: (iam, GroupName, Marker) => iam.send(new ListAttachedGroupPoliciesCommand({ GroupName, Marker })),
}

interface InlineAnswer {
  readonly PolicyDocument: string | undefined
}

const INLINE: { readonly [K in Kind]: (iam: IAMClient, name: string, PolicyName: string) => Promise<InlineAnswer> } = {
  User: (iam, UserName, PolicyName) => iam.send(new GetUserPolicyCommand({ UserName, PolicyName })),
  Role: (iam, RoleName, PolicyName) => iam.send(new GetRolePolicyCommand({ RoleName, PolicyName })),
  Group: (iam, GroupName, PolicyName) => iam.send(new GetGroupPolicyCommand({ GroupName, PolicyName })),
}

const attachedTo = (kind: Kind, iam: IAMClient, name: string) =>
  iamPages(
    (Marker) => ATTACHED[kind](iam, name, Marker),
    ({ AttachedPolicies }) => AttachedPolicies,
  )

/** A text as IAM gives it, beside the one that the record shows. */
const textStanding = (encoded: string | undefined, { wrote }: LeftBehind): Seen => {
  const mark = encoded === undefined ? undefined : markOf(plainPolicy(encoded))
  if (!mark || !wrote) return there('a policy of that name is there')
  return mark.fingerprint === wrote.fingerprint
    ? there('the policy is there, with the text that the record shows')
    : changed('a policy of that name is there, with another text than the record shows')
}

const looksOn = (kind: Kind): Readonly<Record<string, Look>> => {
  const whom = kind.toLowerCase() as Holder
  const asksList = `iam:ListAttached${kind}Policies`
  const asksInline = `iam:Get${kind}Policy`
  const isAttached = (yes: Seen, no: Seen): Look =>
    look(asksList, [whom, 'policyArn'], async (names, { iam }) =>
      listed(await attachedTo(kind, iam, names[whom]), ({ PolicyArn }) => PolicyArn === names.policyArn, yes, no),
    )
  return {
    [`iam:Attach${kind}Policy`]: isAttached(there('the policy is attached'), gone('the policy is not attached')),
    [`iam:Detach${kind}Policy`]: isAttached(gone('the policy is attached again'), there('the policy is still not attached')),
    [`iam:Put${kind}Policy`]: look(asksInline, [whom, 'policyName'], async (names, { iam }, row) =>
      textStanding((await INLINE[kind](iam, names[whom], names.policyName)).PolicyDocument, row),
    ),
    [`iam:Delete${kind}Policy`]: look(asksInline, [whom, 'policyName'], async (names, { iam }) => {
      try {
        await INLINE[kind](iam, names[whom], names.policyName)
        return gone('a policy of that name is there again')
      } catch (error) {
        if (!isMissing(error)) throw error
        // Whoever had it may be gone too: then IAM knows no list of his, and the leftover is gone with him.
        await attachedTo(kind, iam, names[whom])
        return there('there is still no policy of that name')
      }
    }),
  }
}

const policy = look('iam:GetPolicy', ['policyArn'], async ({ policyArn: PolicyArn }, { iam }, row) => {
  const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn }))
  const seen = inAnswer(Policy, ({ CreateDate }) => madeAt('policy', CreateDate, row))
  const holders = Policy?.AttachmentCount
  return holders === undefined ? seen : { ...seen, says: [...seen.says, `, attached to ${holders} of users, roles and groups`] }
})

const version = look('iam:GetPolicyVersion', ['policyArn', 'policyVersion'], async (names, { iam }, row) => {
  const { PolicyVersion } = await iam.send(
    new GetPolicyVersionCommand({ PolicyArn: names.policyArn, VersionId: names.policyVersion }),
  )
  return inAnswer(PolicyVersion, ({ CreateDate, IsDefaultVersion }) => {
    const made = madeAt(`version ${names.policyVersion}`, CreateDate, row)
    return { ...made, says: [...made.says, IsDefaultVersion ? ', and is the default' : ', not the default'] }
  })
})

const defaultVersion = look('iam:GetPolicy', ['policyArn', 'policyVersion'], async (names, { iam }) => {
  const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn: names.policyArn }))
  return inAnswer(Policy?.DefaultVersionId, (version) =>
    version === names.policyVersion
      ? there(`version ${names.policyVersion} is the default`)
      : gone(`version ${names.policyVersion} is not the default`),
  )
})

/** Policies, and who has them. */
export const POLICY_LOOKS: Readonly<Record<string, Look>> = {
  ...looksOn('User'),
  ...looksOn('Role'),
  ...looksOn('Group'),
  'iam:CreatePolicy': policy,
  'iam:CreatePolicyVersion': version,
  'iam:SetDefaultPolicyVersion': defaultVersion,
}
