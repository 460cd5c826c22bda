import { shellWord } from '../../activity/analysis/persistence/template.ts'
import { codeOf, problemOf } from '../../aws/failure.ts'
import type { LeftBehind, Remedy } from '../../incident/activity-rows.ts'
import { type Instant, instantOf, isBefore } from '../../incident/instant.ts'
import type { OtherKey } from '../../incident/persistence.ts'
import type { Context } from '../../runbook/stage.ts'
import { accessKeysOf } from '../../witnesses/iam-lists.ts'

/**
 * Keys of the users that the session touched, made since the theft, that no record of the session shows: made with
 * credentials that are not known to be the thief's, or by the users' owners.
 */
export const otherKeys = async (
  touched: readonly LeftBehind[],
  { region, since }: { readonly region: string; readonly since: Instant },
  context: Context,
): Promise<{ readonly keys: readonly OtherKey[]; readonly incomplete: readonly string[] }> => {
  const keys: OtherKey[] = []
  const incomplete: string[] = []
  const known = new Set(touched.flatMap(({ names }) => names.accessKey ?? []))
  const made = new Set(touched.flatMap(({ eventName, names }) => (eventName === 'CreateUser' ? (names.user ?? []) : [])))
  for (const user of new Set(touched.flatMap(({ names }) => names.user ?? []))) {
    const found = await newKeysOf(user, region, since, context)
    if (typeof found === 'string') incomplete.push(found)
    else
      keys.push(
        ...found
          .filter(({ accessKeyId }) => !known.has(accessKeyId))
          .map((key) => ({ ...key, remedy: remedyFor(key, made.has(user)) })),
      )
  }
  return { keys, incomplete }
}

const newKeysOf = async (
  user: string,
  region: string,
  since: Instant,
  context: Context,
): Promise<readonly Omit<OtherKey, 'remedy'>[] | string> => {
  try {
    const { items } = await accessKeysOf(context.aws(region).iam, user)
    return items.flatMap(({ AccessKeyId = '', Status = 'Active', CreateDate }) => {
      const createdAt = CreateDate && instantOf(CreateDate)
      if (!createdAt || isBefore(createdAt, since)) return []
      return [{ user, accessKeyId: AccessKeyId, status: Status, createdAt }]
    })
  } catch (error) {
    const problem = problemOf(error)
    if (problem === 'missing') return []
    if (problem === 'denied' || problem === 'rejected') return `the keys of user ${user} were not listed (${codeOf(error)})`
    throw error
  }
}

/** A user whom the thief made has no owner to ask. */
const remedyFor = ({ user, accessKeyId }: Omit<OtherKey, 'remedy'>, isThiefs: boolean): Remedy => {
  const which = `--user-name ${shellWord(user)} --access-key-id ${shellWord(accessKeyId)}`
  return isThiefs
    ? { command: `aws iam delete-access-key ${which}` }
    : { command: `aws iam update-access-key ${which} --status Inactive`, note: 'Ask the user’s owner first: it may be theirs.' }
}
