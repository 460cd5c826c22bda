import { artefact, type PersistenceRule } from './artefact.ts'

const LAST = 'Its keys, passwords, policies and memberships go first.'

/** Policies put on users, roles and groups, and taken off. */
const policiesOf = (kind: 'User' | 'Role' | 'Group'): readonly PersistenceRule[] => {
  const whom = kind.toLowerCase()
  const on = `--${whom}-name {${whom}}`
  const back =
    'Put the policy back if it denied something: the revocation of older sessions is such a policy, and so is AWS’s quarantine.'
  return [
    artefact(
      `iam:Attach${kind}Policy`,
      'T1098.003',
      `policy {policyArn} on ${whom} {${whom}}`,
      `aws iam detach-${whom}-policy ${on} --policy-arn {policyArn}`,
      { undo: `Detach${kind}Policy` },
    ),
    artefact(
      `iam:Put${kind}Policy`,
      'T1098.003',
      `inline policy {policyName} on ${whom} {${whom}}`,
      `aws iam delete-${whom}-policy ${on} --policy-name {policyName}`,
      { undo: `Delete${kind}Policy`, note: 'If the policy was there before, its former text is written back instead.' },
    ),
    artefact(`iam:Detach${kind}Policy`, 'T1098.003', `${whom} {${whom}} without policy {policyArn}`, back),
    artefact(`iam:Delete${kind}Policy`, 'T1098.003', `${whom} {${whom}} without inline policy {policyName}`, back),
    ...(kind === 'Group'
      ? []
      : ['Put', 'Delete'].map((verb) =>
          artefact(
            `iam:${verb}${kind}PermissionsBoundary`,
            'T1098.003',
            `another permissions boundary of ${whom} {${whom}}`,
            `Put the former boundary back (aws iam put-${whom}-permissions-boundary).`,
          ),
        )),
  ]
}

