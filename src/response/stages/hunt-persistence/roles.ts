import {
  GetInstanceProfileCommand,
  GetOpenIDConnectProviderCommand,
  GetRoleCommand,
  GetSAMLProviderCommand,
} from '@aws-sdk/client-iam'
import { gone, inAnswer, type Look, look, madeAt, there } from './look.ts'
import { trustStanding } from './trust.ts'

const role = look('iam:GetRole', ['role'], async ({ role: RoleName }, { iam }, row) =>
  inAnswer((await iam.send(new GetRoleCommand({ RoleName }))).Role, ({ CreateDate }) => madeAt('role', CreateDate, row)),
)

const trust = look('iam:GetRole', ['role'], async ({ role: RoleName }, { iam, accountId }, row) =>
  inAnswer((await iam.send(new GetRoleCommand({ RoleName }))).Role, ({ AssumeRolePolicyDocument }) =>
    trustStanding(AssumeRolePolicyDocument, row, accountId),
  ),
)

const instanceProfile = look(
  'iam:GetInstanceProfile',
  ['instanceProfile'],
  async ({ instanceProfile: InstanceProfileName }, { iam }, row) => {
    const { InstanceProfile } = await iam.send(new GetInstanceProfileCommand({ InstanceProfileName }))
    return inAnswer(InstanceProfile, ({ CreateDate }) => madeAt('instance profile', CreateDate, row))
  },
)

const roleInProfile = look('iam:GetInstanceProfile', ['instanceProfile', 'role'], async (names, { iam }) => {
  const { InstanceProfile } = await iam.send(new GetInstanceProfileCommand({ InstanceProfileName: names.instanceProfile }))
  return inAnswer(InstanceProfile, ({ Roles = [] }) =>
    Roles.some(({ RoleName }) => RoleName === names.role)
      ? there('the role is in the profile')
      : gone('the role is not in the profile'),
  )
})

const samlProvider = look('iam:GetSAMLProvider', ['samlProvider'], async ({ samlProvider: SAMLProviderArn }, { iam }, row) =>
  madeAt('provider', (await iam.send(new GetSAMLProviderCommand({ SAMLProviderArn }))).CreateDate, row),
)

const oidcProvider = look(
  'iam:GetOpenIDConnectProvider',
  ['oidcProvider'],
  async ({ oidcProvider: OpenIDConnectProviderArn }, { iam }, row) =>
    madeAt('provider', (await iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }))).CreateDate, row),
)

const oidcClient = look('iam:GetOpenIDConnectProvider', ['oidcProvider', 'clientId'], async (names, { iam }) => {
  const { ClientIDList } = await iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: names.oidcProvider }))
  return inAnswer(ClientIDList, (clients) =>
    clients.includes(names.clientId) ? there('the client is still in the list') : gone('the client is not in the list'),
  )
})

/** Roles, whom they trust, and the providers that people come in by. */
export const ROLE_LOOKS: Readonly<Record<string, Look>> = {
  'iam:CreateRole': role,
  'iam:UpdateAssumeRolePolicy': trust,
  'iam:CreateInstanceProfile': instanceProfile,
  'iam:AddRoleToInstanceProfile': roleInProfile,
  'iam:CreateSAMLProvider': samlProvider,
  'iam:CreateOpenIDConnectProvider': oidcProvider,
  'iam:AddClientIDToOpenIDConnectProvider': oidcClient,
}
