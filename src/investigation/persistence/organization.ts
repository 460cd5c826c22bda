import { artefact, type PersistenceRule } from './artefact.ts'

/** What reaches beyond IAM of one account: Identity Center, the organization, Kubernetes clusters, certificates. */
export const ORGANIZATION: readonly PersistenceRule[] = [
  ...['sso-directory', 'identitystore'].map((service) =>
    artefact(
      `${service}:CreateUser`,
      'T1136.003',
      'user {directoryUser} of Identity Center',
      'aws identitystore delete-user --identity-store-id {identityStore} --user-id {directoryUser}',
      { undo: 'DeleteUser' },
    ),
  ),
  ...['sso-directory:AddMemberToGroup', 'identitystore:CreateGroupMembership'].map((event) =>
    artefact(
      event,
      'T1098.003',
      'a new member of a group of Identity Center',
      'Remove the member (aws identitystore list-group-memberships, aws identitystore delete-group-membership).',
    ),
  ),
  artefact(
    'sso:CreateAccountAssignment',
    'T1098.003',
    'permission set {permissionSet} for {principalType} {principalId} in account {target}',
    'aws sso-admin delete-account-assignment --instance-arn {ssoInstance} --target-type AWS_ACCOUNT --target-id {target} --permission-set-arn {permissionSet} --principal-type {principalType} --principal-id {principalId}',
    { undo: 'DeleteAccountAssignment' },
  ),
  artefact(
    'sso:CreatePermissionSet',
    'T1098.003',
    'permission set {permissionSet}',
    'aws sso-admin delete-permission-set --instance-arn {ssoInstance} --permission-set-arn {permissionSet}',
    { undo: 'DeletePermissionSet', note: 'Its assignments go first.' },
  ),
  artefact(
    'sso:AttachManagedPolicyToPermissionSet',
    'T1098.003',
    'policy {policyArn} in permission set {permissionSet}',
    'aws sso-admin detach-managed-policy-from-permission-set --instance-arn {ssoInstance} --permission-set-arn {permissionSet} --managed-policy-arn {policyArn}',
    { undo: 'DetachManagedPolicyFromPermissionSet' },
  ),
  artefact(
    'sso:PutInlinePolicyToPermissionSet',
    'T1098.003',
    'inline policy of permission set {permissionSet}',
    'aws sso-admin delete-inline-policy-from-permission-set --instance-arn {ssoInstance} --permission-set-arn {permissionSet}',
    { undo: 'DeleteInlinePolicyFromPermissionSet', note: 'If there was one before, its text is written back instead.' },
  ),
  artefact(
    'sso:AttachCustomerManagedPolicyReferenceToPermissionSet',
    'T1098.003',
    'a policy of the accounts in permission set {permissionSet}',
    'Detach it (aws sso-admin list-customer-managed-policy-references-in-permission-set, detach-customer-managed-policy-reference-from-permission-set).',
  ),
  artefact(
    'sso:CreateTrustedTokenIssuer',
    'T1484.002',
    'another issuer whose tokens Identity Center trusts',
    'Delete it (aws sso-admin list-trusted-token-issuers, delete-trusted-token-issuer).',
  ),
  ...['CreateExternalIdPConfigurationForDirectory', 'EnableExternalIdPConfigurationForDirectory'].map((name) =>
    artefact(
      `sso-directory:${name}`,
      'T1484.002',
      'another identity provider whose people sign in to Identity Center',
      'Set the former source of identities again, in the settings of Identity Center: the AWS CLI cannot.',
    ),
  ),
  artefact(
    'sso-directory:UpdatePassword',
    'T1098.001',
    'another password of a user of Identity Center',
    'Reset the password of the user in Identity Center, and end the sessions of that user: the AWS CLI cannot.',
  ),
  artefact(
    'organizations:LeaveOrganization',
    'T1666',
    'account {account} outside its organization and its service control policies',
    'Have the management account invite it again (aws organizations invite-account-to-organization).',
  ),
  artefact(
    'organizations:CreateAccount',
    'T1136.003',
    'a new account in the organization',
    'Find it and close it (aws organizations list-create-account-status, aws organizations close-account).',
  ),
  ...['MoveAccount', 'RemoveAccountFromOrganization'].map((name) =>
    artefact(
      `organizations:${name}`,
      'T1666',
      'an account under fewer policies of the organization than before',
      'Put it back where it was (aws organizations move-account, invite-account-to-organization).',
    ),
  ),
  ...['InviteAccountToOrganization', 'AcceptHandshake'].map((name) =>
    artefact(
      `organizations:${name}`,
      'T1666',
      'an account on the way into an organization that is not its own',
      'Cancel the invitation or take the account out again (aws organizations list-handshakes-for-organization, cancel-handshake, leave-organization).',
    ),
  ),
  artefact(
    'organizations:RegisterDelegatedAdministrator',
    'T1098.003',
    'account {orgAccount} as administrator of {servicePrincipal} for the organization',
    'aws organizations deregister-delegated-administrator --account-id {orgAccount} --service-principal {servicePrincipal}',
    { undo: 'DeregisterDelegatedAdministrator' },
  ),
  artefact(
    'organizations:PutResourcePolicy',
    'T1098.003',
    'another policy of who may administer the organization',
    'aws organizations delete-resource-policy',
    { undo: 'DeleteResourcePolicy', note: 'If there was one before, its text is written back instead.' },
  ),
  artefact(
    'organizations:AttachPolicy',
    'T1562.001',
    'policy {orgPolicy} on {target}',
    'aws organizations detach-policy --policy-id {orgPolicy} --target-id {target}',
    { undo: 'DetachPolicy' },
  ),
  ...['RootSessions', 'RootCredentialsManagement'].map((name) =>
    artefact(
      `iam:EnableOrganizations${name}`,
      'T1098.003',
      'the right to act as root of every member account',
      `aws iam disable-organizations-root-${name === 'RootSessions' ? 'sessions' : 'credentials-management'}`,
      { undo: `DisableOrganizations${name}` },
    ),
  ),
  ...['StartPrimaryEmailUpdate', 'AcceptPrimaryEmailUpdate'].map((name) =>
    artefact(
      `account:${name}`,
      'T1098',
      'another e-mail address of root: whoever reads it can reset its password',
      'Put the true address back (aws account get-primary-email, start-primary-email-update), and ask AWS Support if it is refused.',
    ),
  ),
  artefact(
    'organizations:DetachPolicy',
    'T1562.001',
    '{target} without policy {orgPolicy}',
    'aws organizations attach-policy --policy-id {orgPolicy} --target-id {target}',
    { undo: 'AttachPolicy' },
  ),
  ...['UpdatePolicy', 'DeletePolicy', 'DisablePolicyType'].map((name) =>
    artefact(
      `organizations:${name}`,
      'T1562.001',
      'another service control policy of the organization: {orgPolicy}',
      'Write the former policy back (aws organizations create-policy, update-policy, enable-policy-type).',
    ),
  ),
  artefact(
    'account:EnableRegion',
    'T1535',
    'Region {regionName}, enabled',
    'aws account disable-region --region-name {regionName}',
    { undo: 'DisableRegion', note: 'What runs there goes first.' },
  ),
  artefact(
    'eks:CreateAccessEntry',
    'T1098.006',
    'access of {accessPrincipal} to cluster {cluster}',
    'aws eks delete-access-entry --cluster-name {cluster} --principal-arn {accessPrincipal}',
    { undo: 'DeleteAccessEntry' },
  ),
  artefact(
    'eks:AssociateAccessPolicy',
    'T1098.006',
    'policy {accessPolicy} of {accessPrincipal} on cluster {cluster}',
    'aws eks disassociate-access-policy --cluster-name {cluster} --principal-arn {accessPrincipal} --policy-arn {accessPolicy}',
    { undo: 'DisassociateAccessPolicy' },
  ),
  artefact(
    'eks:CreatePodIdentityAssociation',
    'T1098.006',
    'a role for pods of cluster {cluster}, by association {podAssociation}',
    'aws eks delete-pod-identity-association --cluster-name {cluster} --association-id {podAssociation}',
    { undo: 'DeletePodIdentityAssociation' },
  ),
  artefact(
    'rolesanywhere:UpdateTrustAnchor',
    'T1098.001',
    'another certificate authority that IAM Roles Anywhere trusts',
    'Put the true one back (aws rolesanywhere list-trust-anchors, update-trust-anchor).',
  ),
  artefact(
    'rolesanywhere:CreateTrustAnchor',
    'T1098.001',
    'trust anchor {trustAnchor} of IAM Roles Anywhere',
    'aws rolesanywhere delete-trust-anchor --trust-anchor-id {trustAnchor}',
    { undo: 'DeleteTrustAnchor' },
  ),
  artefact(
    'rolesanywhere:CreateProfile',
    'T1098.001',
    'profile {anywhereProfile} of IAM Roles Anywhere',
    'aws rolesanywhere delete-profile --profile-id {anywhereProfile}',
    { undo: 'DeleteProfile' },
  ),
]
