import { ListAccessKeysCommand, UpdateAccessKeyCommand } from '@aws-sdk/client-iam'
import { isNotFound } from '../../../aws/failure.ts'
import { iamPages } from '../../../aws/pager.ts'
import type { Effect } from '../../../incident/entry.ts'
import type { DeniedKey } from '../../../incident/facts/facts.ts'
import type { Subject, SubjectHolder } from '../../../incident/facts/subject.ts'
import { Failure } from '../../../incident/values/failure.ts'
import type { Context } from '../../stage.ts'
import { readOr, type Unread } from '../optional-read.ts'

/** Of a long-term key: that IAM lists it as inactive, or not any more. Undefined while it works. */
export const deniedKey = async (subject: Subject, context: Context): Promise<DeniedKey | undefined> => {
  if (subject.kind !== 'user-key') return undefined
  return deniedKeyOf(subject.user.name, subject.accessKeyId, context.aws(subject.region).iam)
}

/** The same of any user's key. */
export const deniedKeyOf = async (
  userName: string,
  accessKeyId: string,
  iam: ReturnType<Context['aws']>['iam'],
): Promise<DeniedKey | undefined> => {
  const listed = await keysOf(userName, iam)
  const key = listed.items.find(({ AccessKeyId }) => AccessKeyId === accessKeyId)
  if (key) return key.Status === 'Inactive' ? { accessKeyId, state: 'inactive' } : undefined
  // An absent key is gone only where the list is whole.
  if (listed.incomplete !== undefined)
    throw new Failure({
      kind: 'unavailable',
      what: `ir-cred does not know whether ${accessKeyId} is active`,
      why: `the list of the user’s access keys is incomplete: ${listed.incomplete}`,
      remedy: 'continue later',
    })
  return { accessKeyId, state: 'deleted' }
}

/** The same where the deny must not wait for it: a list that cannot be read leaves open whether the key works, and `unread` says so. */
export const keyOrUnread = (subject: Subject, context: Context, unread: Unread): Promise<DeniedKey | undefined> => {
  const what = `whether ${subject.accessKeyId} is active`
  return readOr(unread, { what, operation: 'iam:ListAccessKeys', otherwise: undefined }, () => deniedKey(subject, context))
}

/** A user who is gone has no keys. */
const keysOf = async (userName: string, iam: ReturnType<Context['aws']>['iam']) => {
  try {
    return await iamPages(
      (Marker) => iam.send(new ListAccessKeysCommand({ UserName: userName, Marker })),
      ({ AccessKeyMetadata }) => AccessKeyMetadata,
    )
  } catch (error) {
    if (isNotFound(error)) return { items: [] }
    throw error
  }
}

/** The user's name is always sent: without it IAM takes the caller's own user ("UpdateAccessKey"). */
export const deactivationInput = (userName: string, accessKeyId: string) => ({
  UserName: userName,
  AccessKeyId: accessKeyId,
  Status: 'Inactive' as const,
})

/** Deactivates a long-term key. It stays inactive for good: a key that leaked is never activated again. */
export const deactivationEffect = (userName: string, arn: string, accessKeyId: string): Effect => ({
  operation: 'iam:UpdateAccessKey',
  resource: arn,
  parameters: deactivationInput(userName, accessKeyId),
  sentence: `deactivate access key ${accessKeyId} of user ${userName}`,
  cost: 'whatever uses this key stops working; give it a new key',
  undo: 'do not activate a leaked key again: create a new one, and delete this one once nothing uses it',
})

/** Deactivates a long-term key that is active, or of which that is not known. Gives AWS's refusal, which the deny does not wait for. */
export const deactivateKey = async (
  subject: Subject,
  { name, arn }: Pick<SubjectHolder, 'name' | 'arn'>,
  context: Context,
): Promise<Failure | undefined> => {
  if (subject.kind !== 'user-key' || (await keyOrUnread(subject, context, [])) !== undefined) return undefined
  const { accessKeyId, region } = subject
  try {
    await context.write(
      context.aws(region).iam,
      new UpdateAccessKeyCommand(deactivationInput(name, accessKeyId)),
      deactivationEffect(name, arn, accessKeyId),
    )
    return undefined
  } catch (error) {
    if (error instanceof Failure && !context.signal.aborted) return error
    throw error
  }
}
