import type { PersistenceRule } from '../rule.ts'

/** What reaches beyond IAM of one account: Identity Center, the organization, Kubernetes clusters, certificates. */
export const ORGANIZATION_RULES: readonly PersistenceRule[] = [
  {
    events: ['sso-directory:CreateUser', 'identitystore:CreateUser'],
    technique: 'T1136.003',
    left: 'Identity Center user {directoryUser}',
    remedy: 'aws identitystore delete-user --identity-store-id {identityStore} --user-id {directoryUser}',
    undo: ['DeleteUser'],
  },
  {
    events: ['sso-directory:AddMemberToGroup', 'identitystore:CreateGroupMembership'],
    technique: 'T1098.003',
    left: 'new member of an Identity Center group',
    remedy: 'Remove the member (aws identitystore list-group-memberships, aws identitystore delete-group-membership).',
  },
  {
    events: ['sso:CreateAccountAssignment'],
    technique: 'T1098.003',
    left: 'permission set {permissionSet} for {principalType} {principalId} in account {target}',
    remedy:
      'aws sso-admin delete-account-assignment --instance-arn {ssoInstance} --target-type AWS_ACCOUNT --target-id {target} --permission-set-arn {permissionSet} --principal-type {principalType} --principal-id {principalId}',
    undo: ['DeleteAccountAssignment'],
  },
  {
    events: ['sso:CreatePermissionSet'],
    technique: 'T1098.003',
    left: 'permission set {permissionSet}',
    remedy: 'aws sso-admin delete-permission-set --instance-arn {ssoInstance} --permission-set-arn {permissionSet}',
    note: 'Delete its assignments first.',
    undo: ['DeletePermissionSet'],
  },
  {
    events: ['sso:AttachManagedPolicyToPermissionSet'],
    technique: 'T1098.003',
    left: 'policy {policyArn} in permission set {permissionSet}',
    remedy:
      'aws sso-admin detach-managed-policy-from-permission-set --instance-arn {ssoInstance} --permission-set-arn {permissionSet} --managed-policy-arn {policyArn}',
    undo: ['DetachManagedPolicyFromPermissionSet'],
  },
  {
    events: ['sso:PutInlinePolicyToPermissionSet'],
    technique: 'T1098.003',
    left: 'inline policy of permission set {permissionSet}',
    remedy:
      'aws sso-admin delete-inline-policy-from-permission-set --instance-arn {ssoInstance} --permission-set-arn {permissionSet}',
    note: 'If there was one before, write its text back instead.',
    undo: ['DeleteInlinePolicyFromPermissionSet'],
  },
  {
    events: ['sso:AttachCustomerManagedPolicyReferenceToPermissionSet'],
    technique: 'T1098.003',
    left: 'customer managed policy in permission set {permissionSet}',
    remedy:
      'Detach it (aws sso-admin list-customer-managed-policy-references-in-permission-set, detach-customer-managed-policy-reference-from-permission-set).',
  },
  {
    events: ['sso:CreateTrustedTokenIssuer'],
    technique: 'T1484.002',
    left: 'trusted token issuer of Identity Center',
    remedy: 'Delete it (aws sso-admin list-trusted-token-issuers, delete-trusted-token-issuer).',
  },
  {
    events: [
      'sso-directory:CreateExternalIdPConfigurationForDirectory',
      'sso-directory:EnableExternalIdPConfigurationForDirectory',
    ],
    technique: 'T1484.002',
    left: 'identity source of Identity Center, changed to an external identity provider',
    remedy: 'Restore the former identity source in the settings of Identity Center. The AWS CLI cannot do this.',
  },
  {
    events: ['sso-directory:UpdatePassword'],
    technique: 'T1098.001',
    left: 'password of an Identity Center user, changed',
    remedy: 'Reset the user’s password in Identity Center, and end the user’s sessions. The AWS CLI cannot do this.',
  },
  {
    events: ['organizations:LeaveOrganization'],
    technique: 'T1666',
    left: 'account {account}, outside its organization and its service control policies',
    remedy: 'Have the management account invite it again (aws organizations invite-account-to-organization).',
  },
  {
    events: ['organizations:CreateAccount'],
    technique: 'T1136.003',
    left: 'new account in the organization',
    remedy: 'Find it and close it (aws organizations list-create-account-status, aws organizations close-account).',
  },
  {
    events: ['organizations:MoveAccount', 'organizations:RemoveAccountFromOrganization'],
    technique: 'T1666',
    left: 'account moved or removed: fewer policies of the organization apply to it',
    remedy: 'Move it back (aws organizations move-account, invite-account-to-organization).',
  },
  {
    events: ['organizations:InviteAccountToOrganization', 'organizations:AcceptHandshake'],
    technique: 'T1666',
    left: 'account invited into another organization',
    remedy:
      'Cancel the invitation or remove the account again (aws organizations list-handshakes-for-organization, cancel-handshake, leave-organization).',
  },
  {
    events: ['organizations:RegisterDelegatedAdministrator'],
    technique: 'T1098.003',
    left: 'account {orgAccount} as administrator of {servicePrincipal} for the organization',
    remedy:
      'aws organizations deregister-delegated-administrator --account-id {orgAccount} --service-principal {servicePrincipal}',
    undo: ['DeregisterDelegatedAdministrator'],
  },
  {
    events: ['organizations:PutResourcePolicy'],
    technique: 'T1098.003',
    left: 'resource policy of the organization, changed',
    remedy: 'aws organizations delete-resource-policy',
    note: 'If there was one before, write its text back instead.',
    undo: ['DeleteResourcePolicy'],
  },
  {
    events: ['organizations:AttachPolicy'],
    technique: 'T1562.001',
    left: 'policy {orgPolicy} on {target}',
    remedy: 'aws organizations detach-policy --policy-id {orgPolicy} --target-id {target}',
    undo: ['DetachPolicy'],
  },
  {
    events: ['iam:EnableOrganizationsRootSessions'],
    technique: 'T1098.003',
    left: 'root access to every member account',
    remedy: 'aws iam disable-organizations-root-sessions',
    undo: ['DisableOrganizationsRootSessions'],
  },
  {
    events: ['iam:EnableOrganizationsRootCredentialsManagement'],
    technique: 'T1098.003',
    left: 'root access to every member account',
    remedy: 'aws iam disable-organizations-root-credentials-management',
    undo: ['DisableOrganizationsRootCredentialsManagement'],
  },
  {
    events: ['account:StartPrimaryEmailUpdate', 'account:AcceptPrimaryEmailUpdate'],
    technique: 'T1098',
    left: 'e-mail address of the root user, changed: its owner can reset the root password',
    remedy:
      'Restore the former address (aws account get-primary-email, start-primary-email-update). If that is refused, ask AWS Support.',
  },
  {
    events: ['organizations:DetachPolicy'],
    technique: 'T1562.001',
    left: '{target} without policy {orgPolicy}',
    remedy: 'aws organizations attach-policy --policy-id {orgPolicy} --target-id {target}',
    undo: ['AttachPolicy'],
  },
  {
    events: ['organizations:UpdatePolicy', 'organizations:DeletePolicy', 'organizations:DisablePolicyType'],
    technique: 'T1562.001',
    left: 'service control policy {orgPolicy}, changed, deleted or disabled',
    remedy: 'Restore the former policy (aws organizations create-policy, update-policy, enable-policy-type).',
  },
  {
    events: ['account:EnableRegion'],
    technique: 'T1535',
    left: 'Region {regionName}, enabled',
    remedy: 'aws account disable-region --region-name {regionName}',
    note: 'Remove what runs there first.',
    undo: ['DisableRegion'],
  },
  {
    events: ['eks:CreateAccessEntry'],
    technique: 'T1098.006',
    left: 'access of {accessPrincipal} to cluster {cluster}',
    remedy: 'aws eks delete-access-entry --cluster-name {cluster} --principal-arn {accessPrincipal}',
    undo: ['DeleteAccessEntry'],
  },
  {
    events: ['eks:AssociateAccessPolicy'],
    technique: 'T1098.006',
    left: 'policy {accessPolicy} of {accessPrincipal} on cluster {cluster}',
    remedy:
      'aws eks disassociate-access-policy --cluster-name {cluster} --principal-arn {accessPrincipal} --policy-arn {accessPolicy}',
    undo: ['DisassociateAccessPolicy'],
  },
  {
    events: ['eks:CreatePodIdentityAssociation'],
    technique: 'T1098.006',
    left: 'role for pods of cluster {cluster}, by association {podAssociation}',
    remedy: 'aws eks delete-pod-identity-association --cluster-name {cluster} --association-id {podAssociation}',
    undo: ['DeletePodIdentityAssociation'],
  },
  {
    events: ['rolesanywhere:UpdateTrustAnchor'],
    technique: 'T1098.001',
    left: 'certificate authority of an IAM Roles Anywhere trust anchor, changed',
    remedy: 'Restore the former one (aws rolesanywhere list-trust-anchors, update-trust-anchor).',
  },
  {
    events: ['rolesanywhere:CreateTrustAnchor'],
    technique: 'T1098.001',
    left: 'trust anchor {trustAnchor} of IAM Roles Anywhere',
    remedy: 'aws rolesanywhere delete-trust-anchor --trust-anchor-id {trustAnchor}',
    undo: ['DeleteTrustAnchor'],
  },
  {
    events: ['rolesanywhere:CreateProfile'],
    technique: 'T1098.001',
    left: 'profile {anywhereProfile} of IAM Roles Anywhere',
    remedy: 'aws rolesanywhere delete-profile --profile-id {anywhereProfile}',
    undo: ['DeleteProfile'],
  },
]