/** Users, keys, roles, policies and trust. */
export const IDENTITY: readonly PersistenceRule[] = [
  artefact('iam:CreateUser', 'T1136.003', 'user {user}', 'aws iam delete-user --user-name {user}', {
    undo: 'DeleteUser',
    note: LAST,
  }),
  artefact(
    'iam:CreateAccessKey',
    'T1098.001',
    'access key {accessKey} of user {user}',
    'aws iam delete-access-key --user-name {user} --access-key-id {accessKey}',
    { undo: 'DeleteAccessKey' },
  ),
  artefact(
    'iam:UpdateAccessKey',
    'T1098.001',
    'access key {accessKey} of user {user}, active again',
    'aws iam update-access-key --user-name {user} --access-key-id {accessKey} --status Inactive',
    { undo: 'DeleteAccessKey', when: ({ status }) => status === 'Active' },
  ),
  ...['CreateLoginProfile', 'UpdateLoginProfile', 'ChangePassword'].map((name) =>
    artefact(`iam:${name}`, 'T1098.001', 'a console password of user {user}', 'aws iam delete-login-profile --user-name {user}', {
      undo: 'DeleteLoginProfile',
    }),
  ),
  ...['CreateServiceSpecificCredential', 'ResetServiceSpecificCredential'].map((name) =>
    artefact(
      `iam:${name}`,
      'T1098.001',
      'service-specific credential {credentialId} of user {user}',
      'aws iam delete-service-specific-credential --user-name {user} --service-specific-credential-id {credentialId}',
      { undo: 'DeleteServiceSpecificCredential' },
    ),
  ),
  artefact(
    'iam:UploadSSHPublicKey',
    'T1098.004',
    'SSH public key {sshKeyId} of user {user}',
    'aws iam delete-ssh-public-key --user-name {user} --ssh-public-key-id {sshKeyId}',
    { undo: 'DeleteSSHPublicKey' },
  ),
  artefact(
    'iam:UploadSigningCertificate',
    'T1098.001',
    'signing certificate {certificateId} of user {user}',
    'aws iam delete-signing-certificate --user-name {user} --certificate-id {certificateId}',
    { undo: 'DeleteSigningCertificate' },
  ),
  artefact(
    'iam:CreateVirtualMFADevice',
    'T1556.006',
    'MFA device {mfa}',
    'aws iam delete-virtual-mfa-device --serial-number {mfa}',
    { undo: 'DeleteVirtualMFADevice' },
  ),
  artefact(
    'iam:EnableMFADevice',
    'T1556.006',
    'MFA device {mfa} for user {user}',
    'aws iam deactivate-mfa-device --user-name {user} --serial-number {mfa}',
    { undo: 'DeactivateMFADevice' },
  ),
  artefact(
    'iam:DeactivateMFADevice',
    'T1556.006',
    'user {user} without MFA device {mfa}',
    'Have the user enable an MFA device again.',
    { undo: 'EnableMFADevice' },
  ),
  artefact('iam:CreateGroup', 'T1098.003', 'group {group}', 'aws iam delete-group --group-name {group}', {
    undo: 'DeleteGroup',
    note: LAST,
  }),
  artefact(
    'iam:AddUserToGroup',
    'T1098.003',
    'user {user} in group {group}',
    'aws iam remove-user-from-group --user-name {user} --group-name {group}',
    { undo: 'RemoveUserFromGroup' },
  ),
  ...(['User', 'Role', 'Group'] as const).flatMap((kind) => policiesOf(kind)),
  artefact('iam:CreatePolicy', 'T1098.003', 'policy {policyArn}', 'aws iam delete-policy --policy-arn {policyArn}', {
    undo: 'DeletePolicy',
    note: 'It is taken off users, groups and roles first.',
  }),
  artefact(
    'iam:CreatePolicyVersion',
    'T1098.003',
    'version {policyVersion} of policy {policyArn}',
    'aws iam delete-policy-version --policy-arn {policyArn} --version-id {policyVersion}',
    { undo: 'DeletePolicyVersion', note: 'Another version is made the default first.' },
  ),
  artefact(
    'iam:SetDefaultPolicyVersion',
    'T1098.003',
    'version {policyVersion} as the default of policy {policyArn}',
    'Make the version the default again that was it before (aws iam list-policy-versions, aws iam set-default-policy-version).',
  ),
  artefact('iam:CreateRole', 'T1098.003', 'role {role}', 'aws iam delete-role --role-name {role}', {
    undo: 'DeleteRole',
    note: 'Its policies and instance profiles go first.',
  }),
  artefact(
    'iam:UpdateAssumeRolePolicy',
    'T1098.003',
    'another trust policy of role {role}',
    'Write the former trust policy back (aws iam update-assume-role-policy): AWS Config or the role’s template has it.',
  ),
  artefact(
    'iam:CreateInstanceProfile',
    'T1098.003',
    'instance profile {instanceProfile}',
    'aws iam delete-instance-profile --instance-profile-name {instanceProfile}',
    { undo: 'DeleteInstanceProfile', note: 'Its role is taken out first.' },
  ),
  artefact(
    'iam:AddRoleToInstanceProfile',
    'T1098.003',
    'role {role} in instance profile {instanceProfile}',
    'aws iam remove-role-from-instance-profile --instance-profile-name {instanceProfile} --role-name {role}',
    { undo: 'RemoveRoleFromInstanceProfile' },
  ),
  artefact(
    'iam:CreateSAMLProvider',
    'T1484.002',
    'SAML provider {samlProvider}',
    'aws iam delete-saml-provider --saml-provider-arn {samlProvider}',
    { undo: 'DeleteSAMLProvider' },
  ),
  artefact(
    'iam:UpdateSAMLProvider',
    'T1484.002',
    'other metadata of SAML provider {samlProvider}',
    'Write the identity provider’s true metadata back (aws iam update-saml-provider).',
  ),
  artefact(
    'iam:CreateOpenIDConnectProvider',
    'T1484.002',
    'OpenID Connect provider {oidcProvider}',
    'aws iam delete-open-id-connect-provider --open-id-connect-provider-arn {oidcProvider}',
    { undo: 'DeleteOpenIDConnectProvider' },
  ),
  artefact(
    'iam:AddClientIDToOpenIDConnectProvider',
    'T1484.002',
    'client {clientId} at OpenID Connect provider {oidcProvider}',
    'aws iam remove-client-id-from-open-id-connect-provider --open-id-connect-provider-arn {oidcProvider} --client-id {clientId}',
    { undo: 'RemoveClientIDFromOpenIDConnectProvider' },
  ),
  artefact(
    'iam:UpdateOpenIDConnectProviderThumbprint',
    'T1484.002',
    'other thumbprints of OpenID Connect provider {oidcProvider}',
    'Write the true thumbprints back (aws iam update-open-id-connect-provider-thumbprint).',
  ),
  ...['UpdateAccountPasswordPolicy', 'DeleteAccountPasswordPolicy'].map((name) =>
    artefact(
      `iam:${name}`,
      'T1556',
      'another password policy of the account',
      'Write the former password policy back (aws iam update-account-password-policy).',
    ),
  ),
]
