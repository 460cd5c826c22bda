import {
  type ApiCall,
  MANAGED_DENY as managedDeny,
  readCall as read,
  ANY_ROLE as role,
  ANY_USER as user,
  writeCall as write,
} from './api-call.ts'
import { closingCalls } from './closing-calls.ts'
import { furtherReads } from './further-reads.ts'
import { laterCalls } from './later-calls.ts'
import { investigationCalls } from './record-calls.ts'
import { workloadCalls } from './workload-calls.ts'

const instance = 'arn:PARTITION:ec2:REGION:ACCOUNT:instance/*'
const graph = 'arn:PARTITION:detective:REGION:ACCOUNT:graph:*'
const group = 'arn:PARTITION:iam::ACCOUNT:group/*'
const instanceProfile = 'arn:PARTITION:iam::ACCOUNT:instance-profile/*'
/** Of SAML and of OpenID Connect. */
const provider = 'arn:PARTITION:iam::ACCOUNT:*-provider/*'

/** The Run Command document with the fixed script that an account can own: `ir-cred policy --document` prints it. */
export const OWN_DOCUMENT = 'IrCred-ReadInstanceCredentials'
const ownDocumentArn = `arn:PARTITION:ssm:REGION:ACCOUNT:document/${OWN_DOCUMENT}`

const HUNT = 'hunt-persistence'
const CLOSE = 'close-access'
const DENY_OR_CLOSE = 'revoke-sessions close-access'
const DENY_CLOSE_OR_LIFT = 'revoke-sessions close-access lift-revocation'
/** `trace-activity` and `investigate` read these as well: permissions and ways to sign in. preserve-evidence keeps them before anything changes. */
const EVIDENCE_AND_PROFILE = 'preserve-evidence hunt-persistence trace-activity investigate'
/** The same without preserve-evidence. */
const HUNT_AND_USER_PROFILE = 'hunt-persistence trace-activity investigate'
/** find-finding reads these of a user or key that is reported without a finding. */
const REPORTED_USER = 'find-finding preserve-evidence hunt-persistence trace-activity investigate'
/** `trace-activity` and `investigate` read these of the role as well. */
const HUNT_AND_ROLE_PROFILE = 'hunt-persistence trace-activity investigate'
const DENY_AND_ROLE_PROFILE = `revoke-sessions close-access lift-revocation restart-instance renew-workload ${HUNT_AND_ROLE_PROFILE}`
const ACCOUNT_PROFILE = 'investigate trace-activity'
/** Whether a service control policy binds the root user. */
const ORGANIZATION = `${ACCOUNT_PROFILE} verify-by-hand`
/** `trace-activity` and `investigate` read these of a user. */
const USER_PROFILE = 'trace-activity investigate'

