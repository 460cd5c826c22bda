import type { DescribeSpotInstanceRequestsRequest, DescribeSpotInstanceRequestsResult } from '@aws-sdk/client-ec2'
import type { Instance } from '../../account/account.ts'
import { ServiceError } from '../../call.ts'
import { operation } from '../../service.ts'
import { type FilterFields, filtered } from './filters.ts'
import { ec2Page, refuseDryRun } from './found.ts'
import { spotRequestId } from './instance-shape.ts'

const requestType = ({ spotRequestType = 'one-time' }: Instance): 'one-time' | 'persistent' => spotRequestType

const fields: FilterFields<Instance> = {
  'instance-id': ({ id }) => [id],
  'spot-instance-request-id': (instance) => [spotRequestId(instance)],
  state: () => ['active'],
  type: (instance) => [requestType(instance)],
}

/** DescribeSpotInstanceRequests: whether a Spot Instance can be stopped at all stands in Type. */
export const describeSpotInstanceRequests = operation<DescribeSpotInstanceRequestsRequest, DescribeSpotInstanceRequestsResult>({
  run: (account, input) => {
    const { SpotInstanceRequestIds = [], Filters } = input
    const spots = [...account.instances.values()].filter(({ lifecycle, state }) => lifecycle === 'spot' && state !== 'terminated')
    const missing = SpotInstanceRequestIds.find((id) => !spots.some((spot) => spotRequestId(spot) === id))
    if (missing !== undefined) {
      const message = `The spot instance request ID '${missing}' does not exist`
      throw new ServiceError('InvalidSpotInstanceRequestID.NotFound', message)
    }
    const asked = spots.filter(
      (spot) => SpotInstanceRequestIds.length === 0 || SpotInstanceRequestIds.includes(spotRequestId(spot)),
    )
    const shown = filtered(asked, Filters, fields)
    refuseDryRun(input)
    const { items, end } = ec2Page(account, shown, ({ id }) => id, input)
    const SpotInstanceRequests = items.map((spot) => ({
      SpotInstanceRequestId: spotRequestId(spot),
      InstanceId: spot.id,
      Type: requestType(spot),
      State: 'active' as const,
      InstanceInterruptionBehavior: 'terminate' as const,
    }))
    return { SpotInstanceRequests, ...end }
  },
  writes: false,
})
