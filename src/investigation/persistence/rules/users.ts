import { unreadReason } from '../../../aws/failure.ts'
import type { PersistenceArtefact } from '../../../incident/facts/activity-rows.ts'
import type { Span } from '../../../incident/values/block.ts'
import { instantOf, isBefore } from '../../../incident/values/instant.ts'
import { untrusted } from '../../../incident/values/untrusted.ts'
import type { LiveReads } from '../live-reads.ts'
import { byCreationDate, changed, foundInList, gone, inAnswer, liveLook, type PersistenceRule, there, unknown } from '../rule.ts'

const accessKey = liveLook('iam:ListAccessKeys', ['user', 'accessKey'], async (names, { keys, reads }, artefact) => {
  const list = keys.get(names.user)
  if (!list) return unknown('the keys of its user were not listed')
  if ('refusal' in list) throw list.refusal
  const { at, keys: listed } = list
  const key = listed.items.find(({ AccessKeyId }) => AccessKeyId === names.accessKey)
  if (!key) return { ...foundInList(listed, () => false, there(), gone(`user ${names.user} has no such key`)), at }
  const { used, says } = await useOf(names.accessKey, reads)
  if (key.Status === 'Active') return { ...there('the key is Active', ...says), at, used }
  // The remedy for a key that was made active again is to make it inactive.
  const isReactivation = artefact.eventName === 'UpdateAccessKey'
  return { ...(isReactivation ? gone('the key is Inactive', ...says) : changed('the key is there, but Inactive', ...says)), at }
})

/** IAM reports the use of a key with some delay. */
const useOf = async (
  accessKeyId: string,
  reads: LiveReads,
): Promise<{ readonly used: boolean; readonly says: readonly Span[] }> => {
  try {
    const { LastUsedDate, ServiceName = '' } = (await reads.getAccessKeyLastUsed(accessKeyId)) ?? {}
    if (!LastUsedDate) return { used: false, says: ['; IAM shows no use of it'] }
    const says = ['; it HAS BEEN USED, last ', { at: instantOf(LastUsedDate) }, ' for ', untrusted(ServiceName)]
    return { used: true, says }
  } catch (error) {
    const why = unreadReason(error)
    if (why === undefined) throw error
    return { used: false, says: [`; iam:GetAccessKeyLastUsed ${why}, so its use is unknown`] }
  }
}

const consolePassword = liveLook('iam:GetLoginProfile', ['user'], async ({ user }, { reads }, artefact) =>
  inAnswer(await reads.getLoginProfile(user), ({ CreateDate }) =>
    artefact.eventName === 'CreateLoginProfile' || isCreatedAfter(artefact, CreateDate)
      ? byCreationDate('console password', CreateDate, artefact)
      : there('the user has a console password'),
  ),
)

/** A password that is set again keeps its first creation date. */
const isCreatedAfter = ({ at }: PersistenceArtefact, created: Date | undefined): boolean =>
  created !== undefined && isBefore(at, instantOf(created))

