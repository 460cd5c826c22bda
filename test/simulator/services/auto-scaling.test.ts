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