/** Every call of a response, and those of `investigate` that a response makes too. */
export const apiCalls: readonly ApiCall[] = [
  read('sts', 'GetCallerIdentity', 'respond doctor', 'who responds, in which account, and what time AWS has'),
  read('sts', 'GetAccessKeyInfo', 'find-finding', 'to which account a key belongs that nothing here names'),
  read(
    'guardduty',
    'ListDetectors',
    'find-finding close-incident archive-finding doctor investigate',
    'the detector of the Region',
  ),
  read(
    'guardduty',
    'GetDetector',
    'doctor',
    'whether the detector is enabled',
    'arn:PARTITION:guardduty:REGION:ACCOUNT:detector/*',
  ),
  read(
    'guardduty',
    'ListFindings',
    'find-finding close-incident investigate',
    'findings on the key, the principal, the role or the instance',
  ),
  read('guardduty', 'GetFindings', 'find-finding close-incident archive-finding investigate', 'what the findings say'),
  read('ec2', 'DescribeRegions', 'respond', 'the enabled Regions: all of them are searched'),
  read(
    'iam',
    'GetRole',
    'find-finding identify-subject scope-blast-radius close-access preserve-evidence renew-workload trace-activity hunt-persistence lift-revocation doctor investigate',
    'the role: unique id, path, tags, trust policy; the trust policies that the attacker changed',
    role,
  ),
  read(
    'ec2',
    'DescribeInstances',
    'identify-subject scope-blast-radius close-access preserve-evidence restart-instance renew-workload verify-by-hand hunt-persistence',
    'the instance, others that use the role, and those that the attacker started',
  ),
  read(
    'ec2',
    'DescribeAddresses',
    'identify-subject',
    'whether the remote address is an Elastic IP of the account, in any Region',
  ),
  read(
    'ec2',
    'DescribeNatGateways',
    'identify-subject',
    'whether the remote address is a NAT gateway of the account, in any Region',
  ),
  read(
    'cloudtrail',
    'LookupEvents',
    'find-finding identify-subject revoke-sessions restart-instance renew-workload verify-rotation verify-by-hand trace-activity close-incident audit',
    'session, issue and use of keys; earlier use of an address; who made a change; heads of the journal',
  ),
  read('iam', 'ListInstanceProfilesForRole', 'scope-blast-radius', 'the instance profiles that carry the role', role),
  read(
    'iam',
    'ListRolePolicies',
    'scope-blast-radius preserve-evidence verify-by-hand trace-activity investigate',
    'inline policies: whether one more fits; evidence',
    role,
  ),
  read(
    'iam',
    'GetRolePolicy',
    'identify-subject scope-blast-radius revoke-sessions close-access preserve-evidence restart-instance renew-workload verify-by-hand trace-activity hunt-persistence close-incident lift-revocation investigate',
    'inline policies; revocations read back; policies that the attacker wrote',
    role,
  ),
  read(
    'iam',
    'SimulatePrincipalPolicy',
    'scope-blast-radius revoke-sessions doctor',
    'whether the role can edit IAM; that older sessions are denied and newer ones are not',
    role,
  ),
  read(
    'ec2',
    'DescribeInstanceAttribute',
    'scope-blast-radius restart-instance renew-workload',
    'stop and termination protection',
    instance,
  ),
  read('ec2', 'DescribeVolumes', 'scope-blast-radius', 'with which KMS keys the volumes are encrypted'),
  read('ec2', 'DescribeInstanceTypes', 'scope-blast-radius', 'whether the instance has instance-store volumes'),
  read('ec2', 'DescribeSpotInstanceRequests', 'scope-blast-radius restart-instance', 'whether a Spot instance can be stopped'),
  read(
    'autoscaling',
    'DescribeAutoScalingInstances',
    'scope-blast-radius restart-instance',
    'whether an Auto Scaling group would replace a stopped instance',
  ),
  read(
    'elasticloadbalancing',
    'DescribeTargetGroups',
    'scope-blast-radius',
    'which load balancers send traffic to the instance: its targets are read of each group in its network',
  ),
  read('elasticloadbalancing', 'DescribeTargetHealth', 'scope-blast-radius', 'whether the instance is a target, and who else is'),
  read(
    'ec2',
    'StopInstances?DryRun',
    'scope-blast-radius',
    'whether the responder may stop it, asked before any change',
    instance,
  ),
  read('ec2', 'StartInstances?DryRun', 'scope-blast-radius', 'whether the responder may start it again', instance),
  read('ec2', 'CreateSnapshots?DryRun', 'scope-blast-radius', 'whether the responder may take snapshots', '*'),
  read(
    'ssm',
    'GetServiceSetting',
    'scope-blast-radius',
    'whether Default Host Management can answer for the instance',
    'arn:PARTITION:ssm:REGION:ACCOUNT:servicesetting/*',
  ),
  write('iam', 'PutRolePolicy', DENY_CLOSE_OR_LIFT, 'the deny on older sessions, AWSRevokeOlderSessions', role),
  write('iam', 'PutUserPolicy', DENY_CLOSE_OR_LIFT, 'the deny on older sessions of a user, AWSRevokeOlderSessions', user),
  write('iam', 'CreatePolicy', DENY_OR_CLOSE, 'the same deny where the inline policies leave no room', managedDeny),
  write('iam', 'AttachRolePolicy', DENY_OR_CLOSE, 'attaches that policy to the role', role),
  write('iam', 'UpdateAccessKey', DENY_OR_CLOSE, 'a stolen key, or the parent of a session, is made inactive', user),
  write(
    'iam',
    'UpdateAssumeRolePolicy',
    'close-access lift-revocation',
    'the trust policy refuses who took the session, if approved by name; put back by a lift',
    role,
  ),
  write('iam', 'DeleteLoginProfile', CLOSE, 'deletes a console password set since the theft, if approved by name', user),
  write('ec2', 'ModifyInstanceMetadataOptions', CLOSE, 'requires IMDSv2 at hop limit 1, if approved by name', instance),
  read(
    'ec2',
    'DescribeSnapshots',
    'preserve-evidence hunt-persistence audit',
    'the snapshots of this incident, and those that the attacker created',
  ),
  read('ec2', 'GetConsoleOutput', 'preserve-evidence', 'the console’s last output, before the stop', instance),
  write('ec2', 'CreateSnapshots', 'preserve-evidence', 'a snapshot of every volume at one point in time', '*', [
    'ec2:CreateSnapshots',
    'ec2:CreateTags',
  ]),
  write('ec2', 'StopInstances', 'restart-instance', 'the stop', instance),
  write('ec2', 'StartInstances', 'restart-instance', 'the start', instance),
  read(
    'ssm',
    'DescribeInstanceInformation',
    'scope-blast-radius verify-rotation doctor',
    'whether SSM can ask the instance, and whether its agent has called since the start',
  ),
  read('ssm', 'DescribeDocument', 'verify-rotation', 'whether the account has its own document with the script', ownDocumentArn),
  read('ssm', 'GetDocument', 'verify-rotation', 'whether that document holds exactly the script', ownDocumentArn),
  read('ssm', 'ListCommands', 'verify-rotation audit', 'a command sent by an earlier run'),
  read('ssm', 'GetCommandInvocation', 'verify-rotation', 'what the instance answered'),
  write('ssm', 'SendCommand', 'verify-rotation', 'the fixed script that prints key id and times', '*'),
  read('detective', 'ListGraphs', 'investigate-session doctor investigate', 'the behaviour graph'),
  read(
    'detective',
    'ListInvitations',
    'investigate-session investigate',
    'which account administers the graph, where this one is a member',
  ),
  read(
    'detective',
    'GetMembers',
    'investigate-session investigate',
    'whether another account’s graph has the incident’s account as a member',
    graph,
  ),
  read('detective', 'ListInvestigations', 'investigate-session investigate', 'an existing investigation', graph),
  read('detective', 'GetInvestigation', 'investigate-session investigate', 'its status and severity', graph),
  read('detective', 'ListIndicators', 'investigate-session investigate', 'what it found', graph),
  write('detective', 'StartInvestigation', 'investigate-session', 'an investigation of the role', graph),
  ...workloadCalls,
  // The live looks of hunt-persistence: whether a persistence artefact is still there.
  read(
    'iam',
    'GetUser',
    `identify-subject ${REPORTED_USER}`,
    'whether a user is still there; a user’s unique id, path, tags, boundary',
    user,
  ),
  read(
    'iam',
    'ListAccessKeys',
    'find-finding identify-subject revoke-sessions close-access preserve-evidence hunt-persistence close-incident trace-activity investigate',
    'whether a key is still there and active: the stolen one, its parent, and keys made since the theft',
    user,
  ),
  read('iam', 'GetAccessKeyLastUsed', REPORTED_USER, 'whose a key is, when it was last used, and for which service', user),
  read('iam', 'GetLoginProfile', `close-access ${EVIDENCE_AND_PROFILE}`, 'whether a user can sign in to the console', user),
  read('iam', 'ListMFADevices', `close-access ${EVIDENCE_AND_PROFILE}`, 'whether an MFA device is enabled for a user', user),
  read('iam', 'ListVirtualMFADevices', HUNT, 'whether an MFA device is still there'),
  read('iam', 'GetGroup', HUNT, 'whether a group is still there', group),
  read(
    'iam',
    'ListGroupsForUser',
    HUNT_AND_USER_PROFILE,
    'whether a user is still in a group; a user’s policies through groups',
    user,
  ),
  read(
    'iam',
    'ListAttachedUserPolicies',
    EVIDENCE_AND_PROFILE,
    'whether a policy is still attached to a user; all that are',
    user,
  ),
  read(
    'iam',
    'ListAttachedRolePolicies',
    `revoke-sessions close-access lift-revocation preserve-evidence restart-instance renew-workload ${HUNT_AND_ROLE_PROFILE}`,
    'whether a policy is still attached to a role; all that are',
    role,
  ),
  read(
    'iam',
    'ListAttachedGroupPolicies',
    HUNT_AND_USER_PROFILE,
    'whether a policy is still attached to a group; all that are',
    group,
  ),
  read(
    'iam',
    'GetUserPolicy',
    `scope-blast-radius revoke-sessions close-access lift-revocation ${EVIDENCE_AND_PROFILE}`,
    'revocations read back; whether an inline policy of a user is still there, and its text',
    user,
  ),
  read('iam', 'GetGroupPolicy', HUNT_AND_USER_PROFILE, 'whether an inline policy of a group is still there, and its text', group),
  // AWS's own policies have no account in their ARN.
  read('iam', 'GetPolicy', DENY_AND_ROLE_PROFILE, 'whether a policy is still there, and which version is in force'),
  read('iam', 'GetPolicyVersion', DENY_AND_ROLE_PROFILE, 'whether a version of a policy is still there, and its text'),
  read(
    'iam',
    'GetInstanceProfile',
    'identify-subject restart-instance hunt-persistence',
    'whether the instance holds the role now; whether an instance profile is still there, and its role',
    instanceProfile,
  ),
  read('iam', 'GetSAMLProvider', HUNT, 'whether a SAML provider is still there', provider),
  read('iam', 'GetOpenIDConnectProvider', HUNT, 'whether an OpenID Connect provider is still there', provider),
  read('ec2', 'DescribeSnapshotAttribute', HUNT, 'whether a snapshot is still shared'),
  read('ec2', 'DescribeImageAttribute', HUNT, 'whether an image is still shared'),
  read('ec2', 'DescribeImages', HUNT, 'whether an image is still there'),
  read('ec2', 'DescribeKeyPairs', HUNT, 'whether a key pair is still there'),
  read('ec2', 'DescribeSecurityGroupRules', HUNT, 'whether an opened port is still open'),
]

