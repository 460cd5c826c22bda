import {
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  type TargetGroup,
  type TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { allPages } from '../../../aws/pager.ts'
import type { InstanceDescription, InstanceRadius, TargetGroupUse } from '../../../incident/facts/facts.ts'
import { type Block, text, warning } from '../../../incident/values/block.ts'
import { rawText, untrusted } from '../../../incident/values/untrusted.ts'
import type { Context } from '../../stage.ts'
import { readOr, type Unread } from '../optional-read.ts'

/** A network has few groups as a rule, and each is one request. */
const MOST_GROUPS = 60
const AT_ONCE = 8

/**
 * The target groups of Application, Network and Gateway Load Balancers in which the instance is a target, by its id or its private
 * address ("DescribeTargetHealth"). Classic Load Balancers are not looked at. Undefined where the groups could not be read.
 */
export const targetGroupsOf = async (
  instance: InstanceDescription,
  context: Context,
  unread: Unread,
): Promise<readonly TargetGroupUse[] | undefined> => {
  const { elasticloadbalancing } = context.aws(instance.region)
  const what = `whether load balancers send requests to ${instance.id}`
  const listed = await readOr(
    unread,
    { what, operation: 'elasticloadbalancing:DescribeTargetGroups', otherwise: undefined },
    () =>
      allPages(async (Marker) => {
        const answer = await elasticloadbalancing.send(new DescribeTargetGroupsCommand({ Marker }))
        return { items: answer.TargetGroups, next: answer.NextMarker }
      }),
  )
  if (listed === undefined) return undefined
  const inNetwork = listed.items.filter(({ VpcId }) => !VpcId || !instance.vpcId || VpcId === instance.vpcId)
  const left = inNetwork.length - MOST_GROUPS
  if (left > 0) unread.push(`whether ${instance.id} is a target in ${left} more target groups is not known: they were not asked`)
  if (listed.incomplete) unread.push(`${what} is not known of all target groups: ${listed.incomplete}`)
  const found: TargetGroupUse[] = []
  const failed: Unread = []
  for (let first = 0; first < Math.min(inNetwork.length, MOST_GROUPS); first += AT_ONCE) {
    const groups = inNetwork.slice(first, Math.min(first + AT_ONCE, MOST_GROUPS))
    found.push(...(await Promise.all(groups.map((group) => useOf(group, instance, context, failed)))).flat())
  }
  unread.push(...new Set(failed))
  return found
}

const useOf = async (
  { TargetGroupArn, TargetGroupName = 'of unknown name' }: TargetGroup,
  instance: InstanceDescription,
  context: Context,
  unread: Unread,
): Promise<readonly TargetGroupUse[]> => {
  const asked = {
    what: `whether ${instance.id} is a target of every target group`,
    operation: 'elasticloadbalancing:DescribeTargetHealth',
    otherwise: undefined,
  }
  const answer = await readOr(unread, asked, () =>
    context.aws(instance.region).elasticloadbalancing.send(new DescribeTargetHealthCommand({ TargetGroupArn })),
  )
  const targets = answer?.TargetHealthDescriptions ?? []
  const isOwn = ({ Target }: TargetHealthDescription): boolean =>
    Target?.Id !== undefined && (Target.Id === instance.id || Target.Id === instance.privateIp)
  const own = targets.find(isOwn)
  if (!own) return []
  const others = targets.filter((target) => !isOwn(target) && target.TargetHealth?.State === 'healthy').length
  return [{ name: untrusted(TargetGroupName), state: own.TargetHealth?.State ?? 'unknown', otherHealthyTargets: others }]
}

/** In which target groups the instance is, in a line; undefined where it is in none, or nobody knows. */
export const targetGroupsLine = ({ targetGroups = [] }: InstanceRadius): string | undefined =>
  targetGroups.length === 0
    ? undefined
    : targetGroups.map(({ name, state }) => `target of ${rawText(name)} (${state})`).join(', ')

/** What the stop does to the requests that load balancers send to the instance. */
export const targetGroupBlocks = ({ targetGroups = [], instance: { id } }: InstanceRadius): readonly Block[] =>
  targetGroups.map(({ name, otherHealthyTargets: others }) =>
    others > 0
      ? text(
          `${id} is a target of load balancer target group `,
          name,
          `: while it is stopped, its requests go to the ${others === 1 ? 'other healthy target' : `${others} other healthy targets`}.`,
        )
      : warning(
          `${id} is a target of load balancer target group `,
          name,
          ', which has no other healthy target: its requests fail while the instance is stopped.',
        ),
  )
