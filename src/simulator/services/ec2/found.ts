import type { Account, Instance, InstanceState } from '../../account/account.ts'
import { ec2Arn } from '../../account/arns.ts'
import { ServiceError } from '../../call.ts'
import { nextTokenPage } from '../../page.ts'
import type { Authorization } from '../../service.ts'

/** The low byte of an instance's state code. */
export const STATE_CODES: Readonly<Record<InstanceState, number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
}

/** The instances asked for, in that order. Throws InvalidInstanceID.Malformed or InvalidInstanceID.NotFound. */
export const instancesNamed = (account: Account, ids: readonly string[] = []): Instance[] => {
  const malformed = ids.find((id) => !/^i-([0-9a-f]{8}|[0-9a-f]{17})$/.test(id))
  if (malformed !== undefined) throw new ServiceError('InvalidInstanceID.Malformed', `Invalid id: "${malformed}"`)
  const missing = ids.filter((id) => !account.instances.has(id))
  if (missing.length > 0) {
    const what = missing.length === 1 ? `ID '${missing[0]}' does` : `IDs '${missing.join(', ')}' do`
    throw new ServiceError('InvalidInstanceID.NotFound', `The instance ${what} not exist`)
  }
  return ids.flatMap((id) => account.instances.get(id) ?? [])
}

/** One instance. Throws as `instancesNamed`. */
export const instanceNamed = (account: Account, id = ''): Instance => {
  const [instance] = instancesNamed(account, [id])
  if (!instance) throw new ServiceError('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`)
  return instance
}

/** Reaching this point means that the call is permitted; with DryRun it ends here. */
export const refuseDryRun = ({ DryRun }: { readonly DryRun?: boolean | undefined }): void => {
  if (DryRun === true) {
    throw new ServiceError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412)
  }
}

/** The condition keys for a resource's tags. */
export const tagContext = (tags: Readonly<Record<string, string>> = {}): Record<string, string> =>
  Object.fromEntries(
    Object.entries(tags).flatMap(([key, value]) => [
      [`aws:ResourceTag/${key}`, value],
      [`ec2:ResourceTag/${key}`, value],
    ]),
  )

/** An action on each of some instances, with what policies may ask about them. */
export const onInstances = (account: Account, action: string, ids: readonly string[] = []): Authorization[] =>
  ids.map((id) => ({
    action,
    resource: ec2Arn(account, 'instance', id),
    context: tagContext(account.instances.get(id)?.tags),
  }))

export const ec2TagList = (tags: Readonly<Record<string, string>> = {}): { Key: string; Value: string }[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))

/** One page of a list. Throws InvalidPaginationToken. */
export const ec2Page = nextTokenPage(
  1000,
  () => new ServiceError('InvalidPaginationToken', 'The specified pagination token is not valid.'),
)
