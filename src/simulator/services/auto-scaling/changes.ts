import type {
  DescribeInstanceRefreshesAnswer,
  DescribeInstanceRefreshesType,
  EnterStandbyAnswer,
  EnterStandbyQuery,
  ExitStandbyAnswer,
  ExitStandbyQuery,
  InstanceRefresh as InstanceRefreshAnswer,
  ScalingProcessQuery,
  StartInstanceRefreshAnswer,
  StartInstanceRefreshType,
  UpdateAutoScalingGroupType,
} from '@aws-sdk/client-auto-scaling'
import { SECOND_MS } from '../../../incident/values/duration.ts'
import { given } from '../../../incident/values/given.ts'
import type { Account, Instance } from '../../account/account.ts'
import type { InstanceRefresh, ScalingGroup } from '../../account/compute.ts'
import { timeIn } from '../../agenda.ts'
import { ServiceError } from '../../call.ts'
import { terminate, terminateAndReplace } from '../../instances/lifecycle.ts'
import { uuidFrom } from '../../records/record.ts'
import { type Authorization, operation } from '../../service.ts'
import { membersOf } from './members.ts'

const invalid = (message: string): ServiceError => new ServiceError('ValidationError', message)

const groupNamed = (account: Account, name = ''): ScalingGroup => {
  const group = account.autoScalingGroups.get(name)
  if (group) return group
  throw invalid(`AutoScalingGroup name not found - AutoScalingGroup '${name}' not found`)
}

const groupArn = (account: Account, name: string): string =>
  `arn:${account.partition}:autoscaling:${account.region}:${account.id}:autoScalingGroup:*:autoScalingGroupName/${name}`

const onGroup =
  (action: string) =>
  (account: Account, { AutoScalingGroupName = '' }: { readonly AutoScalingGroupName?: string | undefined }): Authorization[] => [
    { action: `autoscaling:${action}`, resource: groupArn(account, AutoScalingGroupName) },
  ]

/** "Suspend and resume Amazon EC2 Auto Scaling processes": all of them where none is named. */
const PROCESSES = [
  ...['Launch', 'Terminate', 'AddToLoadBalancer', 'AlarmNotification', 'AZRebalance', 'HealthCheck', 'InstanceRefresh'],
  ...['ReplaceUnhealthy', 'ScheduledActions'],
]

const processesIn = ({ ScalingProcesses = [] }: ScalingProcessQuery): readonly string[] => {
  const unknown = ScalingProcesses.find((one) => !PROCESSES.includes(one))
  if (unknown !== undefined) throw invalid(`${unknown} is not a valid scaling process`)
  return ScalingProcesses.length === 0 ? PROCESSES : ScalingProcesses
}

const replaceGroup = (account: Account, group: ScalingGroup, parts: Partial<ScalingGroup>): void => {
  account.autoScalingGroups.set(group.name, { ...group, ...parts })
}

const suspendProcesses = operation<ScalingProcessQuery, object>({
  authorize: onGroup('SuspendProcesses'),
  run: (account, input) => {
    const group = groupNamed(account, input.AutoScalingGroupName)
    replaceGroup(account, group, { suspended: new Set([...(group.suspended ?? []), ...processesIn(input)]) })
    return {}
  },
  writes: true,
})

const resumeProcesses = operation<ScalingProcessQuery, object>({
  authorize: onGroup('ResumeProcesses'),
  run: (account, input) => {
    const group = groupNamed(account, input.AutoScalingGroupName)
    const resumed = processesIn(input)
    replaceGroup(account, group, { suspended: new Set([...(group.suspended ?? [])].filter((one) => !resumed.includes(one))) })
    return {}
  },
  writes: true,
})

const memberNamed = (account: Account, group: ScalingGroup, id: string): Instance => {
  const member = membersOf(account, group.name).find((one) => one.id === id)
  if (member) return member
  throw invalid(`The instance ${id} is not part of Auto Scaling group ${group.name}.`)
}

const enterStandby = operation<EnterStandbyQuery, EnterStandbyAnswer>({
  authorize: onGroup('EnterStandby'),
  run: (account, { AutoScalingGroupName, InstanceIds = [], ShouldDecrementDesiredCapacity }) => {
    const group = groupNamed(account, AutoScalingGroupName)
    const members = InstanceIds.map((id) => memberNamed(account, group, id))
    const desired = group.desired - (ShouldDecrementDesiredCapacity ? members.length : 0)
    if (desired < group.minSize)
      throw invalid(
        `AutoScalingGroup ${group.name} has min-size=${group.minSize} and desired-size=${group.desired}. To place into standby ${members.length} instance, the desired-size must be at least ${group.minSize + members.length}.`,
      )
    replaceGroup(account, group, { desired })
    for (const member of members) member.inStandby = true
    return { Activities: [] }
  },
  writes: true,
})

