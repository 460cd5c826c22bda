import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addressLink,
  ceilToHour,
  findingLink,
  floorToHour,
  hasDetectiveConsole,
  instanceLink,
  investigationLink,
  investigationsLink,
  type LinkScope,
  roleLink,
  roleSessionLink,
  userLink,
} from '../../src/aws/console-links.ts'
import { epochOf, type Instant, instantOf } from '../../src/incident/values/instant.ts'

const scope: LinkScope = {
  partition: 'aws',
  region: 'us-east-1',
  from: '2026-11-25T01:12:40Z' as Instant,
  until: '2026-11-25T01:58:03Z' as Instant,
}

/** 01:00 and 02:00 of that night, in seconds. */
const HOURS = 'scopeStart=1795568400&scopeEnd=1795572000'
const HOME = 'https://console.aws.amazon.com/detective/home?region=us-east-1'

describe('a link into Detective’s console', () => {
  it('leads to the role session', () => {
    expect(roleSessionLink(scope, 'AROAXCSEC6TNB2WZPQ7LK:i-08faaaafb15777f5a')).toBe(
      `${HOME}#entities/AwsRoleSession/AROAXCSEC6TNB2WZPQ7LK:i-08faaaafb15777f5a?${HOURS}`,
    )
  })

  it('leads to the role, by its unique id', () => {
    expect(roleLink(scope, 'AROAXCSEC6TNB2WZPQ7LK')).toBe(`${HOME}#entities/AwsRole/AROAXCSEC6TNB2WZPQ7LK?${HOURS}`)
  })

  it('leads to the finding', () => {
    const id = '1ab92989eaf0e742df4a014d5c0a9d42'
    expect(findingLink(scope, id)).toBe(`${HOME}#findings/GuardDuty/${id}?${HOURS}`)
  })

  it('leads to user, instance and address, an IPv6 address with its colons', () => {
    expect(userLink(scope, 'AIDA1')).toBe(`${HOME}#entities/AwsUser/AIDA1?${HOURS}`)
    expect(instanceLink(scope, 'i-08faaaafb15777f5a')).toBe(`${HOME}#entities/Ec2Instance/i-08faaaafb15777f5a?${HOURS}`)
    expect(addressLink(scope, '2001:db8::1')).toBe(`${HOME}#entities/IpAddress/2001:db8::1?${HOURS}`)
  })

  it('leads to an investigation and to all of them', () => {
    expect(investigationLink(scope, '1'.repeat(21))).toBe(`${HOME}#investigations/${'1'.repeat(21)}`)
    expect(investigationsLink(scope)).toBe(`${HOME}#investigations`)
  })

  it('is there in the commercial partition and in GovCloud only', () => {
    expect(['aws', 'aws-us-gov', 'aws-cn', 'aws-iso', 'aws-eusc'].filter(hasDetectiveConsole)).toEqual(['aws', 'aws-us-gov'])
  })

  it.each([
    ['aws', 'eu-central-1', 'https://console.aws.amazon.com/detective/home?region=eu-central-1#'],
    ['aws-cn', 'cn-north-1', 'https://console.amazonaws.cn/detective/home?region=cn-north-1#'],
    ['aws-us-gov', 'us-gov-west-1', 'https://console.amazonaws-us-gov.com/detective/home?region=us-gov-west-1#'],
  ])('a link of partition %s leads to the console of that partition', (partition, region, start) => {
    expect(roleLink({ ...scope, partition, region }, 'AROA1').startsWith(start)).toBe(true)
  })

  it('cannot be led elsewhere by a session’s name', () => {
    const url = roleSessionLink(scope, 'AROA1:../../x?region=evil#y z')
    expect(url).toBe(`${HOME}#entities/AwsRoleSession/AROA1:..%2F..%2Fx%3Fregion%3Devil%23y%20z?${HOURS}`)
  })
})

describe('a scope is widened to whole hours', () => {
  it('a scope that begins and ends on the hour stays as it is', () => {
    const hour = '2026-11-25T01:00:00Z' as Instant
    expect(floorToHour(hour)).toBe(epochOf(hour))
    expect(ceilToHour(hour)).toBe(epochOf(hour))
  })

  it('a scope is never narrowed, and is widened by less than an hour', () => {
    const moment = fc.date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }).map(instantOf)
    fc.assert(
      fc.property(moment, (at) => {
        const [floor, ceil, ms] = [floorToHour(at), ceilToHour(at), epochOf(at)]
        expect([floor % 3_600_000, ceil % 3_600_000]).toEqual([0, 0])
        expect(floor <= ms && ms - floor < 3_600_000).toBe(true)
        expect(ceil >= ms && ceil - ms < 3_600_000).toBe(true)
      }),
    )
  })
})
