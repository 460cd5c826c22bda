import type { AccessKeyMetadata, IAMClient } from '@aws-sdk/client-iam'
import { codeOf, isNotFound, unreadReason } from '../../aws/failure.ts'
import type { Pages } from '../../aws/pager.ts'
import type { PersistenceArtefact, Remedy } from '../../incident/facts/activity-rows.ts'
import type { UnexplainedKey } from '../../incident/facts/persistence.ts'
import { type Instant, instantOf, isBefore } from '../../incident/values/instant.ts'
import { shellWord } from '../../incident/values/shell-word.ts'
import { accessKeysOf } from '../enrichment/iam-lists.ts'

/** The access keys of a user as IAM lists them, or the error with which it refuses; and when. */
export type KeyList = { readonly at: Instant } & ({ readonly keys: Pages<AccessKeyMetadata> } | { readonly refusal: unknown })

/** By user name. */
export type KeyLists = ReadonlyMap<string, KeyList>

interface KeyListing {
  readonly iam: IAMClient
  readonly signal: AbortSignal
  readonly now: () => Instant
}

/**
 * Lists the access keys of every user that these artefacts name, each once: the looks for keys and `unexplainedKeys` read
 * the same lists. Throws what concerns the whole run: the responder's own credentials, an interruption, a bug.
 */
export const listKeys = async (artefacts: readonly PersistenceArtefact[], listing: KeyListing): Promise<KeyLists> => {
  const lists = new Map<string, KeyList>()
  for (const user of new Set(artefacts.flatMap(({ names }) => names.user ?? []))) {
    listing.signal.throwIfAborted()
    lists.set(user, await listKeysOf(user, listing))
  }
  return lists
}

const listKeysOf = async (user: string, { iam, now }: KeyListing): Promise<KeyList> => {
  const at = now()
  try {
    return { at, keys: await accessKeysOf(iam, user) }
  } catch (error) {
    if (unreadReason(error) === undefined) throw error
    return { at, refusal: error }
  }
}

/**
 * Keys of these users created since the theft that no artefact explains: the attacker may have created them with credentials
 * that are not known yet, or the users' owners may have. `incomplete` names the users whose keys are not all known.
 */
export const unexplainedKeys = (
  artefacts: readonly PersistenceArtefact[],
  lists: KeyLists,
  since: Instant,
): { readonly keys: readonly UnexplainedKey[]; readonly incomplete: readonly string[] } => {
  const explained = new Set(artefacts.flatMap(({ names }) => names.accessKey ?? []))
  const createdUsers = new Set(
    artefacts.flatMap(({ eventName, names }) => (eventName === 'CreateUser' ? (names.user ?? []) : [])),
  )
  const keys = [...lists]
    .flatMap(([user, list]) => keysCreatedSince(since, user, list))
    .filter(({ accessKeyId }) => !explained.has(accessKeyId))
    .map((key) => ({ ...key, remedy: remedyFor(key, createdUsers.has(key.user)) }))
  return { keys, incomplete: [...lists].flatMap(([user, list]) => gapIn(user, list)) }
}

const keysCreatedSince = (since: Instant, user: string, list: KeyList): readonly Omit<UnexplainedKey, 'remedy'>[] => {
  if ('refusal' in list) return []
  return list.keys.items.flatMap(({ AccessKeyId = '', Status = 'Active', CreateDate }) => {
    const createdAt = CreateDate && instantOf(CreateDate)
    if (!createdAt || isBefore(createdAt, since)) return []
    return [{ user, accessKeyId: AccessKeyId, status: Status, createdAt }]
  })
}

/** A user who is gone has no keys, so nothing is missing. */
const gapIn = (user: string, list: KeyList): readonly string[] => {
  if ('refusal' in list) {
    return isNotFound(list.refusal) ? [] : [`ir-cred could not list the access keys of user ${user} (${codeOf(list.refusal)})`]
  }
  const { incomplete } = list.keys
  return incomplete === undefined ? [] : [`ir-cred could not list all access keys of user ${user}: ${incomplete}`]
}

/** A user that the attacker created has no owner to ask. */
const remedyFor = ({ user, accessKeyId }: Omit<UnexplainedKey, 'remedy'>, isAttackersUser: boolean): Remedy => {
  const which = `--user-name ${shellWord(user)} --access-key-id ${shellWord(accessKeyId)}`
  return isAttackersUser
    ? { command: `aws iam update-access-key ${which} --status Inactive && aws iam delete-access-key ${which}` }
    : {
        command: `aws iam update-access-key ${which} --status Inactive`,
        note: 'Ask the owner of the user first: the key may be theirs.',
      }
}
