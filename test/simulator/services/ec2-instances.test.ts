import { describe, expect, it } from 'vitest'
import type { Instance } from '../../../src/simulator/account/account.ts'
import {
  allowing,
  INSTANCE_ID,
  instanceLike,
  messageOf,
  outcomeOf,
  REGION,
  type TestAccount,
  testAccount,
} from '../../support/account.ts'

interface Described {
  readonly Reservations: readonly { readonly Instances: readonly { readonly InstanceId: string }[] }[]
  readonly NextToken?: string
}

const idsIn = ({ Reservations }: Described): string[] =>
  Reservations.flatMap(({ Instances }) => Instances.map(({ InstanceId }) => InstanceId))

const instances = ({ send }: TestAccount, input: object = {}): string[] =>
  idsIn(send<Described>('ec2', 'DescribeInstances', input))

const withCount = (count: number): TestAccount => {
  const test = testAccount()
  for (let index = 1; index < count; index += 1) {
    const id = `i-0${String(index).padStart(16, '0')}`
    const {
      profileName: _,
      publicIp: __,
      ...bare
    } = instanceLike({ id, httpTokens: 'required', tags: { Service: `web-${index}` } })
    test.account.instances.set(id, bare)
  }
  return test
}

describe('DescribeInstances', () => {
  it('comes in pages, complete and without repeats', () => {
    const test = withCount(8)
    const found: string[] = []
    let NextToken: string | undefined
    do {
      const page: Described = test.send('ec2', 'DescribeInstances', NextToken === undefined ? {} : { NextToken })
      expect(idsIn(page).length).toBeLessThanOrEqual(3)
      found.push(...idsIn(page))
      NextToken = page.NextToken
    } while (NextToken !== undefined)
    expect(found).toEqual([...test.account.instances.keys()])
  })

  it('refuses a token that came with other filters', () => {
    const test = withCount(8)
    const { NextToken } = test.send<Described>('ec2', 'DescribeInstances')
    const Filters = [{ Name: 'instance-state-name', Values: ['running'] }]
    expect(outcomeOf(() => test.send('ec2', 'DescribeInstances', { NextToken, Filters }))).toBe('InvalidPaginationToken 400')
  })

  it('has what a responder reads', () => {
    const test = testAccount({ volumeIds: ['vol-0root'], tags: { Name: 'web-1' } })
    const { Reservations } = test.send<Described>('ec2', 'DescribeInstances', { InstanceIds: [INSTANCE_ID] })
    expect(Reservations[0]?.Instances[0]).toMatchObject({
      State: { Code: 16, Name: 'running' },
      IamInstanceProfile: {
        Arn: 'arn:aws:iam::111122223333:instance-profile/service/web-app-profile',
        Id: 'AIPA0000000000000WEB',
      },
      RootDeviceType: 'ebs',
      MetadataOptions: { HttpTokens: 'optional', HttpPutResponseHopLimit: 1, HttpEndpoint: 'enabled' },
      PrivateIpAddress: '10.0.1.20',
      PublicIpAddress: '203.0.113.20',
      NetworkInterfaces: [{ Association: { PublicIp: '203.0.113.20', IpOwnerId: 'amazon' } }],
      BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeId: 'vol-0root', DeleteOnTermination: true } }],
      Tags: [{ Key: 'Name', Value: 'web-1' }],
      HibernationOptions: { Configured: false },
    })
  })

  it('shows the owner of an Elastic IP as the account', () => {
    const { send } = testAccount({ elasticIp: true })
    expect(send('ec2', 'DescribeInstances')).toMatchObject({
      Reservations: [{ Instances: [{ NetworkInterfaces: [{ Association: { IpOwnerId: '111122223333' } }] }] }],
    })
  })

  it('marks members of Auto Scaling groups by their tag', () => {
    const { send } = testAccount({ autoScalingGroup: 'web' })
    const Filters = [{ Name: 'tag:aws:autoscaling:groupName', Values: ['web'] }]
    expect(idsIn(send<Described>('ec2', 'DescribeInstances', { Filters }))).toEqual([INSTANCE_ID])
  })

  it.each([
    ['iam-instance-profile.arn', ['arn:aws:iam::111122223333:instance-profile/service/web-app-profile'], true],
    ['iam-instance-profile.arn', ['*instance-profile/*/web-app-profile'], true],
    ['iam-instance-profile.arn', ['*other-profile'], false],
    ['instance-state-name', ['pending', 'running'], true],
    ['instance-state-name', ['stopped'], false],
    ['tag:Name', ['web-?'], true],
    ['tag-key', ['name'], false],
    ['ip-address', ['203.0.113.20'], true],
    ['network-interface.association.public-ip', ['203.0.113.20'], true],
    ['metadata-options.http-tokens', ['required'], false],
  ])('the filter %s = %j finds the instance: %s', (Name, Values, isFound) => {
    expect(instances(testAccount(), { Filters: [{ Name, Values }] })).toEqual(isFound ? [INSTANCE_ID] : [])
  })

  it('combines filters: all of them must hold', () => {
    const test = withCount(5)
    const Filters = [
      { Name: 'metadata-options.http-tokens', Values: ['required'] },
      { Name: 'tag:Service', Values: ['web-2', 'web-4'] },
    ]
    expect(instances(test, { Filters })).toEqual(['i-00000000000000002', 'i-00000000000000004'])
  })

  it('refuses a filter that it does not know, and ids together with a page size', () => {
    const { send } = testAccount()
    const unknown = { Filters: [{ Name: 'colour', Values: ['red'] }] }
    expect(outcomeOf(() => send('ec2', 'DescribeInstances', unknown))).toBe('InvalidParameterValue 400')
    const both = { InstanceIds: [INSTANCE_ID], MaxResults: 5 }
    expect(outcomeOf(() => send('ec2', 'DescribeInstances', both))).toBe('InvalidParameterCombination 400')
  })

  it('tells an id that is none from an instance that is not there', () => {
    const { send } = testAccount()
    const ask = (id: string) => outcomeOf(() => send('ec2', 'DescribeInstances', { InstanceIds: [id] }))
    expect(ask('web-1')).toBe('InvalidInstanceID.Malformed 400')
    expect(ask('i-0123456789abcdef0')).toBe('InvalidInstanceID.NotFound 400')
  })

  it('finds nothing in another Region', () => {
    const { send, responder } = testAccount()
    expect(send('ec2', 'DescribeInstances', {}, responder, 'us-east-1')).toEqual({ Reservations: [] })
    const byId = () => send('ec2', 'StopInstances', { InstanceIds: [INSTANCE_ID] }, responder, 'us-east-1')
    expect(outcomeOf(byId)).toBe('InvalidInstanceID.NotFound 400')
  })
})

