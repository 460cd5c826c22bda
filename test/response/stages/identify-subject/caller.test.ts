import { type Address, DescribeAddressesCommand, DescribeNatGatewaysCommand, EC2Client, type Instance } from '@aws-sdk/client-ec2'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { mockClient } from '../../../support/mock-client.ts'
import 'aws-sdk-client-mock-vitest/extend'

import { readRecord } from '../../../../src/investigation/read-record.ts'
import {
  type CallerClues,
  callerClues,
  judgeCaller,
  type OwnAddress,
} from '../../../../src/response/stages/identify-subject/caller.ts'
import { callerAddress } from '../../../../src/response/stages/identify-subject/own-addresses.ts'
import { findingLike } from '../../../support/findings.ts'

import { awsError, contextsOf } from '../../../support/stage-context.ts'

const ec2 = mockClient(EC2Client)
const { contextLike } = contextsOf({ ec2: EC2Client })
const InstanceId = 'i-08faaaafb15777f5a'

const nat = (PublicIp: string, NatGatewayId = 'nat-1') => ({ NatGatewayId, NatGatewayAddresses: [{ PublicIp }] })

beforeEach(() => {
  ec2.reset()
  ec2.on(DescribeNatGatewaysCommand).resolves({ NatGateways: [nat('203.0.113.50')] })
  ec2.on(DescribeAddressesCommand).resolves({ Addresses: [] })
})

const from = (ip: string | undefined, parts: Partial<Instance> = {}) =>
  callerAddress(fromAddress(ip), { region: 'us-east-1', instance: { InstanceId, ...parts } }, contextLike())

const fromAddress = (ip: string | undefined) => ({ accountId: '111122223333', addresses: ip === undefined ? [] : [ip] })

const elastic = (...Addresses: Address[]) => ec2.on(DescribeAddressesCommand).resolves({ Addresses })

describe('a call comes from the instance itself', () => {
  it.each<[string, string, Partial<Instance>]>([
    ['its public address', '203.0.113.20', { PublicIpAddress: '203.0.113.20' }],
    ['its private address', '10.0.1.20', { PrivateIpAddress: '10.0.1.20' }],
    ['its IPv6 address', '2001:db8::20', { Ipv6Address: '2001:db8::20' }],
    [
      'a second IPv6 address of an interface',
      '2001:db8::21',
      { NetworkInterfaces: [{ Ipv6Addresses: [{ Ipv6Address: '2001:db8::20' }, { Ipv6Address: '2001:db8::21' }] }] },
    ],
    [
      'the address of a second interface',
      '203.0.113.21',
      {
        NetworkInterfaces: [
          {},
          { PrivateIpAddresses: [{ PrivateIpAddress: '10.0.1.21', Association: { PublicIp: '203.0.113.21' } }] },
        ],
      },
    ],
  ])('a call comes from the instance when its address is %s', async (_, ip, instance) => {
    const { caller, ownAddresses } = await from(ip, instance)
    expect(caller).toEqual({ ip, origin: 'instance' })
    expect(ownAddresses).toContain(ip)
  })

  it('a call comes from the instance when another service spells the address differently', async () => {
    const { caller } = await from('2001:DB8:0:0::20', { Ipv6Address: '2001:db8::20' })
    expect(caller).toEqual({ ip: '2001:DB8:0:0::20', origin: 'instance' })
  })

  it('a call comes from the instance when its address is the instance’s Elastic IP', async () => {
    elastic({ PublicIp: '203.0.113.60', InstanceId })
    expect((await from('203.0.113.60')).caller).toEqual({ ip: '203.0.113.60', origin: 'instance', resource: InstanceId })
  })
})

