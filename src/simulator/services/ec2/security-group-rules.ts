import type {
  AuthorizeSecurityGroupIngressRequest,
  AuthorizeSecurityGroupIngressResult,
  DescribeSecurityGroupRulesRequest,
  DescribeSecurityGroupRulesResult,
  IpPermission,
} from '@aws-sdk/client-ec2'
import { given } from '../../../incident/values/given.ts'
import type { Account } from '../../account/account.ts'
import { ec2Arn } from '../../account/arns.ts'
import type { SecurityGroupRule } from '../../account/holdings.ts'
import { ServiceError } from '../../call.ts'
import { hexFrom } from '../../random.ts'
import { operation } from '../../service.ts'
import { type FilterFields, filtered } from './filters.ts'
import { ec2Page, refuseDryRun } from './found.ts'
import { securityGroupNamed } from './security-groups.ts'

const answerOf = (account: Account, rule: SecurityGroupRule) => ({
  SecurityGroupRuleId: rule.id,
  GroupId: rule.groupId,
  GroupOwnerId: account.id,
  IsEgress: rule.isEgress,
  IpProtocol: rule.protocol,
  FromPort: rule.fromPort,
  ToPort: rule.toPort,
  ...(rule.cidr.includes(':') ? { CidrIpv6: rule.cidr } : { CidrIpv4: rule.cidr }),
})

/** The members by which rules are asked for, inbound and outbound, to be made and to be taken away. */
type RulesInput = Pick<
  AuthorizeSecurityGroupIngressRequest,
  'GroupId' | 'IpPermissions' | 'IpProtocol' | 'FromPort' | 'ToPort' | 'CidrIp' | 'DryRun'
>

/** Permissions as a list: those asked for one by one, too (`--protocol tcp --port 22 --cidr 203.0.113.0/24`). */
const permissionsAsked = ({ IpPermissions = [], IpProtocol, FromPort, ToPort, CidrIp }: RulesInput): readonly IpPermission[] =>
  CidrIp === undefined
    ? IpPermissions
    : [...IpPermissions, { ...given({ IpProtocol, FromPort, ToPort }), IpRanges: [{ CidrIp }] }]

/** Rules for address ranges: no others are simulated. Throws InvalidParameterValue. */
const rulesAsked = (input: RulesInput, isEgress: boolean): readonly Omit<SecurityGroupRule, 'id'>[] => {
  const rules = permissionsAsked(input).flatMap((permission) => {
    const { IpProtocol: protocol = '-1', IpRanges = [], Ipv6Ranges = [], UserIdGroupPairs = [], PrefixListIds = [] } = permission
    if (UserIdGroupPairs.length + PrefixListIds.length > 0)
      throw new ServiceError('InvalidParameterValue', 'The simulated account knows rules for address ranges only.')
    const ranges = [...IpRanges.map(({ CidrIp = '' }) => CidrIp), ...Ipv6Ranges.map(({ CidrIpv6 = '' }) => CidrIpv6)]
    const { FromPort: fromPort = -1, ToPort: toPort = -1 } = permission
    return ranges.map((cidr) => ({ groupId: input.GroupId ?? '', isEgress, protocol, fromPort, toPort, cidr }))
  })
  if (rules.length === 0) throw new ServiceError('MissingParameter', 'The request names no rule with an address range.')
  return rules
}

const isSameRule = (a: Omit<SecurityGroupRule, 'id'>, b: Omit<SecurityGroupRule, 'id'>): boolean =>
  a.groupId === b.groupId &&
  a.isEgress === b.isEgress &&
  a.protocol === b.protocol &&
  (a.protocol === '-1' || (a.fromPort === b.fromPort && a.toPort === b.toPort)) &&
  a.cidr === b.cidr

const standing = (account: Account, asked: Omit<SecurityGroupRule, 'id'>): SecurityGroupRule | undefined =>
  [...account.securityGroupRules.values()].find((rule) => isSameRule(rule, asked))

const ruleWritten = ({ SecurityGroupRuleId, GroupId, ...rule }: ReturnType<typeof answerOf>) => ({
  groupOwnerId: rule.GroupOwnerId,
  groupId: GroupId,
  securityGroupRuleId: SecurityGroupRuleId,
  isEgress: rule.IsEgress,
  ipProtocol: rule.IpProtocol,
  fromPort: rule.FromPort,
  toPort: rule.ToPort,
  ...('CidrIpv6' in rule ? { cidrIpv6: rule.CidrIpv6 } : { cidrIpv4: rule.CidrIpv4 }),
})

const permissionsWritten = (input: RulesInput) => ({
  items: permissionsAsked(input).map(({ IpProtocol, FromPort, ToPort, IpRanges = [], Ipv6Ranges = [] }) => ({
    ipProtocol: IpProtocol,
    fromPort: FromPort,
    toPort: ToPort,
    groups: {},
    ipRanges: { items: IpRanges.map(({ CidrIp }) => ({ cidrIp: CidrIp })) },
    ipv6Ranges: Ipv6Ranges.length > 0 ? { items: Ipv6Ranges.map(({ CidrIpv6 }) => ({ cidrIpv6: CidrIpv6 })) } : {},
    prefixListIds: {},
  })),
})