/** The calls that enrich an investigation beyond CloudTrail: account, organization and permissions. Those that the hunt makes too stand above. */
export const enrichmentCalls: readonly ApiCall[] = [
  read('iam', 'ListAccountAliases', ACCOUNT_PROFILE, 'the account alias'),
  read('iam', 'ListUserPolicies', `scope-blast-radius preserve-evidence ${USER_PROFILE}`, 'the inline policies of a user', user),
  read('iam', 'ListGroupPolicies', USER_PROFILE, 'the inline policies of a group', group),
  read('organizations', 'DescribeOrganization', ORGANIZATION, 'the account’s organization, and its management account'),
  read('organizations', 'DescribeAccount', ACCOUNT_PROFILE, 'the account’s name, e-mail and state'),
  read('organizations', 'ListParents', ACCOUNT_PROFILE, 'the account’s place in the organization'),
  read('organizations', 'DescribeOrganizationalUnit', ACCOUNT_PROFILE, 'the names of the organizational units above the account'),
  read('organizations', 'ListTagsForResource', ACCOUNT_PROFILE, 'the account’s tags'),
]

const everyCall = [...apiCalls, ...furtherReads, ...closingCalls, ...laterCalls, ...enrichmentCalls, ...investigationCalls]
const byName = new Map(everyCall.map((call) => [`${call.service}:${call.operation}`, call]))

/** The row of a call, by signing name, operation and what in the input makes it another call; undefined for a call that ir-cred does not make. */
export const findCall = (service: string, operation: string, input?: unknown): ApiCall | undefined =>
  byName.get(`${service}:${operation}${variantOf(input)}`)

/** A dry run, a query that only reads, and a query that delivers its results to a bucket that the caller names. */
const variantOf = (input: unknown): string => {
  if (typeof input !== 'object' || input === null) return ''
  if ('DryRun' in input && input.DryRun === true) return '?DryRun'
  if ('DeliveryS3Uri' in input && input.DeliveryS3Uri !== undefined) return '?Delivery'
  return 'QueryString' in input && typeof input.QueryString === 'string' && /^SELECT\s/.test(input.QueryString) ? '?Select' : ''
}
