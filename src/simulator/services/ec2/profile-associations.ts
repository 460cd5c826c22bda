import type {
  DescribeIamInstanceProfileAssociationsRequest,
  DescribeIamInstanceProfileAssociationsResult,
} from '@aws-sdk/client-ec2'
import type { Instance } from '../../account/account.ts'
import { operation } from '../../service.ts'
import { type FilterFields, filtered } from './filters.ts'
import { ec2Page } from './found.ts'
import { associationId, profileOf } from './instance-shape.ts'

const fields: FilterFields<Instance> = {
  'instance-id': ({ id }) => [id],
  state: () => ['associated'],
}

/** DescribeIamInstanceProfileAssociations: which instance holds which profile. */
export const describeIamInstanceProfileAssociations = operation<
  DescribeIamInstanceProfileAssociationsRequest,
  DescribeIamInstanceProfileAssociationsResult
>({
  run: (account, input) => {
    const { AssociationIds = [], Filters } = input
    const holders = [...account.instances.values()].filter(
      (instance) =>
        instance.state !== 'terminated' &&
        profileOf(account, instance) !== undefined &&
        (AssociationIds.length === 0 || AssociationIds.includes(associationId(instance))),
    )
    const shown = filtered(holders, Filters, fields)
    const { items, end } = ec2Page(account, shown, ({ id }) => id, input)
    const IamInstanceProfileAssociations = items.map((instance) => ({
      AssociationId: associationId(instance),
      InstanceId: instance.id,
      IamInstanceProfile: profileOf(account, instance),
      State: 'associated' as const,
    }))
    return { IamInstanceProfileAssociations, ...end }
  },
  writes: false,
})
