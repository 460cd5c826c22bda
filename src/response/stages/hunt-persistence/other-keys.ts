import { codeOf, isMissing } from '../../../aws/failure.ts'
import type { PersistenceArtefact, Remedy } from '../../../incident/facts/activity-rows.ts'
import type { UnexplainedKey } from '../../../incident/facts/persistence.ts'
import { type Instant, instantOf, isBefore } from '../../../incident/values/instant.ts'
import { shellWord } from '../../../incident/values/shell-word.ts'
import type { KeyList, KeyLists } from './key-lists.ts'

/**
 * Keys of the users that the session touched, made since the theft, that no record of the session shows: made with
 * credentials that are not known to be the attacker's, or by the users' owners. And whose keys are not all known.
 */
export const otherKeys = (
  touched: readonly PersistenceArtefact[],
  lists: KeyLists,
  since: Instant,
): { readonly keys: readonly UnexplainedKey[]; readonly incomplete: readonly string[] } => {
  const known = new Set(touched.flatMap(({ names }) => names.accessKey ?? []))
  const made = new Set(touched.flatMap(({ eventName, names }) => (eventName === 'CreateUser' ? (names.user ?? []) : [])))
  const keys = [...lists]
    .flatMap(([user, list]) => newKeysIn(user, list, since))
    .filter(({ accessKeyId }) => !known.has(accessKeyId))
    .map((key) => ({ ...key, remedy: remedyFor(key, made.has(key.user)) }))
  return { keys, incomplete: [...lists].flatMap(([user, list]) => gapIn(user, list)) }
}

const newKeysIn = (user: string, list: KeyList, since: Instant): readonly Omit<UnexplainedKey, 'remedy'>[] => {
  if ('refusal' in list) return []
  return list.keys.items.flatMap(({ AccessKeyId = '', Status = 'Active', CreateDate }) => {
    const createdAt = CreateDate && instantOf(CreateDate)
    if (!createdAt || isBefore(createdAt, since)) return []
    return [{ user, accessKeyId: AccessKeyId, status: Status, createdAt }]
  })
}

/** A user who is gone has no keys: nothing is missing. */
const gapIn = (user: string, list: KeyList): readonly string[] => {
  if ('refusal' in list) {
    return isMissing(list.refusal) ? [] : [`the keys of user ${user} were not listed (${codeOf(list.refusal)})`]
  }
  const { incomplete } = list.keys
  return incomplete === undefined ? [] : [`the keys of user ${user} were not listed to their end: ${incomplete}`]
}

/** A user whom the attacker made has no owner to ask. */
const remedyFor = ({ user, accessKeyId }: Omit<UnexplainedKey, 'remedy'>, isAttackers: boolean): Remedy => {
  const which = `--user-name ${shellWord(user)} --access-key-id ${shellWord(accessKeyId)}`
  return isAttackers
    ? { command: `aws iam delete-access-key ${which}` }
    : { command: `aws iam update-access-key ${which} --status Inactive`, note: 'Ask the user’s owner first: it may be theirs.' }
}