/** Users and what they sign in with. */
export const USER_RULES: readonly PersistenceRule[] = [
  {
    events: ['iam:CreateUser'],
    technique: 'T1136.003',
    danger: 'holder',
    left: 'user {user}',
    remedy: 'aws iam delete-user --user-name {user}',
    note: 'Delete its keys, passwords, policies and memberships first.',
    undo: ['DeleteUser'],
    look: liveLook('iam:GetUser', ['user'], async ({ user }, { reads }, artefact) =>
      inAnswer(await reads.getUser(user), ({ CreateDate }) => byCreationDate('user', CreateDate, artefact)),
    ),
  },
  {
    events: ['iam:CreateAccessKey'],
    technique: 'T1098.001',
    left: 'access key {accessKey} of user {user}',
    remedy:
      'aws iam update-access-key --user-name {user} --access-key-id {accessKey} --status Inactive && aws iam delete-access-key --user-name {user} --access-key-id {accessKey}',
    undo: ['DeleteAccessKey'],
    look: accessKey,
  },
  {
    events: ['iam:UpdateAccessKey'],
    technique: 'T1098.001',
    left: 'access key {accessKey} of user {user}, active again',
    remedy: 'aws iam update-access-key --user-name {user} --access-key-id {accessKey} --status Inactive',
    undo: ['DeleteAccessKey'],
    when: ({ status }) => status === 'Active',
    look: accessKey,
  },
  {
    events: ['iam:CreateLoginProfile', 'iam:UpdateLoginProfile', 'iam:ChangePassword'],
    technique: 'T1098.001',
    left: 'console password of user {user}',
    remedy: 'aws iam delete-login-profile --user-name {user}',
    undo: ['DeleteLoginProfile'],
    look: consolePassword,
  },
  {
    events: ['iam:CreateServiceSpecificCredential', 'iam:ResetServiceSpecificCredential'],
    technique: 'T1098.001',
    left: 'service-specific credential {credentialId} of user {user}',
    remedy: 'aws iam delete-service-specific-credential --user-name {user} --service-specific-credential-id {credentialId}',
    undo: ['DeleteServiceSpecificCredential'],
  },
  {
    events: ['iam:UploadSSHPublicKey'],
    technique: 'T1098.004',
    left: 'SSH public key {sshKeyId} of user {user}',
    remedy: 'aws iam delete-ssh-public-key --user-name {user} --ssh-public-key-id {sshKeyId}',
    undo: ['DeleteSSHPublicKey'],
  },
  {
    events: ['iam:UploadSigningCertificate'],
    technique: 'T1098.001',
    left: 'signing certificate {certificateId} of user {user}',
    remedy: 'aws iam delete-signing-certificate --user-name {user} --certificate-id {certificateId}',
    undo: ['DeleteSigningCertificate'],
  },
  {
    events: ['iam:CreateVirtualMFADevice'],
    technique: 'T1556.006',
    left: 'MFA device {mfa}',
    remedy: 'aws iam delete-virtual-mfa-device --serial-number {mfa}',
    undo: ['DeleteVirtualMFADevice'],
    look: liveLook('iam:ListVirtualMFADevices', ['mfa'], async ({ mfa }, { reads }) =>
      foundInList(
        await reads.listVirtualMFADevices(),
        ({ SerialNumber }) => SerialNumber === mfa,
        there('the device is there'),
        gone('there is no such device'),
      ),
    ),
  },
  {
    events: ['iam:EnableMFADevice'],
    technique: 'T1556.006',
    left: 'MFA device {mfa} for user {user}',
    remedy: 'aws iam deactivate-mfa-device --user-name {user} --serial-number {mfa}',
    undo: ['DeactivateMFADevice'],
    look: liveLook('iam:ListMFADevices', ['user', 'mfa'], async ({ user, mfa }, { reads }, artefact) => {
      const devices = await reads.listMFADevices(user)
      const device = devices.items.find(({ SerialNumber }) => SerialNumber === mfa)
      if (device) return byCreationDate('device', device.EnableDate, artefact)
      return foundInList(devices, () => false, there(), gone('the device is not enabled for the user'))
    }),
  },
  {
    events: ['iam:DeactivateMFADevice'],
    technique: 'T1556.006',
    danger: 'defence',
    left: 'user {user} without MFA device {mfa}',
    remedy: 'Have the user enable an MFA device again.',
    undo: ['EnableMFADevice'],
    look: liveLook('iam:ListMFADevices', ['user', 'mfa'], async ({ user, mfa }, { reads }) =>
      foundInList(
        await reads.listMFADevices(user),
        ({ SerialNumber }) => SerialNumber === mfa,
        gone('the device is enabled for the user again'),
        there('the device is still not enabled for the user'),
      ),
    ),
  },
  {
    events: ['iam:CreateGroup'],
    technique: 'T1098.003',
    danger: 'holder',
    left: 'group {group}',
    remedy: 'aws iam delete-group --group-name {group}',
    note: 'Remove its users and policies first.',
    undo: ['DeleteGroup'],
    look: liveLook('iam:GetGroup', ['group'], async ({ group }, { reads }, artefact) => {
      const { Group, Users = [], IsTruncated } = await reads.getGroup(group)
      return inAnswer(Group, ({ CreateDate }) => {
        const { standing, observed } = byCreationDate('group', CreateDate, artefact)
        return {
          standing,
          observed: [...observed, Users.length === 0 && !IsTruncated ? ', without users' : ', with users in it'],
        }
      })
    }),
  },
  {
    events: ['iam:AddUserToGroup'],
    technique: 'T1098.003',
    danger: 'permission',
    left: 'user {user} in group {group}',
    remedy: 'aws iam remove-user-from-group --user-name {user} --group-name {group}',
    undo: ['RemoveUserFromGroup'],
    look: liveLook('iam:ListGroupsForUser', ['user', 'group'], async ({ user, group }, { reads }) =>
      foundInList(
        await reads.listGroupsForUser(user),
        ({ GroupName }) => GroupName === group,
        there('the user is in the group'),
        gone('the user is not in the group'),
      ),
    ),
  },
  {
    events: ['iam:UpdateAccountPasswordPolicy', 'iam:DeleteAccountPasswordPolicy'],
    technique: 'T1556',
    danger: 'defence',
    left: 'password policy of the account, changed',
    remedy: 'Restore the former password policy (aws iam update-account-password-policy).',
  },
]
