import type {
  AutoScalingGroup,
  AutoScalingGroupNamesType,
  AutoScalingGroupsType,
  AutoScalingInstanceDetails,
  AutoScalingInstancesType,
  DescribeAutoScalingInstancesType,
} from '@aws-sdk/client-auto-scaling'
import { given } from '../../incident/values/given.ts'
import type { Account, Instance } from '../account/account.ts'
import type { ScalingGroup } from '../account/compute.ts'
import { regional } from '../account/regional.ts'
import { ServiceError } from '../call.ts'
import { pageOf } from '../page.ts'
import { operation, type Service } from '../service.ts'
import { groupChanges } from './auto-scaling/changes.ts'
import { membersOf } from './auto-scaling/members.ts'

const GROUPS_MADE = Date.UTC(2025, 2, 11, 9, 0, 0)

const invalidToken = (): ServiceError => new ServiceError('InvalidNextToken', 'The NextToken value is not valid.')

/** "Health checks for instances in an Auto Scaling group": anything but running counts as unhealthy. */
const isHealthy = ({ state }: Instance): boolean => state === 'running' || state === 'pending'

const lifecycleState = ({ state, inStandby }: Instance): string => {
  if (inStandby) return 'Standby'
  if (state === 'pending') return 'Pending'
  return state === 'shutting-down' ? 'Terminating' : 'InService'
}

const memberAnswer = (instance: Instance): AutoScalingInstanceDetails => ({
  InstanceId: instance.id,
  InstanceType: instance.type,
  AutoScalingGroupName: instance.autoScalingGroup,
  AvailabilityZone: instance.availabilityZone,
  LifecycleState: lifecycleState(instance),
  HealthStatus: isHealthy(instance) ? 'HEALTHY' : 'UNHEALTHY',
  ProtectedFromScaleIn: false,
})

const groupAnswer = (account: Account, { name, minSize, desired, suspended = new Set() }: ScalingGroup): AutoScalingGroup => {
  const members = membersOf(account, name)
  return {
    AutoScalingGroupName: name,
    AutoScalingGroupARN: `arn:${account.partition}:autoscaling:${account.region}:${account.id}:autoScalingGroup:*:autoScalingGroupName/${name}`,
    MinSize: minSize,
    MaxSize: Math.max(desired, minSize) * 2,
    DesiredCapacity: desired,
    DefaultCooldown: 300,
    AvailabilityZones: [...new Set(members.map(({ availabilityZone }) => availabilityZone))].sort(),
    HealthCheckType: 'EC2',
    HealthCheckGracePeriod: 300,
    CreatedTime: new Date(GROUPS_MADE),
    SuspendedProcesses: [...suspended].map((ProcessName) => ({ ProcessName, SuspensionReason: 'User suspended' })),
    Instances: members.map((member) => ({
      InstanceId: member.id,
      InstanceType: member.type,
      AvailabilityZone: member.availabilityZone,
      LifecycleState: lifecycleState(member) as 'InService',
      HealthStatus: isHealthy(member) ? 'Healthy' : 'Unhealthy',
      ProtectedFromScaleIn: false,
    })),
  }
}

const describeAutoScalingInstances = operation<DescribeAutoScalingInstancesType, AutoScalingInstancesType>({
  run: (account, { InstanceIds = [], MaxRecords = 50, NextToken }) => {
    const members = membersOf(account).filter(({ id }) => InstanceIds.length === 0 || InstanceIds.includes(id))
    const size = Math.min(MaxRecords, account.behaviour.pageSize)
    const keyOf = ({ id }: Instance): string => id
    const page = pageOf({ items: members, size, keyOf, token: NextToken, boundTo: { InstanceIds }, refuse: invalidToken })
    return {
      AutoScalingInstances: page.items.map(memberAnswer),
      ...given({ NextToken: page.nextToken }),
    }
  },
  writes: false,
})

const describeAutoScalingGroups = operation<AutoScalingGroupNamesType, AutoScalingGroupsType>({
  run: (account, { AutoScalingGroupNames = [], MaxRecords = 50, NextToken }) => {
    const isMeant = ({ name }: ScalingGroup): boolean =>
      AutoScalingGroupNames.length === 0 || AutoScalingGroupNames.includes(name)
    const groups = [...account.autoScalingGroups.values()].filter(isMeant)
    const size = Math.min(MaxRecords, account.behaviour.pageSize)
    const keyOf = ({ name }: ScalingGroup): string => name
    const boundTo = { AutoScalingGroupNames }
    const page = pageOf({ items: groups, size, keyOf, token: NextToken, boundTo, refuse: invalidToken })
    return {
      AutoScalingGroups: page.items.map((group) => groupAnswer(account, group)),
      ...given({ NextToken: page.nextToken }),
    }
  },
  writes: false,
})

/** EC2 Auto Scaling, as far as a responder asks it what a stopped member would become, and takes a member out of its group. */
export const autoScaling: Service = regional({
  DescribeAutoScalingInstances: describeAutoScalingInstances,
  DescribeAutoScalingGroups: describeAutoScalingGroups,
  ...groupChanges,
})
