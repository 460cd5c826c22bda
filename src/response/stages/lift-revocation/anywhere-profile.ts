import { isNotFound } from '../../../aws/failure.ts'
import { EnableProfileCommand, GetProfileCommand } from '../../../aws/roles-anywhere-client.ts'
import { arnOf } from '../../../incident/values/identifiers.ts'
import { shellWord } from '../../../incident/values/shell-word.ts'
import { isChangedSince, type SettingChange, type SettingStanding, settingKind } from './settings.ts'

const placeOf = ({ effect }: SettingChange) => ({
  profileId: String(effect.parameters?.profileId),
  region: arnOf(effect.resource)?.region ?? '',
})

/** A profile that the response disabled. One that somebody changed since, while it stayed disabled, is theirs. */
const read = async (change: SettingChange): Promise<SettingStanding> => {
  const { profileId, region } = placeOf(change)
  try {
    const { profile } = await change.context.aws(region).rolesanywhere.send(new GetProfileCommand({ profileId }))
    if (profile?.enabled !== false) return profile === undefined ? 'gone' : 'as before'
    return isChangedSince(change, profile.updatedAt) ? 'changed' : 'ours'
  } catch (error) {
    if (isNotFound(error)) return 'gone'
    throw error
  }
}

/** A profile of IAM Roles Anywhere: it is enabled again. */
export const anywhereProfile = settingKind({
  operation: 'rolesanywhere:DisableProfile',
  what: (change) => `profile ${placeOf(change).profileId} of IAM Roles Anywhere`,
  read,
  back: async (change) => {
    const { profileId, region } = placeOf(change)
    return {
      operation: 'rolesanywhere:EnableProfile',
      parameters: { profileId },
      client: change.context.aws(region).rolesanywhere,
      command: new EnableProfileCommand({ profileId }),
      sentence: `enable profile ${profileId} of IAM Roles Anywhere again`,
    }
  },
  lifted: 'it is enabled, as it was before the response',
  cost: 'whoever holds the stolen certificate takes sessions again, unless its authority has revoked it',
  again: (change) => {
    const { profileId, region } = placeOf(change)
    return { words: `rolesanywhere disable-profile --profile-id ${shellWord(profileId)}`, region }
  },
})
