import { row } from './call-row.ts'
import type { ApiCall } from './calls.ts'

const HUNT = 'hunt-persistence'
/** An investigation reads these of a user of its own accord: which permissions, which ways in. */
const ALSO_OF_USERS = 'hunt-persistence investigate'
/** The trace and an investigation read these of the role. */
const ALSO_OF_ROLES = 'hunt-persistence trace-activity investigate'

const role = 'arn:PARTITION:iam::ACCOUNT:role/*'
const user = 'arn:PARTITION:iam::ACCOUNT:user/*'
const group = 'arn:PARTITION:iam::ACCOUNT:group/*'
const instanceProfile = 'arn:PARTITION:iam::ACCOUNT:instance-profile/*'
const samlProvider = 'arn:PARTITION:iam::ACCOUNT:saml-provider/*'
const openIdProvider = 'arn:PARTITION:iam::ACCOUNT:oidc-provider/*'

const read = (service: string, operation: string, who: string, why: string, resource = '*'): ApiCall =>
  row('read', service, operation, who, why, resource)

/** Whether what the attacker left is still there. */
export const huntCalls: readonly ApiCall[] = [
  read('iam', 'GetUser', ALSO_OF_USERS, 'whether a user is still there; a user’s unique id, path, tags, boundary', user),
  read('iam', 'ListAccessKeys', ALSO_OF_USERS, 'whether a key is still there and active; keys made since the theft', user),
  read('iam', 'GetAccessKeyLastUsed', ALSO_OF_USERS, 'when such a key was last used, and for what', user),
  read('iam', 'GetLoginProfile', ALSO_OF_USERS, 'whether a user can sign in to the console', user),
  read('iam', 'ListMFADevices', ALSO_OF_USERS, 'whether an MFA device is enabled for a user', user),
  read('iam', 'ListVirtualMFADevices', HUNT, 'whether an MFA device is still there'),
  read('iam', 'GetGroup', HUNT, 'whether a group is still there', group),
  read('iam', 'ListGroupsForUser', ALSO_OF_USERS, 'whether a user is still in a group; a user’s policies through groups', user),
  read('iam', 'ListAttachedUserPolicies', ALSO_OF_USERS, 'whether a policy is still on a user; which are', user),
  read('iam', 'ListAttachedRolePolicies', ALSO_OF_ROLES, 'whether a policy is still on a role; which are', role),
  read('iam', 'ListAttachedGroupPolicies', ALSO_OF_USERS, 'whether a policy is still on a group; which are', group),
  read('iam', 'GetUserPolicy', ALSO_OF_USERS, 'whether an inline policy is still on a user, and what it says', user),
  read('iam', 'GetGroupPolicy', ALSO_OF_USERS, 'whether an inline policy is still on a group, and what it says', group),
  // AWS's own policies have no account in their ARN.
  read('iam', 'GetPolicy', ALSO_OF_ROLES, 'whether a policy is still there, and which version is in force'),
  read('iam', 'GetPolicyVersion', ALSO_OF_ROLES, 'whether a version of a policy is still there, and what it says'),
  read('iam', 'GetInstanceProfile', HUNT, 'whether an instance profile is still there, and its role', instanceProfile),
  read('iam', 'GetSAMLProvider', HUNT, 'whether a SAML provider is still there', samlProvider),
  read('iam', 'GetOpenIDConnectProvider', HUNT, 'whether an OpenID Connect provider is still there', openIdProvider),
  read('ec2', 'DescribeSnapshotAttribute', HUNT, 'whether a snapshot is still shared'),
  read('ec2', 'DescribeImageAttribute', HUNT, 'whether an image is still shared'),
  read('ec2', 'DescribeImages', HUNT, 'whether an image is still there'),
  read('ec2', 'DescribeKeyPairs', HUNT, 'whether a key pair is still there'),
  read('ec2', 'DescribeSecurityGroupRules', HUNT, 'whether an opened port is still open'),
]