describe('a call comes from the account', () => {
  it('a call comes from the account when its address is a NAT gateway’s, on any page of the list', async () => {
    ec2
      .on(DescribeNatGatewaysCommand)
      .resolves({ NatGateways: [nat('203.0.113.50')], NextToken: 'more' })
      .on(DescribeNatGatewaysCommand, { NextToken: 'more' })
      .resolves({ NatGateways: [nat('203.0.113.51', 'nat-2')] })
    expect((await from('203.0.113.51')).caller).toEqual({ ip: '203.0.113.51', origin: 'nat-gateway', resource: 'nat-2' })
  })

  it('a call comes from the account when its address is another Elastic IP, in use or not', async () => {
    elastic({ PublicIp: '203.0.113.60', InstanceId: 'i-2' }, { PublicIp: '203.0.113.61' }, {})
    expect((await from('203.0.113.60')).caller).toEqual({ ip: '203.0.113.60', origin: 'elastic-ip', resource: 'i-2' })
    expect((await from('203.0.113.61')).caller).toEqual({ ip: '203.0.113.61', origin: 'elastic-ip' })
  })

  it('a call comes through a NAT gateway when its address is the gateway’s Elastic IP', async () => {
    elastic({ PublicIp: '203.0.113.50' })
    const { caller, ownAddresses } = await from('203.0.113.50')
    expect(caller).toEqual({ ip: '203.0.113.50', origin: 'nat-gateway', resource: 'nat-1' })
    expect(ownAddresses).toEqual(['203.0.113.50'])
  })
})

describe('a call comes from outside', () => {
  it('a call comes from outside when nothing in the account has its address', async () => {
    elastic({ PublicIp: '203.0.113.60' })
    const { caller, ownAddresses } = await from('198.51.100.23', {
      PublicIpAddress: '203.0.113.20',
      PrivateIpAddress: '10.0.1.20',
    })
    expect(caller).toEqual({ ip: '198.51.100.23', origin: 'foreign' })
    expect(ownAddresses).toEqual(['203.0.113.20', '10.0.1.20', '203.0.113.50', '203.0.113.60'])
  })
})

describe('the origin of a call is unknown', () => {
  it('the origin is unknown when the finding names no address; the account’s own addresses are known all the same', async () => {
    const look = await from(undefined)
    expect(look).toMatchObject({ caller: { origin: 'unknown' }, ownAddresses: ['203.0.113.50'], addressGaps: [] })
  })
})

describe('the addresses of the account', () => {
  const three = { regions: ['eu-west-1', 'us-east-1', 'ap-south-1'] }
  const located = { region: 'us-east-1', instance: { InstanceId } }
  const natIn = (region: string, ip: string) =>
    ec2.on(DescribeNatGatewaysCommand).callsFake(async (_, client) => {
      const NatGateways = (await client().config.region()) === region ? [nat(ip)] : []
      return { NatGateways }
    })
  /** Every call of one Region fails with this error. */
  const failIn = (
    region: string,
    error: Error,
    ...commands: (typeof DescribeNatGatewaysCommand | typeof DescribeAddressesCommand)[]
  ) => {
    for (const command of commands)
      ec2.on(command as typeof DescribeAddressesCommand).callsFake(async (_, client) => {
        if ((await client().config.region()) === region) throw error
        return { NatGateways: [], Addresses: [] }
      })
  }

  it('are read in every Region, so that a way out of another Region is recognized', async () => {
    natIn('ap-south-1', '203.0.113.70')
    const look = await callerAddress(fromAddress('203.0.113.70'), located, contextLike(three))
    expect(look.caller).toEqual({ ip: '203.0.113.70', origin: 'nat-gateway', resource: 'nat-1' })
    expect(look.addressRegions).toEqual(['us-east-1', 'eu-west-1', 'ap-south-1'])
  })

  it('are read in the incident’s Region first', async () => {
    await callerAddress(fromAddress('203.0.113.70'), located, contextLike(three))
    const asked = ec2.commandCalls(DescribeNatGatewaysCommand).map(({ thisValue }) => (thisValue as EC2Client).config.region())
    expect((await Promise.all(asked))[0]).toBe('us-east-1')
  })

  it.each([
    ['a denial', awsError('UnauthorizedOperation', 403), 'is denied'],
    ['throttling', awsError('RequestLimitExceeded', 503), 'is throttled'],
    ['no answer', awsError('ServiceUnavailable', 503), 'gets no answer'],
  ])('that cannot be read are a sentence and not the end: %s', async (_, error, why) => {
    failIn('eu-west-1', error, DescribeNatGatewaysCommand, DescribeAddressesCommand)
    const look = await callerAddress(fromAddress('198.51.100.23'), located, contextLike(three))
    expect(look.addressGaps).toEqual([
      `addresses of NAT gateways in eu-west-1: not known: ec2:DescribeNatGateways ${why}`,
      `Elastic IPs in eu-west-1: not known: ec2:DescribeAddresses ${why}`,
    ])
    expect(look.addressRegions).toEqual(['us-east-1', 'ap-south-1'])
    expect(look.caller.origin).toBe('foreign')
  })

  it('are a sentence when they are denied in the incident’s own Region too', async () => {
    failIn('us-east-1', awsError('UnauthorizedOperation', 403), DescribeAddressesCommand)
    const look = await callerAddress(fromAddress('198.51.100.23'), located, contextLike())
    expect(look.addressGaps).toEqual(['Elastic IPs in us-east-1: not known: ec2:DescribeAddresses is denied'])
    expect(look.addressRegions).toEqual([])
  })

  it('are not all known when a list cannot be read to its end', async () => {
    ec2.on(DescribeNatGatewaysCommand).resolves({ NatGateways: [], NextToken: 'again' })
    const look = await callerAddress(fromAddress('198.51.100.23'), located, contextLike())
    expect(look.addressGaps).toEqual([
      expect.stringContaining('NAT gateways in us-east-1: not all known: ec2:DescribeNatGateways: '),
    ])
    expect(look.addressRegions).toEqual([])
  })

  it('end the run when the responder’s own credentials have ended', async () => {
    ec2.on(DescribeAddressesCommand).rejects(awsError('ExpiredToken', 400))
    await expect(from('198.51.100.23')).rejects.toThrow('ExpiredToken')
  })
})

