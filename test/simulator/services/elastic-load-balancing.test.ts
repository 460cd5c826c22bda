import { describe, expect, it } from 'vitest'
import { INSTANCE_ID, outcomeOf, testAccount } from '../../support/account.ts'

const withTargets = () => {
  const test = testAccount()
  const group = { id: '6d0ecf831eec9f09', port: 8080, vpcId: 'vpc-1' }
  test.account.targetGroups.set('web', { ...group, name: 'web', instanceIds: [INSTANCE_ID] })
  test.account.targetGroups.set('other', { ...group, name: 'other', instanceIds: [] })
  return test
}

const arnOf = (name: string): string =>
  `arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/${name}/6d0ecf831eec9f09`

describe('DescribeTargetGroups', () => {
  it('lists the groups of the Region, or those that are named', () => {
    const { send } = withTargets()
    expect(send('elasticloadbalancing', 'DescribeTargetGroups')).toMatchObject({
      TargetGroups: [{ TargetGroupName: 'web', TargetGroupArn: arnOf('web') }, { TargetGroupName: 'other' }],
    })
    expect(send('elasticloadbalancing', 'DescribeTargetGroups', { Names: ['other'] })).toMatchObject({
      TargetGroups: [{ TargetGroupName: 'other' }],
    })
  })

  it.each([{ Names: ['nobody'] }, { TargetGroupArns: [arnOf('nobody')] }])('refuses what there is not: %j', (input) => {
    const { send } = withTargets()
    expect(outcomeOf(() => send('elasticloadbalancing', 'DescribeTargetGroups', input))).toBe('TargetGroupNotFound 400')
  })

  it('refuses a marker that is not its own', () => {
    const { send } = withTargets()
    expect(outcomeOf(() => send('elasticloadbalancing', 'DescribeTargetGroups', { Marker: 'guessed' }))).toBe(
      'ValidationError 400',
    )
  })
})

describe('DescribeTargetHealth', () => {
  const health = (test: ReturnType<typeof withTargets>, more: object = {}) =>
    test.send('elasticloadbalancing', 'DescribeTargetHealth', { TargetGroupArn: arnOf('web'), ...more })

  it('shows a target as healthy while it runs, and as unused once it is stopped', () => {
    const test = withTargets()
    expect(health(test)).toMatchObject({
      TargetHealthDescriptions: [{ Target: { Id: INSTANCE_ID, Port: 8080 }, TargetHealth: { State: 'healthy' } }],
    })
    test.send('ec2', 'StopInstances', { InstanceIds: [INSTANCE_ID] })
    test.wait(120)
    expect(health(test)).toMatchObject({
      TargetHealthDescriptions: [{ TargetHealth: { State: 'unused', Reason: 'Target.InvalidState' } }],
    })
  })

  it('says of an instance that is asked for by name that it is not registered', () => {
    expect(health(withTargets(), { Targets: [{ Id: 'i-0bbbbbbbbbbbbbbbb' }] })).toMatchObject({
      TargetHealthDescriptions: [{ TargetHealth: { State: 'unused', Reason: 'Target.NotRegistered' } }],
    })
  })
})
