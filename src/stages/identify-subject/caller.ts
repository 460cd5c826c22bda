import { DescribeAddressesCommand, DescribeNatGatewaysCommand } from '@aws-sdk/client-ec2'
import { allPages } from '../../aws/pager.ts'
import type { CallerAddress } from '../../incident/subject.ts'
import type { Context } from '../../runbook/stage.ts'
import type { LocatedInstance } from './resources.ts'

/**
 * Whose address the calls came from. The instance's own means that the intruder sits on it, and that new credentials are
 * his too; an address of the account may be a false alarm. Only a foreign one is a copied key.
 */
export const callerAddress = async (
  ip: string | undefined,
  { instance, region }: LocatedInstance,
  context: Context,
): Promise<CallerAddress> => {
  if (!ip) return { origin: 'unknown' }
  const own = [instance.PublicIpAddress, instance.PrivateIpAddress, instance.Ipv6Address]
  if (own.includes(ip)) return { ip, origin: 'instance' }
  const nat = await natGatewayWith(ip, region, context)
  if (nat) return { ip, origin: 'nat-gateway', resource: nat }
  const { Addresses } = await context.aws(region).ec2.send(new DescribeAddressesCommand({}))
  const elastic = Addresses?.find(({ PublicIp }) => PublicIp === ip)
  if (!elastic) return { ip, origin: 'foreign' }
  if (elastic.InstanceId === instance.InstanceId) return { ip, origin: 'instance' }
  return { ip, origin: 'elastic-ip', ...(elastic.InstanceId ? { resource: elastic.InstanceId } : {}) }
}

const natGatewayWith = async (ip: string, region: string, context: Context): Promise<string | undefined> => {
  const { items } = await allPages(async (NextToken) => {
    const answer = await context.aws(region).ec2.send(new DescribeNatGatewaysCommand({ NextToken }))
    return { items: answer.NatGateways, next: answer.NextToken }
  })
  return items.find(({ NatGatewayAddresses }) => NatGatewayAddresses?.some(({ PublicIp }) => PublicIp === ip))?.NatGatewayId
}
