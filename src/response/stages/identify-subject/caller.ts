import { DescribeAddressesCommand, DescribeNatGatewaysCommand } from '@aws-sdk/client-ec2'
import { allPages } from '../../../aws/pager.ts'
import type { CallerAddress, CallerOrigin } from '../../../incident/facts/subject.ts'
import { isSameAddress } from '../../../incident/values/address.ts'
import type { Context } from '../../stage.ts'
import type { LocatedInstance } from './resources.ts'

/** An address of this account, whose it is, and what that says of a call from there. */
interface OwnAddress {
  readonly ip: string
  readonly origin: CallerOrigin
  readonly resource?: string
}

/**
 * Whose address the calls came from, and which addresses are the account's own. The instance's own means that the intruder
 * sits on it, and that new credentials are his too; another one of the account may be a false alarm. Only a foreign one is a copied key.
 */
export const callerAddress = async (
  ip: string | undefined,
  located: LocatedInstance,
  context: Context,
): Promise<{ readonly caller: CallerAddress; readonly ownAddresses: readonly string[] }> => {
  const own = [...ofInstance(located), ...(await natGateways(located.region, context)), ...(await elasticIps(located, context))]
  const ownAddresses = [...new Set(own.map((address) => address.ip))]
  if (!ip) return { caller: { origin: 'unknown' }, ownAddresses }
  const { origin = 'foreign', resource } = own.find((address) => isSameAddress(address.ip, ip)) ?? {}
  return { caller: { ip, origin, ...(resource ? { resource } : {}) }, ownAddresses }
}

/** All addresses of the instance: a call may leave by any interface, and by any of an interface's addresses. */
const ofInstance = ({ instance }: LocatedInstance): readonly OwnAddress[] => {
  const { PublicIpAddress, PrivateIpAddress, Ipv6Address, NetworkInterfaces = [] } = instance
  const ofInterfaces = NetworkInterfaces.flatMap(({ Ipv6Addresses = [], PrivateIpAddresses = [] }) => [
    ...Ipv6Addresses.map((address) => address.Ipv6Address),
    ...PrivateIpAddresses.flatMap((address) => [address.PrivateIpAddress, address.Association?.PublicIp]),
  ])
  return [PublicIpAddress, PrivateIpAddress, Ipv6Address, ...ofInterfaces]
    .filter((ip) => ip !== undefined)
    .map((ip) => ({ ip, origin: 'instance' }))
}

const natGateways = async (region: string, context: Context): Promise<readonly OwnAddress[]> => {
  const { items, incomplete } = await allPages(async (NextToken) => {
    const answer = await context.aws(region).ec2.send(new DescribeNatGatewaysCommand({ NextToken }))
    return { items: answer.NatGateways, next: answer.NextToken }
  })
  if (incomplete) context.progress(`the list of NAT gateways is incomplete: ${incomplete}`)
  return items.flatMap(({ NatGatewayAddresses, NatGatewayId }) =>
    (NatGatewayAddresses ?? []).flatMap(({ PublicIp }) =>
      PublicIp ? [{ ip: PublicIp, origin: 'nat-gateway' as const, ...(NatGatewayId ? { resource: NatGatewayId } : {}) }] : [],
    ),
  )
}

const elasticIps = async ({ instance, region }: LocatedInstance, context: Context): Promise<readonly OwnAddress[]> => {
  const { Addresses } = await context.aws(region).ec2.send(new DescribeAddressesCommand({}))
  return (Addresses ?? []).flatMap(({ PublicIp, InstanceId }) => {
    if (!PublicIp) return []
    const origin: CallerOrigin = InstanceId === instance.InstanceId ? 'instance' : 'elastic-ip'
    return [{ ip: PublicIp, origin, ...(InstanceId ? { resource: InstanceId } : {}) }]
  })
}
