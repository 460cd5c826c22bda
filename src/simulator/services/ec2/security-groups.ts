import type {
  CreateSecurityGroupRequest,
  CreateSecurityGroupResult,
  DeleteSecurityGroupRequest,
  DeleteSecurityGroupResult,
  DescribeSecurityGroupsRequest,
  DescribeSecurityGroupsResult,
  IpPermission,
  SecurityGroup as SecurityGroupAnswer,
} from '@aws-sdk/client-ec2'
import type { Account } from '../../account/account.ts'
import { ec2Arn } from '../../account/arns.ts'
import type { SecurityGroup, SecurityGroupRule } from '../../account/holdings.ts'
import { ServiceError } from '../../call.ts'
import { groupIdsOf, groupOfNetwork } from '../../instances/network.ts'
import { hexFrom } from '../../random.ts'
import { operation } from '../../service.ts'
import { type FilterFields, filtered } from './filters.ts'
import { ec2Page, ec2TagList, refuseDryRun } from './found.ts'

/** All groups: each network's own, and those that were made. */
const groupsIn = (account: Account): readonly SecurityGroup[] => {
  const networks = new Set([...account.instances.values()].map(({ vpcId }) => vpcId))
  const own = [...networks].map((vpcId) => {
    const id = groupOfNetwork(vpcId)
    return { id, vpcId, name: 'web', description: 'Group of the network', tags: {} }
  })
  return [...own, ...account.securityGroups.values()]
}

/** A security group by its id. Throws InvalidGroup.NotFound. */
export const securityGroupNamed = (account: Account, id = ''): SecurityGroup => {
  const group = groupsIn(account).find((one) => one.id === id)
  if (!group) throw new ServiceError('InvalidGroup.NotFound', `The security group '${id}' does not exist`)
  return group
}

/** The groups of an instance as its description names them. */
export const namedGroups = (account: Account, ids: readonly string[]): { GroupId: string; GroupName: string }[] =>
  ids.map((id) => ({ GroupId: id, GroupName: account.securityGroups.get(id)?.name ?? 'web' }))

/** An address range as EC2's lists of permissions hold it. */
const permissionOf = ({
  protocol,
  fromPort,
  toPort,
  cidr,
}: Pick<SecurityGroupRule, 'protocol' | 'fromPort' | 'toPort' | 'cidr'>): IpPermission => ({
  IpProtocol: protocol,
  ...(protocol === '-1' ? {} : { FromPort: fromPort, ToPort: toPort }),
  IpRanges: cidr.includes(':') ? [] : [{ CidrIp: cidr }],
  Ipv6Ranges: cidr.includes(':') ? [{ CidrIpv6: cidr }] : [],
  PrefixListIds: [],
  UserIdGroupPairs: [],
})

const EVERYTHING = { protocol: '-1', fromPort: -1, toPort: -1, cidr: '0.0.0.0/0' } as const

const answerOf = (account: Account, { id, name, description, vpcId, tags }: SecurityGroup): SecurityGroupAnswer => {
  const rules = [...account.securityGroupRules.values()].filter(({ groupId }) => groupId === id)
  const ofNetwork = account.securityGroups.has(id) ? [] : [permissionOf(EVERYTHING)]
  return {
    ...{ GroupId: id, GroupName: name, Description: description, VpcId: vpcId, OwnerId: account.id },
    SecurityGroupArn: ec2Arn(account, 'security-group', id),
    IpPermissions: rules.filter(({ isEgress }) => !isEgress).map(permissionOf),
    IpPermissionsEgress: [...ofNetwork, ...rules.filter(({ isEgress }) => isEgress).map(permissionOf)],
    Tags: ec2TagList(tags),
  }
}

const fields: FilterFields<SecurityGroup> = {
  description: ({ description }) => [description],
  'group-id': ({ id }) => [id],
  'group-name': ({ name }) => [name],
  'vpc-id': ({ vpcId }) => [vpcId],
}

/** DescribeSecurityGroups. Throws InvalidGroup.NotFound for an id that there is not. */
export const describeSecurityGroups = operation<DescribeSecurityGroupsRequest, DescribeSecurityGroupsResult>({
  run: (account, input) => {
    const { GroupIds = [], GroupNames = [], Filters } = input
    const asked = GroupIds.length > 0 ? GroupIds.map((id) => securityGroupNamed(account, id)) : groupsIn(account)
    const named = asked.filter(({ name }) => GroupNames.length === 0 || GroupNames.includes(name))
    refuseDryRun(input)
    const { items, end } = ec2Page(
      account,
      filtered(named, Filters, fields, ({ tags }) => tags),
      ({ id }) => id,
      input,
    )
    return { SecurityGroups: items.map((group) => answerOf(account, group)), ...end }
  },
  writes: false,
})

/** CreateSecurityGroup: as on AWS it lets everything out until its outbound rule is revoked, and nothing in. */
export const createSecurityGroup = operation<CreateSecurityGroupRequest, CreateSecurityGroupResult>({
  authorize: (account) => [{ action: 'ec2:CreateSecurityGroup', resource: ec2Arn(account, 'security-group', '*') }],
  run: (account, input) => {
    const { GroupName: name = '', Description: description = '', TagSpecifications = [] } = input
    const vpcId = input.VpcId ?? [...account.instances.values()][0]?.vpcId ?? ''
    if (groupsIn(account).some((group) => group.vpcId === vpcId && group.name === name))
      throw new ServiceError('InvalidGroup.Duplicate', `The security group '${name}' already exists for VPC '${vpcId}'`)
    refuseDryRun(input)
    const tags = Object.fromEntries(
      TagSpecifications.flatMap(({ Tags = [] }) => Tags.map(({ Key = '', Value = '' }): [string, string] => [Key, Value])),
    )
    const id = `sg-0${hexFrom(account.random, 16)}`
    account.securityGroups.set(id, { id, name, description, vpcId, tags })
    const ruleId = `sgr-0${hexFrom(account.random, 16)}`
    account.securityGroupRules.set(ruleId, { ...EVERYTHING, id: ruleId, groupId: id, isEgress: true })
    return { GroupId: id, SecurityGroupArn: ec2Arn(account, 'security-group', id), Tags: ec2TagList(tags) }
  },
  writes: true,
})

/** DeleteSecurityGroup: not while an instance has it. */
export const deleteSecurityGroup = operation<DeleteSecurityGroupRequest, DeleteSecurityGroupResult>({
  authorize: (account, { GroupId = '*' }) => [
    { action: 'ec2:DeleteSecurityGroup', resource: ec2Arn(account, 'security-group', GroupId) },
  ],
  run: (account, input) => {
    const { id } = securityGroupNamed(account, input.GroupId)
    const inUse = [...account.instances.values()].some((instance) => groupIdsOf(instance).includes(id))
    if (inUse) throw new ServiceError('DependencyViolation', `resource ${id} has a dependent object`)
    refuseDryRun(input)
    account.securityGroups.delete(id)
    for (const rule of [...account.securityGroupRules.values()])
      if (rule.groupId === id) account.securityGroupRules.delete(rule.id)
    return { Return: true, GroupId: id }
  },
  writes: true,
})
