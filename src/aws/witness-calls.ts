import { row } from './call-row.ts'
import type { ApiCall } from './calls.ts'

const WHO = 'investigate trace-activity'
/** The runbook responds to roles; users are asked about by `ir-cred investigate` alone. */
const USER = 'investigate'
const role = 'arn:PARTITION:iam::ACCOUNT:role/*'
const user = 'arn:PARTITION:iam::ACCOUNT:user/*'
const group = 'arn:PARTITION:iam::ACCOUNT:group/*'

/** The calls by which an investigation asks other witnesses than CloudTrail: where it happened, and with which permissions. */
export const witnessCalls: readonly ApiCall[] = [
  row('read', 'iam', 'ListAccountAliases', WHO, 'the name that the account goes by'),
  row('read', 'iam', 'ListAttachedRolePolicies', WHO, 'which managed policies a role has', role),
  // AWS's own policies have no account in their ARN.
  row('read', 'iam', 'GetPolicy', WHO, 'which version of a managed policy is in force'),
  row('read', 'iam', 'GetPolicyVersion', WHO, 'what a managed policy says'),
  row('read', 'iam', 'GetUser', USER, 'the user behind a long-term key: unique id, path, tags, boundary', user),
  row('read', 'iam', 'ListUserPolicies', USER, 'the inline policies of a user', user),
  row('read', 'iam', 'GetUserPolicy', USER, 'what an inline policy of a user says', user),
  row('read', 'iam', 'ListAttachedUserPolicies', USER, 'which managed policies a user has', user),
  row('read', 'iam', 'ListGroupsForUser', USER, 'the groups through which a user has more policies', user),
  row('read', 'iam', 'ListGroupPolicies', USER, 'the inline policies of a group', group),
  row('read', 'iam', 'GetGroupPolicy', USER, 'what an inline policy of a group says', group),
  row('read', 'iam', 'ListAttachedGroupPolicies', USER, 'which managed policies a group has', group),
  row('read', 'iam', 'ListAccessKeys', USER, 'the keys of a user and whether they are active', user),
  row('read', 'iam', 'GetAccessKeyLastUsed', USER, 'when a key was last used, and for what', user),
  row('read', 'iam', 'ListMFADevices', USER, 'whether a user has a second factor', user),
  row('read', 'iam', 'GetLoginProfile', USER, 'whether a user could sign in to the console', user),
  row('read', 'organizations', 'DescribeOrganization', WHO, 'the organization that the account is in, and who manages it'),
  row('read', 'organizations', 'DescribeAccount', WHO, 'the account’s name, e-mail and state'),
  row('read', 'organizations', 'ListParents', WHO, 'the account’s place in the organization'),
  row('read', 'organizations', 'DescribeOrganizationalUnit', WHO, 'the names of the units on the way'),
  row('read', 'organizations', 'ListTagsForResource', WHO, 'the account’s tags'),
]