describe('where several things say where the calls came from', () => {
  const own: readonly OwnAddress[] = [
    { ip: '10.0.1.20', origin: 'instance' },
    { ip: '203.0.113.20', origin: 'instance' },
    { ip: '203.0.113.50', origin: 'nat-gateway', resource: 'nat-1' },
  ]
  const judged = (addresses: readonly string[], clues: Partial<CallerClues> = {}) =>
    judgeCaller({ accountId: '111122223333', addresses, ...clues }, own)

  it('a private address is the instance’s when nothing contradicts it', () => {
    expect(judged(['10.0.1.20'])).toEqual({ ip: '10.0.1.20', origin: 'instance' })
  })

  it.each([
    ['GuardDuty names another account', { account: { accountId: '444455556666', affiliated: false } }],
    ['CloudTrail names another account’s VPC endpoint', { endpoints: [{ ip: '10.0.1.20', accountId: '444455556666' }] }],
  ])('a private address like the instance’s is another account’s when %s', (_, clues) => {
    expect(judged(['10.0.1.20'], clues)).toMatchObject({ origin: 'foreign', account: { accountId: '444455556666' } })
  })

  it('another account’s call is foreign also when the finding names no address', () => {
    const account = { accountId: '444455556666' }
    expect(judged([], { account })).toEqual({ origin: 'foreign', account })
  })

  it('a private address that nothing in the account has says nothing of where the caller was', () => {
    expect(judged(['10.9.9.9'])).toEqual({ ip: '10.9.9.9', origin: 'unknown' })
  })

  it('of many addresses a foreign one comes first, because it means a copied key, and none is lost', () => {
    const addresses = ['203.0.113.50', '10.9.9.9', '198.51.100.23', '203.0.113.20']
    fc.assert(
      fc.property(fc.shuffledSubarray(addresses, { minLength: 1 }), (some) => {
        const { ip, origin, others = [] } = judged(some)
        expect([ip, ...others.map((other) => other.ip)].sort()).toEqual([...some].sort())
        expect(origin === 'foreign').toBe(some.includes('198.51.100.23'))
        expect(origin === 'unknown').toBe(some.length === 1 && some[0] === '10.9.9.9')
      }),
    )
  })

  it('clues are the finding’s addresses, its remote account, and the endpoints in the key’s own calls', () => {
    const record = readRecord({
      ...{ eventTime: '2026-11-25T01:07:00Z', eventName: 'ListBuckets', sourceIPAddress: '10.0.1.20' },
      ...{ vpcEndpointId: 'vpce-0a1b2c3d4e5f60718', vpcEndpointAccountId: '444455556666' },
    })
    const finding = findingLike({
      endpoints: ['198.51.100.23', '198.51.100.24'],
      action: { type: 'AWS_API_CALL', remote: { ip: '198.51.100.23' }, vpcEndpointAccountId: '777788889999' },
    })
    expect(callerClues(finding, record ? [record] : [])).toEqual({
      accountId: '111122223333',
      addresses: ['198.51.100.23', '198.51.100.24'],
      account: { accountId: '777788889999' },
      endpoints: [{ ip: '10.0.1.20', accountId: '444455556666' }],
    })
  })
})
