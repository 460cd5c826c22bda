import { describe, expect, it } from 'vitest'
import { INSTANCE_ID, outcomeOf, type TestAccount, testAccount } from '../../support/account.ts'

const GROUP = 'sg-0aaaaaaaaaaaaaaaa'
const SNAPSHOT = 'snap-0123456789abcdef0'
const [ONE, OTHER] = ['999988887777', '888877776666'] as const

const ec2 = <O>({ send }: TestAccount, operation: string, input: object): O => send<O>('ec2', operation, input)

const withSnapshot = (): TestAccount => {
  const test = testAccount()
  const times = { startedAt: 0, completesAt: 0 }
  test.account.snapshots.set(SNAPSHOT, { id: SNAPSHOT, volumeId: 'vol-1', description: 'backup', tags: {}, ...times })
  return test
}

describe('a snapshot', () => {
  const sharedWith = (test: TestAccount) => ec2(test, 'DescribeSnapshotAttribute', { SnapshotId: SNAPSHOT })
  const modify = (test: TestAccount, input: object) => ec2(test, 'ModifySnapshotAttribute', { SnapshotId: SNAPSHOT, ...input })

  it('is shared and taken back in either of the two ways to ask', () => {
    const test = withSnapshot()
    modify(test, { CreateVolumePermission: { Add: [{ UserId: ONE }, { Group: 'all' }] } })
    modify(test, { OperationType: 'add', UserIds: [OTHER] })
    expect(sharedWith(test)).toMatchObject({ CreateVolumePermissions: [{ UserId: ONE }, { Group: 'all' }, { UserId: OTHER }] })
    modify(test, { OperationType: 'remove', GroupNames: ['all'] })
    modify(test, { CreateVolumePermission: { Remove: [{ UserId: ONE }] } })
    expect(sharedWith(test)).toMatchObject({ CreateVolumePermissions: [{ UserId: OTHER }] })
  })

  it('is shared with accounts, not with names', () => {
    const test = withSnapshot()
    expect(outcomeOf(() => modify(test, { OperationType: 'add', UserIds: ['attacker'] }))).toBe('InvalidUserID.Malformed 400')
  })

  it('is gone with its shares when it is deleted', () => {
    const test = withSnapshot()
    modify(test, { OperationType: 'add', UserIds: [ONE] })
    ec2(test, 'DeleteSnapshot', { SnapshotId: SNAPSHOT })
    expect(outcomeOf(() => sharedWith(test))).toBe('InvalidSnapshot.NotFound 400')
    expect(test.account.shares.size).toBe(0)
  })
})

describe('an image', () => {
  it('is made of an instance, shared, and gone when it is deregistered', () => {
    const test = testAccount()
    const { ImageId } = ec2<{ ImageId: string }>(test, 'CreateImage', { InstanceId: INSTANCE_ID, Name: 'copy' })
    ec2(test, 'ModifyImageAttribute', { ImageId, LaunchPermission: { Add: [{ Group: 'all' }] } })
    expect(ec2(test, 'DescribeImages', { Owners: ['self'] })).toMatchObject({ Images: [{ ImageId, Public: true }] })
    ec2(test, 'DeregisterImage', { ImageId })
    expect(outcomeOf(() => ec2(test, 'DescribeImageAttribute', { ImageId }))).toBe('InvalidAMIID.NotFound 400')
  })
})

describe('a rule of a security group', () => {
  const opening = {
    GroupId: GROUP,
    IpPermissions: [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
  }

  it('is there until it is revoked by its id', () => {
    const test = testAccount()
    const { SecurityGroupRules } = ec2<{ SecurityGroupRules: { SecurityGroupRuleId: string }[] }>(
      test,
      'AuthorizeSecurityGroupIngress',
      opening,
    )
    const SecurityGroupRuleIds = SecurityGroupRules.map(({ SecurityGroupRuleId }) => SecurityGroupRuleId)
    expect(ec2(test, 'DescribeSecurityGroupRules', { SecurityGroupRuleIds })).toMatchObject({
      SecurityGroupRules: [{ FromPort: 22, CidrIpv4: '0.0.0.0/0', IsEgress: false }],
    })
    const revoke = () => ec2(test, 'RevokeSecurityGroupIngress', { GroupId: GROUP, SecurityGroupRuleIds })
    revoke()
    expect(outcomeOf(revoke)).toBe('InvalidSecurityGroupRuleId.NotFound 400')
  })

  it('is of a group that there is', () => {
    const test = testAccount()
    const open = () => ec2(test, 'AuthorizeSecurityGroupIngress', { ...opening, GroupId: 'sg-0ffffffffffffffff' })
    expect(outcomeOf(open)).toBe('InvalidGroup.NotFound 400')
  })
})

describe('a key pair', () => {
  it('has its name for itself, and is found by it', () => {
    const test = testAccount()
    const make = () => ec2(test, 'CreateKeyPair', { KeyName: 'door' })
    make()
    expect(outcomeOf(make)).toBe('InvalidKeyPair.Duplicate 400')
    const shown = () => ec2(test, 'DescribeKeyPairs', { Filters: [{ Name: 'key-name', Values: ['door'] }] })
    expect(shown()).toMatchObject({ KeyPairs: [{ KeyName: 'door' }] })
    ec2(test, 'DeleteKeyPair', { KeyName: 'door' })
    expect(shown()).toEqual({ KeyPairs: [] })
  })
})

describe('instances that somebody starts', () => {
  it('run after a while, and are terminated', () => {
    const test = testAccount()
    const run = { ImageId: 'ami-0abcdef1234567890', InstanceType: 't3.micro', MinCount: 2, MaxCount: 2 }
    const { Instances } = ec2<{ Instances: { InstanceId: string }[] }>(test, 'RunInstances', run)
    const InstanceIds = Instances.map(({ InstanceId }) => InstanceId)
    const states = () => InstanceIds.map((id) => test.account.instances.get(id)?.state)
    expect(states()).toEqual(['pending', 'pending'])
    test.wait(60)
    expect(states()).toEqual(['running', 'running'])
    ec2(test, 'TerminateInstances', { InstanceIds })
    test.wait(60)
    expect(states()).toEqual(['terminated', 'terminated'])
  })

  it('are not terminated while they are protected', () => {
    const test = testAccount({ terminationProtection: true })
    const terminate = () => ec2(test, 'TerminateInstances', { InstanceIds: [INSTANCE_ID] })
    expect(outcomeOf(terminate)).toBe('OperationNotPermitted 400')
  })
})
