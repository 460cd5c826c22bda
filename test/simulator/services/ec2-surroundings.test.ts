import { describe, expect, it } from 'vitest'
import { INSTANCE_ID, outcomeOf, START, testAccount } from '../../support/account.ts'

const VOLUMES = ['vol-0root', 'vol-0data']

interface Snapshots {
  readonly Snapshots: readonly {
    readonly SnapshotId: string
    readonly VolumeId: string
    readonly State: string
    readonly Progress: string
  }[]
}

const create = {
  InstanceSpecification: { InstanceId: INSTANCE_ID },
  Description: 'evidence',
  TagSpecifications: [{ ResourceType: 'snapshot', Tags: [{ Key: 'ir-cred', Value: 'case-7' }] }],
}

describe('CreateSnapshots', () => {
  it('takes every volume of the instance, with the tags asked for', () => {
    const { send } = testAccount({ volumeIds: VOLUMES })
    const { Snapshots } = send<Snapshots>('ec2', 'CreateSnapshots', create)
    expect(Snapshots.map(({ VolumeId }) => VolumeId)).toEqual(VOLUMES)
    expect(Snapshots[0]).toMatchObject({
      State: 'pending',
      Description: 'evidence',
      StartTime: new Date(START),
      Tags: [{ Key: 'ir-cred', Value: 'case-7' }],
    })
  })

  it('stays pending for a while, and is completed then', () => {
    const test = testAccount({ volumeIds: VOLUMES })
    test.send('ec2', 'CreateSnapshots', create)
    const states = () =>
      test.send<Snapshots>('ec2', 'DescribeSnapshots').Snapshots.map(({ State, Progress }) => `${State} ${Progress}`)
    test.wait(30)
    expect(states().every((state) => /^pending [1-9]\d?%$/.test(state))).toBe(true)
    test.wait(120)
    expect(states()).toEqual(['completed 100%', 'completed 100%'])
  })

  it('goes on while the instance is stopped', () => {
    const test = testAccount({ volumeIds: VOLUMES })
    test.send('ec2', 'CreateSnapshots', create)
    expect(outcomeOf(() => test.send('ec2', 'StopInstances', { InstanceIds: [INSTANCE_ID] }))).toBe('ok')
  })

  it('is found again by its tag', () => {
    const test = testAccount({ volumeIds: VOLUMES })
    test.send('ec2', 'CreateSnapshots', create)
    const found = (value: string) =>
      test.send<Snapshots>('ec2', 'DescribeSnapshots', {
        OwnerIds: ['self'],
        Filters: [{ Name: 'tag:ir-cred', Values: [value] }],
      })
    expect(found('case-7').Snapshots).toHaveLength(2)
    expect(found('case-8').Snapshots).toHaveLength(0)
  })

  it('can leave the boot volume out', () => {
    const { send } = testAccount({ volumeIds: VOLUMES })
    const input = { InstanceSpecification: { InstanceId: INSTANCE_ID, ExcludeBootVolume: true } }
    expect(send<Snapshots>('ec2', 'CreateSnapshots', input).Snapshots.map(({ VolumeId }) => VolumeId)).toEqual(['vol-0data'])
  })

  it('is refused beyond five pending ones of a volume', () => {
    const { send } = testAccount({ volumeIds: VOLUMES })
    for (let index = 0; index < 5; index += 1) send('ec2', 'CreateSnapshots', create)
    expect(outcomeOf(() => send('ec2', 'CreateSnapshots', create))).toBe('ConcurrentSnapshotLimitExceeded 400')
  })
})

describe('CreateTags', () => {
  it('writes onto instances, volumes and snapshots', () => {
    const test = testAccount({ volumeIds: VOLUMES })
    const [snapshot] = test.send<Snapshots>('ec2', 'CreateSnapshots', create).Snapshots
    const Resources = [INSTANCE_ID, 'vol-0root', snapshot?.SnapshotId ?? '']
    test.send('ec2', 'CreateTags', { Resources, Tags: [{ Key: 'case', Value: '7' }] })
    expect(test.instance.tags).toMatchObject({ case: '7' })
    expect(test.send('ec2', 'DescribeVolumes', { Filters: [{ Name: 'tag:case', Values: ['7'] }] })).toMatchObject({
      Volumes: [{ VolumeId: 'vol-0root' }],
    })
    expect(test.account.snapshots.get(snapshot?.SnapshotId ?? '')?.tags).toMatchObject({ case: '7' })
  })

  it('refuses reserved keys and what does not exist', () => {
    const { send } = testAccount()
    const tag = (id: string, Key: string) =>
      outcomeOf(() => send('ec2', 'CreateTags', { Resources: [id], Tags: [{ Key, Value: 'x' }] }))
    expect(tag(INSTANCE_ID, 'aws:owner')).toBe('InvalidParameterValue 400')
    expect(tag('snap-0123456789abcdef0', 'case')).toBe('InvalidSnapshot.NotFound 400')
    expect(tag('vol-0123456789abcdef0', 'case')).toBe('InvalidVolume.NotFound 400')
    expect(tag('thing', 'case')).toBe('InvalidID 400')
  })
})