const exitStandby = operation<ExitStandbyQuery, ExitStandbyAnswer>({
  authorize: onGroup('ExitStandby'),
  run: (account, { AutoScalingGroupName, InstanceIds = [] }) => {
    const group = groupNamed(account, AutoScalingGroupName)
    const members = InstanceIds.map((id) => memberNamed(account, group, id)).filter(({ inStandby }) => inStandby)
    replaceGroup(account, group, { desired: group.desired + members.length })
    for (const member of members) delete member.inStandby
    return { Activities: [] }
  },
  writes: true,
})

const updateAutoScalingGroup = operation<UpdateAutoScalingGroupType, object>({
  authorize: onGroup('UpdateAutoScalingGroup'),
  run: (account, { AutoScalingGroupName, MinSize, DesiredCapacity, ...others }) => {
    const [other] = Object.entries(others).filter(([, value]) => value !== undefined)
    if (other) throw invalid(`The simulated account does not change ${other[0]} of a group.`)
    const group = groupNamed(account, AutoScalingGroupName)
    replaceGroup(account, group, given({ minSize: MinSize, desired: DesiredCapacity }))
    return {}
  },
  writes: true,
})

/** Seconds from the start of a refresh until its members are replaced, and until it is over. */
const REPLACES_AFTER = 30
const ENDS_AFTER = 120

/** Whether a refresh waits for members in standby, as it does unless it ignores them. */
const isHeldUp = (account: Account, group: ScalingGroup, { Preferences }: StartInstanceRefreshType): boolean =>
  (Preferences?.StandbyInstances ?? 'Wait') === 'Wait' && membersOf(account, group.name).some(({ inStandby }) => inStandby)

/** With Launch or Terminate suspended a refresh replaces nothing. */
const replaceMembers = (account: Account, name: string, { Preferences }: StartInstanceRefreshType): void => {
  const { suspended } = groupNamed(account, name)
  if (suspended?.has('Launch') || suspended?.has('Terminate')) return
  for (const member of membersOf(account, name)) {
    if (!member.inStandby) terminateAndReplace(account, member)
    else if (Preferences?.StandbyInstances === 'Terminate') terminate(account, member)
  }
}

const startInstanceRefresh = operation<StartInstanceRefreshType, StartInstanceRefreshAnswer>({
  authorize: onGroup('StartInstanceRefresh'),
  run: (account, input) => {
    const group = groupNamed(account, input.AutoScalingGroupName)
    if (group.refreshes?.some(({ endedAt }) => endedAt === undefined))
      throw new ServiceError(
        'InstanceRefreshInProgress',
        'An Instance Refresh is already in progress and blocks the execution of this request.',
      )
    const refresh: InstanceRefresh = { id: uuidFrom(account.random), startedAt: timeIn(account), percentage: 0 }
    replaceGroup(account, group, { refreshes: [...(group.refreshes ?? []), refresh] })
    if (isHeldUp(account, group, input)) return { InstanceRefreshId: refresh.id }
    account.agenda.add(timeIn(account) + REPLACES_AFTER * SECOND_MS, () => replaceMembers(account, group.name, input))
    account.agenda.add(timeIn(account) + ENDS_AFTER * SECOND_MS, () => {
      refresh.endedAt = timeIn(account)
      refresh.percentage = 100
    })
    return { InstanceRefreshId: refresh.id }
  },
  writes: true,
})

const describeInstanceRefreshes = operation<DescribeInstanceRefreshesType, DescribeInstanceRefreshesAnswer>({
  run: (account, { AutoScalingGroupName, InstanceRefreshIds = [] }) => {
    const { name, refreshes = [] } = groupNamed(account, AutoScalingGroupName)
    return {
      InstanceRefreshes: refreshes
        .filter(({ id }) => InstanceRefreshIds.length === 0 || InstanceRefreshIds.includes(id))
        .map((one) => refreshAnswer(name, one))
        .reverse(),
    }
  },
  writes: false,
})

const refreshAnswer = (
  AutoScalingGroupName: string,
  { id, startedAt, endedAt, percentage }: InstanceRefresh,
): InstanceRefreshAnswer => ({
  AutoScalingGroupName,
  InstanceRefreshId: id,
  Status: endedAt === undefined ? 'InProgress' : 'Successful',
  StartTime: new Date(startedAt),
  PercentageComplete: percentage,
  ...given({ EndTime: endedAt === undefined ? undefined : new Date(endedAt) }),
})

export const groupChanges = {
  SuspendProcesses: suspendProcesses,
  ResumeProcesses: resumeProcesses,
  EnterStandby: enterStandby,
  ExitStandby: exitStandby,
  UpdateAutoScalingGroup: updateAutoScalingGroup,
  StartInstanceRefresh: startInstanceRefresh,
  DescribeInstanceRefreshes: describeInstanceRefreshes,
}
