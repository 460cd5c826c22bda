import { type Leftover, leftover } from './leftover.ts'

/** What reaches beyond IAM of one account: Identity Center, the organization, Kubernetes clusters, certificates. */
export const ORGANIZATION: readonly Leftover[] = [
  ...['sso-directory', 'identitystore'].map((service) =>
    leftover(
      `${service}:CreateUser`,
      'T1136.003',
      'user {directoryUser} of Identity Center',
      'aws identitystore delete-user --identity-store-id {identityStore} --user-id {directoryUser}',
      { undo: 'DeleteUser' },
    ),
  ),
  ...['sso-directory:AddMemberToGroup', 'identitystore:CreateGroupMembership'].map((event) =>
    leftover(
      event,
      'T1098.003',
      'a new member of a group of Identity Center',
      'Remove the member (aws identitystore list-group-memberships, aws identitystore delete-group-membership).',
    ),
  ),
  leftover(
    'sso:CreateAccountAssignment',
    'T1098.003',
    'permission set {permissionSet} for {principalType} {principalId} in account {target}',
    'aws sso-admin delete-account-assignment --instance-arn {ssoInstance} --target-type AWS_ACCOUNT --target-id {target} --permission-set-arn {permissionSet} --principal-type {principalType} --principal-id {principalId}',
    { undo: 'DeleteAccountAssignment' },
  ),
  leftover(
    'sso:CreatePermissionSet',
    'T1098.003',
    'permission set {permissionSet}',
    'aws sso-admin delete-permission-set --instance-arn {ssoInstance} --permission-set-arn {permissionSet}',
    { undo: 'DeletePermissionSet', note: 'Its assignments go first.' },
  ),
  leftover(
    'sso:AttachManagedPolicyToPermissionSet',
    'T1098.003',
    'policy {policyArn} in permission set {permissionSet}',
    'aws sso-admin detach-managed-policy-from-permission-set --instance-arn {ssoInstance} --permission-set-arn {permissionSet} --managed-policy-arn {policyArn}',
    { undo: 'DetachManagedPolicyFromPermissionSet' },
  ),
  leftover(
    'sso:PutInlinePolicyToPermissionSet',
    'T1098.003',
    'inline policy of permission set {permissionSet}',
    'aws sso-admin delete-inline-policy-from-permission-set --instance-arn {ssoInstance} --permission-set-arn {permissionSet}',
    { undo: 'DeleteInlinePolicyFromPermissionSet', note: 'If there was one before, its text is written back instead.' },
  ),
  leftover(
    'organizations:LeaveOrganization',
    'T1562.001',
    'account {account} outside its organization and its service control policies',
    'Have the management account invite it again (aws organizations invite-account-to-organization).',
  ),
  leftover(
    'organizations:CreateAccount',
    'T1136.003',
    'a new account in the organization',
    'Find it and close it (aws organizations list-create-account-status, aws organizations close-account).',
  ),
  leftover(
    'organizations:DetachPolicy',
    'T1562.001',
    '{target} without policy {orgPolicy}',
    'aws organizations attach-policy --policy-id {orgPolicy} --target-id {target}',
    { undo: 'AttachPolicy' },
  ),
  ...['UpdatePolicy', 'DeletePolicy', 'DisablePolicyType'].map((name) =>
    leftover(
      `organizations:${name}`,
      'T1562.001',
      'another service control policy of the organization: {orgPolicy}',
      'Write the former policy back (aws organizations create-policy, update-policy, enable-policy-type).',
    ),
  ),
  leftover(
    'account:EnableRegion',
    'T1535',
    'Region {regionName}, enabled',
    'aws account disable-region --region-name {regionName}',
    { undo: 'DisableRegion', note: 'What runs there goes first.' },
  ),
  leftover(
    'eks:CreateAccessEntry',
    'T1098.006',
    'access of {accessPrincipal} to cluster {cluster}',
    'aws eks delete-access-entry --cluster-name {cluster} --principal-arn {accessPrincipal}',
    { undo: 'DeleteAccessEntry' },
  ),
  leftover(
    'eks:AssociateAccessPolicy',
    'T1098.006',
    'policy {accessPolicy} of {accessPrincipal} on cluster {cluster}',
    'aws eks disassociate-access-policy --cluster-name {cluster} --principal-arn {accessPrincipal} --policy-arn {accessPolicy}',
    { undo: 'DisassociateAccessPolicy' },
  ),
  leftover(
    'rolesanywhere:CreateTrustAnchor',
    'T1098.001',
    'trust anchor {trustAnchor} of IAM Roles Anywhere',
    'aws rolesanywhere delete-trust-anchor --trust-anchor-id {trustAnchor}',
    { undo: 'DeleteTrustAnchor' },
  ),
  leftover(
    'rolesanywhere:CreateProfile',
    'T1098.001',
    'profile {anywhereProfile} of IAM Roles Anywhere',
    'aws rolesanywhere delete-profile --profile-id {anywhereProfile}',
    { undo: 'DeleteProfile' },
  ),
]
