import { describe, expect, it } from 'vitest'
import type { Instance } from '../../../src/simulator/account/account.ts'
import { INSTANCE_ID, outcomeOf, START, testAccount } from '../../support/account.ts'

const ids = { InstanceIds: [INSTANCE_ID] }
const [STOP_TAKES, START_TAKES, HOUR] = [35, 25, 3600]

interface Described {
  readonly Reservations: readonly { readonly Instances: readonly Record<string, unknown>[] }[]
}

const describeIt = ({ send }: ReturnType<typeof testAccount>): Record<string, unknown> =>
  send<Described>('ec2', 'DescribeInstances', ids).Reservations[0]?.Instances[0] ?? {}

const stopAndStart = (test: ReturnType<typeof testAccount>): void => {
  test.send('ec2', 'StopInstances', ids)
  test.wait(STOP_TAKES)
  test.send('ec2', 'StartInstances', ids)
  test.wait(START_TAKES)
}

describe('a stop', () => {
  it('takes its time, and says who asked for it', () => {
    const test = testAccount()
    test.send('ec2', 'StopInstances', ids)
    test.wait(STOP_TAKES - 1)
    expect(test.instance.state).toBe('stopping')
    test.wait(1)
    expect(describeIt(test)).toMatchObject({
      State: { Code: 80, Name: 'stopped' },
      StateReason: { Code: 'Client.UserInitiatedShutdown' },
      StateTransitionReason: 'User initiated (2026-11-25 02:00:00 GMT)',
    })
  })

  it('takes the automatically assigned address away, and the next start brings another', () => {
    const test = testAccount()
    const before = test.instance.publicIp
    test.send('ec2', 'StopInstances', ids)
    test.wait(STOP_TAKES)
    expect(describeIt(test)).not.toHaveProperty('PublicIpAddress')
    test.send('ec2', 'StartInstances', ids)
    expect(test.instance.publicIp).toMatch(/^203\.0\.113\./)
    expect(test.instance.publicIp).not.toBe(before)
  })

  it('leaves an Elastic IP and a private address as they are', () => {
    const test = testAccount({ elasticIp: true, publicIp: '203.0.113.9' })
    stopAndStart(test)
    expect(test.instance).toMatchObject({ publicIp: '203.0.113.9', privateIp: '10.0.1.20' })
  })

  it('gives no public address to an instance that never had one', () => {
    const test = testAccount()
    delete test.instance.publicIp
    stopAndStart(test)
    expect(test.instance.publicIp).toBeUndefined()
  })

  it('a stop that hangs ends only by force', () => {
    const test = testAccount({ stopHangs: true })
    test.send('ec2', 'StopInstances', ids)
    test.wait(HOUR)
    expect(test.instance.state).toBe('stopping')
    test.send('ec2', 'StopInstances', { ...ids, Force: true })
    test.wait(15)
    expect(test.instance.state).toBe('stopped')
  })

  it('a stop of a stopped instance is no change', () => {
    const test = testAccount()
    test.send('ec2', 'StopInstances', ids)
    test.wait(STOP_TAKES)
    expect(test.send('ec2', 'StopInstances', ids)).toEqual({
      StoppingInstances: [
        { InstanceId: INSTANCE_ID, PreviousState: { Code: 80, Name: 'stopped' }, CurrentState: { Code: 80, Name: 'stopped' } },
      ],
    })
  })
})

describe('a start', () => {
  it('moves LaunchTime to its request', () => {
    const test = testAccount()
    test.send('ec2', 'StopInstances', ids)
    test.wait(100)
    test.send('ec2', 'StartInstances', ids)
    expect(test.instance.state).toBe('pending')
    test.wait(START_TAKES)
    expect(describeIt(test)).toMatchObject({
      State: { Name: 'running' },
      LaunchTime: new Date(START + 100_000),
      StateTransitionReason: '',
    })
    expect(describeIt(test)).not.toHaveProperty('StateReason')
  })

  it('brings both credential sets anew, issued in the same second after it', () => {
    const test = testAccount()
    const old = [test.onInstance('1.0'), test.onInstance('2.0')].map(({ accessKeyId }) => accessKeyId)
    stopAndStart(test)
    const [v1, v2] = [test.onInstance('1.0'), test.onInstance('2.0')]
    expect(old).not.toContain(v1.accessKeyId)
    expect(old).not.toContain(v2.accessKeyId)
    expect(v1.accessKeyId).not.toBe(v2.accessKeyId)
    expect(v1.issuedAt).toBe(v2.issuedAt)
    expect(v1.issuedAt).toBeGreaterThanOrEqual(test.instance.launchTime)
  })

  it('a start of a running instance is no change', () => {
    const test = testAccount()
    const before = test.onInstance()
    test.send('ec2', 'StartInstances', ids)
    test.wait(60)
    expect(test.instance.launchTime).toBeLessThan(START)
    expect(test.onInstance()).toBe(before)
  })

  it('a start without capacity is refused, as often as the scenario says', () => {
    const test = testAccount({ startFails: { how: 'capacity', times: 1 } })
    test.send('ec2', 'StopInstances', ids)
    test.wait(STOP_TAKES)
    expect(outcomeOf(() => test.send('ec2', 'StartInstances', ids))).toBe('InsufficientInstanceCapacity 500')
    expect(test.instance.state).toBe('stopped')
    expect(outcomeOf(() => test.send('ec2', 'StartInstances', ids))).toBe('ok')
  })

  it('a start with a key that KMS refuses falls back to stopped, and says why', () => {
    const test = testAccount({ startFails: { how: 'kms', times: 1 } })
    const before = test.onInstance()
    stopAndStart(test)
    expect(describeIt(test)).toMatchObject({
      State: { Name: 'stopped' },
      StateReason: { Code: 'Client.InternalError', Message: 'Client.InternalError: Client error on launch' },
    })
    expect(test.onInstance()).toBe(before)
  })
})

