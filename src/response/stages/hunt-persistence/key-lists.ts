import type { AccessKeyMetadata } from '@aws-sdk/client-iam'
import { problemOf } from '../../../aws/failure.ts'
import type { Pages } from '../../../aws/pager.ts'
import type { PersistenceArtefact } from '../../../incident/facts/activity-rows.ts'
import type { Instant } from '../../../incident/values/instant.ts'
import { accessKeysOf } from '../../../investigation/enrichment/iam-lists.ts'
import type { Context } from '../../stage.ts'

/** The access keys of a user as IAM listed them, or the error with which it refused to; and when. */
export type KeyList = { readonly at: Instant } & ({ readonly keys: Pages<AccessKeyMetadata> } | { readonly refusal: unknown })

/** By the names of the users. */
export type KeyLists = ReadonlyMap<string, KeyList>

/** Lists the keys of every user whom these persistence artefacts name, each once. Throws what is no answer of IAM. */
export const listKeys = async (touched: readonly PersistenceArtefact[], region: string, context: Context): Promise<KeyLists> => {
  const lists = new Map<string, KeyList>()
  for (const user of new Set(touched.flatMap(({ names }) => names.user ?? []))) {
    context.signal.throwIfAborted()
    lists.set(user, await listOf(user, region, context))
  }
  return lists
}

const listOf = async (user: string, region: string, context: Context): Promise<KeyList> => {
  const at = context.now()
  try {
    return { at, keys: await accessKeysOf(context.aws(region).iam, user) }
  } catch (error) {
    if (!['missing', 'denied', 'rejected'].includes(problemOf(error))) throw error
    return { at, refusal: error }
  }
}
