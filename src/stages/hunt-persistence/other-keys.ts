import { shellWord } from '../../activity/analysis/persistence/template.ts'
import { codeOf, problemOf } from '../../aws/failure.ts'
import type { LeftBehind } from '../../incident/activity-rows.ts'
import { type Instant, instantOf, isBefore } from '../../incident/instant.ts'
import type { OtherKey } from '../../incident/persistence.ts'
import type { Context } from '../../runbook/stage.ts'
import { keysOf } from './users.ts'

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
  for (const user of new Set(touched.flatMap(({ names }) => names.user ?? []))) {
    const found = await newKeysOf(user, region, since, context)
    if (typeof found === 'string') incomplete.push(found)
    else keys.push(...found.filter(({ accessKeyId }) => !known.has(accessKeyId)))
  }
  return { keys, incomplete }
}

const newKeysOf = async (
  user: string,
  region: string,
  since: Instant,
  context: Context,
): Promise<readonly OtherKey[] | string> => {
  try {
    const { items } = await keysOf(context.aws(region).iam, user)
    return items.flatMap(({ AccessKeyId = '', Status = 'Active', CreateDate }) => {
      const createdAt = CreateDate && instantOf(CreateDate)
      if (!createdAt || isBefore(createdAt, since)) return []
      return [{ user, accessKeyId: AccessKeyId, status: Status, createdAt, remedy: switchedOff(user, AccessKeyId) }]
    })
  } catch (error) {
    const problem = problemOf(error)
    if (problem === 'missing') return []
    if (problem === 'denied' || problem === 'rejected') return `the keys of user ${user} were not listed (${codeOf(error)})`
    throw error
  }
}

const switchedOff = (user: string, accessKeyId: string) => ({
  command: `aws iam update-access-key --user-name ${shellWord(user)} --access-key-id ${shellWord(accessKeyId)} --status Inactive`,
  note: 'Ask the user’s owner first: it may be theirs.',
})