describe('a reboot', () => {
  it('changes nothing: not the state, not LaunchTime, not the address, not the credentials', () => {
    const test = testAccount()
    const seen = ({ state, launchTime, publicIp }: Instance) => ({ state, launchTime, publicIp })
    const before = { ...seen(test.instance), v1: test.onInstance('1.0'), v2: test.onInstance('2.0') }
    test.send('ec2', 'RebootInstances', ids)
    test.wait(180)
    expect({ ...seen(test.instance), v1: test.onInstance('1.0'), v2: test.onInstance('2.0') }).toEqual(before)
  })
})

describe('the refresh of a running instance', () => {
  it('comes about every hour, and shows a LastUpdated of up to 33 minutes after the issue', () => {
    const test = testAccount()
    test.wait(12 * HOUR)
    const { account, instance } = test
    const lags = instance.delivered.v2.slice(1).map(({ accessKeyId, lastUpdated }) => {
      const issuedAt = account.credentials.find(accessKeyId)?.issuedAt ?? 0
      return (lastUpdated - issuedAt) / 1000
    })
    expect(lags.length).toBeGreaterThanOrEqual(10)
    expect(lags.length).toBeLessThanOrEqual(13)
    expect(Math.max(...lags)).toBeGreaterThan(600)
    expect(Math.max(...lags)).toBeLessThanOrEqual(33 * 60)
  })

  it('is handed out only from its LastUpdated on, so LastUpdated can lie after a cut-off and the issue before it', () => {
    const test = testAccount()
    test.wait(2 * HOUR)
    const sets = test.instance.delivered.v2
    const late = sets.find(({ accessKeyId, from }) => from - (test.account.credentials.find(accessKeyId)?.issuedAt ?? 0) > 60_000)
    expect(late?.lastUpdated).toBe(late?.from)
    expect(late).toBeDefined()
  })

  it('never leaves the instance with expired credentials', () => {
    const test = testAccount()
    for (let hour = 0; hour < 30; hour += 1) {
      test.wait(HOUR)
      expect(test.onInstance().expiresAt).toBeGreaterThan(test.account.clock.now())
    }
  })
})

describe('a member of an Auto Scaling group', () => {
  it('a member that is stopped is terminated and replaced a minute later, and its root volume is gone', () => {
    const test = testAccount({ autoScalingGroup: 'web', volumeIds: ['vol-0root', 'vol-0data'] })
    test.send('ec2', 'StopInstances', ids)
    test.wait(STOP_TAKES + 60)
    expect(test.instance.state).toBe('shutting-down')
    test.wait(60)
    expect(test.instance.state).toBe('terminated')
    expect(test.account.volumes.has('vol-0root')).toBe(false)
    expect(test.account.volumes.has('vol-0data')).toBe(true)
    const [, member] = [...test.account.instances.values()]
    expect(member).toMatchObject({ state: 'running', autoScalingGroup: 'web', profileName: 'web-app-profile' })
    expect(member?.id).not.toBe(INSTANCE_ID)
    expect(member?.delivered.v2).toHaveLength(1)
  })

  it('a member that was terminated is no longer shown an hour later', () => {
    const test = testAccount({ autoScalingGroup: 'web' })
    test.send('ec2', 'StopInstances', ids)
    test.wait(2 * HOUR)
    expect(outcomeOf(() => test.send('ec2', 'DescribeInstances', ids))).toBe('InvalidInstanceID.NotFound 400')
  })
})