describe('DryRun', () => {
  const stop = { InstanceIds: [INSTANCE_ID], DryRun: true }

  it('ends with DryRunOperation where the call is permitted, and changes nothing', () => {
    const test = testAccount()
    expect(outcomeOf(() => test.send('ec2', 'StopInstances', stop))).toBe('DryRunOperation 412')
    expect(outcomeOf(() => test.send('ec2', 'StartInstances', stop))).toBe('DryRunOperation 412')
    expect(test.instance.state).toBe('running')
  })

  it('ends with UnauthorizedOperation where it is not', () => {
    const test = testAccount()
    expect(outcomeOf(() => test.send('ec2', 'StopInstances', stop, test.onInstance()))).toBe('UnauthorizedOperation 403')
  })
})

describe('StopInstances', () => {
  const stop = { InstanceIds: [INSTANCE_ID] }

  it.each([
    ['an instance-store root', { rootDeviceType: 'instance-store' as const }, 'UnsupportedOperation 400'],
    ['a one-time Spot request', { lifecycle: 'spot' as const, spotRequestType: 'one-time' as const }, 'UnsupportedOperation 400'],
    ['stop protection', { stopProtection: true }, 'OperationNotPermitted 400'],
    ['an instance that is still starting', { state: 'pending' as const }, 'IncorrectInstanceState 400'],
    ['a terminated instance', { state: 'terminated' as const }, 'IncorrectInstanceState 400'],
  ])('is refused for %s', (_, parts: Partial<Instance>, code) => {
    const test = testAccount(parts)
    expect(outcomeOf(() => test.send('ec2', 'StopInstances', stop))).toBe(code)
    expect(test.instance.state).toBe(parts.state ?? 'running')
  })

  it('works for a persistent Spot request', () => {
    const test = testAccount({ lifecycle: 'spot', spotRequestType: 'persistent' })
    expect(outcomeOf(() => test.send('ec2', 'StopInstances', stop))).toBe('ok')
  })

  it('works once stop protection has been taken off', () => {
    const test = testAccount({ stopProtection: true })
    const shown = () => test.send('ec2', 'DescribeInstanceAttribute', { InstanceId: INSTANCE_ID, Attribute: 'disableApiStop' })
    expect(shown()).toMatchObject({ DisableApiStop: { Value: true } })
    test.send('ec2', 'ModifyInstanceAttribute', { InstanceId: INSTANCE_ID, DisableApiStop: { Value: false } })
    expect(shown()).toMatchObject({ DisableApiStop: { Value: false } })
    expect(outcomeOf(() => test.send('ec2', 'StopInstances', stop))).toBe('ok')
  })

  it('is all or nothing: one instance that cannot be stopped keeps the others running', () => {
    const test = testAccount()
    const other = instanceLike({ id: 'i-0bbbbbbbbbbbbbbbb', stopProtection: true })
    test.account.instances.set(other.id, other)
    expect(outcomeOf(() => test.send('ec2', 'StopInstances', { InstanceIds: [INSTANCE_ID, other.id] }))).toBe(
      'OperationNotPermitted 400',
    )
    expect(test.instance.state).toBe('running')
  })

  it('can be allowed for tagged instances only', () => {
    const test = testAccount()
    const responders = test.account.roles.get('ir')
    const document = allowing('ec2:StopInstances').replace(
      '"Resource":"*"',
      '"Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/Name":"web-2"}}',
    )
    responders?.inline.set('all', { document, writtenAt: 0 })
    expect(messageOf(() => test.send('ec2', 'StopInstances', stop))).toContain(
      `on resource: arn:aws:ec2:${REGION}:111122223333:instance/${INSTANCE_ID} because no identity-based policy allows`,
    )
    test.instance.tags.Name = 'web-2'
    expect(outcomeOf(() => test.send('ec2', 'StopInstances', stop))).toBe('ok')
  })
})

describe('StartInstances', () => {
  it('is refused while the instance is stopping', () => {
    const test = testAccount()
    test.send('ec2', 'StopInstances', { InstanceIds: [INSTANCE_ID] })
    expect(outcomeOf(() => test.send('ec2', 'StartInstances', { InstanceIds: [INSTANCE_ID] }))).toBe('IncorrectInstanceState 400')
  })
})