const onGroup =
  (action: string) =>
  (account: Account, { GroupId = '*' }: Pick<RulesInput, 'GroupId'>) => [
    { action: `ec2:${action}`, resource: ec2Arn(account, 'security-group', GroupId) },
  ]

const authorizes = (action: string, isEgress: boolean) =>
  operation<RulesInput, AuthorizeSecurityGroupIngressResult>({
    authorize: onGroup(action),
    run: (account, input) => {
      securityGroupNamed(account, input.GroupId)
      const asked = rulesAsked(input, isEgress)
      if (asked.some((rule) => standing(account, rule)))
        throw new ServiceError('InvalidPermission.Duplicate', 'the specified rule already exists')
      refuseDryRun(input)
      const rules = asked.map((rule) => ({ ...rule, id: `sgr-0${hexFrom(account.random, 16)}` }))
      for (const rule of rules) account.securityGroupRules.set(rule.id, rule)
      return { Return: true, SecurityGroupRules: rules.map((rule) => answerOf(account, rule)) }
    },
    writes: true,
    written: (input, output) => {
      const rules = (output?.SecurityGroupRules ?? []) as readonly ReturnType<typeof answerOf>[]
      return {
        request: { groupId: input.GroupId, ipPermissions: permissionsWritten(input) },
        ...given({ response: output ? { _return: true, securityGroupRuleSet: { items: rules.map(ruleWritten) } } : undefined }),
      }
    },
  })

/** AuthorizeSecurityGroupIngress: the rules are kept and listed; what comes in is filtered by none. */
export const authorizeSecurityGroupIngress = authorizes('AuthorizeSecurityGroupIngress', false)

/** AuthorizeSecurityGroupEgress: an instance all of whose groups let nothing out reaches nothing. */
export const authorizeSecurityGroupEgress = authorizes('AuthorizeSecurityGroupEgress', true)

const ruleNamed = (account: Account, id: string): SecurityGroupRule => {
  const rule = account.securityGroupRules.get(id)
  if (!rule) throw new ServiceError('InvalidSecurityGroupRuleId.NotFound', `The security group rule ID '${id}' does not exist`)
  return rule
}

interface RevokingInput extends RulesInput {
  readonly SecurityGroupRuleIds?: string[] | undefined
}

/** The rules to take away, by their ids or as they were made. Throws InvalidPermission.NotFound for one that the group does not have. */
const rulesToRevoke = (account: Account, input: RevokingInput, isEgress: boolean): readonly SecurityGroupRule[] => {
  const { SecurityGroupRuleIds = [] } = input
  if (SecurityGroupRuleIds.length > 0) return SecurityGroupRuleIds.map((id) => ruleNamed(account, id))
  return rulesAsked(input, isEgress).map((asked) => {
    const rule = standing(account, asked)
    if (rule) return rule
    throw new ServiceError('InvalidPermission.NotFound', 'The specified rule does not exist in this security group.')
  })
}

const revokes = (action: string, isEgress: boolean) =>
  operation<RevokingInput, object>({
    authorize: onGroup(action),
    run: (account, input) => {
      securityGroupNamed(account, input.GroupId)
      const rules = rulesToRevoke(account, input, isEgress)
      refuseDryRun(input)
      for (const { id } of rules) account.securityGroupRules.delete(id)
      return { Return: true }
    },
    writes: true,
  })

/** RevokeSecurityGroupIngress, by the rules' ids or as they were made. */
export const revokeSecurityGroupIngress = revokes('RevokeSecurityGroupIngress', false)

/** RevokeSecurityGroupEgress, likewise. */
export const revokeSecurityGroupEgress = revokes('RevokeSecurityGroupEgress', true)

const fields: FilterFields<SecurityGroupRule> = {
  'group-id': ({ groupId }) => [groupId],
  'security-group-rule-id': ({ id }) => [id],
}

/** DescribeSecurityGroupRules. Throws InvalidSecurityGroupRuleId.NotFound for an id that there is not. */
export const describeSecurityGroupRules = operation<DescribeSecurityGroupRulesRequest, DescribeSecurityGroupRulesResult>({
  run: (account, input) => {
    const { SecurityGroupRuleIds = [], Filters } = input
    const asked =
      SecurityGroupRuleIds.length > 0
        ? SecurityGroupRuleIds.map((id) => ruleNamed(account, id))
        : [...account.securityGroupRules.values()]
    refuseDryRun(input)
    const { items, end } = ec2Page(account, filtered(asked, Filters, fields), ({ id }) => id, input)
    return { SecurityGroupRules: items.map((rule) => answerOf(account, rule)), ...end }
  },
  writes: false,
})
