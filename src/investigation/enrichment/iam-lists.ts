import {
  GetGroupPolicyCommand,
  GetRolePolicyCommand,
  GetUserPolicyCommand,
  type IAMClient,
  ListAccessKeysCommand,
  ListAttachedGroupPoliciesCommand,
  ListAttachedRolePoliciesCommand,
  ListAttachedUserPoliciesCommand,
  ListGroupPoliciesCommand,
  ListGroupsForUserCommand,
  ListMFADevicesCommand,
  ListRolePoliciesCommand,
  ListUserPoliciesCommand,
} from '@aws-sdk/client-iam'
import { iamPages } from '../../aws/pager.ts'

export type PolicyHolder = 'Role' | 'User' | 'Group'

interface PoliciesPage {
  readonly PolicyNames?: string[] | undefined
  readonly AttachedPolicies?: { PolicyName?: string | undefined; PolicyArn?: string | undefined }[] | undefined
  readonly IsTruncated?: boolean | undefined
  readonly Marker?: string | undefined
}

/** How a role, a user and a group are asked for the same things. */
interface Questions {
  readonly inline: (iam: IAMClient, name: string, Marker: string | undefined) => Promise<PoliciesPage>
  readonly attached: (iam: IAMClient, name: string, Marker: string | undefined) => Promise<PoliciesPage>
  readonly document: (iam: IAMClient, name: string, PolicyName: string) => Promise<{ PolicyDocument?: string | undefined }>
}

const QUESTIONS: Readonly<Record<PolicyHolder, Questions>> = {
  Role: {
    inline: (iam, RoleName, Marker) => iam.send(new ListRolePoliciesCommand({ RoleName, Marker })),
    attached: (iam, RoleName, Marker) => iam.send(new ListAttachedRolePoliciesCommand({ RoleName, Marker })),
    document: (iam, RoleName, PolicyName) => iam.send(new GetRolePolicyCommand({ RoleName, PolicyName })),
  },
  User: {
    inline: (iam, UserName, Marker) => iam.send(new ListUserPoliciesCommand({ UserName, Marker })),
    attached: (iam, UserName, Marker) => iam.send(new ListAttachedUserPoliciesCommand({ UserName, Marker })),
    document: (iam, UserName, PolicyName) => iam.send(new GetUserPolicyCommand({ UserName, PolicyName })),
  },
  Group: {
    inline: (iam, GroupName, Marker) => iam.send(new ListGroupPoliciesCommand({ GroupName, Marker })),
    attached: (iam, GroupName, Marker) => iam.send(new ListAttachedGroupPoliciesCommand({ GroupName, Marker })),
    document: (iam, GroupName, PolicyName) => iam.send(new GetGroupPolicyCommand({ GroupName, PolicyName })),
  },
}

/** The names of the inline policies of a role, a user or a group. */
export const inlinePoliciesOf = (iam: IAMClient, kind: PolicyHolder, name: string) =>
  iamPages(
    (Marker) => QUESTIONS[kind].inline(iam, name, Marker),
    ({ PolicyNames }) => PolicyNames,
  )

/** The managed policies that are attached to a role, a user or a group. */
export const attachedPoliciesOf = (iam: IAMClient, kind: PolicyHolder, name: string) =>
  iamPages(
    (Marker) => QUESTIONS[kind].attached(iam, name, Marker),
    ({ AttachedPolicies }) => AttachedPolicies,
  )

/** The text of one inline policy as IAM gives it; undefined in an answer without it. */
export const inlinePolicyOf = async (iam: IAMClient, kind: PolicyHolder, name: string, policyName: string) =>
  (await QUESTIONS[kind].document(iam, name, policyName)).PolicyDocument

/** The access keys of a user. */
export const accessKeysOf = (iam: IAMClient, UserName: string) =>
  iamPages(
    (Marker) => iam.send(new ListAccessKeysCommand({ UserName, Marker })),
    ({ AccessKeyMetadata }) => AccessKeyMetadata,
  )

/** The MFA devices that are enabled for a user. */
export const mfaDevicesOf = (iam: IAMClient, UserName: string) =>
  iamPages(
    (Marker) => iam.send(new ListMFADevicesCommand({ UserName, Marker })),
    ({ MFADevices }) => MFADevices,
  )

/** The groups that a user is in. */
export const readGroups = (iam: IAMClient, UserName: string) =>
  iamPages(
    (Marker) => iam.send(new ListGroupsForUserCommand({ UserName, Marker })),
    ({ Groups }) => Groups,
  )
