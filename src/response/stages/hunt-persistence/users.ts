import {
  type AccessKeyMetadata,
  GetAccessKeyLastUsedCommand,
  GetGroupCommand,
  GetLoginProfileCommand,
  GetUserCommand,
  type IAMClient,
  ListVirtualMFADevicesCommand,
} from '@aws-sdk/client-iam'
import { isDenied } from '../../../aws/failure.ts'
import { iamPages, type Pages } from '../../../aws/pager.ts'
import type { PersistenceArtefact } from '../../../incident/facts/activity-rows.ts'
import type { Span } from '../../../incident/values/block.ts'
import { instantOf, isBefore } from '../../../incident/values/instant.ts'
import { untrusted } from '../../../incident/values/untrusted.ts'
import { mfaDevicesOf, readGroups } from '../../../investigation/enrichment/iam-lists.ts'
import {
  changed,
  foundInList,
  gone,
  inAnswer,
  type Look,
  type LookResult,
  look,
  madeAt,
  type RecordNames,
  there,
  unknown,
} from './look.ts'

const user = look('iam:GetUser', ['user'], async ({ user: UserName }, { iam }, row) =>
  inAnswer((await iam.send(new GetUserCommand({ UserName }))).User, ({ CreateDate }) => madeAt('user', CreateDate, row)),
)

/** Whether somebody has used it: IAM's own word, which follows with some delay. */
const useOf = async (iam: IAMClient, AccessKeyId: string): Promise<readonly Span[]> => {
  try {
    const { AccessKeyLastUsed } = await iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId }))
    const { LastUsedDate, ServiceName = '' } = AccessKeyLastUsed ?? {}
    if (!LastUsedDate) return ['; IAM shows no use of it']
    return ['; it HAS BEEN USED, last ', { at: instantOf(LastUsedDate) }, ' for ', untrusted(ServiceName)]
  } catch (error) {
    if (!isDenied(error)) throw error
    return ['; whether it was used may not be read (iam:GetAccessKeyLastUsed is denied)']
  }
}

const accessKey = look('iam:ListAccessKeys', ['user', 'accessKey'], async (names, { iam, keys }, row) => {
  const list = keys.get(names.user)
  if (!list) return unknown('the keys of its user were not listed')
  if ('refusal' in list) throw list.refusal
  return { ...(await keyStanding(list.keys, names, iam, row)), at: list.at }
})

const keyStanding = async (
  keys: Pages<AccessKeyMetadata>,
  names: RecordNames<'user' | 'accessKey'>,
  iam: IAMClient,
  row: PersistenceArtefact,
): Promise<LookResult> => {
  const key = keys.items.find(({ AccessKeyId }) => AccessKeyId === names.accessKey)
  if (!key) return foundInList(keys, () => false, there(), gone(`user ${names.user} has no such key`))
  const use = await useOf(iam, names.accessKey)
  if (key.Status === 'Active') return there('the key is Active', ...use)
  // Made active again, and switched off since: that is what the remedy does.
  const isReactivation = row.eventName === 'UpdateAccessKey'
  return isReactivation ? gone('the key is Inactive', ...use) : changed('the key is there, but Inactive', ...use)
}

const password = look('iam:GetLoginProfile', ['user'], async ({ user: UserName }, { iam }, row) => {
  const { LoginProfile } = await iam.send(new GetLoginProfileCommand({ UserName }))
  // A password that was set anew keeps the date of the first.
  return inAnswer(LoginProfile, ({ CreateDate }) => {
    const isNewer = CreateDate !== undefined && isBefore(row.at, instantOf(CreateDate))
    return row.eventName === 'CreateLoginProfile' || isNewer
      ? madeAt('console password', CreateDate, row)
      : there('the user has a console password')
  })
})

const enabledDevice = look('iam:ListMFADevices', ['user', 'mfa'], async ({ user: name, mfa }, { iam }, row) => {
  const devices = await mfaDevicesOf(iam, name)
  const device = devices.items.find(({ SerialNumber }) => SerialNumber === mfa)
  if (device) return madeAt('device', device.EnableDate, row)
  return foundInList(devices, () => false, there(), gone('the device is not enabled for the user'))
})

const missingDevice = look('iam:ListMFADevices', ['user', 'mfa'], async ({ user: name, mfa }, { iam }) =>
  foundInList(
    await mfaDevicesOf(iam, name),
    ({ SerialNumber }) => SerialNumber === mfa,
    gone('the device is enabled for the user again'),
    there('the user is still without the device'),
  ),
)

const virtualDevice = look('iam:ListVirtualMFADevices', ['mfa'], async ({ mfa }, { iam }) => {
  const devices = await iamPages(
    (Marker) => iam.send(new ListVirtualMFADevicesCommand({ Marker })),
    ({ VirtualMFADevices }) => VirtualMFADevices,
  )
  const isIt = ({ SerialNumber }: { SerialNumber: string | undefined }) => SerialNumber === mfa
  return foundInList(devices, isIt, there('the device is there'), gone('there is no such device'))
})

const group = look('iam:GetGroup', ['group'], async ({ group: GroupName }, { iam }, row) => {
  const { Group, Users = [], IsTruncated } = await iam.send(new GetGroupCommand({ GroupName }))
  const seen = inAnswer(Group, ({ CreateDate }) => madeAt('group', CreateDate, row))
  if (!Group) return seen
  return { ...seen, says: [...seen.says, Users.length === 0 && !IsTruncated ? ', without users' : ', with users in it'] }
})

const membership = look('iam:ListGroupsForUser', ['user', 'group'], async (names, { iam }): Promise<LookResult> => {
  const groups = await readGroups(iam, names.user)
  const isIt = ({ GroupName }: { GroupName: string | undefined }) => GroupName === names.group
  return foundInList(groups, isIt, there('the user is in the group'), gone('the user is not in the group'))
})

/** Users and what they sign in with. */
export const USER_LOOKS: Readonly<Record<string, Look>> = {
  'iam:CreateUser': user,
  'iam:CreateAccessKey': accessKey,
  'iam:UpdateAccessKey': accessKey,
  'iam:CreateLoginProfile': password,
  'iam:UpdateLoginProfile': password,
  'iam:ChangePassword': password,
  'iam:CreateVirtualMFADevice': virtualDevice,
  'iam:EnableMFADevice': enabledDevice,
  'iam:DeactivateMFADevice': missingDevice,
  'iam:CreateGroup': group,
  'iam:AddUserToGroup': membership,
}
