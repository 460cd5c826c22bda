import { describe, expect, it } from 'vitest'
import { INSTANCE_ID, instanceLike, outcomeOf, testAccount } from '../../support/account.ts'

const withGroup = () => {
  const test = testAccount({ autoScalingGroup: 'web' })
  test.account.autoScalingGroups.set('web', { name: 'web', minSize: 1, desired: 2 })
  const other = instanceLike({ id: 'i-0bbbbbbbbbbbbbbbb' })
  test.account.instances.set(other.id, other)
  return test
}

describe('DescribeAutoScalingInstances', () => {
  it('lists members only', () => {
    expect(withGroup().send('autoscaling', 'DescribeAutoScalingInstances')).toMatchObject({
      AutoScalingInstances: [
        { InstanceId: INSTANCE_ID, AutoScalingGroupName: 'web', HealthStatus: 'HEALTHY', LifecycleState: 'InService' },
      ],
    })
  })

  it('is empty for an instance that belongs to no group', () => {
    const input = { InstanceIds: ['i-0bbbbbbbbbbbbbbbb'] }
    expect(withGroup().send('autoscaling', 'DescribeAutoScalingInstances', input)).toEqual({ AutoScalingInstances: [] })
  })

  it('shows a stopped member as unhealthy before it is replaced', () => {
    const test = withGroup()
    test.send('ec2', 'StopInstances', { InstanceIds: [INSTANCE_ID] })
    test.wait(40)
    expect(test.send('autoscaling', 'DescribeAutoScalingInstances')).toMatchObject({
      AutoScalingInstances: [{ InstanceId: INSTANCE_ID, HealthStatus: 'UNHEALTHY' }],
    })
  })
})

describe('DescribeAutoScalingGroups', () => {
  it('tells how small a group may become, and its members', () => {
    expect(withGroup().send('autoscaling', 'DescribeAutoScalingGroups', { AutoScalingGroupNames: ['web'] })).toMatchObject({
      AutoScalingGroups: [{ MinSize: 1, DesiredCapacity: 2, Instances: [{ InstanceId: INSTANCE_ID }] }],
    })
  })

  it('refuses a token that is not its own', () => {
    const { send } = withGroup()
    expect(outcomeOf(() => send('autoscaling', 'DescribeAutoScalingGroups', { NextToken: 'guessed' }))).toBe(
      'InvalidNextToken 400',
    )
  })
})

describe('a member that is taken out of its group', () => {
  it('stays what it is in standby, and a stop does not end it', () => {
    const test = withGroup()
    const standby = { AutoScalingGroupName: 'web', InstanceIds: [INSTANCE_ID], ShouldDecrementDesiredCapacity: true }
    test.send('autoscaling', 'EnterStandby', standby)
    test.send('ec2', 'StopInstances', { InstanceIds: [INSTANCE_ID] })
    test.wait(3_600)
    expect(test.send('autoscaling', 'DescribeAutoScalingGroups')).toMatchObject({
      AutoScalingGroups: [{ DesiredCapacity: 1, Instances: [{ InstanceId: INSTANCE_ID, LifecycleState: 'Standby' }] }],
    })
  })

  it('does not enter standby where the group would be smaller than it may be', () => {
    const { account, send } = withGroup()
    account.autoScalingGroups.set('web', { name: 'web', minSize: 2, desired: 2 })
    const standby = { AutoScalingGroupName: 'web', InstanceIds: [INSTANCE_ID], ShouldDecrementDesiredCapacity: true }
    expect(outcomeOf(() => send('autoscaling', 'EnterStandby', standby))).toBe('ValidationError 400')
    send('autoscaling', 'UpdateAutoScalingGroup', { AutoScalingGroupName: 'web', MinSize: 1 })
    expect(outcomeOf(() => send('autoscaling', 'EnterStandby', standby))).toBe('ok')
  })

  it('is left alone when it is stopped while the processes that would end it are suspended', () => {
    const { account, send, wait } = withGroup()
    send('autoscaling', 'SuspendProcesses', { AutoScalingGroupName: 'web', ScalingProcesses: ['Terminate'] })
    send('ec2', 'StopInstances', { InstanceIds: [INSTANCE_ID] })
    wait(3_600)
    expect(account.instances.get(INSTANCE_ID)?.state).toBe('stopped')
  })
})

describe('an instance refresh', () => {
  it.each([
    ['replaces every member in service', {}, 'Successful', false],
    ['stalls by default while a member is in standby', { standby: true }, 'InProgress', true],
    ['replaces nothing while Launch is suspended', { suspended: true }, 'Successful', true],
  ])('%s', (_, { standby = false, suspended = false }: { standby?: boolean; suspended?: boolean }, status, stays) => {
    const { account, send, wait } = withGroup()
    const group = { AutoScalingGroupName: 'web' }
    if (standby)
      send('autoscaling', 'EnterStandby', { ...group, InstanceIds: [INSTANCE_ID], ShouldDecrementDesiredCapacity: true })
    if (suspended) send('autoscaling', 'SuspendProcesses', { ...group, ScalingProcesses: ['Launch'] })
    send('autoscaling', 'StartInstanceRefresh', group)
    wait(900)
    expect(send('autoscaling', 'DescribeInstanceRefreshes', group)).toMatchObject({ InstanceRefreshes: [{ Status: status }] })
    expect(account.instances.get(INSTANCE_ID)?.state === 'running').toBe(stays)
  })
})