describe('what stands around an instance', () => {
  it('its volumes are found by the instance', () => {
    const { send } = testAccount({ volumeIds: VOLUMES })
    const Filters = [{ Name: 'attachment.instance-id', Values: [INSTANCE_ID] }]
    expect(send('ec2', 'DescribeVolumes', { Filters })).toMatchObject({
      Volumes: [
        { VolumeId: 'vol-0root', Attachments: [{ DeleteOnTermination: true }] },
        { VolumeId: 'vol-0data', Attachments: [{ DeleteOnTermination: false }] },
      ],
    })
  })

  it('its profile association names it', () => {
    const { send } = testAccount()
    const Filters = [{ Name: 'instance-id', Values: [INSTANCE_ID] }]
    expect(send('ec2', 'DescribeIamInstanceProfileAssociations', { Filters })).toMatchObject({
      IamInstanceProfileAssociations: [
        { InstanceId: INSTANCE_ID, State: 'associated', IamInstanceProfile: { Id: 'AIPA0000000000000WEB' } },
      ],
    })
  })

  it('Elastic IPs and NAT gateways show the addresses that are the account’s own', () => {
    const test = testAccount()
    test.account.addresses.set('203.0.113.9', { publicIp: '203.0.113.9', instanceId: INSTANCE_ID })
    test.account.natGateways.set('nat-1', { id: 'nat-1', publicIp: '203.0.113.8', vpcId: 'vpc-1', subnetId: 'subnet-1' })
    const byAddress = { Filters: [{ Name: 'public-ip', Values: ['203.0.113.9'] }] }
    expect(test.send('ec2', 'DescribeAddresses', byAddress)).toMatchObject({ Addresses: [{ InstanceId: INSTANCE_ID }] })
    const byState = { Filter: [{ Name: 'state', Values: ['available'] }] }
    expect(test.send('ec2', 'DescribeNatGateways', byState)).toMatchObject({
      NatGateways: [{ NatGatewayAddresses: [{ PublicIp: '203.0.113.8' }] }],
    })
  })

  it('a Spot request says whether it is persistent', () => {
    const { send } = testAccount({ lifecycle: 'spot', spotRequestType: 'persistent' })
    const Filters = [{ Name: 'instance-id', Values: [INSTANCE_ID] }]
    expect(send('ec2', 'DescribeSpotInstanceRequests', { Filters })).toMatchObject({
      SpotInstanceRequests: [{ InstanceId: INSTANCE_ID, Type: 'persistent' }],
    })
  })

  it('status checks begin anew at a start, and only running instances are listed', () => {
    const test = testAccount()
    const shown = () => test.send('ec2', 'DescribeInstanceStatus', { InstanceIds: [INSTANCE_ID] })
    expect(shown()).toMatchObject({ InstanceStatuses: [{ InstanceStatus: { Status: 'ok' } }] })
    test.send('ec2', 'StopInstances', { InstanceIds: [INSTANCE_ID] })
    test.wait(35)
    expect(shown()).toEqual({ InstanceStatuses: [] })
    test.send('ec2', 'StartInstances', { InstanceIds: [INSTANCE_ID] })
    test.wait(30)
    expect(shown()).toMatchObject({ InstanceStatuses: [{ SystemStatus: { Status: 'initializing' } }] })
    test.wait(180)
    expect(shown()).toMatchObject({ InstanceStatuses: [{ SystemStatus: { Status: 'ok' } }] })
  })

  it('its console output is base64', () => {
    const { send } = testAccount()
    const { Output } = send<{ Output: string }>('ec2', 'GetConsoleOutput', { InstanceId: INSTANCE_ID })
    expect(Buffer.from(Output, 'base64').toString('utf8')).toContain(INSTANCE_ID)
  })

  it('IMDSv1 can be switched off', () => {
    const test = testAccount()
    test.send('ec2', 'ModifyInstanceMetadataOptions', {
      InstanceId: INSTANCE_ID,
      HttpTokens: 'required',
      HttpPutResponseHopLimit: 1,
    })
    expect(test.instance).toMatchObject({ httpTokens: 'required', hopLimit: 1, metadataEnabled: true })
  })

  it('its volumes can be kept from being deleted with it', () => {
    const test = testAccount({ volumeIds: VOLUMES })
    const BlockDeviceMappings = [{ DeviceName: '/dev/xvda', Ebs: { DeleteOnTermination: false } }]
    test.send('ec2', 'ModifyInstanceAttribute', { InstanceId: INSTANCE_ID, BlockDeviceMappings })
    expect(test.account.volumes.get('vol-0root')?.deleteOnTermination).toBe(false)
  })

  it('an attribute that is not known is refused', () => {
    const { send } = testAccount()
    const input = { InstanceId: INSTANCE_ID, Attribute: 'colour' }
    expect(outcomeOf(() => send('ec2', 'DescribeInstanceAttribute', input))).toBe('InvalidParameterValue 400')
  })
})

describe('DescribeRegions', () => {
  it('lists the enabled Regions, whoever’s Region it is asked in', () => {
    const { send, responder } = testAccount()
    const { Regions } = send<{ Regions: { RegionName: string }[] }>('ec2', 'DescribeRegions', {}, responder, 'us-east-1')
    expect(Regions.map(({ RegionName }) => RegionName)).toEqual(expect.arrayContaining(['eu-central-1', 'us-east-1']))
    const one = send('ec2', 'DescribeRegions', { RegionNames: ['eu-west-1'] })
    expect(one).toMatchObject({ Regions: [{ RegionName: 'eu-west-1', OptInStatus: 'opt-in-not-required' }] })
  })
})
