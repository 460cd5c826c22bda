import { type Address, DescribeAddressesCommand, DescribeNatGatewaysCommand, EC2Client, type Instance } from '@aws-sdk/client-ec2'
import { beforeEach, describe, expect, it } from 'vitest'
import { mockClient } from '../../../support/mock-client.ts'
import 'aws-sdk-client-mock-vitest/extend'
import { callerAddress } from '../../../../src/response/stages/identify-subject/own-addresses.ts'
import { awsError, contextsOf } from '../../../support/stage-context.ts'

const ec2 = mockClient(EC2Client)
const { contextLike, lentContext } = contextsOf({ ec2: EC2Client })
const InstanceId = 'i-08faaaafb15777f5a'

const nat = (PublicIp: string, NatGatewayId = 'nat-1') => ({ NatGatewayId, NatGatewayAddresses: [{ PublicIp }] })

beforeEach(() => {
  ec2.reset()
  ec2.on(DescribeNatGatewaysCommand).resolves({ NatGateways: [nat('203.0.113.50')] })
  ec2.on(DescribeAddressesCommand).resolves({ Addresses: [] })
})

const from = (ip: string | undefined, parts: Partial<Instance> = {}) =>
  callerAddress(ip, { region: 'us-east-1', instance: { InstanceId, ...parts } }, contextLike())

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
    expect(await from(undefined)).toEqual({ caller: { origin: 'unknown' }, ownAddresses: ['203.0.113.50'] })
  })

  it('progress says so when the list of NAT gateways cannot be read to its end', async () => {
    ec2.on(DescribeNatGatewaysCommand).resolves({ NatGateways: [], NextToken: 'again' })
    const { context, progress } = lentContext()
    await callerAddress('198.51.100.23', { region: 'us-east-1', instance: { InstanceId } }, context)
    expect(progress.join()).toContain('NAT gateways is incomplete')
  })

  it('a denied read of EC2 is an error, not an origin', async () => {
    ec2.on(DescribeAddressesCommand).rejects(awsError('UnauthorizedOperation', 403))
    await expect(from('198.51.100.23')).rejects.toThrow('UnauthorizedOperation')
  })
})
