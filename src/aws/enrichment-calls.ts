import { row } from './call-row.ts'
import type { ApiCall } from './calls.ts'

const WHO = 'investigate trace-activity'
/** The runbook responds to roles; users are asked about by `ir-cred investigate` alone. */
const USER = 'investigate'
const user = 'arn:PARTITION:iam::ACCOUNT:user/*'
const group = 'arn:PARTITION:iam::ACCOUNT:group/*'

/**
 * The calls by which an investigation asks other witnesses than CloudTrail: where it happened, and with which permissions.
 * What the hunt reads too stands with the hunt's.
 */
export const witnessCalls: readonly ApiCall[] = [
  row('read', 'iam', 'ListAccountAliases', WHO, 'the name that the account goes by'),
  row('read', 'iam', 'ListUserPolicies', USER, 'the inline policies of a user', user),
  row('read', 'iam', 'ListGroupPolicies', USER, 'the inline policies of a group', group),
  row('read', 'organizations', 'DescribeOrganization', WHO, 'the organization that the account is in, and who manages it'),
  row('read', 'organizations', 'DescribeAccount', WHO, 'the account’s name, e-mail and state'),
  row('read', 'organizations', 'ListParents', WHO, 'the account’s place in the organization'),
  row('read', 'organizations', 'DescribeOrganizationalUnit', WHO, 'the names of the units on the way'),
  row('read', 'organizations', 'ListTagsForResource', WHO, 'the account’s tags'),
]
