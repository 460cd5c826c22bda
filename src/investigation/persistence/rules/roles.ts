import { byCreationDate, editedDocument, gone, inAnswer, liveLook, type PersistenceRule, there } from '../rule.ts'
import { trustStanding } from '../trust-policy.ts'

/** Roles, their trust policies and instance profiles, and the identity providers that IAM trusts. */
export const ROLE_RULES: readonly PersistenceRule[] = [
  {
    events: ['iam:CreateRole'],
    technique: 'T1098.003',
    danger: 'holder',
    left: 'role {role}',
    remedy: 'aws iam delete-role --role-name {role}',
    note: 'Remove its policies and instance profiles first.',
    undo: ['DeleteRole'],
    look: liveLook('iam:GetRole', ['role'], async ({ role }, { reads }, artefact) =>
      inAnswer(await reads.getRole(role), ({ CreateDate }) => byCreationDate('role', CreateDate, artefact)),
    ),
  },
  {
    events: ['iam:UpdateAssumeRolePolicy'],
    technique: 'T1098.003',
    left: 'trust policy of role {role}, changed',
    remedy: editedDocument(
      'aws iam get-role --role-name {role} --query Role.AssumeRolePolicyDocument --output json',
      'trust-policy.json',
      'aws iam update-assume-role-policy --role-name {role} --policy-document',
    ),
    note: 'In the editor, remove what the changed policy lets in. AWS Config or the role’s template has the former one.',
    look: liveLook('iam:GetRole', ['role'], async ({ role }, { accountId, reads }, artefact) =>
      inAnswer(await reads.getRole(role), ({ AssumeRolePolicyDocument }) =>
        trustStanding(AssumeRolePolicyDocument, artefact, accountId),
      ),
    ),
  },
  {
    events: ['iam:CreateInstanceProfile'],
    technique: 'T1098.003',
    danger: 'holder',
    left: 'instance profile {instanceProfile}',
    remedy: 'aws iam delete-instance-profile --instance-profile-name {instanceProfile}',
    note: 'Remove its role first.',
    undo: ['DeleteInstanceProfile'],
    look: liveLook('iam:GetInstanceProfile', ['instanceProfile'], async ({ instanceProfile }, { reads }, artefact) =>
      inAnswer(await reads.getInstanceProfile(instanceProfile), ({ CreateDate }) =>
        byCreationDate('instance profile', CreateDate, artefact),
      ),
    ),
  },
  {
    events: ['iam:AddRoleToInstanceProfile'],
    technique: 'T1098.003',
    danger: 'permission',
    left: 'role {role} in instance profile {instanceProfile}',
    remedy: 'aws iam remove-role-from-instance-profile --instance-profile-name {instanceProfile} --role-name {role}',
    undo: ['RemoveRoleFromInstanceProfile'],
    look: liveLook('iam:GetInstanceProfile', ['instanceProfile', 'role'], async ({ instanceProfile, role }, { reads }) =>
      inAnswer(await reads.getInstanceProfile(instanceProfile), ({ Roles = [] }) =>
        Roles.some(({ RoleName }) => RoleName === role)
          ? there('the role is in the profile')
          : gone('the role is not in the profile'),
      ),
    ),
  },
  {
    events: ['iam:CreateSAMLProvider'],
    technique: 'T1484.002',
    left: 'SAML provider {samlProvider}',
    remedy: 'aws iam delete-saml-provider --saml-provider-arn {samlProvider}',
    undo: ['DeleteSAMLProvider'],
    look: liveLook('iam:GetSAMLProvider', ['samlProvider'], async ({ samlProvider }, { reads }, artefact) =>
      byCreationDate('provider', (await reads.getSAMLProvider(samlProvider)).CreateDate, artefact),
    ),
  },
  {
    events: ['iam:UpdateSAMLProvider'],
    technique: 'T1484.002',
    left: 'metadata of SAML provider {samlProvider}, changed',
    remedy: 'Restore the identity provider’s metadata (aws iam update-saml-provider).',
  },
  {
    events: ['iam:CreateOpenIDConnectProvider'],
    technique: 'T1484.002',
    left: 'OpenID Connect provider {oidcProvider}',
    remedy: 'aws iam delete-open-id-connect-provider --open-id-connect-provider-arn {oidcProvider}',
    undo: ['DeleteOpenIDConnectProvider'],
    look: liveLook('iam:GetOpenIDConnectProvider', ['oidcProvider'], async ({ oidcProvider }, { reads }, artefact) =>
      byCreationDate('provider', (await reads.getOpenIDConnectProvider(oidcProvider)).CreateDate, artefact),
    ),
  },
  {
    events: ['iam:AddClientIDToOpenIDConnectProvider'],
    technique: 'T1484.002',
    left: 'client {clientId} at OpenID Connect provider {oidcProvider}',
    remedy:
      'aws iam remove-client-id-from-open-id-connect-provider --open-id-connect-provider-arn {oidcProvider} --client-id {clientId}',
    undo: ['RemoveClientIDFromOpenIDConnectProvider'],
    look: liveLook('iam:GetOpenIDConnectProvider', ['oidcProvider', 'clientId'], async (names, { reads }) =>
      inAnswer((await reads.getOpenIDConnectProvider(names.oidcProvider)).ClientIDList, (clients) =>
        clients.includes(names.clientId) ? there('the client is in the list') : gone('the client is not in the list'),
      ),
    ),
  },
  {
    events: ['iam:UpdateOpenIDConnectProviderThumbprint'],
    technique: 'T1484.002',
    left: 'thumbprints of OpenID Connect provider {oidcProvider}, changed',
    remedy: 'Restore the former thumbprints (aws iam update-open-id-connect-provider-thumbprint).',
  },
]
