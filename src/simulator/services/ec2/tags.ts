import type { CreateTagsRequest, Tag } from '@aws-sdk/client-ec2'
import type { Account } from '../../account/account.ts'
import { ec2Arn, snapshotArn } from '../../account/arns.ts'
import { ServiceError } from '../../call.ts'
import { operation } from '../../service.ts'
import { instancesNamed, refuseDryRun } from './found.ts'
import { snapshotsNamed } from './snapshots.ts'
import { volumesNamed } from './volumes.ts'

const arnOf = (account: Account, id: string): string => {
  if (id.startsWith('snap-')) return snapshotArn(account, id)
  return ec2Arn(account, id.startsWith('vol-') ? 'volume' : 'instance', id)
}

/** The tags of what an id names, to be written into. Throws the service's not-found error, or InvalidID. */
const tagsUnder = (account: Account, id: string): Record<string, string> => {
  const [prefix] = id.split('-')
  const [instance] = prefix === 'i' ? instancesNamed(account, [id]) : []
  const [snapshot] = prefix === 'snap' ? snapshotsNamed(account, [id]) : []
  const [volume] = prefix === 'vol' ? volumesNamed(account, [id]) : []
  if (volume) {
    const tags = { ...volume.tags }
    account.volumes.set(id, { ...volume, tags })
    return tags
  }
  const tags = instance?.tags ?? snapshot?.tags
  if (!tags) throw new ServiceError('InvalidID', `The ID '${id}' is not valid`)
  return tags
}

const refuseReserved = (tags: readonly Tag[]): void => {
  if (!tags.some(({ Key = '' }) => Key.toLowerCase().startsWith('aws:'))) return
  throw new ServiceError('InvalidParameterValue', "Tag keys starting with 'aws:' are reserved for internal use")
}

/** CreateTags on instances, volumes and snapshots. */
export const createTags = operation<CreateTagsRequest, object>({
  authorize: (account, { Resources = [] }) => Resources.map((id) => ({ action: 'ec2:CreateTags', resource: arnOf(account, id) })),
  run: (account, input) => {
    const { Resources = [], Tags = [] } = input
    refuseReserved(Tags)
    const targets = Resources.map((id) => tagsUnder(account, id))
    refuseDryRun(input)
    for (const target of targets) for (const { Key = '', Value = '' } of Tags) target[Key] = Value
    return {}
  },
  writes: true,
})
