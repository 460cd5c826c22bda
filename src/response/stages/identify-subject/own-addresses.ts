import { DescribeAddressesCommand, DescribeNatGatewaysCommand } from '@aws-sdk/client-ec2'
import { unreadReason } from '../../../aws/failure.ts'
import { allPages } from '../../../aws/pager.ts'
import type { CallerAddress, CallerOrigin } from '../../../incident/facts/subject.ts'
import { given } from '../../../incident/values/given.ts'
import type { Context } from '../../stage.ts'
import { type CallerClues, judgeCaller, type OwnAddress } from './caller.ts'
import type { LocatedInstance } from './resources.ts'

/** From where the calls came, seen from the account, and how much of the account was looked at for that. */
export interface CallerLook {
  readonly caller: CallerAddress
  readonly ownAddresses: readonly string[]
  /** The Regions whose NAT gateways and Elastic IPs were all read. */
  readonly addressRegions: readonly string[]
  /** Which addresses of the account were not read, a sentence each. */
  readonly addressGaps: readonly string[]
}

/**
 * From which address the calls came, and which addresses are the account's own, in every Region that can be read. A call from the
 * instance's own address means that the attacker is on the instance and gets the new credentials too; one from another address of the
 * account may be a false alarm. An address that no list has is not shown to be an attacker's: a way out need not be in any list.
 */
export const callerAddress = async (clues: CallerClues, located: LocatedInstance, context: Context): Promise<CallerLook> => {
  const regions = [...new Set([located.region, ...context.regions])]
  const looks = await Promise.all(regions.map(async (region) => addressesIn(region, located, context)))
  const own = [...ofInstance(located), ...looks.flatMap(({ own }) => own)]
  const ownAddresses = [...new Set(own.map((address) => address.ip))]
  const addressGaps = looks.flatMap(({ gaps }) => gaps)
  const addressRegions = looks.filter(({ gaps }) => gaps.length === 0).map(({ region }) => region)
  return { caller: judgeCaller(clues, own), ownAddresses, addressRegions, addressGaps }
}

/** All addresses of the instance: a call may leave by any interface, and by any of an interface's addresses. */
const ofInstance = ({ instance }: LocatedInstance): readonly OwnAddress[] => {
  if (!instance) return []
  const { PublicIpAddress, PrivateIpAddress, Ipv6Address, NetworkInterfaces = [] } = instance
  const ofInterfaces = NetworkInterfaces.flatMap(({ Ipv6Addresses = [], PrivateIpAddresses = [] }) => [
    ...Ipv6Addresses.map((address) => address.Ipv6Address),
    ...PrivateIpAddresses.flatMap((address) => [address.PrivateIpAddress, address.Association?.PublicIp]),
  ])
  return [PublicIpAddress, PrivateIpAddress, Ipv6Address, ...ofInterfaces]
    .filter((ip) => ip !== undefined)
    .map((ip) => ({ ip, origin: 'instance' }))
}

/** The account's own addresses in one Region: NAT gateways first, because a gateway's address is an Elastic IP as well. */
const addressesIn = async (region: string, located: LocatedInstance, context: Context) => {
  const [gateways, elastic] = await Promise.all([
    listed(`addresses of NAT gateways in ${region}`, 'ec2:DescribeNatGateways', () => natGateways(region, context)),
    listed(`Elastic IPs in ${region}`, 'ec2:DescribeAddresses', () => elasticIps(region, located, context)),
  ])
  return { region, own: [...gateways.own, ...elastic.own], gaps: [...gateways.gaps, ...elastic.gaps] }
}

interface Listed {
  readonly own: readonly OwnAddress[]
  readonly gaps: readonly string[]
}

/** A list that the run can do without: what of it was not read becomes a sentence. */
const listed = async (
  what: string,
  operation: string,
  read: () => Promise<{ readonly own: readonly OwnAddress[]; readonly incomplete?: string }>,
): Promise<Listed> => {
  try {
    const { own, incomplete } = await read()
    return { own, gaps: incomplete === undefined ? [] : [`${what}: not all known: ${operation}: ${incomplete}`] }
  } catch (error) {
    const why = unreadReason(error)
    if (why === undefined) throw error
    return { own: [], gaps: [`${what}: not known: ${operation} ${why}`] }
  }
}

const natGateways = async (region: string, context: Context) => {
  const { items, incomplete } = await allPages(async (NextToken) => {
    const answer = await context.aws(region).ec2.send(new DescribeNatGatewaysCommand({ NextToken }))
    return { items: answer.NatGateways, next: answer.NextToken }
  })
  const own = items.flatMap(({ NatGatewayAddresses, NatGatewayId }) =>
    (NatGatewayAddresses ?? []).flatMap(({ PublicIp }) =>
      PublicIp ? [{ ip: PublicIp, origin: 'nat-gateway' as const, ...given({ resource: NatGatewayId || undefined }) }] : [],
    ),
  )
  return { own, ...given({ incomplete }) }
}

const elasticIps = async (region: string, { instance }: LocatedInstance, context: Context) => {
  const { Addresses } = await context.aws(region).ec2.send(new DescribeAddressesCommand({}))
  const own = (Addresses ?? []).flatMap(({ PublicIp, InstanceId }) => {
    if (!PublicIp) return []
    const origin: CallerOrigin = instance && InstanceId === instance.InstanceId ? 'instance' : 'elastic-ip'
    return [{ ip: PublicIp, origin, ...given({ resource: InstanceId || undefined }) }]
  })
  return { own }
}
