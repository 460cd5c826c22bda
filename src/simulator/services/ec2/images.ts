import type {
  CreateImageRequest,
  CreateImageResult,
  DeregisterImageRequest,
  DescribeImagesRequest,
  DescribeImagesResult,
} from '@aws-sdk/client-ec2'
import type { Account } from '../../account/account.ts'
import { imageArn } from '../../account/arns.ts'
import type { Image } from '../../account/holdings.ts'
import { timeIn } from '../../agenda.ts'
import { ServiceError } from '../../call.ts'
import { hexFrom } from '../../random.ts'
import { operation } from '../../service.ts'
import { type FilterFields, filtered } from './filters.ts'
import { ec2Page, instanceNamed, onInstances, refuseDryRun } from './found.ts'

/** An image of the account's own. Throws InvalidAMIID.NotFound. */
export const imageNamed = (account: Account, id = ''): Image => {
  const image = account.images.get(id)
  if (!image) throw new ServiceError('InvalidAMIID.NotFound', `The image id '[${id}]' does not exist`)
  return image
}

/** CreateImage: an image of an instance, without its snapshots, which nothing here looks at. */
export const createImage = operation<CreateImageRequest, CreateImageResult>({
  authorize: (account, { InstanceId = '' }) => [
    ...onInstances(account, 'ec2:CreateImage', [InstanceId]),
    { action: 'ec2:CreateImage', resource: imageArn(account, '*') },
  ],
  run: (account, input) => {
    const { id: instanceId } = instanceNamed(account, input.InstanceId)
    refuseDryRun(input)
    const id = `ami-0${hexFrom(account.random, 16)}`
    account.images.set(id, { id, instanceId, name: input.Name ?? '', createdAt: timeIn(account) })
    return { ImageId: id }
  },
  writes: true,
})

const fields: FilterFields<Image> = {
  'image-id': ({ id }) => [id],
  name: ({ name }) => [name],
  state: () => ['available'],
}

/** DescribeImages: the account's own; nobody else's are simulated, and none is disabled or deprecated. */
export const describeImages = operation<DescribeImagesRequest, DescribeImagesResult>({
  run: (account, input) => {
    const { ImageIds = [], Filters, Owners = ['self'], IncludeDisabled: _disabled, IncludeDeprecated: _deprecated } = input
    const own = Owners.some((owner) => owner === 'self' || owner === account.id) ? [...account.images.values()] : []
    const asked = ImageIds.length > 0 ? ImageIds.map((id) => imageNamed(account, id)) : own
    refuseDryRun(input)
    const { items, end } = ec2Page(account, filtered(asked, Filters, fields), ({ id }) => id, input)
    const answer = ({ id, name, instanceId, createdAt }: Image) => ({
      ImageId: id,
      Name: name,
      SourceInstanceId: instanceId,
      OwnerId: account.id,
      State: 'available' as const,
      Public: account.shares.get(id)?.has('all') ?? false,
      CreationDate: new Date(createdAt).toISOString(),
    })
    return { Images: items.map(answer), ...end }
  },
  writes: false,
})

/** DeregisterImage: nobody can start from it any more. */
export const deregisterImage = operation<DeregisterImageRequest, object>({
  authorize: (account, { ImageId = '*' }) => [{ action: 'ec2:DeregisterImage', resource: imageArn(account, ImageId) }],
  run: (account, input) => {
    const { id } = imageNamed(account, input.ImageId)
    refuseDryRun(input)
    account.images.delete(id)
    account.shares.delete(id)
    return {}
  },
  writes: true,
})
