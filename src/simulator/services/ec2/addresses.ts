import { createHash } from 'node:crypto'
import type {
  DescribeAddressesRequest,
  DescribeAddressesResult,
  DescribeNatGatewaysRequest,
  DescribeNatGatewaysResult,
} from '@aws-sdk/client-ec2'
import { ServiceError } from '../../call.ts'
import { operation } from '../../service.ts'
import { filtered } from './filters.ts'
import { ec2Page, refuseDryRun } from './found.ts'

const suffix = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16)

interface Address {
  readonly allocationId: string
  readonly publicIp: string
  readonly instanceId?: string
}

/** DescribeAddresses: Elastic IPs; never paged. */
export const describeAddresses = operation<DescribeAddressesRequest, DescribeAddressesResult>({
  run: (account, input) => {
    const { PublicIps = [], AllocationIds = [], Filters } = input
    const all: Address[] = [...account.addresses].map(([key, address]) => ({
      ...address,
      allocationId: key.startsWith('eipalloc-') ? key : `eipalloc-0${suffix(address.publicIp)}`,
    }))
    const missing = PublicIps.find((ip) => !all.some(({ publicIp }) => publicIp === ip))
    if (missing !== undefined) throw new ServiceError('InvalidAddress.NotFound', `Address '${missing}' not found.`)
    const asked = all.filter(
      ({ publicIp, allocationId }) =>
        (PublicIps.length === 0 || PublicIps.includes(publicIp)) &&
        (AllocationIds.length === 0 || AllocationIds.includes(allocationId)),
    )
    const shown = filtered(asked, Filters, {
      'allocation-id': ({ allocationId }) => [allocationId],
      domain: () => ['vpc'],
      'instance-id': ({ instanceId }) => [instanceId],
      'public-ip': ({ publicIp }) => [publicIp],
    })
    refuseDryRun(input)
    const Addresses = shown.map(({ publicIp, allocationId, instanceId }) => ({
      PublicIp: publicIp,
      AllocationId: allocationId,
      Domain: 'vpc' as const,
      PublicIpv4Pool: 'amazon',
      NetworkBorderGroup: account.region,
      ...(instanceId === undefined ? {} : { InstanceId: instanceId, AssociationId: `eipassoc-0${suffix(allocationId)}` }),
    }))
    return { Addresses }
  },
  writes: false,
})

/** DescribeNatGateways: the addresses behind which instances without public ones appear. */
export const describeNatGateways = operation<DescribeNatGatewaysRequest, DescribeNatGatewaysResult>({
  run: (account, input) => {
    const { NatGatewayIds = [], Filter, ...paging } = input
    const missing = NatGatewayIds.find((id) => !account.natGateways.has(id))
    if (missing !== undefined) throw new ServiceError('NatGatewayNotFound', `NatGateway ${missing} was not found`)
    const asked = [...account.natGateways.values()].filter(({ id }) => NatGatewayIds.length === 0 || NatGatewayIds.includes(id))
    const shown = filtered(asked, Filter, {
      'nat-gateway-id': ({ id }) => [id],
      state: () => ['available'],
      'subnet-id': ({ subnetId }) => [subnetId],
      'vpc-id': ({ vpcId }) => [vpcId],
    })
    refuseDryRun(input)
    const { items, end } = ec2Page(account, shown, ({ id }) => id, { ...paging, ...{ NatGatewayIds, Filter } })
    const NatGateways = items.map(({ id, publicIp, vpcId, subnetId }) => ({
      NatGatewayId: id,
      State: 'available' as const,
      ConnectivityType: 'public' as const,
      VpcId: vpcId,
      SubnetId: subnetId,
      NatGatewayAddresses: [{ PublicIp: publicIp, IsPrimary: true, Status: 'succeeded' as const }],
    }))
    return { NatGateways, ...end }
  },
  writes: false,
})
