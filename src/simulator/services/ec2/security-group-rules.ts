import type {
  AuthorizeSecurityGroupIngressRequest,
  AuthorizeSecurityGroupIngressResult,
  DescribeSecurityGroupRulesRequest,
  DescribeSecurityGroupRulesResult,
  RevokeSecurityGroupIngressRequest,
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

/** Every network has one group, named after it. */
const groupNamed = (account: Account, id = ''): string => {
  const isKnown = [...account.instances.values()].some(({ vpcId }) => vpcId.replace('vpc-', 'sg-') === id)
  if (isKnown) return id
  throw new ServiceError('InvalidGroup.NotFound', `The security group '${id}' does not exist`)
}

const answerOf = (account: Account, rule: SecurityGroupRule) => ({
  SecurityGroupRuleId: rule.id,
  GroupId: rule.groupId,
  GroupOwnerId: account.id,
  IsEgress: rule.isEgress,
  IpProtocol: rule.protocol,
  FromPort: rule.fromPort,
  ToPort: rule.toPort,
  CidrIpv4: rule.cidr,
})

const rulesAsked = (account: Account, input: AuthorizeSecurityGroupIngressRequest): readonly SecurityGroupRule[] =>
  (input.IpPermissions ?? []).flatMap(({ IpProtocol = '-1', FromPort = -1, ToPort = -1, IpRanges = [] }) =>
    IpRanges.map(({ CidrIp = '' }) => ({
      id: `sgr-0${hexFrom(account.random, 16)}`,
      groupId: input.GroupId ?? '',
      isEgress: false,
      protocol: IpProtocol,
      fromPort: FromPort,
      toPort: ToPort,
      cidr: CidrIp,
    })),
  )

const ruleWritten = ({ SecurityGroupRuleId, GroupId, ...rule }: ReturnType<typeof answerOf>) => ({
  groupOwnerId: rule.GroupOwnerId,
  groupId: GroupId,
  securityGroupRuleId: SecurityGroupRuleId,
  isEgress: rule.IsEgress,
  ipProtocol: rule.IpProtocol,
  fromPort: rule.FromPort,
  toPort: rule.ToPort,
  cidrIpv4: rule.CidrIpv4,
})

const permissionsWritten = ({ IpPermissions = [] }: AuthorizeSecurityGroupIngressRequest) => ({
  items: IpPermissions.map(({ IpProtocol, FromPort, ToPort, IpRanges = [] }) => ({
    ipProtocol: IpProtocol,
    fromPort: FromPort,
    toPort: ToPort,
    groups: {},
    ipRanges: { items: IpRanges.map(({ CidrIp }) => ({ cidrIp: CidrIp })) },
    ipv6Ranges: {},
    prefixListIds: {},
  })),
})

/** AuthorizeSecurityGroupIngress: the rules are kept; nothing in the account looks at them but DescribeSecurityGroupRules. */
export const authorizeSecurityGroupIngress = operation<AuthorizeSecurityGroupIngressRequest, AuthorizeSecurityGroupIngressResult>(
  {
    authorize: (account, { GroupId = '*' }) => [
      { action: 'ec2:AuthorizeSecurityGroupIngress', resource: ec2Arn(account, 'security-group', GroupId) },
    ],
    run: (account, input) => {
      groupNamed(account, input.GroupId)
      refuseDryRun(input)
      const rules = rulesAsked(account, input)
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
  },
)

const ruleNamed = (account: Account, id: string): SecurityGroupRule => {
  const rule = account.securityGroupRules.get(id)
  if (!rule) throw new ServiceError('InvalidSecurityGroupRuleId.NotFound', `The security group rule ID '${id}' does not exist`)
  return rule
}

/** RevokeSecurityGroupIngress, by the rules' ids. */
export const revokeSecurityGroupIngress = operation<RevokeSecurityGroupIngressRequest, object>({
  authorize: (account, { GroupId = '*' }) => [
    { action: 'ec2:RevokeSecurityGroupIngress', resource: ec2Arn(account, 'security-group', GroupId) },
  ],
  run: (account, input) => {
    groupNamed(account, input.GroupId)
    const rules = (input.SecurityGroupRuleIds ?? []).map((id) => ruleNamed(account, id))
    refuseDryRun(input)
    for (const { id } of rules) account.securityGroupRules.delete(id)
    return { Return: true }
  },
  writes: true,
})

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
