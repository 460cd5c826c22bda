import {
  DescribeAddressesCommand,
  DescribeInstancesCommand,
  type DescribeInstancesCommandInput,
  DescribeNatGatewaysCommand,
  type Instance,
} from '@aws-sdk/client-ec2'
import { GetRoleCommand } from '@aws-sdk/client-iam'
import { emptyAnswer, isNotFound } from '../../../aws/failure.ts'
import { allPages } from '../../../aws/pager.ts'
import type { CallerAddress, CallerOrigin, Role } from '../../../incident/facts/subject.ts'
import type { Finding } from '../../../incident/finding/finding.ts'
import { isSameAddress } from '../../../incident/values/address.ts'
import { DAY_SECONDS } from '../../../incident/values/duration.ts'
import { given } from '../../../incident/values/given.ts'
import { instantOf, plus } from '../../../incident/values/instant.ts'
import { untrusted, untrustedOrNone } from '../../../incident/values/untrusted.ts'
import { issuancesTo } from '../../../investigation/issuance.ts'
import { lookupEvents } from '../../../investigation/sources/lookup-events.ts'
import { type Blocked, blocked, type Context } from '../../stage.ts'
import { whyMissing } from './missing-instance.ts'
import type { NamedPrincipal } from './principal.ts'

/** An instance and the Region where it was found. */
export interface LocatedInstance {
  readonly region: string
  readonly instance: Instance
}

/** The role as IAM has it. Another unique id means that the role was deleted and created again under the same name. */
export const readRole = async (
  finding: Finding,
  { roleName, roleId, accessKeyId }: NamedPrincipal,
  context: Context,
): Promise<Role | Blocked> => {
  try {
    const { Role: role } = await context.aws(finding.region).iam.send(new GetRoleCommand({ RoleName: roleName }))
    if (!role?.RoleId || !role.Arn) throw emptyAnswer('iam:GetRole', 'a role')
    if (role.RoleId !== roleId) {
      return blocked(
        `role ${roleName} now has the id ${role.RoleId}; the finding is about ${roleId}, which no longer exists`,
        `AWS refuses the sessions of a deleted role; see what the key did: \`ir-cred findings --access-key-id ${accessKeyId}\``,
      )
    }
    return {
      name: role.RoleName ?? roleName,
      id: role.RoleId,
      arn: role.Arn,
      path: role.Path ?? '/',
      createdAt: instantOf(role.CreateDate ?? new Date(0)),
      ...given({ description: role.Description ? untrusted(role.Description) : undefined }),
      tags: (role.Tags ?? []).map(({ Key, Value }) => ({
        key: untrusted(Key ?? ''),
        value: untrustedOrNone(Value) ?? untrusted(''),
      })),
    }
  } catch (error) {
    if (!isNotFound(error)) throw error
    return blocked(
      `role ${roleName} does not exist in this account`,
      'check that this is the right account; AWS refuses the sessions of a deleted role',
    )
  }
}

/** The instance, looked for first where the finding is, then in the other Regions. */
export const findInstance = async (
  instanceId: string,
  finding: Finding,
  context: Context,
): Promise<LocatedInstance | Blocked> => {
  let terminated = false
  for (const region of new Set([finding.region, ...context.regions])) {
    const instance = await describeInstance(context, region, instanceId)
    if (instance && instance.State?.Name !== 'terminated') return { region, instance }
    terminated ||= instance !== undefined
  }
  const where = [...new Set([finding.region, ...context.regions])].join(', ')
  return blocked(
    `${terminated ? `instance ${instanceId} is terminated` : `EC2 does not show instance ${instanceId} in ${where}`}: ${await whyMissing(instanceId, finding.region, context)}`,
    'if it was terminated, its credentials work until they expire: in IAM, open the role and choose Revoke sessions; if it is in another Region, name the Region with --region',
  )
}

/** The instance as EC2 describes it now; undefined when EC2 does not know it there. An empty answer is asked for once more, by a filter. */
export const describeInstance = async (context: Context, region: string, instanceId: string): Promise<Instance | undefined> => {
  const { ec2 } = context.aws(region)
  const look = async (by: DescribeInstancesCommandInput): Promise<Instance | undefined> => {
    const { Reservations } = await ec2.send(new DescribeInstancesCommand(by))
    return Reservations?.flatMap(({ Instances }) => Instances ?? []).find(({ InstanceId }) => InstanceId === instanceId)
  }
  try {
    const byFilter = { Filters: [{ Name: 'instance-id', Values: [instanceId] }] }
    return (await look({ InstanceIds: [instanceId] })) ?? (await look(byFilter))
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

/** An address of this account, what has it, and what a call from there means. */
interface OwnAddress {
  readonly ip: string
  readonly origin: CallerOrigin
  readonly resource?: string
}

/**
 * From which address the calls came, and which addresses are the account's own. A call from the instance's own address means that the
 * attacker is on the instance and gets the new credentials too; one from another address of the account may be a false alarm. Only a
 * foreign address means a copied key.
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
  return { caller: { ip, origin, ...given({ resource: resource || undefined }) }, ownAddresses }
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
      PublicIp ? [{ ip: PublicIp, origin: 'nat-gateway' as const, ...given({ resource: NatGatewayId || undefined }) }] : [],
    ),
  )
}

const elasticIps = async ({ instance, region }: LocatedInstance, context: Context): Promise<readonly OwnAddress[]> => {
  const { Addresses } = await context.aws(region).ec2.send(new DescribeAddressesCommand({}))
  return (Addresses ?? []).flatMap(({ PublicIp, InstanceId }) => {
    if (!PublicIp) return []
    const origin: CallerOrigin = InstanceId === instance.InstanceId ? 'instance' : 'elastic-ip'
    return [{ ip: PublicIp, origin, ...given({ resource: InstanceId || undefined }) }]
  })
}

/** What CloudTrail shows of the keys: when and how the stolen one was issued, and which others the instance got in the last two days. */
export const keyHistory = async ({ accessKeyId, instanceId }: NamedPrincipal, region: string, context: Context) => {
  const { cloudtrail } = context.aws(region)
  const window = { from: plus(context.now(), -90 * DAY_SECONDS), until: context.now() }
  const one = { pages: 1, items: 50 }
  const used = await lookupEvents(cloudtrail, region, { attribute: 'AccessKeyId', value: accessKeyId, ...window }, one)
  const dated = used.records.find(({ issuedAt }) => issuedAt !== undefined)
  const lately = { from: plus(context.now(), -2 * DAY_SECONDS), until: context.now() }
  const issued = await lookupEvents(cloudtrail, region, { attribute: 'ResourceName', value: instanceId, ...lately })
  return {
    issuedAt: dated?.issuedAt,
    delivery: dated?.delivery,
    issued: issuancesTo(instanceId, issued.records),
  }
}
