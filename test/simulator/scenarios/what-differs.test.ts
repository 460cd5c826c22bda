import { describe, expect, test } from 'vitest'
import { beginStart, beginStop } from '../../../src/simulator/instances/lifecycle.ts'
import { handedOut } from '../../../src/simulator/issue-credentials.ts'
import { build, lookAt, mainOf, passes, revoke, SUBJECT_INSTANCE, subjectInstanceOf } from '../../support/scenario.ts'
import { NOW } from '../../support/trail.ts'

describe('custom-threat-list', () => {
  test('is the workshop’s finding: type, severity, threat list in both places, remote address', async () => {
    expect(mainOf(await lookAt('custom-threat-list'))).toMatchObject({
      Type: 'UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom',
      Severity: 5,
      Resource: { InstanceDetails: { InstanceId: SUBJECT_INSTANCE, NetworkInterfaces: [{ PublicIp: '203.0.113.25' }] } },
      Service: {
        AdditionalInfo: { Value: expect.stringContaining('"threatListName":"acme-bad-ips"') },
        Evidence: { ThreatIntelligenceDetails: [{ ThreatListName: 'acme-bad-ips' }] },
        Action: {
          AwsApiCallAction: {
            RemoteIpDetails: {
              IpAddressV4: '198.51.100.23',
              City: { CityName: 'Amsterdam' },
              Country: { CountryCode: 'NL' },
              Organization: { Asn: '64496', AsnOrg: 'Example Hosting' },
            },
          },
        },
      },
    })
  })

  test('has three findings on the stolen key and one more on its principal', async () => {
    const { account, cast } = await lookAt('custom-threat-list')
    const keys = [...account.findings.values()].map((finding) => JSON.stringify(finding.Resource))
    expect(keys.filter((text) => text.includes(cast.attacker.accessKeyId))).toHaveLength(3)
    expect(
      keys.filter((text) => text.includes(`:${SUBJECT_INSTANCE}"`) && !text.includes(cast.attacker.accessKeyId)),
    ).toHaveLength(1)
  })

  test('the attacker has the instance’s IMDSv2 set, and so the instance’s own calls carry the same key', async () => {
    const built = await lookAt('custom-threat-list')
    expect(handedOut(built.account, subjectInstanceOf(built), '2.0', NOW)).toEqual(built.cast.attacker)
  })

  test('a revocation refuses attacker and application alike', async () => {
    const built = await build('custom-threat-list')
    revoke(built)
    const received = passes(built, 600).filter(({ at, action }) => at > NOW + 8000 && action !== 'sts:GetCallerIdentity')
    for (const who of ['attacker', 'workload'] as const) {
      const own = received.filter((event) => event.who === who)
      expect(own.length).toBeGreaterThan(1)
      expect(own.every(({ outcome, explicit }) => outcome === 'refused' && explicit)).toBe(true)
    }
  })
})

test('no-instance-details names no instance but in the principal', async () => {
  expect(mainOf(await lookAt('no-instance-details')).Resource).not.toHaveProperty('InstanceDetails')
})

test('looks-rotated: what the instance shows over IMDSv2 differs from the stolen key, issued in the same second', async () => {
  const built = await lookAt('looks-rotated')
  const shown = handedOut(built.account, subjectInstanceOf(built), '2.0', NOW)
  expect(built.cast.attacker.ec2RoleDelivery).toBe('1.0')
  expect(shown?.accessKeyId).not.toBe(built.cast.attacker.accessKeyId)
  expect(shown?.issuedAt).toBe(built.cast.attacker.issuedAt)
})

describe('called-from-the-host', () => {
  test('the remote address is the instance’s own, the user agent is not its application’s', async () => {
    const built = await lookAt('called-from-the-host')
    const action = {
      RemoteIpDetails: { IpAddressV4: subjectInstanceOf(built).publicIp },
      UserAgent: expect.stringContaining('kali'),
    }
    expect(mainOf(built)).toMatchObject({ Service: { Action: { AwsApiCallAction: action } } })
  })

  test('after a restart the attacker goes on with the new credentials, from the new address', async () => {
    const built = await build('called-from-the-host')
    revoke(built)
    expect(passes(built, 120).filter(({ who, explicit }) => who === 'attacker' && explicit).length).toBeGreaterThan(0)
    beginStop(built.account, subjectInstanceOf(built), false)
    expect(passes(built, 60).filter(({ who, at }) => who === 'attacker' && at > NOW + 125_000)).toEqual([])
    beginStart(built.account, subjectInstanceOf(built))
    const later = passes(built, 600).filter(({ who, action }) => who === 'attacker' && action !== 'sts:GetCallerIdentity')
    expect(later.length).toBeGreaterThan(3)
    expect(later.every(({ outcome }) => outcome === 'ok')).toBe(true)
    const last = built.account.trail.all().findLast(({ document }) => String(document().userAgent).includes('kali'))
    expect(last?.accessKeyId).not.toBe(built.cast.attacker.accessKeyId)
    expect(last?.document().sourceIPAddress).toBe(subjectInstanceOf(built).publicIp)
  })
})
