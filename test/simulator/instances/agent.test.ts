import { describe, expect, it } from 'vitest'
import type { ActorEvent } from '../../../src/simulator/account/account.ts'
import { INSTANCE_ID, ROLE, revocation, START, type TestAccount, testAccount } from '../../support/account.ts'

const ids = { InstanceIds: [INSTANCE_ID] }
const PINGS = { agentPingEvery: 60, agentTakes: 75 }

interface Information {
  readonly InstanceInformationList: readonly { readonly PingStatus: string; readonly LastPingDateTime: Date }[]
}

const seen = ({ send }: TestAccount): Information['InstanceInformationList'] =>
  send<Information>('ssm', 'DescribeInstanceInformation').InstanceInformationList

const revoke = ({ send }: TestAccount): void => {
  const PolicyDocument = revocation('2026-11-25T02:00:30Z')
  send('iam', 'PutRolePolicy', { RoleName: ROLE, PolicyName: 'AWSRevokeOlderSessions', PolicyDocument })
}

const restart = (test: TestAccount): void => {
  test.send('ec2', 'StopInstances', ids)
  test.wait(35)
  test.send('ec2', 'StartInstances', ids)
  test.wait(25)
}

describe('the agent', () => {
  it('is online while it is heard at least every five minutes', () => {
    const test = testAccount({}, PINGS)
    test.wait(1000)
    const [node] = seen(test)
    expect(node?.PingStatus).toBe('Online')
    expect(node?.LastPingDateTime.getTime()).toBeGreaterThan(START + 930_000)
  })

  it('is cut off by the revocation, and shown as lost once five minutes have passed', () => {
    const test = testAccount({}, PINGS)
    revoke(test)
    test.wait(8)
    const lastHeard = seen(test)[0]?.LastPingDateTime
    test.wait(120)
    expect(seen(test)[0]).toMatchObject({ PingStatus: 'Online' })
    test.wait(240)
    expect(seen(test)[0]?.PingStatus).toBe('ConnectionLost')
    expect(seen(test)[0]?.LastPingDateTime.getTime()).toBeLessThan((lastHeard?.getTime() ?? 0) + 61_000)
  })

  it('is heard again after a stop and a start, with credentials issued after the cut-off', () => {
    const test = testAccount({}, PINGS)
    revoke(test)
    restart(test)
    expect(seen(test)).toEqual([])
    test.wait(74)
    expect(seen(test)).toEqual([])
    test.wait(1)
    expect(seen(test)[0]?.PingStatus).toBe('Online')
    expect(seen(test)[0]?.LastPingDateTime.getTime()).toBe(test.account.clock.now())
  })

  it('is not listed while its instance is stopped, nor before it has registered again', () => {
    const test = testAccount({}, PINGS)
    test.send('ec2', 'StopInstances', ids)
    expect(seen(test)).toHaveLength(1)
    test.wait(35)
    expect(seen(test)).toEqual([])
    test.send('ec2', 'StartInstances', ids)
    test.wait(60)
    expect(seen(test)).toEqual([])
  })

  it('waits longer after each refusal, from five minutes up to an hour', () => {
    const test = testAccount({}, { ...PINGS, policyPropagation: 0 })
    test.role.inline.clear()
    test.wait(4 * 3600)
    const pings = test.account.trail.all().filter(({ eventName }) => eventName === 'UpdateInstanceInformation')
    const gaps = pings.slice(1).map(({ at }, index) => Math.round((at - (pings[index]?.at ?? 0)) / 1000))
    expect(gaps).toEqual([300, 600, 1200, 2400, 3600, 3600])
  })

  it('comes back by itself when the metadata service has newer credentials', () => {
    const test = testAccount({}, PINGS)
    revoke(test)
    test.wait(4 * 3600)
    expect(seen(test)[0]?.PingStatus).toBe('Online')
  })

  it('is heard through Default Host Management even when the instance role is denied', () => {
    const test = testAccount({}, PINGS)
    test.account.defaultHostManagementRole.value = 'service-role/AWSSystemsManagerDefaultEC2InstanceManagementRole'
    revoke(test)
    test.wait(600)
    expect(seen(test)[0]?.PingStatus).toBe('Online')
  })

  it('never registers where the metadata service is off or the instance has no role', () => {
    const withoutImds = testAccount({ metadataEnabled: false }, PINGS)
    restart(withoutImds)
    withoutImds.wait(600)
    expect(seen(withoutImds)).toEqual([])
    const withoutRole = testAccount({ profileName: 'gone' }, PINGS)
    restart(withoutRole)
    withoutRole.wait(600)
    expect(seen(withoutRole)).toEqual([])
  })
})

describe('a ping', () => {
  it('is recorded like everybody’s call, refused or not, from the address of the instance', () => {
    const test = testAccount({}, PINGS)
    test.wait(61)
    revoke(test)
    test.wait(70)
    const pings = test.account.trail.all().filter(({ eventName }) => eventName === 'UpdateInstanceInformation')
    const [first, last] = [pings[0], pings.at(-1)]
    expect(first).toMatchObject({ accessKeyId: test.onInstance().accessKeyId, username: INSTANCE_ID })
    expect(first?.document()).toMatchObject({ sourceIPAddress: '203.0.113.20' })
    expect(first?.document()).not.toHaveProperty('errorCode')
    expect(last?.document()).toMatchObject({
      errorCode: 'AccessDenied',
      errorMessage: expect.stringContaining('with an explicit deny in an identity-based policy'),
    })
  })

  it('is told to whoever listens', () => {
    const test = testAccount({}, PINGS)
    const received: ActorEvent[] = []
    test.account.actorListeners.push((event) => received.push(event))
    revoke(test)
    test.wait(130)
    expect(received.at(-1)).toMatchObject({ who: 'agent', outcome: 'refused', explicit: true })
  })
})
