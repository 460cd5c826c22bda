import {
  type AutoScalingGroup,
  DescribeAutoScalingGroupsCommand,
  DescribeInstanceRefreshesCommand,
  type InstanceRefresh,
} from '@aws-sdk/client-auto-scaling'
import { DescribeInstanceAttributeCommand, DescribeInstancesCommand, type Instance } from '@aws-sdk/client-ec2'
import { wholeList } from '../../../aws/pager.ts'
import type { ScalingGroupBefore } from '../../../incident/facts/renewal-fact.ts'
import { given } from '../../../incident/values/given.ts'
import type { Context } from '../../stage.ts'
import { readOr, type Unread } from '../optional-read.ts'

/** An Auto Scaling group with its members, as AWS shows them now. */
export interface SeenGroup {
  readonly name: string
  readonly minSize: number
  readonly desired: number
  /** Of the processes that are suspended, the names. */
  readonly suspended: readonly string[]
  readonly members: readonly SeenMember[]
  readonly refreshes: readonly InstanceRefresh[]
  /** Whether the subject is protected against termination; undefined where EC2 does not say. */
  readonly isProtected?: boolean
  readonly unread: readonly string[]
}

interface SeenMember {
  readonly id: string
  readonly lifecycle: string
  readonly launchTime?: Date
  readonly state?: string
}

/** A group's name as it can stand in a command; undefined for one that cannot. */
export const plainGroupName = (name: string): string | undefined => (/^[\w+=,.@:/ -]{1,255}$/.test(name) ? name : undefined)

/** Looks at a group. Undefined where Auto Scaling does not show it. Throws what the SDK throws for the group itself. */
export const seeGroup = async (
  { name, instanceId, region }: { readonly name: string; readonly instanceId: string; readonly region: string },
  context: Context,
): Promise<SeenGroup | undefined> => {
  const { autoscaling, ec2 } = context.aws(region)
  const { AutoScalingGroups = [] } = await autoscaling.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
  )
  const [group] = AutoScalingGroups
  if (!group) return undefined
  const unread: Unread = []
  const instances = await readOr(
    unread,
    { what: 'since when the members run', operation: 'ec2:DescribeInstances', otherwise: [] },
    () => membersIn(group, region, context),
  )
  const refreshes = await readOr(
    unread,
    {
      what: 'whether an instance refresh replaces the members',
      operation: 'autoscaling:DescribeInstanceRefreshes',
      otherwise: [],
    },
    async () =>
      (await autoscaling.send(new DescribeInstanceRefreshesCommand({ AutoScalingGroupName: name }))).InstanceRefreshes ?? [],
  )
  const attribute = { InstanceId: instanceId, Attribute: 'disableApiTermination' as const }
  const protection = await readOr(
    unread,
    {
      what: `whether ${instanceId} is protected against termination`,
      operation: 'ec2:DescribeInstanceAttribute',
      otherwise: undefined,
    },
    async () => (await ec2.send(new DescribeInstanceAttributeCommand(attribute))).DisableApiTermination?.Value === true,
  )
  return { ...sizesOf(group), members: withTimes(group, instances), refreshes, unread, ...given({ isProtected: protection }) }
}

const sizesOf = ({ AutoScalingGroupName = '', MinSize = 0, DesiredCapacity = 0, SuspendedProcesses = [] }: AutoScalingGroup) => ({
  name: AutoScalingGroupName,
  minSize: MinSize,
  desired: DesiredCapacity,
  suspended: SuspendedProcesses.flatMap(({ ProcessName }) => ProcessName ?? []),
})

const membersIn = ({ Instances = [] }: AutoScalingGroup, region: string, context: Context): Promise<readonly Instance[]> => {
  const ids = Instances.flatMap(({ InstanceId }) => InstanceId ?? [])
  if (ids.length === 0) return Promise.resolve([])
  // A filter finds what is there; a request by ids fails as soon as one of them is gone.
  const Filters = [{ Name: 'instance-id', Values: ids }]
  return wholeList('members', async (NextToken) => {
    const answer = await context.aws(region).ec2.send(new DescribeInstancesCommand({ Filters, NextToken }))
    return { items: answer.Reservations?.flatMap((one) => one.Instances ?? []), next: answer.NextToken }
  })
}

const withTimes = ({ Instances = [] }: AutoScalingGroup, instances: readonly Instance[]): readonly SeenMember[] =>
  Instances.flatMap(({ InstanceId, LifecycleState = 'unknown' }) => {
    const instance = instances.find((one) => one.InstanceId === InstanceId)
    return InstanceId === undefined
      ? []
      : [
          {
            id: InstanceId,
            lifecycle: LifecycleState,
            ...given({ launchTime: instance?.LaunchTime, state: instance?.State?.Name }),
          },
        ]
  })

/** What a group was before anybody responded, as far as the first look shows it. */
export const groupBefore = ({ name, suspended, minSize, desired, members }: SeenGroup): ScalingGroupBefore => ({
  name,
  suspended,
  minSize,
  desired,
  members: members.map(({ id }) => id),
})
